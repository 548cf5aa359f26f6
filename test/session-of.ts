/** Sessions from entries that are at hand. */
import type { Entry, Session } from '../src/model/session.ts';

/** A session that holds these entries. */
export function sessionOf(agent: string, entries: Entry[], cwd = '/w'): Session {
  return {
    // what a failed property prints
    ...{ [Symbol.for('fast-check/toStringMethod')]: () => JSON.stringify(entries) },
    info: { agent, id: 's1', title: 'A title', cwd, models: [], lineage: [] },
    entries: () => entries,
    branches: [],
    subagents: [],
    diagnostics: [],
  };
}
