/** Indexed sessions: filtered and put in order by few columns; only those that are shown are loaded. */
import { isAbsolute, relative, sep } from 'node:path';
import type { SessionRef, SessionSummary } from '../agents/contract.ts';
import { realDir } from '../io/paths.ts';
import type { SqlValue, WriteDatabase } from '../io/sqlite.ts';
import { type Project, repoName } from './project.ts';

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

export interface SessionOrder {
  /** Default: by time of last change, newest first. */
  sort?: SortKey;
  /** Its sessions come first. */
  project?: Project;
  /** At most so many. */
  limit?: number;
}

/** A session that passed. */
export interface SessionRow {
  sid: number;
  /** It belongs to the project. */
  own: boolean;
}

/** An indexed session. */
export interface IndexedSession {
  ref: SessionRef;
  summary: SessionSummary;
  updatedMs: number;
}

/** What sessions are ordered by. */
const ORDER: Record<SortKey, string> = {
  updated: 'updated DESC',
  created: "summary ->> '$.createdAt' DESC",
  size: "CAST(summary ->> '$.bytes' AS INTEGER) DESC",
  messages: `coalesce(summary ->> '$.messages.user', counts ->> '$.messages.user', 0)
    + coalesce(summary ->> '$.messages.assistant', counts ->> '$.messages.assistant', 0) DESC`,
  title: "coalesce(title, '') COLLATE NOCASE",
};

/** A condition with its values. */
interface Condition {
  sql: string;
  values: SqlValue[];
}

/** Sessions that pass, in the order that is asked for. Only few columns are looked at. */
export function indexedSessions(
  index: WriteDatabase,
  filter: SessionFilter,
  { sort = 'updated', project, limit = -1 }: SessionOrder = {},
): SessionRow[] {
  const conditions = conditionsOf(index, filter);
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`;
  const own: Condition = project === undefined ? { sql: '0', values: [] } : ownCondition(index, project);
  return index
    .all(
      `SELECT sid, ${own.sql} AS own FROM session ${where}
       ORDER BY own DESC, ${ORDER[sort]}, updated DESC, agent, id, place LIMIT ?`,
      ...own.values,
      ...conditions.flatMap(({ values }) => values),
      limit,
    )
    .map((row) => ({ sid: Number(row.sid), own: row.own === 1 }));
}

function conditionsOf(index: WriteDatabase, filter: SessionFilter): Condition[] {
  const conditions: Condition[] = [];
  const add = (sql: string, ...values: SqlValue[]): void => void conditions.push({ sql, values });
  if (filter.agents !== undefined) add(oneOf('agent'), JSON.stringify(filter.agents));
  if (!filter.all) add('parent IS NULL AND archived = 0');
  if (filter.since !== undefined) add('updated >= ?', filter.since);
  if (filter.until !== undefined) add('updated < ?', filter.until);
  if (filter.model !== undefined) add('instr(lower(model), ?) > 0', filter.model.toLowerCase());
  if (filter.branch !== undefined) add('branch = ?', filter.branch);
  if (filter.limited) add('limited');
  if (filter.cwd !== undefined) {
    const inside = insideOf([realDir(filter.cwd)]);
    add(oneOf('cwd'), JSON.stringify(distinct(index, 'cwd').filter(inside)));
  }
  if (filter.grep !== undefined) add(oneOf('sid'), JSON.stringify(matching(index, filter.grep)));
  return conditions;
}

function oneOf(column: string): string {
  return `${column} IN (SELECT value FROM json_each(?))`;
}

function distinct(index: WriteDatabase, column: 'cwd' | 'remote'): string[] {
  return index
    .all(`SELECT DISTINCT ${column} AS value FROM session WHERE ${column} IS NOT NULL`)
    .map(({ value }) => String(value));
}

/** Sessions with this text in what is told of them; not in SQL, which knows upper and lower case of ASCII only. */
function matching(index: WriteDatabase, text: string): SqlValue[] {
  const wanted = text.toLowerCase();
  return index
    .all('SELECT sid, title, cwd, branch, id FROM session')
    .filter(({ title, cwd, branch, id }) =>
      [title, cwd, branch, id].some((value) =>
        String(value ?? '')
          .toLowerCase()
          .includes(wanted),
      ),
    )
    .map(({ sid }) => sid ?? null);
}

/** Belongs to the project: inside one of its working trees, or of the same remote. */
function ownCondition(index: WriteDatabase, { roots, repo }: Project): Condition {
  const directories = distinct(index, 'cwd').filter(insideOf(roots));
  const remotes =
    repo === undefined ? [] : distinct(index, 'remote').filter((remote) => repoName(remote) === repo);
  return {
    sql: `coalesce(${oneOf('cwd')}, 0) OR coalesce(${oneOf('remote')}, 0)`,
    values: [JSON.stringify(directories), JSON.stringify(remotes)],
  };
}

/** Everything that is known of a session. Throws when it is not there. */
export function loadSession(index: WriteDatabase, sid: number): IndexedSession {
  const row = index.get('SELECT ref, summary, counts, updated FROM session WHERE sid = ?', sid);
  if (row === undefined) throw new Error(`no session ${sid} in the index`);
  const summary = JSON.parse(String(row.summary)) as SessionSummary;
  const counts = JSON.parse(String(row.counts ?? '{}')) as Pick<
    SessionSummary,
    'messages' | 'toolCalls' | 'prompts'
  >;
  return {
    ref: JSON.parse(String(row.ref)) as SessionRef,
    summary: { ...counts, ...summary },
    updatedMs: Number(row.updated),
  };
}

/** Whether a directory is one of these or below one. */
function insideOf(roots: readonly string[]): (path: string) => boolean {
  return (path) => {
    const real = realDir(path);
    return roots.some((root) => {
      const way = relative(root, real);
      return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
    });
  };
}
