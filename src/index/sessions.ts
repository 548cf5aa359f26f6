/** Indexed sessions: filtered in SQL where it can be, this project's first. */
import { isAbsolute, relative, sep } from 'node:path';
import type { SessionRef, SessionSummary } from '../agents/contract.ts';
import { realDir } from '../io/paths.ts';
import type { SqlValue, WriteDatabase } from '../io/sqlite.ts';
import { type Project, repoName } from './project.ts';
import type { IndexedSession } from './store.ts';

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

/** Sessions that pass, newest first. */
export function indexedSessions(index: WriteDatabase, filter: SessionFilter): IndexedSession[] {
  const parts: string[] = [];
  const params: SqlValue[] = [];
  if (filter.agents !== undefined) {
    parts.push(`agent IN (${filter.agents.map(() => '?').join(', ')})`);
    params.push(...filter.agents);
  }
  if (!filter.all) parts.push('parent IS NULL AND archived = 0');
  if (filter.since !== undefined) {
    parts.push('updated >= ?');
    params.push(filter.since);
  }
  if (filter.until !== undefined) {
    parts.push('updated < ?');
    params.push(filter.until);
  }
  const where = parts.length === 0 ? '' : `WHERE ${parts.join(' AND ')}`;
  const sessions: IndexedSession[] = [];
  const accepts = summaryFilter(filter);
  for (const row of index.iterate(
    `SELECT sid, ref, summary, updated, text_stamp = stamp AS searchable FROM session ${where} ORDER BY updated DESC, agent, id, path`,
    ...params,
  )) {
    const summary = JSON.parse(String(row.summary)) as SessionSummary;
    if (!accepts(summary)) continue;
    sessions.push({
      sid: Number(row.sid),
      ref: JSON.parse(String(row.ref)) as SessionRef,
      summary,
      updatedMs: Number(row.updated),
      searchable: row.searchable === 1,
    });
  }
  return sessions;
}

function summaryFilter(filter: SessionFilter): (summary: SessionSummary) => boolean {
  const cwd = filter.cwd === undefined ? undefined : realDir(filter.cwd);
  const inside = insideOf(cwd === undefined ? [] : [cwd]);
  const model = filter.model?.toLowerCase();
  const grep = filter.grep?.toLowerCase();
  return (summary) =>
    (cwd === undefined || inside(summary.cwd)) &&
    (model === undefined || (summary.model ?? '').toLowerCase().includes(model)) &&
    (filter.branch === undefined || summary.branch === filter.branch) &&
    (!filter.limited || summary.limit !== undefined) &&
    (grep === undefined ||
      [summary.title, summary.cwd, summary.branch, summary.id].some((text) =>
        (text ?? '').toLowerCase().includes(grep),
      ));
}

/** Whether a session belongs to a project: inside one of its working trees, or of the same remote. */
export function belongsTo(project: Project): (summary: SessionSummary) => boolean {
  const inside = insideOf(project.roots);
  return (summary) =>
    inside(summary.cwd) ||
    (project.repo !== undefined && summary.remote !== undefined && repoName(summary.remote) === project.repo);
}

/** This project's sessions first, each group in its order. */
export function projectFirst(sessions: IndexedSession[], project: Project): IndexedSession[] {
  const own = belongsTo(project);
  const marked = sessions.map((session) => ({ session, own: own(session.summary) }));
  return [...marked.filter((item) => item.own), ...marked.filter((item) => !item.own)].map(
    (item) => item.session,
  );
}

export function sortSessions(sessions: IndexedSession[], key: SortKey): IndexedSession[] {
  if (key === 'updated') return sessions;
  const value = ({ summary }: IndexedSession): number => {
    if (key === 'created') return Date.parse(summary.createdAt ?? '') || 0;
    if (key === 'size') return summary.bytes;
    return (summary.messages?.user ?? 0) + (summary.messages?.assistant ?? 0);
  };
  if (key === 'title')
    return [...sessions].sort((a, b) => (a.summary.title ?? '').localeCompare(b.summary.title ?? ''));
  return [...sessions].sort((a, b) => value(b) - value(a));
}

/** Real paths are asked for once per directory: many sessions share few. */
function insideOf(roots: readonly string[]): (path: string | undefined) => boolean {
  const known = new Map<string, boolean>();
  return (path) => {
    if (path === undefined) return false;
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
