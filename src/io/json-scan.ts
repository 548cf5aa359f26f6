/** Finds members of a JSON object in raw bytes without parsing it: the skeleton pass over large sessions. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/** The member names that a walk looks for; others are passed over without being decoded. Make it once per module. */
export type MemberNames = (buffer: Buffer, start: number, end: number) => string | undefined;

const BUCKETS = 64;

/** Prepares names for `walkMembers`. Names are plain ASCII. */
export function memberNames(...names: string[]): MemberNames {
  const buckets: { name: string; bytes: Buffer }[][] = Array.from({ length: BUCKETS }, () => []);
  for (const name of names) {
    const bytes = Buffer.from(name, 'latin1');
    buckets[bucketOf(bytes, 0, bytes.length)]?.push({ name, bytes });
  }
  return (buffer, start, end) => {
    const bucket = buckets[bucketOf(buffer, start, end)] ?? [];
    for (let i = 0; i < bucket.length; i++) {
      const known = bucket[i];
      if (known !== undefined && sameBytes(known.bytes, buffer, start, end)) return known.name;
    }
    return undefined;
  };
}

function bucketOf(buffer: Buffer, start: number, end: number): number {
  const length = end - start;
  return (length * 5 + (buffer[start] ?? 0) * 3 + (buffer[start + (length >> 1)] ?? 0)) % BUCKETS;
}

function sameBytes(bytes: Buffer, buffer: Buffer, start: number, end: number): boolean {
  if (bytes.length !== end - start) return false;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== buffer[start + i]) return false;
  return true;
}

/** What a `walkMembers` callback returns to stop the walk. */
export const STOP = -2;

/**
 * Walks over the members of the object at `start`. For each whose name is looked for, `onMember` gets the name and where
 * the value starts, and returns where the value ends: from `valueEnd`, or from a walk of its own into the value; `STOP`
 * ends the walk. Returns the position after the object, `STOP`, or -1 when it is not well formed.
 */
export function walkMembers(
  buffer: Buffer,
  start: number,
  end: number,
  names: MemberNames,
  onMember: (name: string, valueStart: number) => number,
): number {
  if (buffer[start] !== OPEN_BRACE) return -1;
  const at = skipSpace(buffer, start + 1, end);
  return buffer[at] === CLOSE_BRACE ? at + 1 : walkFrom(buffer, at, end, names, onMember);
}

/** As `walkMembers`, over the members that are left from `start`, where one has ended. */
export function walkRest(
  buffer: Buffer,
  start: number,
  end: number,
  names: MemberNames,
  onMember: (name: string, valueStart: number) => number,
): number {
  const at = skipSpace(buffer, start, end);
  if (buffer[at] === CLOSE_BRACE) return at + 1;
  if (buffer[at] !== COMMA) return -1;
  return walkFrom(buffer, skipSpace(buffer, at + 1, end), end, names, onMember);
}

/** `start`: where a member starts. */
function walkFrom(
  buffer: Buffer,
  start: number,
  end: number,
  names: MemberNames,
  onMember: (name: string, valueStart: number) => number,
): number {
  let at = start;
  while (at < end) {
    if (buffer[at] !== QUOTE) return -1;
    const nameEnd = stringEnd(buffer, at, end);
    if (nameEnd < 0) return -1;
    const name = names(buffer, at + 1, nameEnd - 1);
    at = skipSpace(buffer, nameEnd, end);
    if (buffer[at] !== COLON) return -1;
    at = skipSpace(buffer, at + 1, end);
    at = name === undefined ? valueEnd(buffer, at, end) : onMember(name, at);
    if (at < 0) return at;
    at = skipSpace(buffer, at, end);
    if (buffer[at] === CLOSE_BRACE) return at + 1;
    if (buffer[at] !== COMMA) return -1;
    at = skipSpace(buffer, at + 1, end);
  }
  return -1;
}

/**
 * Calls `onMember` for each member of the object at `start`: the key and where the value's text starts and ends.
 * Return false to stop. Returns whether the object was well formed as far as it was read.
 * Only the object's own members are seen, never those of nested values or text inside strings.
 */
