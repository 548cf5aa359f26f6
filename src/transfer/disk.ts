/** Disk primitives of the executor. Every change goes through `step`, so that fault tests can stop at each of them. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { systemCode } from '../model/errors.ts';
import type { OnStep } from './types.ts';

/** Runs one change, announced before and after. */
export type Step = <T>(name: string, act: () => T) => T;

export function stepper(onStep: OnStep | undefined): Step {
  if (onStep === undefined) return (_name, act) => act();
  return (name, act) => {
    onStep(`${name}:before`);
    const result = act();
    onStep(`${name}:after`);
    return result;
  };
}

/** What identifies content that segue wrote. */
export interface ContentMark {
  size: number;
  crc32: number;
}

const CHUNK = 256 << 10;

/** Creates a file that must not exist, writes and syncs it. Throws Node system errors. */
export function createFile(
  path: string,
  content: Iterable<string | Uint8Array>,
  mode: number,
  step: Step,
): ContentMark {
  const fd = step('create', () => openSync(path, 'wx', mode));
  try {
    const mark = { size: 0, crc32: 0 };
    for (const chunk of gather(content)) {
      step('write', () => writeFully(fd, chunk));
      mark.size += chunk.length;
      mark.crc32 = crc32(chunk, mark.crc32);
    }
    step('sync', () => fsyncSync(fd));
    return mark;
  } finally {
    closeSync(fd);
  }
}

/** Pieces → chunks, each in the same buffer: what is written in pieces leaves nothing to tidy up. */
function* gather(content: Iterable<string | Uint8Array>): Generator<Uint8Array, void, void> {
  const buffer = new Uint8Array(CHUNK);
  let size = 0;
  for (const piece of content) {
    for (let at = 0; at < piece.length; ) {
      const { read, written } = put(piece, at, buffer.subarray(size));
      at += read;
      size += written;
      if (at === piece.length) break;
      yield buffer.subarray(0, size);
      size = 0;
    }
  }
  if (size > 0) yield buffer.subarray(0, size);
}

const utf8 = new TextEncoder();

/** Puts as much of a piece as there is room for. Characters stay whole. */
function put(piece: string | Uint8Array, at: number, room: Uint8Array): { read: number; written: number } {
  if (typeof piece === 'string') return utf8.encodeInto(at === 0 ? piece : piece.slice(at), room);
  const bytes = piece.subarray(at, at + room.length);
  room.set(bytes);
  return { read: bytes.length, written: bytes.length };
}

/** Writes all bytes at the file's position; a full disk may take them in parts before it fails. */
export function writeFully(fd: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done);
}

/** Moves a finished temporary file to a name that must be free; never replaces anything. Throws `EEXIST`. */
export function placeFile(temp: string, path: string, step: Step): void {
  try {
    step('link', () => linkSync(temp, path));
  } catch (error) {
    if (!cannotLink(error)) throw error;
    placeWithoutLinks(temp, path, step);
    return;
  }
  step('unlink', () => unlinkSync(temp));
  syncFolder(dirname(path), step);
}

/** The same for file systems without hard links: an empty file takes the name first, then it is replaced. */
export function placeWithoutLinks(temp: string, path: string, step: Step): void {
  step('reserve', () => closeSync(openSync(path, 'wx', 0o600)));
  step('rename', () => renameSync(temp, path));
  syncFolder(dirname(path), step);
}

function cannotLink(error: unknown): boolean {
  const codes = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV', 'EINVAL', 'UNKNOWN'];
  return codes.includes(systemCode(error) ?? '');
}

/** Makes a folder's entries durable, where the platform can. */
export function syncFolder(path: string, step: Step): void {
  try {
    const fd = openSync(path, 'r');
    try {
      step('sync-folder', () => fsyncSync(fd));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    // Windows and some network file systems cannot sync a folder
    if (
      !['EPERM', 'EISDIR', 'EINVAL', 'EACCES', 'ENOTSUP', 'EBADF', 'ENOENT'].includes(systemCode(error) ?? '')
    )
      throw error;
  }
}

/** Size and checksum of a file; undefined when there is none. */
export function markOf(path: string): ContentMark | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    const mark = { size: 0, crc32: 0 };
    for (let n = readSync(fd, buffer); n > 0; n = readSync(fd, buffer)) {
      mark.size += n;
      mark.crc32 = crc32(buffer.subarray(0, n), mark.crc32);
    }
    return mark;
  } finally {
    closeSync(fd);
  }
}

export function sameMark(a: ContentMark | undefined, b: ContentMark): boolean {
  return a?.size === b.size && a.crc32 === b.crc32;
}

/** Whether something has this name, a dangling link included. */
export function isTaken(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    // a file stands where a folder should be: making the folder will say so
    if (systemCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/** Removes a file if it is there. */
export function removeFile(path: string, step: Step): void {
  if (!isTaken(path)) return;
  step('unlink', () => unlinkSync(path));
}

/** Removes a folder if it is there and empty. */
export function removeFolder(path: string, step: Step): void {
  try {
    step('rmdir', () => rmdirSync(path));
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(systemCode(error) ?? '')) throw error;
  }
}

/** Folders that would have to be made for `path`, outermost first. */
export function missingFolders(path: string): string[] {
  const missing: string[] = [];
  for (
    let folder = dirname(path);
    !existsSync(folder) && dirname(folder) !== folder;
    folder = dirname(folder)
  )
    missing.unshift(folder);
  return missing;
}
