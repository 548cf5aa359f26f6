/** Indexed sessions: filtered and put in order by few columns; only those that are shown are loaded. */
import { isAbsolute, relative, sep } from 'node:path';
import type { SessionRef, SessionSummary } from '../agents/contract.ts';
import { realDir } from '../io/paths.ts';
import type { Row, SqlValue, WriteDatabase } from '../io/sqlite.ts';
import { type Project, repoName } from './project.ts';
import type { TextFacts } from './texts.ts';

export type SortKey = 'updated' | 'created' | 'size' | 'messages' | 'title';
export const sortKeys: readonly SortKey[] = ['updated', 'created', 'size', 'messages', 'title'];

export interface SessionFilter {
  agents?: readonly string[];
  /** Directory: it or one below. */
  cwd?: string;
  /** Subagents' and archived sessions too. */
  all?: boolean;
  /** Milliseconds since the epoch; by time of last change. */
  since?: number;
  until?: number;
  /** Part of the model's name. */
  model?: string;
  branch?: string;
  /** Only sessions that stopped at a limit. */
  limited?: boolean;
  /** Part of title, directory, branch or id, case-insensitive. */
  grep?: string;
}

/** What a session is chosen by. */
export interface SessionRow {
  sid: number;
  cwd: string | null;
  remote: string | null;
}

/** An indexed session. */
export interface IndexedSession {
  ref: SessionRef;
  summary: SessionSummary;
  updatedMs: number;
}

/** Values that sessions are ordered by, the greatest first; titles ascending. */
const SORT_VALUE: Record<SortKey, string> = {
  updated: 'updated',
  created: "coalesce(unixepoch(summary ->> '$.createdAt', 'subsec'), 0)",
  size: "CAST(summary ->> '$.bytes' AS INTEGER)",
  messages: `coalesce(counts ->> '$.messages.user', summary ->> '$.messages.user', 0)
    + coalesce(counts ->> '$.messages.assistant', summary ->> '$.messages.assistant', 0)`,
  title: "coalesce(title, '')",
};

/** Sessions that pass, newest first or by `sort`. */
export function indexedSessions(
  index: WriteDatabase,
  filter: SessionFilter,
  sort: SortKey = 'updated',
): SessionRow[] {
  const parts: string[] = [];
  const params: SqlValue[] = [];
  const where = (sql: string, ...values: SqlValue[]): void => {
    parts.push(sql);
    params.push(...values);
  };
  if (filter.agents !== undefined)
    where(`agent IN (${filter.agents.map(() => '?').join(', ')})`, ...filter.agents);
  if (!filter.all) where('parent IS NULL AND archived = 0');
  if (filter.since !== undefined) where('updated >= ?', filter.since);
  if (filter.until !== undefined) where('updated < ?', filter.until);
  if (filter.model !== undefined) where('instr(lower(model), ?) > 0', filter.model.toLowerCase());
  if (filter.branch !== undefined) where('branch = ?', filter.branch);
  if (filter.limited) where('limited');
  const grep = filter.grep?.toLowerCase();
  const columns = grep === undefined ? '' : ', title, branch, id';
  const value = sort === 'updated' ? '' : `, ${SORT_VALUE[sort]} AS value`;
  let rows = index.all(
    `SELECT sid, cwd, remote${columns}${value} FROM session ${parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`}
     ORDER BY updated DESC, agent, id, place`,
    ...params,
  );
  if (filter.cwd !== undefined) {
    const inside = insideOf([realDir(filter.cwd)]);
    rows = rows.filter(({ cwd }) => inside(cwd));
  }
  if (grep !== undefined) rows = rows.filter((row) => contains(row, grep));
  if (sort === 'title') rows.sort((a, b) => String(a.value).localeCompare(String(b.value)));
  else if (sort !== 'updated') rows.sort((a, b) => Number(b.value) - Number(a.value));
  return rows as unknown as SessionRow[];
}

function contains(row: Row, text: string): boolean {
  return [row.title, row.cwd, row.branch, row.id].some((value) =>
    String(value ?? '')
      .toLowerCase()
      .includes(text),
  );
}

/** Everything that is known of a session. Throws when it is not there. */
export function loadSession(index: WriteDatabase, sid: number): IndexedSession {
  const row = index.get('SELECT ref, summary, counts, updated FROM session WHERE sid = ?', sid);
  if (row === undefined) throw new Error(`no session ${sid} in the index`);
  const summary = JSON.parse(String(row.summary)) as SessionSummary;
  const counts = JSON.parse(String(row.counts ?? '{}')) as Partial<TextFacts>;
  return {
    ref: JSON.parse(String(row.ref)) as SessionRef,
    summary: { ...counts, ...summary },
    updatedMs: Number(row.updated),
  };
}

/** Whether a session belongs to a project: inside one of its working trees, or of the same remote. */
export function belongsTo(project: Project): (session: Pick<SessionRow, 'cwd' | 'remote'>) => boolean {
  const inside = insideOf(project.roots);
  return ({ cwd, remote }) =>
    inside(cwd) || (project.repo !== undefined && remote !== null && repoName(remote) === project.repo);
}

/** This project's sessions first, each group in its order. */
export function projectFirst(sessions: SessionRow[], project: Project): SessionRow[] {
  const own = belongsTo(project);
  const marked = sessions.map((session) => ({ session, own: own(session) }));
  return [...marked.filter((item) => item.own), ...marked.filter((item) => !item.own)].map(
    (item) => item.session,
  );
}

/** Real paths are asked for once per directory: many sessions share few. */
function insideOf(roots: readonly string[]): (path: SqlValue | undefined) => boolean {
  const known = new Map<string, boolean>();
  return (path) => {
    if (typeof path !== 'string') return false;
    const before = known.get(path);
    if (before !== undefined) return before;
    const real = realDir(path);
    const inside = roots.some((root) => {
      const way = relative(root, real);
      return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
    });
    known.set(path, inside);
    return inside;
  };
}
