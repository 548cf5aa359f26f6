/** Executes any plan: all of it, read back and compared, or nothing. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { PlannedFile, PlannedRow, WritePlan } from '../agents/contract.ts';
import { isLocked } from '../io/sqlite.ts';
import { shellLine } from '../launch/quote.ts';
import { SegueError, systemCode } from '../model/errors.ts';
import type { Diagnostic } from '../model/session.ts';
import { type AdditionContext, addMember, appendLine } from './additions.ts';
import {
  type ContentMark,
  createFile,
  isTaken,
  missingFolders,
  placeFile,
  type Step,
  stepper,
  syncFolder,
} from './disk.ts';
import { fingerprintSum } from './expected.ts';
import type { FidelityNote, FidelityReport } from './fidelity.ts';
import { runImport } from './import.ts';
import { type Journal, openJournal, tempName } from './journal.ts';
import type { PreparedPass } from './prepare.ts';
import { openStore, packEntryMap, type ReceiptStore, type StoredReceipt } from './receipts.ts';
import { revertAll } from './revert.ts';
import { insertRows } from './rows.ts';
import type { ApplyOptions, Transfer, TransferResult } from './types.ts';
import { entryPairs, readFingerprint, refOf, requireEqual } from './verify.ts';

/** Computes everything that `applyTransfer` would write, and writes nothing. */
export function dryRun(transfer: Transfer): TransferResult {
  const { plan } = transfer;
  let bytes = 0;
  const contents = [
    ...plan.files.map((file) => file.content()),
    ...(plan.import ? [plan.import.input()] : []),
  ];
  for (const content of contents) for (const piece of content) bytes += Buffer.byteLength(piece);
  const rows = plan.rows();
  return result(transfer, { id: plan.sessionId, place: plan.ref, paths: pathsOf(plan, rows), bytes }, null);
}

/** Writes a planned transfer. Throws a `SegueError` after everything was taken back. */
export async function applyTransfer(transfer: Transfer, options: ApplyOptions = {}): Promise<TransferResult> {
  const step = stepper(options.onStep);
  const store = guard(() => openStore(transfer.env));
  try {
    requireFreeNames(transfer);
    const journal = guard(() => openJournal(transfer.env, headOf(transfer), step));
    return await applyJournaled(transfer, store, journal, step, options.busyMs);
  } finally {
    store.close();
  }
}

async function applyJournaled(
  transfer: Transfer,
  store: ReceiptStore,
  journal: Journal,
  step: Step,
  busyMs: number | undefined,
): Promise<TransferResult> {
  let written: Written;
  let stored: StoredReceipt;
  try {
    written = await write(transfer, store, journal, step, busyMs);
    stored = check(transfer, written, journal);
    journal.verified(stored);
  } catch (error) {
    const { problems, retry } = await revertAll(journal.ops(), {
      env: transfer.env,
      step,
      force: false,
      agent: async () => transfer.target,
    });
    if (retry) journal.leave();
    else journal.remove();
    throw writeError(
      error,
      problems.length === 0 ? undefined : problems.map((p) => `${p.path}: ${p.message}`),
    );
  }
  // the session is kept now: should the receipt fail, the next start records it from the journal
  guard(() => step('receipt', () => store.insert(stored)));
  journal.remove();
  return result(transfer, written, transfer.receiptId);
}

interface Done {
  /** The session's id at the target. */
  id: string;
  /** Where its reader finds it. */
  place: { path: string; key?: string };
  paths: string[];
  bytes: number;
}

interface Written extends Done {
  files: ({ path: string } & ContentMark)[];
}

