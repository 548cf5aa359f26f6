/** The list of sessions: filtered, newest first, in the shape that is published as `segue.list/1`. */
import type { SessionRef } from '../agents/contract.ts';
import type { Env } from '../io/paths.ts';
import type { SqlValue, WriteDatabase } from '../io/sqlite.ts';
import type { LimitState, Timestamp } from '../model/session.ts';
import { type AgentDiagnostic, agentIds, discoverRefs } from './catalog.ts';
import { findProject, repoName } from './project.ts';
import { type Progress, refresh } from './refresh.ts';
import {
  type IndexedSession,
  indexedSessions,
  loadSession,
  type SessionFilter,
  type SortKey,
} from './sessions.ts';
import { openIndex } from './store.ts';

/** One session of a list. `null`: not recorded. Absent numbers were not counted (only head and tail were read). */
export interface ListedSession {
  agent: string;
  id: string;
  title: string | null;
  cwd: string | null;
  /** Name of the repository, from its remote (`owner/name`). */
  repo?: string;
  branch?: string;
  model?: string;
  createdAt: Timestamp | null;
  updatedAt: Timestamp;
  /** `user` counts what a person said, `assistant` model messages. */
  messages?: { user: number; assistant: number };
  toolCalls?: number;
  /** Total tokens that the agent recorded. */
  tokens?: number;
  bytes: number;
  path: string;
  /** Session that started this one as a subagent. */
  parent?: string;
  /** Subagent sessions folded under this one. */
  subagents?: number;
  archived?: boolean;
  /** Present when the session stopped at a usage limit. */
  limit?: LimitState;
  /** Why it cannot be read, or which part is damaged. */
  damaged?: string;
}

/** `segue.list/1`: what `list --json` prints. */
export interface ListEnvelope {
  schema: 'segue.list/1';
  sessions: ListedSession[];
}

export interface ListOptions extends SessionFilter {
  /** At most so many. */
  limit?: number;
  /** Default: by time of last change. */
  sort?: SortKey;
  /** Sessions of the project that this directory is part of come first. */
  project?: string;
  /** Told while many sessions are read for the first time. */
  progress?: Progress;
}

export interface ListResult {
  sessions: ListedSession[];
  /** `agent:id` → the shortest beginning of its id that is unique among all sessions. */
  shortIds: ReadonlyMap<string, string>;
  /** There are more than `limit`. */
  more: boolean;
  /** Stores that could not be looked at. */
  diagnostics: AgentDiagnostic[];
}

/**
 * Lists sessions of all agents, newest first. The index is brought in line with the stores first: what is listed is
 * what is there now.
 */
export async function listSessions(env: Env, options: ListOptions = {}): Promise<ListResult> {
  const agents = agentIds(options.agents);
  const catalog = await discoverRefs(env, agents);
  const index = openIndex(env);
  try {
    await refresh(index, catalog, agents, env, options.progress);
    const { limit = Number.POSITIVE_INFINITY, sort } = options;
    const rows = indexedSessions(
      index,
      { ...options, agents },
      {
        sort,
        project: options.project === undefined ? undefined : findProject(options.project),
        // one more says that there are more
        limit: Number.isFinite(limit) ? limit + 1 : undefined,
      },
    );
    const folded = foldedSubagents(catalog.refs);
    const sessions = rows.slice(0, limit).map(({ sid }) => listed(loadSession(index, sid), folded));
    return {
      sessions,
      shortIds: shortIds(index, sessions),
      more: rows.length > limit,
      diagnostics: catalog.diagnostics,
    };
  } finally {
    index.close();
  }
}

/** How many subagent sessions each session has. */
function foldedSubagents(refs: readonly SessionRef[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const ref of refs) {
    if (ref.parent === undefined) continue;
    const parent = `${ref.agent}:${ref.parent}`;
    counts.set(parent, (counts.get(parent) ?? 0) + 1);
  }
  return counts;
}

/** The published form of a summarised session. */
export function listed(
  { ref, summary, updatedMs }: IndexedSession,
  folded: ReadonlyMap<string, number>,
): ListedSession {
  const { title, cwd, remote, createdAt, ...rest } = summary;
  const repo = remote === undefined ? undefined : repoName(remote);
  return {
    agent: rest.agent,
    id: rest.id,
    title: title ?? null,
    cwd: cwd ?? null,
    repo,
    branch: rest.branch,
    model: rest.model,
    createdAt: createdAt ?? null,
    updatedAt: new Date(updatedMs).toISOString(),
    messages: rest.messages,
    toolCalls: rest.toolCalls,
    tokens: rest.tokens,
    bytes: rest.bytes,
    path: rest.path,
    parent: rest.parent ?? ref.parent,
    subagents: folded.get(`${rest.agent}:${rest.id}`),
    archived: rest.archived ?? ref.archived,
    limit: rest.limit,
    damaged: rest.damaged,
  };
}

/** Shown for an id at least, so that it stays unique for a while. */
const SHOWN_CHARACTERS = 8;

function shortIds(index: WriteDatabase, sessions: readonly ListedSession[]): Map<string, string> {
  return new Map(
    sessions.map(({ agent, id }) => {
      const before = index.get('SELECT max(id) AS id FROM session WHERE id < ?', id)?.id;
      const after = index.get('SELECT min(id) AS id FROM session WHERE id > ?', id)?.id;
      const shared = Math.max(sharedStart(id, before), sharedStart(id, after));
      return [`${agent}:${id}`, id.slice(0, Math.max(shared + 1, SHOWN_CHARACTERS))];
    }),
  );
}

/** Number of characters that two ids begin with alike. */
function sharedStart(a: string, b: SqlValue | undefined): number {
  let length = 0;
  while (typeof b === 'string' && length < a.length && a[length] === b[length]) length++;
  return length;
}
