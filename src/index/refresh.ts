/** Brings the index in line with the stores: compares every place by size and times, reads only what changed. */
import type { SessionRef } from '../agents/contract.ts';
import type { Env } from '../io/paths.ts';
import type { WriteDatabase } from '../io/sqlite.ts';
import type { Catalog, Found } from './catalog.ts';
import { summarizeWithTime } from './catalog.ts';
import { removeSession } from './fulltext.ts';
import { placeOf, stampOf } from './store.ts';

export interface RefreshResult {
  added: number;
  changed: number;
  removed: number;
}

/** Called now and then during long work. */
export type Progress = (done: number, total: number, bytes: number) => void;

/** Sessions written to the index in one transaction: others may read and write in between. */
const BATCH = 500;

/**
 * Makes the summaries of the index equal to what was discovered. Sessions of agents that were not looked at stay as
 * they are; those of a store that could not be read stay too.
 */
export function refresh(
  index: WriteDatabase,
  catalog: Catalog,
  agents: readonly string[],
  env: Env,
  progress?: Progress,
): RefreshResult {
  const known = new Map<string, { sid: number; stamp: string }>();
  for (const row of index.iterate('SELECT sid, place, stamp, agent FROM session')) {
    if (agents.includes(String(row.agent)))
      known.set(String(row.place), { sid: Number(row.sid), stamp: String(row.stamp) });
  }
  const result: RefreshResult = { added: 0, changed: 0, removed: 0 };
  const stale: Found[] = [];
  const seen = new Set<string>();
  for (const found of catalog.found) {
    const place = placeOf(found.ref);
    seen.add(place);
    const before = known.get(place);
    if (before?.stamp === stampOf(found.ref)) continue;
    if (before === undefined) result.added++;
    else result.changed++;
    stale.push(found);
  }
  const unreadable = new Set(catalog.diagnostics.map((diagnostic) => diagnostic.agent));
  const gone = [...known].filter(
    ([place]) => !seen.has(place) && !unreadable.has(place.slice(0, place.indexOf('\n'))),
  );
  result.removed = gone.length;
  if (gone.length > 0) {
    index.transaction(() => {
      for (const [, { sid }] of gone) removeSession(index, sid);
    });
  }
  // oldest first, so that later rows are later work
  stale.sort((a, b) => a.ref.mtimeMs - b.ref.mtimeMs);
  let bytes = 0;
  for (let at = 0; at < stale.length; at += BATCH) {
    const batch = stale.slice(at, at + BATCH).map((found) => summarizeWithTime(found, env));
    index.transaction(() => {
      for (const item of batch)
        putSession(
          index,
          item.ref,
          JSON.stringify(item.summary),
          item.updatedMs,
          item.summary.parent,
          item.summary.archived,
        );
    });
    for (const item of batch) bytes += item.ref.bytes;
    progress?.(Math.min(at + BATCH, stale.length), stale.length, bytes);
  }
  return result;
}

function putSession(
  index: WriteDatabase,
  ref: SessionRef,
  summary: string,
  updatedMs: number,
  parent: string | undefined,
  archived: boolean | undefined,
): void {
  index.run(
    `INSERT INTO session (place, agent, id, stamp, updated, parent, archived, ref, summary)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (place) DO UPDATE SET id = excluded.id, stamp = excluded.stamp, updated = excluded.updated,
       parent = excluded.parent, archived = excluded.archived, ref = excluded.ref, summary = excluded.summary, counts = NULL`,
    placeOf(ref),
    ref.agent,
    ref.id,
    stampOf(ref),
    updatedMs,
    parent ?? ref.parent ?? null,
    (archived ?? ref.archived) ? 1 : 0,
    JSON.stringify(ref),
    summary,
  );
}
