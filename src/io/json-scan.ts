/** Finds members of a JSON object in raw bytes without parsing it: the skeleton pass over large sessions. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

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
  let at = skipSpace(buffer, start, end);
  if (buffer[at] !== OPEN_BRACE) return false;
  at = skipSpace(buffer, at + 1, end);
  if (buffer[at] === CLOSE_BRACE) return true;
  while (at < end) {
    if (buffer[at] !== QUOTE) return false;
    const keyEnd = stringEnd(buffer, at, end);
    if (keyEnd < 0) return false;
    const key = buffer.toString('latin1', at + 1, keyEnd - 1);
    at = skipSpace(buffer, keyEnd, end);
    if (buffer[at] !== COLON) return false;
    const valueStart = skipSpace(buffer, at + 1, end);
    const valueEnd = skipValue(buffer, valueStart, end);
    if (valueEnd < 0) return false;
    if (onMember(key, valueStart, valueEnd) === false) return true;
    at = skipSpace(buffer, valueEnd, end);
    if (buffer[at] === CLOSE_BRACE) return true;
    if (buffer[at] !== COMMA) return false;
    at = skipSpace(buffer, at + 1, end);
  }
  return false;
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
    const valueEnd = skipValue(buffer, at, end);
    if (valueEnd < 0) return false;
    if (onElement(at, valueEnd) === false) return true;
    at = skipSpace(buffer, valueEnd, end);
    if (buffer[at] === CLOSE_BRACKET) return true;
    if (buffer[at] !== COMMA) return false;
    at = skipSpace(buffer, at + 1, end);
  }
  return false;
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

/** Position after the closing quote of the string at `at`, or -1. */
function stringEnd(buffer: Buffer, at: number, end: number): number {
  let from = at + 1;
  for (;;) {
    const quote = buffer.indexOf(QUOTE, from);
    if (quote < 0 || quote >= end) return -1;
    let backslashes = 0;
    while (buffer[quote - 1 - backslashes] === BACKSLASH && quote - 1 - backslashes > at) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}

/** Position after the value at `at`, or -1. */
function skipValue(buffer: Buffer, at: number, end: number): number {
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