export function scanMembers(
  buffer: Buffer,
  start: number,
  end: number,
  onMember: (key: string, valueStart: number, valueEnd: number) => boolean | undefined,
): boolean {
  const decode: MemberNames = (bytes, from, to) => bytes.toString('latin1', from, to);
  const stopped = walkMembers(buffer, skipSpace(buffer, start, end), end, decode, (key, from) => {
    const to = valueEnd(buffer, from, end);
    return to >= 0 && onMember(key, from, to) === false ? STOP : to;
  });
  return stopped !== -1;
}

/**
 * Calls `onElement` for each element of the array at `start`: where the element's text starts and ends. Return false to
 * stop. Returns whether the array was well formed as far as it was read; elements before damage are still called for.
 */
export function scanElements(
  buffer: Buffer,
  start: number,
  end: number,
  onElement: (valueStart: number, valueEnd: number) => boolean | undefined,
): boolean {
  let at = skipSpace(buffer, start, end);
  if (buffer[at] !== OPEN_BRACKET) return false;
  at = skipSpace(buffer, at + 1, end);
  if (buffer[at] === CLOSE_BRACKET) return true;
  while (at < end) {
    const to = valueEnd(buffer, at, end);
    if (to < 0) return false;
    if (onElement(at, to) === false) return true;
    at = skipSpace(buffer, to, end);
    if (buffer[at] === CLOSE_BRACKET) return true;
    if (buffer[at] !== COMMA) return false;
    at = skipSpace(buffer, at + 1, end);
  }
  return false;
}

/** Start and end of a value in a buffer. */
export type Span = [start: number, end: number];

/** The string at a place; undefined when there is none, or something else. */
export function textAt(buffer: Buffer, span: Span | undefined): string | undefined {
  return span === undefined ? undefined : stringAt(buffer, span[0], span[1]);
}

/** The string at a value's place, or undefined when it is not a string. Escapes are resolved. */
export function stringAt(buffer: Buffer, valueStart: number, valueEnd: number): string | undefined {
  if (buffer[valueStart] !== QUOTE) return undefined;
  const raw = buffer.toString('utf8', valueStart, valueEnd);
  if (!raw.includes('\\')) return raw.slice(1, -1);
  try {
    const value: unknown = JSON.parse(raw);
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

function skipSpace(buffer: Buffer, at: number, end: number): number {
  while (at < end) {
    const byte = buffer[at];
    if (byte !== 32 && byte !== 9 && byte !== 13 && byte !== 10) break;
    at++;
  }
  return at;
}

/** Bytes of a string that are looked at one by one before the rest is searched: most strings are short. */
const NEAR = 64;

/** Position after the closing quote of the string at `at`, or -1. */
export function stringEnd(buffer: Buffer, at: number, end: number): number {
  let i = at + 1;
  while (i < end) {
    const near = Math.min(i + NEAR, end);
    for (; i < near; i++) {
      const byte = buffer[i];
      if (byte === QUOTE) return i + 1;
      if (byte === BACKSLASH) i++;
    }
    const quote = buffer.indexOf(QUOTE, i);
    if (quote < 0 || quote >= end) return -1;
    let backslashes = 0;
    while (quote - 1 - backslashes >= i && buffer[quote - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    i = quote + 1;
  }
  return -1;
}

/** Position after the value at `at`, or -1. */
export function valueEnd(buffer: Buffer, at: number, end: number): number {
  const first = buffer[at];
  if (first === QUOTE) return stringEnd(buffer, at, end);
  if (first === OPEN_BRACE || first === OPEN_BRACKET) return nestedEnd(buffer, at, end);
  let i = at;
  while (i < end) {
    const byte = buffer[i];
    if (byte === COMMA || byte === CLOSE_BRACE || byte === CLOSE_BRACKET || byte === 32) break;
    i++;
  }
  return i > at ? i : -1;
}

function nestedEnd(buffer: Buffer, at: number, end: number): number {
  let depth = 0;
  let i = at;
  while (i < end) {
    const byte = buffer[i];
    if (byte === QUOTE) {
      i = stringEnd(buffer, i, end);
      if (i < 0) return -1;
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
    else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--;
      if (depth === 0) return i + 1;
    }
    i++;
  }
  return -1;
}
