/** Lines of a file that may be hundreds of megabytes, still being written to, or zstd-compressed. */
import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { crc32, zstdDecompressSync } from 'node:zlib';
import { BUFFER_BYTES, giveBuffer, takeBuffer } from './buffers.ts';

/** Looked at of a file's beginning or end at most, where a long record fills what is usually looked at. */
export const FURTHER = 2 << 20;
/** A longer line is reported, not read: no agent writes one, and a hostile file must not fill the memory. */
const MAX_LINE = 256 << 20;

/** A line inside a reused buffer: valid until the next step of the iteration, or its end. */
export interface LineView {
  buffer: Buffer;
  /** Where the line starts and ends in `buffer`, without its newline. */
  start: number;
  end: number;
  /** Where it starts in the file. */
  offset: number;
  /** No newline follows: the writer may still be at it. */
  torn: boolean;
  /** Longer than segue reads; `start` equals `end`. */
  tooLong: boolean;
}

/** A file opened for line and range reading. Close it. */
export interface LineFile {
  path: string;
  /** Bytes (uncompressed) when it was opened; later growth is not seen. */
  size: number;
  mtimeMs: number;
  /** Non-empty lines from byte `from` (a line start) to `to`. A byte order mark at the start is skipped. */
  lines(from?: number, to?: number): Generator<LineView, void, void>;
  /** The bytes of a range, valid until the next call, or until it is closed. Sequential calls are served from one read-ahead window. */
  slice(start: number, end: number): Buffer;
  close(): void;
}

/** Opens a JSON-lines file, to be read `chunk` bytes at a time (1 MB at most); `.zst` is decompressed in memory. Throws Node system errors. */
export function openLines(path: string, chunk: number = BUFFER_BYTES): LineFile {
  const fd = openSync(path, 'r');
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw Object.assign(new Error(`${path} is a directory`), { code: 'EISDIR' });
    if (path.endsWith('.zst')) {
      closeSync(fd);
      const data = zstdDecompressSync(readFileSync(path));
      return lineFile(path, stat.mtimeMs, data.length, memoryRead(data), () => {}, chunk);
    }
    const read: ReadAt = (target, at, length, position) => readSync(fd, target, at, length, position);
    return lineFile(path, stat.mtimeMs, stat.size, read, () => closeSync(fd), chunk);
  } catch (error) {
    try {
      closeSync(fd);
    } catch (closing) {
      // already closed: the first error is the one to tell
      void closing;
    }
    throw error;
  }
}

const NOTHING = Buffer.alloc(0);

type ReadAt = (target: Buffer, at: number, length: number, position: number) => number;

function memoryRead(data: Buffer): ReadAt {
  return (target, at, length, position) => data.copy(target, at, position, position + length);
}

function lineFile(
  path: string,
  mtimeMs: number,
  size: number,
  read: ReadAt,
  close: () => void,
  chunk: number,
): LineFile {
  let window: Buffer = NOTHING;
  let windowStart = 0;
  // where the window is, unless it is larger
  let usual: Buffer | undefined;
  return {
    path,
    size,
    mtimeMs,
    lines: (from = 0, to = size) => scanLines(read, from, Math.min(to, size), chunk),
    slice(start, end) {
      if (start < windowStart || end > windowStart + window.length) {
        const length = Math.max(Math.min(Math.max(end - start, chunk), size - start), 0);
        usual ??= takeBuffer();
        const target = length > usual.length ? Buffer.allocUnsafe(length) : usual.subarray(0, length);
        windowStart = start;
        window = NOTHING; // should reading fail
        window = target.subarray(0, readFully(read, target, start));
      }
      return window.subarray(start - windowStart, end - windowStart);
    },
    close() {
      close();
      if (usual !== undefined) giveBuffer(usual);
      usual = undefined;
      window = NOTHING;
    },
  };
}

function readFully(read: ReadAt, target: Buffer, position: number): number {
  let filled = 0;
  while (filled < target.length) {
    const n = read(target, filled, target.length - filled, position + filled);
    if (n === 0) break;
    filled += n;
  }
  return filled;
}

