/** Brings the index in line with the stores: compares every place by size and times, reads only what changed. */
import type { ReadContext, SessionRef } from '../agents/contract.ts';
import { checksum } from '../io/lines.ts';
import type { Env } from '../io/paths.ts';
import type { SqlValue, WriteDatabase } from '../io/sqlite.ts';
import { type RefCatalog, summarizeWithTime, withAgents } from './catalog.ts';
import { removeSession } from './remove.ts';
import { putSession } from './sessions.ts';
import { placeOf, stampOf } from './store.ts';

export interface RefreshResult {
  added: number;
  changed: number;
  removed: number;
}

/** Called now and then during long work. */
export type Progress = (done: number, total: number, bytes: number) => void;

/**
 * Sessions written to the index in one transaction: others may read and write in between. With fewer the same pages are
 * written again and again.
 */
const BATCH = 1000;

/**
 * Makes the summaries of the index equal to what was discovered. Sessions of agents that were not looked at stay as
 * they are; those of a store that could not be read stay too.
 */
export async function refresh(
  index: WriteDatabase,
  catalog: RefCatalog,
  agents: readonly string[],
  env: Env,
  progress?: Progress,
): Promise<RefreshResult> {
  const state = new State(index, catalog, agents);
  const known = new Map<string, { sid: number; stamp: string; seen: boolean }>();
  if (state.changed.length > 0) {
    for (const row of index.all(
      'SELECT sid, place, stamp FROM session WHERE agent IN (SELECT value FROM json_each(?))',
      JSON.stringify(state.changed),
    ))
      known.set(String(row.place), { sid: Number(row.sid), stamp: String(row.stamp), seen: false });
  }
  const result: RefreshResult = { added: 0, changed: 0, removed: 0 };
  const stale: SessionRef[] = [];
  for (const ref of state.refs) {
    const before = known.get(placeOf(ref));
    if (before === undefined) result.added++;
    else {
      before.seen = true;
      if (before.stamp === stampOf(ref)) continue;
      result.changed++;
    }
    stale.push(ref);
  }
  const unreadable = new Set(catalog.diagnostics.map((diagnostic) => diagnostic.agent));
  const gone = [...known].filter(
    ([place, { seen }]) => !seen && !unreadable.has(place.slice(0, place.indexOf('\n'))),
  );
  result.removed = gone.length;
  if (gone.length > 0) {
    state.write(() => {
      for (const [, { sid }] of gone) removeSession(index, sid);
    });
  }
  // oldest first, so that later rows are later work
  stale.sort((a, b) => a.mtimeMs - b.mtimeMs);
  const found = await withAgents(stale);
  const context: ReadContext = { env, known: new Map() };
  let bytes = 0;
  for (let at = 0; at < found.length; at += BATCH) {
    const batch = found.slice(at, at + BATCH).map((item) => summarizeWithTime(item, context));
    state.write(() => {
      for (const item of batch) putSession(index, item);
    });
    for (const item of batch) bytes += item.ref.bytes;
    progress?.(Math.min(at + BATCH, stale.length), stale.length, bytes);
  }
  state.finish(unreadable);
  return result;
}

/**
 * Remembers for each agent what its store looked like when the index was last in line with it: where that is the same, no
 * row has to be compared. Two processes may refresh at once, so what is remembered counts only if nobody else wrote since.
 */
class State {
  /** Agents whose store looks different. */
  readonly changed: string[];
  /** Their sessions. */
  readonly refs: SessionRef[] = [];
  readonly #index: WriteDatabase;
  readonly #looks = new Map<string, string>();
  #writes: number;

  constructor(index: WriteDatabase, { refs }: RefCatalog, agents: readonly string[]) {
    this.#index = index;
    this.#writes = Number(meta(index, 'writes') ?? 0);
    const byAgent = new Map<string, SessionRef[]>(agents.map((agent) => [agent, []]));
    for (const ref of refs) byAgent.get(ref.agent)?.push(ref);
    for (const [agent, own] of byAgent) {
      const look = lookOf(own);
      if (meta(index, `store ${agent}`) === look) continue;
      this.#looks.set(agent, look);
      for (const ref of own) this.refs.push(ref);
    }
    this.changed = [...this.#looks.keys()];
  }

  /** Changes sessions in one transaction. */
  write(work: () => void): void {
    this.#index.transaction(() => {
      work();
      const writes = Number(meta(this.#index, 'writes') ?? 0);
      setMeta(this.#index, 'writes', String(writes + 1));
      // someone else wrote in between: what this refresh compared may be gone
      this.#writes = writes === this.#writes ? writes + 1 : Number.NaN;
    });
  }

  finish(unreadable: ReadonlySet<string>): void {
    if (this.changed.length === 0) return;
    this.#index.transaction(() => {
      if (Number(meta(this.#index, 'writes') ?? 0) !== this.#writes) return;
      for (const [agent, look] of this.#looks)
        if (!unreadable.has(agent)) setMeta(this.#index, `store ${agent}`, look);
    });
  }
}

/** A short text that differs when any place or stamp does. */
function lookOf(refs: readonly SessionRef[]): string {
  // numbers as they are: making text of so many takes longer than all the rest
  const stamps = new Float64Array(refs.length * 3);
  let at = 0;
  let bytes = 0;
  let newest = 0;
  let places = '';
  for (const { path, key, bytes: size, mtimeMs, ctimeMs = 0 } of refs) {
    places += key === undefined ? `${path}\n` : `${path}\n${key}\n`;
    stamps[at++] = size;
    stamps[at++] = mtimeMs;
    stamps[at++] = ctimeMs;
    bytes += size;
    newest = Math.max(newest, mtimeMs, ctimeMs);
  }
  return `${refs.length} ${bytes} ${newest} ${checksum(places)} ${checksum(Buffer.from(stamps.buffer))}`;
}

function meta(index: WriteDatabase, key: string): SqlValue | undefined {
  return index.get('SELECT value FROM meta WHERE key = ?', key)?.value;
}

function setMeta(index: WriteDatabase, key: string, value: string): void {
  index.run(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    key,
    value,
  );
}
