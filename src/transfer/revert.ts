/**
 * Takes additions back. Used by rollback, by repair after a crash and by undo: each op may not have happened, may have
 * happened in part, or may have been taken back already. Only what segue added is removed.
 */
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Agent } from '../agents/contract.ts';
import type { Env } from '../io/paths.ts';
import { SegueError, systemCode } from '../model/errors.ts';
import {
  type ContentMark,
  createFile,
  markOf,
  removeFile,
  removeFolder,
  type Step,
  sameMark,
  syncFolder,
} from './disk.ts';
import { runUndo } from './import.ts';
import { spliceOut } from './json-splice.ts';
import type { FileOp, LineOp, MemberOp, Op } from './ops.ts';
import { deleteRows } from './rows.ts';
import type { Problem } from './types.ts';

export interface RevertContext {
  env: Env;
  step: Step;
  /** Also what was changed since is removed. */
  force: boolean;
  /** The agent whose store it is; asked for only when its import is taken back. */
  agent: () => Promise<Agent>;
}

/** Takes ops back, the last one first. Returns what could not be; `retry` says whether a later try may succeed. */
export async function revertAll(
  ops: Op[],
  context: RevertContext,
): Promise<{ problems: Problem[]; retry: boolean }> {
  const problems: Problem[] = [];
  let retry = false;
  for (const op of ops.toReversed()) {
    try {
      const problem = await revert(op, context);
      if (problem !== undefined) problems.push(problem);
    } catch (error) {
      retry = true;
      problems.push({ message: `could not take back: ${reasonOf(error)}`, path: pathOf(op) });
    }
  }
  return { problems, retry };
}

function reasonOf(error: unknown): string {
  return systemCode(error) ?? (error instanceof Error ? error.message : 'error');
}

function pathOf(op: Op): string {
  return op.op === 'rows' ? op.database : op.op === 'import' ? op.cwd : op.path;
}

async function revert(op: Op, context: RevertContext): Promise<Problem | undefined> {
  switch (op.op) {
    case 'folder':
      return void removeFolder(op.path, context.step);
    case 'temp':
      // a folder only for imports: segue's own, in its data folder
      return void context.step('temp-remove', () => rmSync(op.path, { recursive: true, force: true }));
    case 'file':
      return revertFile(op, context);
    case 'line':
      return void revertLine(op, context.step);
    case 'member':
      return revertMember(op, context.step);
    case 'rows':
      return void deleteRows(op, context.step);
    case 'import':
      return await revertImport(op, context);
  }
}

function revertFile(op: FileOp, { step, force }: RevertContext): Problem | undefined {
  const now = markOf(op.path);
  if (now === undefined) return undefined;
  // an empty file is the reservation made where there are no hard links
  if (!force && !sameMark(now, op) && now.size > 0) return changed(op.path);
  removeFile(op.path, step);
  syncFolder(dirname(op.path), step);
  return undefined;
}

function changed(path: string): Problem {
  return { message: 'changed since it was written: left as it is', path };
}

function revertLine(op: LineOp, step: Step): void {
  removeFile(op.temp, step);
  const data = readOptional(op.path);
  if (data === undefined) return;
  const added = Buffer.from(op.text);
  const tail = data.subarray(op.offset);
  if (
    data.length >= op.offset &&
    tail.length <= added.length &&
    added.subarray(0, tail.length).equals(tail)
  ) {
    // nothing came after it: the file gets its old end back
    if (op.created) removeFile(op.path, step);
    else if (tail.length > 0) truncate(op.path, op.offset, step);
    return;
  }
  const line = Buffer.from(op.text.replace(/^\n/, ''));
  const at = findLine(data, line, op.offset);
  if (at === undefined) return;
  replaceFile(
    op.path,
    op.temp,
    Buffer.concat([data.subarray(0, at), data.subarray(at + line.length)]),
    data,
    step,
  );
}

function truncate(path: string, size: number, step: Step): void {
  const fd = openSync(path, 'r+');
  try {
    step('truncate', () => ftruncateSync(fd, size));
    step('truncate-sync', () => fsyncSync(fd));
  } finally {
    closeSync(fd);
  }
}

/** Where a whole line (with its newline) starts: at or after `near`, else the last one before. */
function findLine(data: Buffer, line: Buffer, near: number): number | undefined {
  const isStart = (at: number): boolean => at === 0 || data[at - 1] === 10;
  for (let at = data.indexOf(line, near); at >= 0; at = data.indexOf(line, at + 1))
    if (isStart(at)) return at;
  for (let at = near; at > 0; ) {
    at = data.subarray(0, at + line.length - 1).lastIndexOf(line);
    if (at >= 0 && isStart(at)) return at;
  }
  return undefined;
}

function revertMember(op: MemberOp, step: Step): Problem | undefined {
  removeFile(op.temp, step);
  const data = readOptional(op.path);
  if (data === undefined) return undefined;
  const now: ContentMark = { size: data.length, crc32: crc32(data) };
  if (!op.created && sameMark(now, op.before)) return undefined;
  if (sameMark(now, op.after)) {
    if (op.created) {
      removeFile(op.path, step);
      syncFolder(dirname(op.path), step);
      return undefined;
    }
    const end = op.offset + Buffer.byteLength(op.text);
    replaceFile(
      op.path,
      op.temp,
      Buffer.concat([data.subarray(0, op.offset), data.subarray(end)]),
      data,
      step,
    );
    return undefined;
  }
  // its agent wrote the file anew: the member is found by its value
  const without = spliceOut(data, op, op.value);
  if (without !== undefined) replaceFile(op.path, op.temp, without, data, step);
  return undefined;
}

/** Replaces a file whose content must still be `expected`. */
function replaceFile(path: string, temp: string, content: Buffer, expected: Buffer, step: Step): void {
  createFile(temp, [content], statSync(path).mode & 0o777, step);
  if (readOptional(path)?.equals(expected) !== true) {
    removeFile(temp, step);
    throw new SegueError('store-locked', `${path} is being changed by another program`);
  }
  step('rename', () => renameSync(temp, path));
  syncFolder(dirname(path), step);
}

function readOptional(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function revertImport(
  op: Extract<Op, { op: 'import' }>,
  { env, step, agent }: RevertContext,
): Promise<Problem | undefined> {
  const failure = await runUndo(op.undo, op.id, op.cwd, env, step);
  if (failure === undefined) return undefined;
  if (op.done && !isListed(await agent(), op.id, env)) return undefined; // deleted by an earlier try
  if (op.done) return { message: `the agent did not delete the imported session (${failure})`, path: op.cwd };
  // most likely there was nothing to delete: the command was stopped before it had made a session
  if (!op.guessed) return undefined;
  return { message: 'stopped while the agent was importing a session: it may be listed there', path: op.cwd };
}

function isListed(agent: Agent, id: string, env: Env): boolean {
  return agent.discover({ env }).refs.some((ref) => ref.id === id);
}
