/** Looking into records without parsing them. */
import { type MemberNames, memberNames, type Span, STOP, valueEnd, walkMembers } from '../../io/json-scan.ts';
import { asArray, parseJson } from '../../model/narrow.ts';
import { isHarness } from './content.ts';

/** Members to be found. Made once: it is used for every line. */
export interface Wanted<K extends string> {
  names: MemberNames;
  count: number;
  /** Carries the names' type. */
  keys: readonly K[];
}

export function wanted<K extends string>(...keys: K[]): Wanted<K> {
  return { names: memberNames(...keys), count: keys.length, keys };
}

/** Places of the wanted members (of repeated ones the first); undefined when the object is not well formed. */
export function members<K extends string>(
  buffer: Buffer,
  start: number,
  end: number,
  { names, count }: Wanted<K>,
): Partial<Record<K, Span>> | undefined {
  const found: Partial<Record<string, Span>> = {};
  let missing = count;
  const walked = walkMembers(buffer, start, end, names, (name, from) => {
    const to = valueEnd(buffer, from, end);
    if (to < 0 || found[name] !== undefined) return to;
    found[name] = [from, to];
    missing--;
    return missing > 0 ? to : STOP;
  });
  return walked === -1 ? undefined : (found as Partial<Record<K, Span>>);
}

const RECORD = memberNames('timestamp', 'ordinal', 'type', 'payload', 'metadata');
const PAYLOAD = wanted(
  'type',
  'role',
  'id',
  'content',
  'internal_chat_message_metadata_passthrough',
  'item',
  'call_id',
  'error',
  'model',
  'usage',
  'thread_token_usage',
  'info',
  'rate_limits',
  'num_turns',
);

/** Places in a payload. */
export type PayloadSpans = Partial<Record<(typeof PAYLOAD.keys)[number], Span>>;

/** Places in one line of a rollout. */
export interface RecordSpans {
  timestamp?: Span;
  ordinal?: Span;
  type?: Span;
  metadata?: Span;
  /** Only of an object. */
  payload?: Span;
  inside: PayloadSpans;
}

/** Finds what is wanted of a line in one walk (of repeated members the first); undefined when it is not an object. */
export function recordAt(buffer: Buffer, start: number, end: number): RecordSpans | undefined {
  const found: RecordSpans = { inside: {} };
  const walked = walkMembers(buffer, start, end, RECORD, (name, from) => {
    if (name === 'payload' && buffer[from] === 0x7b && found.payload === undefined) {
      const to = spansOf(buffer, from, end, found.inside);
      if (to >= 0) found.payload = [from, to];
      return to;
    }
    const to = valueEnd(buffer, from, end);
    if (to >= 0 && name !== 'payload') found[name as 'type'] ??= [from, to];
    return to;
  });
  return walked === -1 ? undefined : found;
}

/** Fills in the places of a payload; returns where it ends. One that is not well formed is told when it is parsed. */
function spansOf(buffer: Buffer, start: number, end: number, found: PayloadSpans): number {
  const walked = walkMembers(buffer, start, end, PAYLOAD.names, (name, from) => {
    const to = valueEnd(buffer, from, end);
    if (to >= 0) found[name as 'type'] ??= [from, to];
    return to;
  });
  return walked === -1 ? valueEnd(buffer, start, end) : walked;
}

/** The JSON text at a place. */
export function textOf(buffer: Buffer, [start, end]: Span): string {
  return buffer.toString('utf8', start, end);
}

const COMPACTION_OUTPUT = wanted('compaction_output');
const CONTENT_ITEM_KINDS = wanted('content_item_kinds');
const TEXT = wanted('text');

/** The summarising answer of a compaction is stored as an item too; the `compacted` record tells it. */
export function isCompactionOutput(buffer: Buffer, metadata: Span | undefined): boolean {
  const flag = metadata && members(buffer, ...metadata, COMPACTION_OUTPUT)?.compaction_output;
  return flag !== undefined && textOf(buffer, flag) === 'true';
}

/** `isHarness` on bytes: only the kinds and the start of the first text are decoded. */
export function isInjected(buffer: Buffer, found: PayloadSpans): boolean {
  const passthrough = found.internal_chat_message_metadata_passthrough;
  const kinds = passthrough && members(buffer, ...passthrough, CONTENT_ITEM_KINDS)?.content_item_kinds;
  const known = asArray(kinds && parseJson(textOf(buffer, kinds)))?.filter(
    (kind) => typeof kind === 'string',
  );
  if (known !== undefined && known.length > 0) return isHarness(known, undefined);
  if (found.content === undefined) return false;
  const open = buffer.indexOf(0x7b, found.content[0]);
  if (open < 0 || open >= found.content[1]) return false;
  const text = members(buffer, open, found.content[1], TEXT)?.text;
  if (text === undefined || buffer[text[0]] !== 0x22) return false;
  // 2,000 bytes hold every known start; the cut may fall inside an escape, which does not matter for a prefix
  const start = textOf(buffer, [text[0] + 1, Math.min(text[1] - 1, text[0] + 2000)]);
  return isHarness(undefined, start.replaceAll('\\n', '\n').replaceAll('\\"', '"'));
}
