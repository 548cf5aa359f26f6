/** The list of sessions: filtered, newest first, in the shape that is published as `segue.list/1`. */
import { isAbsolute, relative, sep } from 'node:path';
import type { SessionSummary } from '../agents/contract.ts';
import type { Env } from '../io/paths.ts';
import { realDir } from '../io/paths.ts';
import type { LimitState, Timestamp } from '../model/session.ts';
import {
  type AgentDiagnostic,
  discover,
  type Found,
  isMain,
  newestFirst,
  type Summarized,
} from './catalog.ts';

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

export interface ListOptions {
  /** Only these agents (ids, names or binaries). */
  agents?: readonly string[];
  /** Only sessions of this directory or one below it. */
  cwd?: string;
  /** Subagents' and archived sessions too. */
  all?: boolean;
  /** At most so many, the newest. */
  limit?: number;
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

/** Lists sessions of all agents, newest first. */
export async function listSessions(env: Env, options: ListOptions = {}): Promise<ListResult> {
  const catalog = await discover(env, options.agents);
  const wanted = options.all ? catalog.found : catalog.found.filter(({ ref }) => isMain(ref));
  const limit = options.limit ?? Number.POSITIVE_INFINITY;
  const inProject = projectFilter(options.cwd);
  const sessions: ListedSession[] = [];
  let more = false;
  for (const item of newestFirst(wanted, env)) {
    if (!options.all && (item.summary.parent !== undefined || item.summary.archived)) continue;
    if (!inProject(item.summary)) continue;
    more = sessions.length >= limit;
    if (more) break;
    sessions.push(listed(item));
  }
  return { sessions, shortIds: shortIds(catalog.found, sessions), more, diagnostics: catalog.diagnostics };
}

function projectFilter(cwd: string | undefined): (summary: SessionSummary) => boolean {
  if (cwd === undefined) return () => true;
  const project = realDir(cwd);
  return (summary) => {
    if (summary.cwd === undefined) return false;
    const way = relative(project, realDir(summary.cwd));
    return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way));
  };
}

/** The published form of a summarised session. */
export function listed({ ref, summary, updatedMs }: Summarized): ListedSession {
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
    archived: rest.archived ?? ref.archived,
    limit: rest.limit,
    damaged: rest.damaged,
  };
}

/** `owner/name` of a remote: `git@host:owner/name.git`, `https://user:secret@host/owner/name` (nothing secret is kept). */
export function repoName(remote: string): string | undefined {
  const path =
    /^[^/\s]+@[^:/\s]+:(.+)$/.exec(remote)?.[1] ?? /^[a-z+]+:\/\/[^/\s]+\/(.+)$/i.exec(remote)?.[1] ?? remote;
  const names = path
    .replace(/\.git\/?$/, '')
    .split(/[/\\]/)
    .filter((name) => name !== '');
  return names.length === 0 ? undefined : names.slice(-2).join('/');
}

/** Shown for an id at least, so that it stays unique for a while. */
const SHOWN_CHARACTERS = 8;

function shortIds(found: readonly Found[], sessions: readonly ListedSession[]): Map<string, string> {
  const ids = [...new Set(found.map(({ ref }) => ref.id))].sort();
  const places = new Map(ids.map((id, i) => [id, i]));
  return new Map(
    sessions.map(({ agent, id }) => {
      const place = places.get(id) ?? 0;
      const shared = Math.max(sharedStart(id, ids[place - 1]), sharedStart(id, ids[place + 1]));
      return [`${agent}:${id}`, id.slice(0, Math.max(shared + 1, SHOWN_CHARACTERS))];
    }),
  );
}

/** Number of characters that two ids begin with alike. */
function sharedStart(a: string, b: string | undefined): number {
  let length = 0;
  while (b !== undefined && length < a.length && a[length] === b[length]) length++;
  return length;
}