function* scanLines(read: ReadAt, from: number, to: number, chunk: number): Generator<LineView, void, void> {
  const usual = takeBuffer();
  try {
    let buffer = usual.subarray(0, chunk); // one of its own once a line is longer
    let filled = 0; // bytes in the buffer
    let position = from; // file offset of the next read
    let skipping = false; // inside a line that is too long
    const view: LineView = { buffer, start: 0, end: 0, offset: 0, torn: false, tooLong: false };

    while (position < to) {
      const wanted = Math.min(buffer.length - filled, to - position);
      const n = read(buffer, filled, wanted, position);
      if (n === 0) break;
      position += n;
      filled += n;
      const bytes = buffer.subarray(0, filled);
      const base = position - filled; // file offset of buffer[0]
      let start = 0;
      for (;;) {
        const newline = bytes.indexOf(10, start);
        if (newline < 0) break;
        if (!skipping && fill(view, buffer, start, newline, base, from)) yield view;
        skipping = false;
        start = newline + 1;
      }
      if (start === 0 && filled === buffer.length) {
        if (buffer.length >= MAX_LINE) {
          if (!skipping) {
            Object.assign(view, { buffer, start: 0, end: 0, offset: base, torn: false, tooLong: true });
            yield view;
          }
          skipping = true;
          filled = 0;
        } else {
          const grown = Buffer.allocUnsafe(Math.min(buffer.length * 2, MAX_LINE));
          buffer.copy(grown, 0, 0, filled);
          buffer = grown;
        }
      } else {
        buffer.copyWithin(0, start, filled);
        filled -= start;
      }
    }
    if (filled > 0 && !skipping && fill(view, buffer, 0, filled, position - filled, from)) {
      view.torn = true;
      yield view;
    }
  } finally {
    giveBuffer(usual);
  }
}

/** Sets the view; false for a blank line. */
function fill(
  view: LineView,
  buffer: Buffer,
  start: number,
  end: number,
  base: number,
  from: number,
): boolean {
  let first = start;
  if (
    base + start === 0 &&
    from === 0 &&
    buffer[start] === 0xef &&
    buffer[start + 1] === 0xbb &&
    buffer[start + 2] === 0xbf
  )
    first += 3;
  let last = end;
  while (last > first && isSpace(buffer[last - 1])) last--;
  while (first < last && isSpace(buffer[first])) first++;
  if (first === last) return false;
  view.buffer = buffer;
  view.start = first;
  view.end = last;
  view.offset = base + first;
  view.torn = false;
  view.tooLong = false;
  return true;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 13 || byte === 9 || byte === 10;
}

/** CRC-32 of bytes, as `Evidence` holds it. */
export function checksum(bytes: Buffer | string): number {
  return crc32(bytes);
}

/**
 * First `head` and last `tail` bytes of a file, each cut to whole lines; the whole file once when it is short. The last line is
 * there also when it is longer than `tail`, up to 2 MB.
 */
export function headAndTail(
  path: string,
  head: number,
  tail: number,
): { head: string[]; tail: string[]; size: number; whole: boolean } {
  const file = openLines(path);
  try {
    if (file.size <= head + tail) {
      return { head: textLines(file, 0, file.size, false, false), tail: [], size: file.size, whole: true };
    }
    const last = (bytes: number): string[] =>
      textLines(file, Math.max(file.size - bytes, 0), file.size, file.size > bytes, false);
    const lines = last(tail);
    return {
      head: textLines(file, 0, head, false, true),
      tail: lines.length === 0 && tail > 0 ? last(FURTHER) : lines,
      size: file.size,
      whole: false,
    };
  } finally {
    file.close();
  }
}

function textLines(file: LineFile, from: number, to: number, cutFirst: boolean, cutLast: boolean): string[] {
  const lines = file.slice(from, to).toString('utf8').split('\n');
  if (cutFirst) lines.shift();
  if (cutLast) lines.pop();
  return lines.map((line) => line.replace(/^\uFEFF/, '').trim()).filter((line) => line !== '');
}
