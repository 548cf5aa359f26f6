/** A file of messages (Cline and what came from it) in raw bytes: where each message is, and the small members beside them. */
import { readFileSync } from 'node:fs';
import { scanElements, scanMembers } from '../../io/json-scan.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { parseJson } from '../../model/narrow.ts';
import type { JsonObject } from '../../model/session.ts';

/** A file of messages as it was when it was read. */
export interface MessageFile {
  buffer: Buffer;
  /** Byte ranges of the messages. */
  items: { start: number; end: number }[];
  /** Members of the object around the messages that are short. */
  facts: JsonObject;
  /** Pointer to the array of messages. */
  pointer: string;
  /** The file does not end where it should; the messages before the damage were found. */
  torn: boolean;
}

/** Reads a bare array of messages, or an object that has them in `messages`. Throws `unreadable` and `not-a-session`. */
export function readMessageFile(path: string): MessageFile {
  const file = scanMessages(bytesOf(path));
  if (file === undefined) throw new SegueError('not-a-session', `${path} holds no messages`);
  return file;
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new SegueError('unreadable', `cannot read ${path} (${systemCode(error) ?? 'error'})`, {
      cause: error,
    });
  }
}

const SHORT = 4096;

/** The messages in these bytes, which may be the first part of a file; undefined when there is no array of them. */
export function scanMessages(buffer: Buffer): MessageFile | undefined {
  const start = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? 3 : 0;
  const file: MessageFile = { buffer, items: [], facts: {}, pointer: '', torn: false };
  const list = (from: number): boolean =>
    scanElements(buffer, from, buffer.length, (itemStart, itemEnd) => {
      file.items.push({ start: itemStart, end: itemEnd });
      return undefined;
    });
  const first = buffer
    .subarray(start, start + 64)
    .toString('latin1')
    .trimStart()[0];
  if (first === '[') {
    file.torn = !list(start);
    return file;
  }
  let found = false;
  let end = start;
  file.pointer = '/messages';
  const whole = scanMembers(buffer, start, buffer.length, (key, from, to) => {
    end = to;
    if (key === 'messages') found = list(from) || file.items.length > 0;
    else if (to - from < SHORT) file.facts[key] = parseJson(buffer.toString('utf8', from, to)) ?? null;
    return undefined;
  });
  if (!whole && !found) {
    // the messages themselves are cut: the complete ones are still there
    const name = buffer.indexOf('"messages"', end);
    const array = name < 0 ? -1 : buffer.indexOf('[', name);
    found = array >= 0;
    if (found) list(array);
  }
  file.torn = !whole;
  return found ? file : undefined;
}
