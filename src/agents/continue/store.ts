/** A session file in raw bytes: its small members, and where the items of its history are. */
import { readFileSync } from 'node:fs';
import { scanElements, scanMembers } from '../../io/json-scan.ts';
import { FURTHER, openLines } from '../../io/lines.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { asObject, asText, parseJson } from '../../model/narrow.ts';
import type { JsonObject, JsonValue } from '../../model/session.ts';

export interface SessionFacts {
  sessionId?: string;
  title?: string;
  workspaceDirectory?: string;
  usage?: JsonObject;
}

/** A session file as it was when it was read. */
export interface SessionFile extends SessionFacts {
  buffer: Buffer;
  /** Byte ranges of the history's items. */
  items: { start: number; end: number }[];
  /** The file does not end where it should; what is before the damage was found. */
  torn: boolean;
}

/** Reads and scans a whole file. Throws `unreadable`, or `not-a-session` when it has no history. */
export function readSessionFile(path: string): SessionFile {
  const file = scan(bytesOf(path));
  if (file === undefined) throw new SegueError('not-a-session', `${path} holds no session`);
  return file;
}

const HEAD = 128 << 10;

/** What the first 128 KB of a file tell, or the first 2 MB where one long prompt fills those. Throws Node system errors. */
export function headFacts(path: string): SessionFile | undefined {
  const file = openLines(path);
  const first = (bytes: number): SessionFile | undefined =>
    scan(Buffer.from(file.slice(0, Math.min(bytes, file.size))));
  try {
    const head = first(HEAD);
    return head?.items.length === 0 ? first(FURTHER) : head;
  } finally {
    file.close();
  }
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

function scan(buffer: Buffer): SessionFile | undefined {
  const start = buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? 3 : 0;
  const file: SessionFile = { buffer, items: [], torn: false };
  let end = start;
  let found = false;
  const history = (from: number, to: number): boolean =>
    scanElements(buffer, from, to, (itemStart, itemEnd) => {
      file.items.push({ start: itemStart, end: itemEnd });
      return undefined;
    });
  const whole = scanMembers(buffer, start, buffer.length, (key, from, to) => {
    end = to;
    if (key === 'history') found = history(from, to);
    else setFact(file, key, () => parseJson(buffer.toString('utf8', from, to)));
    return undefined;
  });
  if (!whole && !found) {
    // the history itself is cut: its complete items are still there
    const at = buffer.indexOf('"history"', end);
    const array = at < 0 ? -1 : buffer.indexOf('[', at);
    found = array >= 0;
    if (found) history(array, buffer.length);
  }
  file.torn = !whole;
  return found ? file : undefined;
}

function setFact(file: SessionFile, key: string, value: () => JsonValue | undefined): void {
  if (key === 'sessionId' || key === 'title' || key === 'workspaceDirectory') file[key] = asText(value());
  else if (key === 'usage') file.usage = asObject(value());
}
