/** Adding to files that exist: a line of a JSON-lines index, a member of a JSON index. */
import {
  closeSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
  renameSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import type { PlannedLine, PlannedMember } from '../agents/contract.ts';
import { SegueError, systemCode } from '../model/errors.ts';
import {
  type ContentMark,
  createFile,
  isTaken,
  placeFile,
  removeFile,
  type Step,
  syncFolder,
  writeFully,
} from './disk.ts';
import type { Journal } from './journal.ts';
import { spliceIn } from './json-splice.ts';

/** How often an index that changes under our hands is tried again. */
const TRIES = 8;

export interface AdditionContext {
  journal: Journal;
  step: Step;
  /** A free name for a temporary file in this folder. */
  temp(folder: string): string;
}

/** Appends one line. Call it while no other segue writes (`exclusively`). */
export function appendLine(planned: PlannedLine, { journal, step, temp }: AdditionContext): void {
  const path = realFile(planned.path);
  const stat = statSync(path, { throwIfNoEntry: false });
  const line = planned.line.replace(/\n$/, '');
  const text = `${stat !== undefined && lacksNewline(path, stat.size) ? '\n' : ''}${line}\n`;
  journal.intend({
    op: 'line',
    path,
    created: stat === undefined,
    offset: stat?.size ?? 0,
    text,
    temp: temp(dirname(path)),
  });
  const fd = step('line-open', () => openSync(path, 'a', 0o600));
  try {
    step('line-write', () => writeFully(fd, Buffer.from(text)));
    step('line-sync', () => fsyncSync(fd));
  } finally {
    closeSync(fd);
  }
  if (stat === undefined) syncFolder(dirname(path), step);
}

/** Whether the last line is torn: another program was stopped while it wrote. */
function lacksNewline(path: string, size: number): boolean {
  if (size === 0) return false;
  const fd = openSync(path, 'r');
  try {
    const last = Buffer.alloc(1);
    readSync(fd, last, 0, 1, size - 1);
    return last[0] !== 10;
  } finally {
    closeSync(fd);
  }
}

/** Adds one member. Call it while no other segue writes (`exclusively`). Throws `already-exists` when the key is in use. */
export function addMember(planned: PlannedMember, context: AdditionContext): void {
  const path = realFile(planned.path);
  for (let n = 0; n < TRIES; n++) {
    const before = readOptional(path);
    if (
      before === undefined ? createIndex(path, planned, context) : changeIndex(path, before, planned, context)
    )
      return;
  }
  throw new SegueError('write-failed', `${path} is changed by another program all the time`, {
    hint: 'close the agent and try again',
  });
}

function createIndex(path: string, planned: PlannedMember, context: AdditionContext): boolean {
  const base = Buffer.from(`${JSON.stringify(planned.create, null, 2)}\n`);
  const { content, at, temp } = intendMember(path, base, undefined, planned, context);
  createFile(temp, [content], 0o600, context.step);
  try {
    placeFile(temp, path, context.step);
    return true;
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    removeFile(temp, context.step);
    context.journal.replace(at, null);
    return false;
  }
}

function changeIndex(
  path: string,
  before: Buffer,
  planned: PlannedMember,
  context: AdditionContext,
): boolean {
  const { content, at, temp } = intendMember(path, before, before, planned, context);
  createFile(temp, [content], statSync(path).mode & 0o777, context.step);
  if (readOptional(path)?.equals(before) !== true) {
    removeFile(temp, context.step);
    context.journal.replace(at, null);
    return false;
  }
  context.step('rename', () => renameSync(temp, path));
  syncFolder(dirname(path), context.step);
  return true;
}

function intendMember(
  path: string,
  base: Buffer,
  existing: Buffer | undefined,
  planned: PlannedMember,
  { journal, temp }: AdditionContext,
): { content: Buffer; at: number; temp: string } {
  const splice = spliceIn(base, planned, planned.value);
  if (splice === 'taken')
    throw new SegueError('already-exists', `${path} already has an entry for this session`);
  if (typeof splice === 'string') {
    throw new SegueError('write-failed', `${path} is not a JSON file of the form that its agent writes`, {
      hint: 'open it with the agent once, or mend it by hand',
    });
  }
  const content = Buffer.concat([
    base.subarray(0, splice.offset),
    Buffer.from(splice.text),
    base.subarray(splice.offset),
  ]);
  const name = temp(dirname(path));
  const at = journal.intend({
    op: 'member',
    path,
    created: existing === undefined,
    at: planned.at,
    key: planned.key,
    value: planned.value,
    offset: splice.offset,
    text: splice.text,
    before: mark(existing ?? Buffer.alloc(0)),
    after: mark(content),
    temp: name,
  });
  return { content, at, temp: name };
}

function mark(content: Buffer): ContentMark {
  return { size: content.length, crc32: crc32(content) };
}

function readOptional(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The file behind symbolic links, so that replacing it leaves the links in place. */
function realFile(path: string): string {
  if (!isTaken(path) || !lstatSync(path).isSymbolicLink()) return path;
  return realpathSync(path);
}
