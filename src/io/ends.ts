/** The beginning and the end of a large JSON-lines file, decoded line by line only as far as somebody reads. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { checksum, FURTHER, openLines } from './lines.ts';

export interface FileEnds {
  size: number;
  /** `head` is all of it; `tail` is empty. */
  whole: boolean;
  head: Buffer;
  tail: Buffer;
}

/**
 * Reads the first `head` and the last `tail` bytes (more, up to 2 MB, where the last record is longer than that); a file that is
 * not longer than both is read whole. `.zst` is decompressed for it. `into`, of at least both lengths, is read into: what is
 * returned is then valid until it is used again. Throws Node system errors.
 */
export function readEnds(path: string, head: number, tail: number, into?: Buffer): FileEnds {
  if (path.endsWith('.zst')) return compressedEnds(path, head, tail);
  const fd = openSync(path, 'r');
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw Object.assign(new Error(`${path} is a directory`), { code: 'EISDIR' });
    const { size } = stat;
    const whole = size <= head + tail;
    const first = whole ? size : head;
    const buffer = into ?? Buffer.allocUnsafe(whole ? size : head + tail);
    return {
      size,
      whole,
      head: readRange(fd, buffer.subarray(0, first), 0),
      tail: whole ? buffer.subarray(0, 0) : readLast(fd, buffer.subarray(first, first + tail), size),
    };
  } finally {
    closeSync(fd);
  }
}

/** The last bytes, more where one record is longer than the buffer. */
function readLast(fd: number, buffer: Buffer, size: number): Buffer {
  const bytes = readRange(fd, buffer, size - buffer.length);
  const newline = bytes.indexOf(10);
  if (newline >= 0 && newline < bytes.length - 1) return bytes;
  const length = Math.min(FURTHER, size);
  return readRange(fd, Buffer.allocUnsafe(length), size - length);
}

function readRange(fd: number, buffer: Buffer, start: number): Buffer {
  let filled = 0;
  while (filled < buffer.length) {
    const n = readSync(fd, buffer, filled, buffer.length - filled, start + filled);
    if (n === 0) break;
    filled += n;
  }
  return buffer.subarray(0, filled);
}

function compressedEnds(path: string, head: number, tail: number): FileEnds {
  const file = openLines(path);
  try {
    const { size } = file;
    const whole = size <= head + tail;
    const bytes = (start: number, end: number): Buffer => Buffer.from(file.slice(start, end));
    return {
      size,
      whole,
      head: bytes(0, whole ? size : head),
      tail: whole ? Buffer.alloc(0) : bytes(size - tail, size),
    };
  } finally {
    file.close();
  }
}

/** Lines of the head, first to last; a line that the cut went through is left out. */
export function* headBytes({ head, whole }: FileEnds): Generator<Buffer, void, void> {
  let start = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
  for (;;) {
    const newline = head.indexOf(10, start);
    if (newline < 0) break;
    if (newline > start) yield head.subarray(start, newline);
    start = newline + 1;
  }
  if (whole && start < head.length) yield head.subarray(start);
}

/** Lines of the end, last to first; a line that the cut went through is left out. */
export function* tailBytes({ head, tail, whole }: FileEnds): Generator<Buffer, void, void> {
  const bytes = whole ? head : tail;
  let end = bytes.length;
  while (end > 0) {
    const newline = bytes.lastIndexOf(10, end - 1);
    if (newline < 0) {
      if (whole) yield bytes.subarray(0, end);
      return;
    }
    if (newline + 1 < end) yield bytes.subarray(newline + 1, end);
    end = newline;
  }
}

const STEP = 64 << 10;

/**
 * Lines of the file's first 2 MB: for what its head does not tell because long records stand in it (instructions, a pasted log,
 * a picture). `from`: where a line starts. Read in steps, only as far as somebody reads on. Throws Node system errors.
 */
export function* startBytes(path: string, from = 0): Generator<Buffer, void, void> {
  const file = openLines(path, STEP);
  try {
    for (const { buffer, start, end, torn, tooLong } of file.lines(from, FURTHER))
      if (!tooLong && (!torn || file.size <= FURTHER)) yield buffer.subarray(start, end);
  } finally {
    file.close();
  }
}

/** As `headBytes`, decoded. */
export function* headLines(ends: FileEnds): Generator<string, void, void> {
  for (const line of headBytes(ends)) yield line.toString('utf8');
}

/** As `startBytes`, decoded. */
export function* startLines(path: string, from = 0): Generator<string, void, void> {
  for (const line of startBytes(path, from)) yield line.toString('utf8');
}

/** Where the line starts that the end of the head went through. */
export function headEnd({ head }: FileEnds): number {
  return head.lastIndexOf(10) + 1;
}

/** As `tailBytes`, decoded. */
export function* tailLines(ends: FileEnds): Generator<string, void, void> {
  for (const line of tailBytes(ends)) yield line.toString('utf8');
}

/**
 * Lines that begin so, first to last; lines that the cut went through are left out. A look at the beginning of each line is
 * much less than a search in all of it.
 */
export function* linesBeginning(
  { head, tail, whole }: FileEnds,
  text: Buffer,
): Generator<string, void, void> {
  const last = text.length - 1;
  for (const bytes of [head, tail]) {
    let start = bytes === head ? 0 : tail.indexOf(10) + 1;
    while (start < bytes.length) {
      const newline = bytes.indexOf(10, start);
      if (newline < 0 && bytes === head && !whole) break;
      const end = newline < 0 ? bytes.length : newline;
      // one byte tells nearly all of them apart
      if (
        bytes[start + last] === text[last] &&
        bytes.compare(text, 0, text.length, start, start + text.length) === 0
      )
        yield bytes.toString('utf8', start, end);
      start = end + 1;
    }
  }
}

/** The last line of the ends in which these bytes occur, the tail before the head. */
export function lastLineWith(ends: FileEnds, text: string): string | undefined {
  for (const bytes of [ends.tail, ends.head]) {
    // most have none, and forward that is known sooner
    if (!bytes.includes(text)) continue;
    const at = bytes.lastIndexOf(text);
    const start = bytes.lastIndexOf(10, at) + 1;
    const newline = bytes.indexOf(10, at);
    return bytes.toString('utf8', start, newline < 0 ? bytes.length : newline);
  }
  return undefined;
}

const CHECKED = 1 << 10;

/** A number that changes when the file's first KB or the KB before byte `end` does: whether a file that grew is still the same. */
export function prefixCheck(path: string, end: number): number {
  const fd = openSync(path, 'r');
  try {
    const start = Math.max(end - CHECKED, 0);
    const head = readRange(fd, Buffer.alloc(Math.min(CHECKED, end)), 0);
    return checksum(Buffer.concat([head, readRange(fd, Buffer.alloc(end - start), start)]));
  } finally {
    closeSync(fd);
  }
}
