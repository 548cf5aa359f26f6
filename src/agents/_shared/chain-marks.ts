/**
 * Reading on in a transcript whose records name the one before them (Qwen Code, the pi family). Any record on the active
 * path will do for a mark, as long as all from there on follow each other, and none has an id that was there before.
 */
import { asText } from '../../model/narrow.ts';
import type { Marks, ReadMark } from '../contract.ts';
import { KnownIds } from './known-ids.ts';

/** What links a record to others. */
export interface Link {
  id: string | undefined;
  /** The record before it, as named; null at a root. */
  parent: string | null | undefined;
  /** Where it starts in the file. */
  start: number;
  /** Another record that it changes. */
  changes?: string;
}

/** Marks in what was read, `from` a mark or the start: `links` are all records, `path` those of the active path. */
export function chainMarks(
  links: readonly Link[],
  path: readonly Link[],
  cwd: string | undefined,
  from: ReadMark | undefined,
): Marks {
  const parents = new Map<number, string>();
  let before = asText(from?.state.parent);
  for (const { id, parent, start } of path) {
    if (before !== undefined && parent === before) parents.set(start, before);
    before = id;
  }
  return {
    at: (offset) => (parents.has(offset) ? 'closed' : 'no'),
    make(offset) {
      const earlier = links.filter(({ start }) => start < offset).flatMap(idsOf);
      const state: ReadMark['state'] = { ids: new KnownIds(from?.state.ids).pack(earlier) };
      const parent = parents.get(offset);
      if (parent !== undefined) state.parent = parent;
      if (cwd !== undefined) state.cwd = cwd;
      return { offset, state };
    },
  };
}

/** Whether the first record from a mark on follows the one before it, the others each other, and none changes earlier ones. */
export function simplyFollow(links: readonly Link[], { state }: ReadMark): boolean {
  const known = new KnownIds(state.ids);
  const own = new Set<string>();
  for (const [n, link] of links.entries()) {
    const { id, parent } = link;
    if (typeof parent !== 'string' || !(n === 0 ? parent === asText(state.parent) : own.has(parent)))
      return false;
    if (idsOf(link).some((each) => known.has(each))) return false;
    if (id !== undefined) own.add(id);
  }
  return links.length > 0;
}

function idsOf({ id, changes }: Link): string[] {
  return [id, changes].flatMap((each) => each ?? []);
}