async function write(
  transfer: Transfer,
  store: ReceiptStore,
  journal: Journal,
  step: Step,
  busyMs: number | undefined,
): Promise<Written> {
  const { plan, env, receiptId } = transfer;
  let temps = 0;
  const temp = (folder: string): string => tempName(folder, receiptId, temps++);
  const context: AdditionContext = { journal, step, temp };

  const staged = plan.files.map((file) => stageFile(file, context));
  for (const { path, temp: from, mark } of staged) {
    const at = journal.intend({ op: 'file', path, ...mark });
    try {
      placeFile(from, path, step);
    } catch (error) {
      if (systemCode(error) === 'EEXIST') journal.replace(at, null); // somebody else's file
      throw error;
    }
  }
  for (const line of plan.lines) {
    makeFolders(line.path, context);
    store.exclusively(() => appendLine(line, context));
  }
  for (const member of plan.members) {
    makeFolders(member.path, context);
    store.exclusively(() => addMember(member, context));
  }
  const rows = plan.rows();
  insertRows(rows, journal, step, busyMs);
  const files = staged.map(({ path, mark }) => ({ path, ...mark }));
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  const paths = pathsOf(plan, rows);
  if (plan.import === undefined) return { id: plan.sessionId, place: plan.ref, paths, bytes, files };
  const imported = await runImport(plan, plan.import, receiptId, env, journal, step);
  const place = placeOf(transfer, imported.id);
  return { id: imported.id, place, paths, bytes: bytes + imported.bytes, files };
}

function stageFile(
  file: PlannedFile,
  context: AdditionContext,
): { path: string; temp: string; mark: ContentMark } {
  makeFolders(file.path, context);
  const temp = context.temp(dirname(file.path));
  context.journal.intend({ op: 'temp', path: temp });
  return { path: file.path, temp, mark: createFile(temp, file.content(), file.mode ?? 0o600, context.step) };
}

function makeFolders(path: string, { journal, step }: AdditionContext): void {
  for (const folder of missingFolders(path)) {
    const at = journal.intend({ op: 'folder', path: folder });
    try {
      step('mkdir', () => mkdirSync(folder, { mode: 0o700 }));
    } catch (error) {
      journal.replace(at, null);
      if (systemCode(error) !== 'EEXIST') throw error; // EEXIST: made by another program just now
    }
    syncFolder(dirname(folder), step);
  }
}

/** Reads the session back and compares it. Returns the receipt. */
function check(transfer: Transfer, written: Written, journal: Journal): StoredReceipt {
  const { env, target, ref, now, receiptId } = transfer;
  const pass = passOf(transfer);
  const found = readFingerprint(target, refOf(target.id, written.id, written.place), env);
  requireEqual(pass.expected, found);
  return {
    receipt: {
      id: receiptId,
      createdAt: now.toISOString(),
      source: { agent: ref.agent, id: ref.id, path: ref.path, bytes: ref.bytes, mtimeMs: ref.mtimeMs },
      target: { agent: target.id, id: written.id, cwd: transfer.cwd, paths: written.paths },
      files: written.files,
      fidelity: fidelityOf(transfer, pass),
    },
    ops: journal.ops(),
    ref: written.place,
    lines: { count: found.sums.length, sum: fingerprintSum(found) },
    entryMap: packEntryMap(entryPairs(pass.expected, found, pass.renamed)),
  };
}

function passOf({ prepared, target }: Transfer): PreparedPass {
  const pass = prepared.pass();
  if (pass === undefined) throw new Error(`encode of ${target.id} did not take the whole session`);
  return pass;
}

/** Where the session is; an import command may have given it another id than planned. */
function placeOf({ plan, target, env }: Transfer, id: string): { path: string; key?: string } {
  if (id === plan.sessionId) return plan.ref;
  const found = target.discover({ env }).refs.find((ref) => ref.id === id);
  if (found !== undefined) return { path: found.path, key: found.key };
  throw new SegueError('verify-failed', `the imported session is not in the store of ${target.name}`);
}

function fidelityOf({ plan, session }: Transfer, pass: PreparedPass): FidelityReport {
  const notes = [...pass.fidelity.notes, ...damageNotes(session.diagnostics), ...(plan.notes?.() ?? [])];
  return { ...pass.fidelity, notes };
}

