/** Reading on in a chat log that has grown: what was appended must not touch the messages before. */
import { KnownIds } from '../_shared/known-ids.ts';
import type { Marks, ReadMark } from '../contract.ts';
import type { Item, Replay } from './replay.ts';

/** Marks are where messages begin that no earlier message was written after. `.json` files are written anew each time. */
export function marksOf(
  { path, items }: Replay,
  cwd: string | undefined,
  before: ReadMark | undefined,
): Marks | undefined {
  if (!path.endsWith('.jsonl') || items.some(({ kind }) => kind === 'compaction')) return undefined;
  const places = new Map<number, number>();
  let latest = -1;
  for (const [i, { slot }] of items.entries()) {
    if (slot.start > latest && slot.earlier === undefined) places.set(slot.start, i);
    latest = Math.max(latest, slot.start);
  }
  // a place counts only if everything after it was written after it
  let earliest = Number.POSITIVE_INFINITY;
  for (const { slot } of items.toReversed()) {
    if (slot.start > earliest) places.delete(slot.start);
    earliest = Math.min(earliest, slot.start);
  }
  const known = new KnownIds(before?.state.ids);
  return {
    at(offset) {
      const at = places.get(offset) ?? -1;
      return at + known.size > 0 && items[at]?.slot.type === 'user' ? 'closed' : 'no';
    },
    make(offset) {
      const ids = items.slice(0, places.get(offset)).map(({ slot }) => slot.id);
      const state: ReadMark['state'] = { ids: known.pack(ids) };
      if (cwd !== undefined) state.cwd = cwd;
      return { offset, state };
    },
  };
}

/** Whether messages of the log's later part are versions of messages before it. */
export function touchesEarlier(items: readonly Item[], { state }: ReadMark): boolean {
  const known = new KnownIds(state.ids);
  return items.some(({ slot }) => known.has(slot.id));
}
