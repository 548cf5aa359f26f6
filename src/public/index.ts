/**
 * The library: everything that the commands do.
 *
 * ```ts
 * import { listSessions, planTransfer, applyTransfer } from 'segue-cli';
 * const { sessions } = await listSessions({ agents: ['claude'], limit: 1 });
 * const transfer = await planTransfer({ ref: `claude:${sessions[0].id}`, to: 'codex' });
 * const result = await applyTransfer(transfer);
 * console.log(result.resume?.display, result.fidelity.notes);
 * ```
 *
 * Functions throw `SegueError` (with a stable `code`) for what can go wrong; anything else that is thrown is a bug.
 * @packageDocumentation
 */
import { loadAgent, loadAgents } from '../agents/registry.ts';
import * as list from '../index/list.ts';
import { resolveRef } from '../index/resolve.ts';
import { type Env, processEnv } from '../io/paths.ts';
import { type AgentState, agentStates } from '../launch/states.ts';
import type { Session } from '../model/session.ts';
import * as transfers from '../transfer/index.ts';

export type { CommandLine, SessionRef, SessionSummary } from '../agents/contract.ts';
export type { Proof } from '../agents/proven.ts';
export type { AgentDiagnostic } from '../index/catalog.ts';
export type { ListEnvelope, ListedSession, ListOptions, ListResult } from '../index/list.ts';
export type { Env } from '../io/paths.ts';
export type { Installed } from '../launch/installed.ts';
export type { AgentState, AgentsEnvelope } from '../launch/states.ts';
export { type CompareOptions, comparable } from '../model/compare.ts';
export { type SessionDocument, type SessionEnvelope, sessionDocument } from '../model/document.ts';
export { type ErrorCode, type ErrorEnvelope, exitCodes, SegueError } from '../model/errors.ts';
export type * from '../model/session.ts';
export type * from '../model/tools.ts';
export type { ReceiptList, TransferEnvelope, TransferFailure, TransferList } from '../transfer/envelope.ts';
export type {
  ApplyOptions,
  FidelityCounts,
  FidelityKind,
  FidelityNote,
  FidelityReport,
  Receipt,
  Recovery,
  Transfer,
  TransferResult,
  UndoResult,
} from '../transfer/index.ts';
export { applyTransfer, dryRun } from '../transfer/index.ts';

/** Where to look. Default: this process's home and environment variables. */
export interface Place {
  env?: Env;
}

/** Sessions of all agents, newest first. A store that cannot be looked at is in `diagnostics`. */
export async function listSessions(options: list.ListOptions & Place = {}): Promise<list.ListResult> {
  return await list.listSessions(options.env ?? processEnv(), options);
}

/**
 * Opens a session. `ref` is what the command takes: `agent:id`, an id or its beginning, `agent:N`, `last`, or a path.
 * `branch`: id of another path's last entry (`Session.branches`). Entries are read while `entries()` is iterated.
 */
export async function readSession(ref: string, options: { branch?: string } & Place = {}): Promise<Session> {
  const env = options.env ?? processEnv();
  const found = await resolveRef([ref], env);
  return found.agent.read(found.ref, { env }, { branch: options.branch });
}

/** What `planTransfer` is asked for. */
export interface TransferOptions extends Place {
  /** The session: see `readSession`. */
  ref: string;
  /** Id, name or binary of the agent to write for. */
  to: string;
  /** Directory of the session at the target; default: the source's. It must exist. */
  cwd?: string;
  /** Default: the source's title. */
  title?: string;
  /** Reasoning that the target cannot hold: left out (default), or told as labelled text. */
  reasoning?: 'omit' | 'text';
}

/** Plans a transfer; nothing is written. `dryRun(transfer)` says what it would do, `applyTransfer(transfer)` does it. */
export async function planTransfer(options: TransferOptions): Promise<transfers.Transfer> {
  const { ref: name, to, env = processEnv(), ...rest } = options;
  const target = await loadAgent(to);
  const { agent: source, ref } = await resolveRef([name], env);
  return transfers.planTransfer({ ...rest, env, source, ref, target });
}

/** Takes a transfer back: removes what it added. Default: the newest one. Refuses when the session was continued. */
export async function undo(
  options: { receipt?: string; force?: boolean } & Place = {},
): Promise<transfers.UndoResult> {
  const { env = processEnv(), receipt, force } = options;
  return await transfers.undo({ env, receipt, force });
}

/** Receipts of all transfers, newest first. */
export function receipts(options: Place = {}): transfers.Receipt[] {
  return transfers.listReceipts(options.env ?? processEnv());
}

/** Puts right what a crashed transfer left. The commands that write do so when they start. */
export async function recover(options: Place = {}): Promise<transfers.Recovery> {
  return await transfers.recover(options.env ?? processEnv());
}

/** Every agent that segue knows: whether it is installed, where its sessions are, and what can be done with it. */
export async function agents(options: Place = {}): Promise<AgentState[]> {
  return (await agentStates(await loadAgents(), options.env ?? processEnv())).states;
}
