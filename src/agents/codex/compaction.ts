/** `compacted` records: what the model still sees afterwards. */
import { checksum } from '../../io/lines.ts';
import { stable } from '../../model/compare.ts';
import { asArray, asObject, asText } from '../../model/narrow.ts';
import type { CompactionEntry, JsonObject } from '../../model/session.ts';
import { isHarness, itemKinds, SUMMARY_PREFIX, summaryText } from './content.ts';

/** Identity of items → ids of their entries. */
export type SeenItems = Map<string, string[]>;

/** Keys by which an item of a replacement history is found among the items before: its id, and what it says. */
export function identity(payload: JsonObject): string[] {
  const id = asText(payload.id);
  const call = asText(payload.call_id);
  const key =
    call !== undefined
      ? `${String(payload.type)}:${call}`
      : payload.type === 'message'
        ? `message:${String(payload.role)}:${checksum(stable(payload.content))}`
        : `${String(payload.type)}:${checksum(stable([payload.summary, payload.encrypted_content]))}`;
  return id === undefined ? [key] : [`id:${id}`, key];
}

/**
 * With a `replacement_history` (both versions) exactly its items stay, without one all prompts so far (read in source).
 * A summary that only the provider can read is an empty text.
 */
export function compactionOf(
  payload: JsonObject,
  base: Pick<CompactionEntry, 'id' | 'parentId' | 'evidence' | 'time'>,
  seen: SeenItems,
  prompts: readonly string[],
): CompactionEntry {
  const history = asArray(payload.replacement_history);
  let summary = summaryText(asText(payload.message) ?? '');
  if (history === undefined) return { ...base, type: 'compaction', summary, keeps: [...prompts] };
  const keeps = new Set<string>();
  // from the end: of equal items the latest are the likelier to have stayed
  for (const value of history.toReversed()) {
    const item = asObject(value);
    if (item === undefined) continue;
    const told = summaryIn(item);
    if (told !== undefined) {
      if (summary === '') summary = told;
    } else if (!isInjected(item)) {
      const id = originOf(item, seen, keeps);
      if (id !== undefined) keeps.add(id);
    }
  }
  return { ...base, type: 'compaction', summary, keeps: [...keeps].reverse() };
}

/** The entry that a kept item was: same words, and the same id where several say the same; a cut text only by its id. */
function originOf(item: JsonObject, seen: SeenItems, taken: ReadonlySet<string>): string | undefined {
  const [same = [], named = []] = identity(item)
    .reverse()
    .map((key) => (seen.get(key) ?? []).filter((id) => !taken.has(id)));
  return same.findLast((id) => named.includes(id)) ?? same.at(-1) ?? named.at(-1);
}

function firstText(item: JsonObject): string | undefined {
  return asText(asObject(asArray(item.content)?.[0])?.text);
}

function summaryIn(item: JsonObject): string | undefined {
  const text = item.type === 'message' ? firstText(item) : undefined;
  if (text === undefined) return undefined;
  const marked = itemKinds(item)?.includes('compaction.summary') === true;
  return marked || text.startsWith(SUMMARY_PREFIX) ? summaryText(text) : undefined;
}

function isInjected(item: JsonObject): boolean {
  if (item.type !== 'message' || item.role === 'assistant') return false;
  return item.role !== 'user' || isHarness(itemKinds(item), firstText(item));
}
