/** A JSON file that is one object with a long array in it: its small members, and where the array's items are. */
import { readFileSync } from 'node:fs';
import { scanElements, scanMembers } from '../../io/json-scan.ts';
import { openLines } from '../../io/lines.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { parseJson } from '../../model/narrow.ts';
import type { JsonObject } from '../../model/session.ts';

export interface ArrayFile {
  buffer: Buffer;
  /** The other members, as far as they are there and are no longer than 64 KB. */
  members: JsonObject;
  /** Byte ranges of the array's items. */
  items: { start: number; end: number }[];
  /** The file does not end where it should; what is before the damage was found. */
  torn: boolean;
}

/** Reads and scans a whole file. Throws `unreadable`, or `not-a-session` when it has no such array. */
export function readArrayFile(path: string, array: string): ArrayFile {
  const file = scanArrayFile(bytesOf(path), array);
  if (file === undefined) throw new SegueError('not-a-session', `${path} holds no session`);
  return file;
}

/** What the first `bytes` of a file tell. Throws Node system errors. */
export function headOfArrayFile(path: string, array: string, bytes: number): ArrayFile | undefined {
  const file = openLines(path);
  try {
    return scanArrayFile(Buffer.from(file.slice(0, Math.min(bytes, file.size))), array);
  } finally {
    file.close();
  }
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new SegueError('unreadable', `cannot read ${path} (${systemCode(cause) ?? 'error'})`, { cause });
  }
}

const SMALL = 64 << 10;

/** Undefined when the buffer is no object, or has no array of that name. */
function scanArrayFile(buffer: Buffer, array: string): ArrayFile | undefined {
  const start = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? 3 : 0;
  const file: ArrayFile = { buffer, members: {}, items: [], torn: false };
  let end = start;
  let found = false;
  const scanItems = (from: number, to: number): boolean =>
    scanElements(buffer, from, to, (itemStart, itemEnd) => {
      file.items.push({ start: itemStart, end: itemEnd });
      return undefined;
    });
  const whole = scanMembers(buffer, start, buffer.length, (key, from, to) => {
    end = to;
    if (key === array) found = scanItems(from, to);
    else if (to - from <= SMALL) {
      const value = parseJson(buffer.toString('utf8', from, to));
      if (value !== undefined) file.members[key] = value;
    }
    return undefined;
  });
  if (!whole && !found) {
    // the array itself is cut: its complete items are still there
    const at = buffer.indexOf(`"${array}"`, end);
    const opened = at < 0 ? -1 : buffer.indexOf('[', at);
    found = opened >= 0;
    if (found) scanItems(opened, buffer.length);
  }
  file.torn = !whole;
  return found ? file : undefined;
}
