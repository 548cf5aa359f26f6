/** What goes into and comes out of a transfer. */
import type { Agent, SessionRef, WritePlan } from '../agents/contract.ts';
import type { Env } from '../io/paths.ts';
import type { Session, Timestamp } from '../model/session.ts';
import type { FidelityReport } from './fidelity.ts';
import type { Prepared } from './prepare.ts';
import type { WantedCut } from './select.ts';

/** What is to be transferred, and how. */
export interface TransferRequest {
  env: Env;
  source: Agent;
  ref: SessionRef;
  /** The session, when it was read already (a branch, for instance); default: `source.read(ref)`. */
  session?: Session;
  target: Agent;
  /** Directory of the session at the target; default: the source's. It must exist. */
  cwd?: string;
  /** Default: the source's title. */
  title?: string;
  /** Reasoning that the target cannot hold: left out (default), or told as labelled text. */
  reasoning?: 'omit' | 'text';
  /** Tell the oldest part of the history by this summary instead of carrying it. */
  cut?: WantedCut;
  /** Default: the current time. */
  now?: Date;
  /** 32 bytes that every new id comes from; default: random. */
  seed?: Uint8Array;
}

/** A planned transfer: nothing is written yet. */
export interface Transfer {
  env: Env;
  ref: SessionRef;
  session: Session;
  target: Agent;
  /** Real path of the directory at the target. */
  cwd: string;
  now: Date;
  receiptId: string;
  prepared: Prepared;
  plan: WritePlan;
}

/** `segue.transfer/1`: what `convert --json` prints. */
export interface TransferResult {
  schema: 'segue.transfer/1';
  /** Nothing was written. */
  dryRun: boolean;
  source: { agent: string; id: string; path: string };
  /** `paths`: every file and database that was added to. */
  target: { agent: string; id: string; cwd: string; paths: string[] };
  /** Absent when the target has no command that resumes by id. */
  resume?: { argv: string[]; cwd: string; display: string };
  /** Bytes of the new files. */
  bytes: number;
  fidelity: FidelityReport;
  /** Pass it to `undo`; null for a dry run. */
  receipt: string | null;
}

/** Called before and after each step that changes the disk (`link:before`, `link:after`); fault tests stop here. */
export type OnStep = (name: string) => void;

export interface ApplyOptions {
  onStep?: OnStep;
  /** How long to wait for a locked database of the target; default 5000. */
  busyMs?: number;
}

export interface UndoRequest {
  env: Env;
  /** Default: the latest receipt that was not undone. A unique prefix (≥ 4) is enough. */
  receipt?: string;
  /** Also when the session was continued at the target since. */
  force?: boolean;
  /** Default: the registry's. */
  loadAgent?: (id: string) => Promise<Agent>;
  onStep?: OnStep;
}

/** `segue.undo/1`. */
export interface UndoResult {
  schema: 'segue.undo/1';
  receipt: string;
  target: { agent: string; id: string; paths: string[] };
  /** What could not be removed, and why. */
  problems: Problem[];
}

/** Something that is still there and should not be. */
export interface Problem {
  message: string;
  path: string;
}

export interface RecoverOptions {
  onStep?: OnStep;
  /** Default: the registry's. */
  loadAgent?: (id: string) => Promise<Agent>;
}

/** What `recover` found and did. */
export interface Recovery {
  /** Transfers that a crash had interrupted: everything that they had added was removed. */
  rolledBack: { agent: string; id: string }[];
  /** Transfers and undos that were done but not recorded: now they are. */
  completed: { agent: string; id: string }[];
  /** What could not be repaired. */
  problems: Problem[];
}

/** A receipt as lists show it. */
export interface Receipt {
  id: string;
  createdAt: Timestamp;
  undoneAt?: Timestamp;
  source: { agent: string; id: string; path: string; bytes: number; mtimeMs: number };
  target: { agent: string; id: string; cwd: string; paths: string[] };
  /** The files that were created, as they were written. */
  files: { path: string; size: number; crc32: number }[];
  fidelity: FidelityReport;
}
