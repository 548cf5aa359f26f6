/** Looking into records without parsing them. */
import { scanMembers, stringAt } from '../../io/json-scan.ts';
import { asArray, parseJson } from '../../model/narrow.ts';
import { isHarness } from './content.ts';

/** Start and end of a value in a buffer. */
export type Span = [start: number, end: number];

/** Places of the named members; undefined when the object is not well formed. */
export function members<K extends string>(
  buffer: Buffer,
  start: number,
  end: number,
  names: readonly K[],
): Partial<Record<K, Span>> | undefined {
  const found: Partial<Record<K, Span>> = {};
  let missing = names.length;
  const whole = scanMembers(buffer, start, end, (key, valueStart, valueEnd) => {
    const name = names.find((wanted) => wanted === key);
    if (name === undefined || found[name] !== undefined) return undefined;
    found[name] = [valueStart, valueEnd];
    missing--;
    return missing > 0;
  });
  return whole ? found : undefined;
}

/** The string at a place; undefined when there is none. */
export function textAt(buffer: Buffer, span: Span | undefined): string | undefined {
  return span === undefined ? undefined : stringAt(buffer, span[0], span[1]);
}

/** The JSON text at a place. */
export function textOf(buffer: Buffer, [start, end]: Span): string {
  return buffer.toString('utf8', start, end);
}

/** The summarising answer of a compaction is stored as an item too; the `compacted` record tells it. */
export function isCompactionOutput(buffer: Buffer, metadata: Span | undefined): boolean {
  const flag = metadata && members(buffer, ...metadata, ['compaction_output'])?.compaction_output;
  return flag !== undefined && textOf(buffer, flag) === 'true';
}

/** `isHarness` on bytes: only the kinds and the start of the first text are decoded. */
export function isInjected(buffer: Buffer, payload: Span): boolean {
  const found = members(buffer, ...payload, ['content', 'internal_chat_message_metadata_passthrough']) ?? {};
  const passthrough = found.internal_chat_message_metadata_passthrough;
  const kinds = passthrough && members(buffer, ...passthrough, ['content_item_kinds'])?.content_item_kinds;
  const known = asArray(kinds && parseJson(textOf(buffer, kinds)))?.filter(
    (kind) => typeof kind === 'string',
  );
  if (known !== undefined && known.length > 0) return isHarness(known, undefined);
  if (found.content === undefined) return false;
  const open = buffer.indexOf(0x7b, found.content[0]);
  if (open < 0 || open >= found.content[1]) return false;
  const text = members(buffer, open, found.content[1], ['text'])?.text;
  if (text === undefined || buffer[text[0]] !== 0x22) return false;
  // 2,000 bytes hold every known start; the cut may fall inside an escape, which does not matter for a prefix
  const start = textOf(buffer, [text[0] + 1, Math.min(text[1] - 1, text[0] + 2000)]);
  return isHarness(undefined, start.replaceAll('\\n', '\n').replaceAll('\\"', '"'));
}
