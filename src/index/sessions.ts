/** Indexed sessions: filtered and put in order by few columns; only those that are shown are loaded. And putting them there. */
import { isAbsolute, relative, sep } from 'node:path';
import type { SessionRef, SessionSummary } from '../agents/contract.ts';
import { realDir } from '../io/paths.ts';
import type { SqlValue, WriteDatabase } from '../io/sqlite.ts';
import { type Project, repoName } from './project.ts';
import { placeOf, stampOf } from './store.ts';

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

/** A session's size, as SQL. */
export const BYTES = "coalesce(summary ->> '$.bytes', ref ->> '$.bytes')";

/** What sessions are ordered by, before the time of their last change. */
const ORDER: Record<Exclude<SortKey, 'updated'>, string> = {
  created: "summary ->> '$.createdAt' DESC",
  size: `${BYTES} DESC`,
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
  const own = project === undefined ? undefined : ownCondition(index, project);
  const select = (more: Condition[], most: number): number[] => {
    const all = [...more, ...conditions];
    const where = all.length === 0 ? '' : `WHERE ${all.map(({ sql }) => sql).join(' AND ')}`;
    const order = sort === 'updated' ? '' : `${ORDER[sort]}, `;
    return index
      .all(
        `SELECT sid FROM session ${where} ORDER BY ${order}updated DESC, agent, id, place LIMIT ?`,
        ...all.flatMap(({ values }) => values),
        most,
      )
      .map(({ sid }) => Number(sid));
  };
  if (own === undefined) return select([], limit).map((sid) => ({ sid, own: false }));
  // two queries, so that the second can follow the order by time and end when it has enough
  const first = select([own], limit).map((sid) => ({ sid, own: true }));
  if (first.length === limit) return first;
  const others = { sql: `NOT coalesce(${own.sql}, 0)`, values: own.values };
  const left = limit < 0 ? limit : limit - first.length;
  return [...first, ...select([others], left).map((sid) => ({ sid, own: false }))];
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

/** Belongs to the project: inside one of its working trees, or of the same remote. Undefined when no session does. */
function ownCondition(index: WriteDatabase, { roots, repo }: Project): Condition | undefined {
  const directories = distinct(index, 'cwd').filter(insideOf(roots));
  const remotes =
    repo === undefined ? [] : distinct(index, 'remote').filter((remote) => repoName(remote) === repo);
  const conditions: Condition[] = [];
  if (directories.length > 0) conditions.push({ sql: oneOf('cwd'), values: [JSON.stringify(directories)] });
  if (remotes.length > 0) conditions.push({ sql: oneOf('remote'), values: [JSON.stringify(remotes)] });
  if (conditions.length === 0) return undefined;
  return {
    sql: `(${conditions.map(({ sql }) => sql).join(' OR ')})`,
    values: conditions.flatMap(({ values }) => values),
  };
}

/** Everything that is known of a session. Throws when it is not there. */
export function loadSession(index: WriteDatabase, sid: number): IndexedSession {
  const row = index.get(
    'SELECT ref, title, cwd, remote, branch, model, summary, counts, updated FROM session WHERE sid = ?',
    sid,
  );
  if (row === undefined) throw new Error(`no session ${sid} in the index`);
  const ref = JSON.parse(String(row.ref)) as SessionRef;
  const { agent, id, path, bytes } = ref;
  const summary: SessionSummary = {
    ...(JSON.parse(String(row.counts ?? '{}')) as Partial<SessionSummary>),
    agent,
    id,
    path,
    bytes,
    ...(JSON.parse(String(row.summary)) as Partial<SessionSummary>),
  };
  for (const key of COLUMNS) if (typeof row[key] === 'string') summary[key] = row[key];
  return { ref, summary, updatedMs: Number(row.updated) };
}

/** Members of a summary that have a column. */
const COLUMNS = ['title', 'cwd', 'remote', 'branch', 'model'] as const;

/** Adds a session, or what is new of it. */
export function putSession(index: WriteDatabase, { ref, summary, updatedMs }: IndexedSession): void {
  const { agent, id, path, bytes, title, cwd, remote, branch, model, ...rest } = summary;
  const more: Partial<SessionSummary> = rest;
  if (id !== ref.id) more.id = id;
  if (path !== ref.path) more.path = path;
  if (bytes !== ref.bytes) more.bytes = bytes;
  index.run(
    `INSERT INTO session (place, agent, id, stamp, updated, parent, archived, cwd, remote, branch, model, title, limited, ref, summary)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (place) DO UPDATE SET id = excluded.id, stamp = excluded.stamp, updated = excluded.updated,
       parent = excluded.parent, archived = excluded.archived, cwd = excluded.cwd, remote = excluded.remote,
       branch = excluded.branch, model = excluded.model, title = excluded.title, limited = excluded.limited,
       ref = excluded.ref, summary = excluded.summary, counts = CASE WHEN stamp = excluded.stamp THEN counts END`,
    placeOf(ref),
    agent,
    ref.id,
    stampOf(ref),
    updatedMs,
    summary.parent ?? ref.parent ?? null,
    (summary.archived ?? ref.archived) ? 1 : 0,
    cwd ?? null,
    remote ?? null,
    branch ?? null,
    model ?? null,
    title ?? null,
    summary.limit === undefined ? 0 : 1,
    JSON.stringify(ref),
    JSON.stringify(more),
  );
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