/** What could not be read of the source is left out, too. A session that was read twice may tell a damage twice. */
function damageNotes(diagnostics: readonly Diagnostic[]): FidelityNote[] {
  const seen = new Set<string>();
  const notes = new Map<string, FidelityNote>();
  for (const { code, message, path, at } of diagnostics) {
    const place = JSON.stringify([code, message, path, at]);
    if (seen.has(place)) continue;
    seen.add(place);
    const note = notes.get(message) ?? {
      code: `source-${code}`,
      count: 0,
      detail: `damage in the source: ${message}`,
    };
    note.count++;
    notes.set(message, note);
  }
  return [...notes.values()];
}

function headOf({ receiptId, target, plan, now }: Transfer) {
  const head = { receiptId, target: { agent: target.id, id: plan.sessionId }, createdAt: now.toISOString() };
  return { kind: 'apply' as const, ...head };
}

function pathsOf(plan: WritePlan, rows: PlannedRow[]): string[] {
  const paths = [
    ...plan.files.map((file) => file.path),
    ...plan.lines.map((line) => line.path),
    ...plan.members.map((member) => member.path),
    ...rows.map((row) => row.database),
  ];
  return [...new Set(paths.length === 0 ? [plan.ref.path] : paths)];
}

function result(transfer: Transfer, done: Done, receipt: string | null): TransferResult {
  const { ref, target, cwd, env } = transfer;
  const command = target.launch.resume({ id: done.id, path: done.place.path }, { cwd });
  const dir = command?.cwd ?? cwd;
  return {
    schema: 'segue.transfer/1',
    dryRun: receipt === null,
    source: { agent: ref.agent, id: ref.id, path: ref.path },
    target: { agent: target.id, id: done.id, cwd, paths: done.paths },
    resume:
      command === undefined
        ? undefined
        : { argv: command.argv, cwd: dir, display: shellLine(command.argv, dir, env.platform) },
    bytes: done.bytes,
    fidelity: fidelityOf(transfer, passOf(transfer)),
    receipt,
  };
}

function requireFreeNames({ plan }: Transfer): void {
  for (const { path } of plan.files)
    if (isTaken(path)) throw new SegueError('already-exists', `${path} exists already: nothing was written`);
}

/** Runs `work`; what fails becomes an error that segue knows. */
function guard<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw writeError(error, undefined);
  }
}

const reasons: Record<string, string> = {
  EACCES: 'no permission',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'it is a directory',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'the links go round in circles',
  ENOENT: 'it does not exist',
};

/** A failure while writing → an error that segue knows. Everything else stays what it is: a bug. */
export function writeError(error: unknown, left: string[] | undefined): unknown {
  const rest = left === undefined ? {} : { hint: `not everything could be taken back: ${left.join('; ')}` };
  if (error instanceof SegueError) {
    if (left === undefined) return error;
    return new SegueError(error.code, error.message, { ...rest, cause: error });
  }
  const cause = { cause: error, ...rest };
  if (isLocked(error))
    return new SegueError('store-locked', 'the database of the target is locked by another program', {
      hint: 'close the agent and try again',
      ...cause,
    });
  const code = systemCode(error);
  const path = error instanceof Error && 'path' in error ? String(error.path) : undefined;
  if (code === 'EEXIST')
    return new SegueError(
      'already-exists',
      `${path ?? 'the file'} exists already: nothing was written`,
      cause,
    );
  const reason = code === undefined ? undefined : reasons[code];
  if (reason !== undefined) {
    return new SegueError(
      'write-failed',
      `cannot write${path === undefined ? '' : ` ${path}`}: ${reason}`,
      cause,
    );
  }
  if (code === 'ERR_SQLITE_ERROR' && error instanceof Error)
    return new SegueError('write-failed', `the database of the target refused it: ${error.message}`, cause);
  return error;
}
