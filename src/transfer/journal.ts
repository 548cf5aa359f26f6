/**
 * The journal: one file for each running transfer or undo, one line for each thing that is about to be done.
 * Its name says which process it belongs to, so that a crashed one's can be taken over by renaming it.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { isOwnerAlive, ownerToken } from '../io/owner.ts';
import { dataDir, type Env } from '../io/paths.ts';
import { systemCode } from '../model/errors.ts';
import { parseObject } from '../model/narrow.ts';
import { removeFile, type Step, syncFolder, writeFully } from './disk.ts';
import type { Op } from './ops.ts';
import type { StoredReceipt } from './receipts.ts';

/** What a journal is about. */
export interface JournalHead {
  kind: 'apply' | 'undo';
  /** Of the transfer. */
  receiptId: string;
  target: { agent: string; id: string };
  createdAt: string;
  /** For an undo: also what was changed since is removed. */
  force?: boolean;
}

type JournalLine =
  | { line: 'head'; head: JournalHead }
  | { line: 'op'; op: Op }
  /** The op with this ordinal did not happen, or is now better known. */
  | { line: 'replace'; at: number; op: Op | null }
  /** Every op of an undo is listed: it may begin. */
  | { line: 'ready' }
  /** The session was written and read back: what is left is to record it. */
  | { line: 'verified'; receipt: StoredReceipt };

/** A journal that is being written. */
export interface Journal {
  /** Records, durably, what is about to be done. Returns its ordinal. */
  intend(op: Op): number;
  /** The op did not happen (null), or is now better known. */
  replace(at: number, op: Op | null): void;
  ready(): void;
  verified(receipt: StoredReceipt): void;
  /** What was done, in order. */
  ops(): Op[];
  /** Ends it: nothing is left to repair. */
  remove(): void;
  /** Leaves it for a later repair. */
  leave(): void;
}

function journalDir(env: Env): string {
  return join(dataDir(env), 'journal');
}

/** A name for temporary files of this transfer, in the folder of `path`. */
export function tempName(folder: string, receiptId: string, n: number): string {
  return join(folder, `.segue-${receiptId}-${n}.tmp`);
}

/** Starts a journal. Throws Node system errors when segue's data folder cannot be written. */
export function openJournal(env: Env, head: JournalHead, step: Step): Journal {
  const folder = journalDir(env);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${head.kind}-${head.receiptId}.${ownerToken()}.jsonl`);
  const fd = step('journal-create', () => openSync(path, 'ax', 0o600));
  const ops: (Op | null)[] = [];
  const append = (line: JournalLine): void => {
    step('journal-write', () => writeFully(fd, Buffer.from(`${JSON.stringify(line)}\n`)));
    step('journal-sync', () => fsyncSync(fd));
  };
  append({ line: 'head', head });
  syncFolder(folder, step);
  return {
    intend(op) {
      append({ line: 'op', op });
      return ops.push(op) - 1;
    },
    replace(at, op) {
      ops[at] = op;
      append({ line: 'replace', at, op });
    },
    ready: () => append({ line: 'ready' }),
    verified: (receipt) => append({ line: 'verified', receipt }),
    ops: () => ops.filter((op) => op !== null),
    remove() {
      closeSync(fd);
      step('journal-remove', () => removeFile(path, (_name, act) => act()));
    },
    leave: () => closeSync(fd),
  };
}

/** A journal that a crashed process left, now this process's. */
export interface LeftJournal {
  path: string;
  /** Undefined when it broke off before its first line: nothing was done. */
  head: JournalHead | undefined;
  ops: Op[];
  ready: boolean;
  receipt: StoredReceipt | undefined;
}

/** Takes over the journals of processes that are gone. One directory listing when there are none. */
export function takeLeftJournals(env: Env, step: Step): LeftJournal[] {
  const folder = journalDir(env);

  const taken: LeftJournal[] = [];
  for (const name of names(folder)) {
    const [, stem, owner] = /^(.+)\.([^.]+)\.jsonl$/.exec(name) ?? [];
    if (stem === undefined || owner === undefined || isOwnerAlive(owner, ageOf(join(folder, name)))) continue;
    const path = join(folder, `${stem}.${ownerToken()}.jsonl`);
    try {
      step('journal-take', () => renameSync(join(folder, name), path));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') continue; // another process was faster
      throw error;
    }
    taken.push(readJournal(path));
  }
  return taken;
}

/** Milliseconds since the last line was written. */
function ageOf(path: string): number {
  return Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function readJournal(path: string): LeftJournal {
  const left: LeftJournal = { path, head: undefined, ops: [], ready: false, receipt: undefined };
  const ops: (Op | null)[] = [];
  for (const text of readFileSync(path, 'utf8').split('\n')) {
    // only the last line can be torn: what it would have said was not begun
    const line = parseObject(text) as JournalLine | undefined;
    if (line === undefined) continue;
    if (line.line === 'head') left.head = line.head;
    else if (line.line === 'op') ops.push(line.op);
    else if (line.line === 'replace') ops[line.at] = line.op;
    else if (line.line === 'ready') left.ready = true;
    else left.receipt = line.receipt;
  }
  left.ops = ops.filter((op) => op !== null);
  return left;
}
