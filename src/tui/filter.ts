/** Fuzzy filter over many sessions, fast enough for every key. */
import UFuzzy from '@leeoniya/ufuzzy';
import type { Item } from './state.ts';

/** One letter may stand between two of a word: typing `gtstat` finds `git status`, and scattered letters find nothing. */
const fuzzy = new UFuzzy({
  intraMode: 0,
  intraIns: 1,
  unicode: true,
  interSplit: "[^\\p{L}\\d']+",
  intraSplit: '\\p{Ll}\\p{Lu}',
  intraBound: '\\p{L}\\d|\\d\\p{L}|\\p{Ll}\\p{Lu}',
  intraChars: "[\\p{L}\\d']",
  intraContr: "'\\p{L}{1,2}\\b",
});
/** More matches than this stay in their order: ranking them would take longer than it helps. */
const MOST_RANKED = 1000;

/** Items whose text holds every word of the query, in any order, best first; all of them for an empty query. */
export function filterItems(items: Item[], query: string): Item[] {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return items;
  const texts = items.map((item) => item.haystack);
  const [found, info, order] = fuzzy.search(texts, wanted, 5, MOST_RANKED);
  if (found === null) return [];
  const indices = info === null || order === null ? found : order.map((at) => info.idx[at] ?? 0);
  return indices.flatMap((index) => items[index] ?? []);
}
