/** Adds a member to a JSON text, or takes it out, and leaves every other byte as it is. */
import { scanElements, scanMembers } from '../io/json-scan.ts';
import { stable } from '../model/compare.ts';
import { asArray, asObject, asString, parseJson } from '../model/narrow.ts';
import type { JsonObject, JsonValue } from '../model/session.ts';

/** Where a member goes: object keys to its container; under `key` in an object, at an end of an array. */
export interface Place {
  at: string[];
  key?: string;
  end?: 'first' | 'last';
}

/** Bytes to put in at a byte offset. */
export interface Splice {
  offset: number;
  text: string;
}

/** Why a member cannot be added: the file is not JSON, the container is of another kind, or the key is in use. */
export type SpliceProblem = 'not-json' | 'wrong-container' | 'taken';

/** A child of a container: where its value's text starts and ends; `from` is where the text before it ended. */
interface Child {
  key: string | undefined;
  from: number;
  start: number;
  end: number;
}

/** What to put in where, so that `value` stands at `place`. Containers that are missing are made. */
export function spliceIn(json: Buffer, place: Place, value: JsonValue): Splice | SpliceProblem {
  const root = rootStart(json);
  const parsed = parseJson(json.toString('utf8', root));
  if (parsed === undefined) return 'not-json';
  let start = root;
  let here = parsed;
  let wanted: JsonValue = value;
  let key = place.key;
  let depth = 0;
  for (const [n, name] of place.at.entries()) {
    const object = asObject(here);
    if (object === undefined) return 'wrong-container';
    if (!Object.hasOwn(object, name)) {
      // the rest of the path is missing: it becomes part of what is put in here
      wanted = nest(place.at.slice(n + 1), place.key === undefined ? [value] : { [place.key]: value });
      key = name;
      break;
    }
    here = object[name] ?? null;
    start = children(json, start).findLast((child) => child.key === name)?.start ?? start;
    depth++;
  }
  if (key === undefined ? asArray(here) === undefined : asObject(here) === undefined)
    return 'wrong-container';
  if (key !== undefined && Object.hasOwn(here as JsonObject, key)) return 'taken';
  return put(json, start, depth, { key, end: place.end }, wanted);
}

function put(
  json: Buffer,
  start: number,
  depth: number,
  place: { key: string | undefined; end?: 'first' | 'last' },
  value: JsonValue,
): Splice {
  const indent = indentOf(json);
  const text = memberText(place.key, value, indent, depth + 1);
  const kids = children(json, start);
  const first = kids[0];
  const last = kids.at(-1);
  if (first === undefined || last === undefined) {
    const inner =
      indent === undefined ? text : `\n${indent.repeat(depth + 1)}${text}\n${indent.repeat(depth)}`;
    return { offset: start + 1, text: inner };
  }
  const between = leadingSpace(json, start + 1);
  if (place.end === 'first' && place.key === undefined)
    return { offset: start + 1 + Buffer.byteLength(between), text: `${text},${between}` };
  return { offset: last.end, text: `,${between}${text}` };
}

/** The text without the member that stands at `place` and equals `value`; undefined when there is none. */
export function spliceOut(json: Buffer, place: Place, value: JsonValue): Buffer | undefined {
  const root = rootStart(json);
  if (parseJson(json.toString('utf8', root)) === undefined) return undefined;
  let start = root;
  for (const name of place.at) {
    const child = children(json, start).findLast((each) => each.key === name);
    if (child === undefined) return undefined;
    start = child.start;
  }
  const kids = children(json, start);
  const wanted = stable(value);
  const found = kids.findLast(
    (child) =>
      child.key === place.key && stable(parseJson(json.toString('utf8', child.start, child.end))) === wanted,
  );
  if (found === undefined) return undefined;
  if (kids.length === 1) return cut(json, start + 1, containerEnd(json, found.end));
  if (found === kids[0]) return cut(json, start + 1, json.indexOf(',', found.end) + 1);
  return cut(json, found.from, found.end);
}

function cut(json: Buffer, from: number, to: number): Buffer {
  return Buffer.concat([json.subarray(0, from), json.subarray(to)]);
}

function children(json: Buffer, start: number): Child[] {
  const found: Child[] = [];
  const add = (key: string | undefined, valueStart: number, valueEnd: number): undefined => {
    let end = valueEnd;
    while (isSpace(json[end - 1])) end--; // numbers and words are scanned up to the next comma or bracket
    found.push({ key, from: found.at(-1)?.end ?? start + 1, start: valueStart, end });
  };
  if (json[start] === 0x7b)
    scanMembers(json, start, json.length, (raw, from, to) => add(keyText(raw), from, to));
  else scanElements(json, start, json.length, (from, to) => add(undefined, from, to));
  return found;
}

/** A key as it stands between its quotes → the key. */
function keyText(raw: string): string | undefined {
  return asString(parseJson(`"${Buffer.from(raw, 'latin1').toString('utf8')}"`));
}

function containerEnd(json: Buffer, from: number): number {
  let at = from;
  while (isSpace(json[at])) at++;
  return at;
}

function nest(path: string[], inner: JsonValue): JsonValue {
  return path.reduceRight<JsonValue>((value, name) => ({ [name]: value }), inner);
}

function memberText(
  key: string | undefined,
  value: JsonValue,
  indent: string | undefined,
  depth: number,
): string {
  const text =
    indent === undefined
      ? JSON.stringify(value)
      : JSON.stringify(value, null, indent).replaceAll('\n', `\n${indent.repeat(depth)}`);
  if (key === undefined) return text;
  return `${JSON.stringify(key)}:${indent === undefined ? '' : ' '}${text}`;
}

/** The indent of a text with one member a line; undefined when it is on one line. */
function indentOf(json: Buffer): string | undefined {
  const start = rootStart(json);
  const space = leadingSpace(json, start + 1);
  if (!space.includes('\n')) return undefined;
  const indent = space.slice(space.lastIndexOf('\n') + 1);
  return indent === '' ? '  ' : indent;
}

function leadingSpace(json: Buffer, from: number): string {
  return json.toString('latin1', from, containerEnd(json, from));
}

/** Where the value starts: after a byte order mark and white space. */
function rootStart(json: Buffer): number {
  const mark = json[0] === 0xef && json[1] === 0xbb && json[2] === 0xbf ? 3 : 0;
  return containerEnd(json, mark);
}

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9;
}
