/** Every agent's sessions, found and put in order. One agent's failure never hides another's sessions. */
import type { Agent, DiscoverResult, ReadContext, SessionRef, SessionSummary } from '../agents/contract.ts';
import { discoverers } from '../agents/discoverers.generated.ts';
import { agentId, identities, loadAgentsOf } from '../agents/registry.ts';
import type { Env } from '../io/paths.ts';
import { systemCode } from '../model/errors.ts';
import type { Diagnostic } from '../model/session.ts';

/** A diagnostic with the agent it belongs to. */
export interface AgentDiagnostic extends Diagnostic {
  agent: string;
}

/** A session that was found, with the agent that can read it. */
export interface Found {
  agent: Agent;
  ref: SessionRef;
}

export interface Catalog {
  found: Found[];
  diagnostics: AgentDiagnostic[];
}

/** As `Catalog`, before any agent is loaded. */
export interface RefCatalog {
  refs: SessionRef[];
  diagnostics: AgentDiagnostic[];
}

/** The ids of the named agents (ids, names or binaries); default: all. Throws `unknown-agent`. */
export function agentIds(names?: readonly string[]): string[] {
  return names === undefined ? identities.map(({ id }) => id) : [...new Set(names.map(agentId))];
}

/** Looks into the stores of these agents. Stat and names only; never throws for a store. */
export async function discoverRefs(env: Env, agents: readonly string[]): Promise<RefCatalog> {
  const catalog: RefCatalog = { refs: [], diagnostics: [] };
  for (const id of agents) await look(id, discoverers[agentId(id)], env, catalog);
  return catalog;
}

/** Adds what `find` finds to the catalog, or that it failed. */
async function look(
  id: string,
  find: (context: ReadContext) => DiscoverResult | Promise<DiscoverResult>,
  env: Env,
  catalog: RefCatalog,
): Promise<void> {
  try {
    const { refs, diagnostics } = await find({ env });
    for (const ref of refs) catalog.refs.push(ref);
    for (const diagnostic of diagnostics) catalog.diagnostics.push({ agent: id, ...diagnostic });
  } catch (error) {
    catalog.diagnostics.push({ agent: id, code: 'unreadable', message: failure('cannot look into', error) });
  }
}

/** As `discoverRefs`, with the agents that can read what was found. Default: all agents. */
export async function discover(env: Env, agents?: readonly string[]): Promise<Catalog> {
  const { refs, diagnostics } = await discoverRefs(env, agents ?? agentIds());
  return { found: await withAgents(refs), diagnostics };
}

/** As `discover`, of one agent that is loaded already: nothing of the others is. */
export async function discoverIn(agent: Agent, env: Env): Promise<Catalog> {
  const { refs, diagnostics }: RefCatalog = { refs: [], diagnostics: [] };
  await look(agent.id, agent.discover, env, { refs, diagnostics });
  return { found: refs.map((ref) => ({ agent, ref })), diagnostics };
}

/** The sessions with the agents that can read them. */
export async function withAgents(refs: readonly SessionRef[]): Promise<Found[]> {
  const agents = await loadAgentsOf(refs);
  return refs.map((ref) => ({ agent: agents.get(ref.agent) as Agent, ref }));
}

/** What a list shows of one session. A session that cannot be summarised says so in `damaged`. */
export function summarize({ agent, ref }: Found, context: ReadContext): SessionSummary {
  try {
    return agent.summarize(ref, context);
  } catch (error) {
    const { id, path, bytes, parent, archived } = ref;
    return { agent: agent.id, id, path, bytes, parent, archived, damaged: failure('cannot be read', error) };
  }
}

/** A found session with its summary; `updatedMs` is the recorded last change, or the file's where none is recorded. */
export interface Summarized extends Found {
  summary: SessionSummary;
  updatedMs: number;
}

/** Records are written after the time they carry; databases may round it. */
const CLOCK_SLACK_MS = 2000;

/**
 * Sessions by time of last change, newest first, summarised only as far as the caller reads on: a file's own time is
 * never earlier than the last record in it, so an unread file that is older than a summarised session cannot come before it.
 */
export function* newestFirst(found: readonly Found[], env: Env): Generator<Summarized, void, void> {
  const unread = [...found].sort((a, b) => b.ref.mtimeMs - a.ref.mtimeMs);
  const context: ReadContext = { env, known: new Map() };
  const waiting: Summarized[] = []; // ascending by time, so that the newest is taken from the end
  for (const next of unread) {
    for (;;) {
      const newest = waiting.at(-1);
      if (newest === undefined || newest.updatedMs < next.ref.mtimeMs + CLOCK_SLACK_MS) break;
      waiting.pop();
      yield newest;
    }
    insert(waiting, summarizeWithTime(next, context));
  }
  for (let newest = waiting.pop(); newest !== undefined; newest = waiting.pop()) yield newest;
}

/** Summarises; `updatedMs` is the recorded time or the file's. */
export function summarizeWithTime(found: Found, context: ReadContext): Summarized {
  const summary = summarize(found, context);
  const recorded = Date.parse(summary.updatedAt ?? '');
  return { ...found, summary, updatedMs: Number.isFinite(recorded) ? recorded : found.ref.mtimeMs };
}

function insert(sorted: Summarized[], item: Summarized): void {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = sorted[middle];
    if (other !== undefined && before(other, item)) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, item);
}

/** Older, or of the same time and later by name: the order is total, so that numbers mean the same in every command. */
function before(a: Summarized, b: Summarized): boolean {
  if (a.updatedMs !== b.updatedMs) return a.updatedMs < b.updatedMs;
  const left = `${a.ref.agent}:${a.ref.id}`;
  const right = `${b.ref.agent}:${b.ref.id}`;
  return left === right ? a.ref.path > b.ref.path : left > right;
}

/** Sessions that a person started and did not put away: what numbers and `last` count. */
export function isMain(ref: SessionRef): boolean {
  return ref.parent === undefined && ref.archived !== true;
}

function failure(what: string, error: unknown): string {
  return `${what} (${systemCode(error) ?? (error instanceof Error ? error.name : 'error')})`;
}
