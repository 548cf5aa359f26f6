/** Reading on in a chat log that has grown: what was appended must not touch the messages before. */
import { checksum } from '../../io/lines.ts';
import { asText } from '../../model/narrow.ts';
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
  const known = before === undefined ? [] : knownIds(before);
  return {
    at(offset) {
      const at = places.get(offset) ?? -1;
      return at + known.length > 0 && items[at]?.slot.type === 'user' ? 'closed' : 'no';
    },
    make(offset) {
      const ids = items.slice(0, places.get(offset)).map(({ slot }) => checksum(slot.id));
      const state: ReadMark['state'] = { ids: pack([...known, ...ids]) };
      if (cwd !== undefined) state.cwd = cwd;
      return { offset, state };
    },
  };
}

/** Whether messages of the log's later part are versions of messages before it. */
export function touchesEarlier(items: readonly Item[], mark: ReadMark): boolean {
  const known = new Set(knownIds(mark));
  return items.some(({ slot }) => known.has(checksum(slot.id)));
}

/** Checksums of the ids before a mark. */
function knownIds({ state }: ReadMark): number[] {
  const bytes = Buffer.from(asText(state.ids) ?? '', 'base64');
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => bytes.readUInt32LE(4 * i));
}

function pack(ids: readonly number[]): string {
  const bytes = Buffer.alloc(4 * ids.length);
  for (const [i, id] of ids.entries()) bytes.writeUInt32LE(id, 4 * i);
  return bytes.toString('base64');
}
