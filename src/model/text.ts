/** Text that came from sessions: made safe for terminals, JSON lines and one-line titles. */

/** JSON for one line of a file: U+2028 and U+2029 escaped (line readers split there), lone surrogates replaced. */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value);
  // a lone surrogate would stand there as an escape
  const whole = text.includes('\\ud') ? JSON.stringify(value, wellFormed) : text;
  return `${whole.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`;
}

function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' && !value.isWellFormed() ? value.toWellFormed() : value;
}

/**
 * Removes what a terminal would act on: escape sequences (CSI, OSC, DCS, …), C0 and C1 controls except newline and tab,
 * and bidirectional overrides that can make text look like something else.
 */
export function stripControls(text: string): string {
  if (!HAS_CONTROLS.test(text)) return text;
  return text.replace(SEQUENCES, '').replace(CONTROLS, '');
}

const SEQUENCES =
  /(?:\u001B[\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])[^\u0007\u001B\u009C]*(?:\u0007|\u001B\\|\u009C|$)|(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]?|\u001B[ -/]*[0-~]/g;
const HAS_CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/;
const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** The name of a record's type, for messages that must hold nothing of a session: what is no plain name is not repeated. */
export function typeName(type: unknown): string {
  return typeof type === 'string' && /^[\w.$-]{1,40}$/.test(type) ? type : '(no name)';
}

/** One clean line of at most `max` characters (code points), for titles and lists. */
export function oneLine(text: string, max: number): string {
  // most texts are one short plain line already, and this is asked for very many
  if (text.length <= max && PLAIN_LINE.test(text)) return text;
  const part = text.length > max * 8 ? text.slice(0, max * 8) : text;
  const line = stripControls(part).replace(/\s+/g, ' ').trim();
  if (line.length <= max) return line;
  const points = [...line];
  return points.length <= max ? line : `${points.slice(0, max - 1).join('')}…`;
}

/**
 * Text of at most `max` characters, "…" at its end when it was cut. It is cut between words: a part of a key or a token
 * would not be known for one by those who mask secrets.
 */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  let end = max - 1;
  while (end > 0 && isWordCharacter(text, end - 1) && isWordCharacter(text, end)) end--;
  return `${text.slice(0, end === 0 ? max - 1 : end).trimEnd()}…`.toWellFormed();
}

/** One clean line of at most `max` characters, cut between words. */
export function cutLine(text: string, max: number): string {
  return cutText(oneLine(text, LONG_LINE), max);
}

/** Longer than any line that is kept. */
const LONG_LINE = 4000;

/** Printable ASCII: what keys, tokens and paths are made of. */
function isWordCharacter(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code > 0x20 && code < 0x7f;
}

/** Printable ASCII with single spaces inside. */
const PLAIN_LINE = /^(?:[!-~]+(?: [!-~]+)*)?$/;
