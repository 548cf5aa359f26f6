/** What a REF on the command line means. */

import { resolve as absolute, join } from 'node:path';
import type { Agent } from '../agents/contract.ts';
import { findAgentId, loadAgent, loadAgents } from '../agents/registry.ts';
import type { Env } from '../io/paths.ts';
import { pathKind } from '../io/paths.ts';
import { closest } from '../model/closest.ts';
import { SegueError } from '../model/errors.ts';
import { type Catalog, discover, discoverIn, type Found, isMain, newestFirst } from './catalog.ts';

/** Shortest beginning of an id that is taken as one. */
const SHORTEST_PREFIX = 4;
const MOST_CANDIDATES = 10;

/**
 * Finds the one session that a reference means: `agent:id`, an id, a unique beginning of one (4 characters or more),
 * `agent:N` or `agent N` (N-th latest, 1 is the newest), `last`, or the path of a session file.
 * Throws `session-not-found`, `session-ambiguous` (with candidates), `unknown-agent`, or `not-a-session` for a path.
 */
export async function resolveRef(words: readonly string[], env: Env): Promise<Found> {
  const [first = '', second, ...rest] = words;
  if (first === '' || rest.length > 0) throw badReference(words);
  if (second !== undefined) {
    if (findAgentId(first) === undefined && /^\d+$/.test(second)) await loadAgent(first); // says what agents there are
    if (findAgentId(first) === undefined) throw badReference(words);
    return await resolveInAgent(first, second, env);
  }
  const colon = first.indexOf(':');
  const agent = colon > 0 ? findAgentId(first.slice(0, colon)) : undefined;
  if (agent !== undefined) return await resolveInAgent(agent, first.slice(colon + 1), env);
  if (first === 'last') return nth(await discover(env), 1, 'last', env);
  if (looksLikePath(first)) return recognizePath(first, await loadAgents(), env);
  const catalog = await discover(env);
  const matches = byId(catalog, first);
  if (matches.length === 0 && pathKind(absolute(first)) !== 'missing')
    return recognizePath(first, await loadAgents(), env);
  if (matches.length === 0 && colon > 0 && !/^[a-z]:/i.test(first)) await loadAgent(first.slice(0, colon));
  return single(matches, first, catalog);
}

/** The session of an agent with exactly this id; undefined when it is not there (any more). */
export async function findExact(agent: string, id: string, env: Env): Promise<Found | undefined> {
  return (await discover(env, [agent])).found.find(({ ref }) => ref.id === id);
}

async function resolveInAgent(name: string, rest: string, env: Env): Promise<Found> {
  const agent = await loadAgent(name);
  if (looksLikePath(rest)) return recognizePath(rest, [agent], env);
  const catalog = await discoverIn(agent, env);
  const label = `${agent.id}:${rest}`;
  if (rest === 'last') return nth(catalog, 1, label, env);
  const matches = byId(catalog, rest);
  if (matches.length === 0 && /^\d{1,6}$/.test(rest)) return nth(catalog, Number(rest), label, env);
  return single(matches, label, catalog);
}

function nth(catalog: Catalog, n: number, label: string, env: Env): Found {
  let position = 0;
  const main = catalog.found.filter(({ ref }) => isMain(ref));
  for (const item of newestFirst(main, env)) {
    if (item.summary.parent !== undefined || item.summary.archived) continue;
    position++;
    if (position === n) return { agent: item.agent, ref: item.ref };
  }
  throw new SegueError('session-not-found', `no session ${label}: ${there(position)}`, {
    hint: position === 0 ? 'segue agents shows where was looked' : 'segue list shows what there is',
  });
}

function there(count: number): string {
  if (count === 0) return 'there are none';
  return count === 1 ? 'there is only 1' : `there are only ${count}`;
}

/** Exact ids win over beginnings. */
function byId({ found }: Catalog, id: string): Found[] {
  const exact = found.filter(({ ref }) => ref.id === id);
  if (exact.length > 0 || id.length < SHORTEST_PREFIX) return exact;
  const wanted = id.toLowerCase();
  return found.filter(({ ref }) => ref.id.toLowerCase().startsWith(wanted));
}

function single(matches: Found[], label: string, { found }: Catalog): Found {
  const [match, ...others] = matches;
  if (match === undefined) {
    const wanted = label.slice(label.indexOf(':') + 1);
    const short = wanted.length < SHORTEST_PREFIX;
    const meant = short ? undefined : mistyped(wanted, found);
    if (meant !== undefined) {
      throw new SegueError('session-not-found', `no session ${label}`, {
        hint: `did you mean ${meant}?`,
        candidates: [meant],
      });
    }
    throw new SegueError('session-not-found', `no session ${label}`, {
      hint: short
        ? `the beginning of an id needs ${SHORTEST_PREFIX} characters or more; segue list shows what there is`
        : 'segue list shows what there is',
    });
  }
  if (others.length > 0) {
    throw new SegueError('session-ambiguous', `${label} may mean ${matches.length} sessions`, {
      hint: 'use one of these',
      candidates: candidates(matches),
    });
  }
  return match;
}

/** The session whose id begins almost like this; only ids that begin alike, because thousands of ids are close to any. */
function mistyped(wanted: string, found: readonly Found[]): string | undefined {
  const start = wanted.slice(0, 2).toLowerCase();
  const alike = found.filter(({ ref }) => ref.id.toLowerCase().startsWith(start));
  const near = closest(
    wanted,
    alike.map(({ ref }) => ref.id.slice(0, wanted.length)),
  );
  const meant = alike.find(({ ref }) => ref.id.slice(0, wanted.length) === near);
  return meant === undefined ? undefined : `${meant.ref.agent}:${meant.ref.id}`;
}

/** References that each mean one of the sessions: the path where the id is not enough. */
function candidates(matches: Found[]): string[] {
  const names = matches.map(({ ref }) => `${ref.agent}:${ref.id}`);
  return matches
    .map(({ ref }, i) => {
      const name = names[i] ?? '';
      return names.indexOf(name) === names.lastIndexOf(name) ? name : ref.path;
    })
    .slice(0, MOST_CANDIDATES);
}

function looksLikePath(word: string): boolean {
  return /^(?:\.{0,2}[/\\]|~[/\\]|[a-z]:[/\\])/i.test(word) || word.includes('/') || word.includes('\\');
}

function recognizePath(word: string, agents: Agent[], env: Env): Found {
  const path = absolute(/^~[/\\]/.test(word) ? join(env.home, word.slice(2)) : word);
  if (pathKind(path) === 'missing') throw new SegueError('session-not-found', `no such file: ${path}`);
  const matches: Found[] = [];
  for (const agent of agents) {
    const ref = agent.recognize?.(path, { env });
    if (ref !== undefined) matches.push({ agent, ref });
  }
  const inStore = matches.filter(({ agent }) => agent.roots(env).some((root) => path.startsWith(root)));
  const [match, ...others] = inStore.length > 0 ? inStore : matches;
  if (match === undefined) {
    throw new SegueError('not-a-session', `no agent recognises ${path} as a session of its own`, {
      hint: `${agents.map((agent) => agent.id).join(', ')}: name a session file of one of these`,
    });
  }
  if (others.length > 0) {
    throw new SegueError('session-ambiguous', `${path} may be a session of several agents`, {
      hint: 'put the agent in front',
      candidates: [match, ...others].map(({ agent }) => `${agent.id}:${path}`),
    });
  }
  return match;
}

function badReference(words: readonly string[]): SegueError {
  return new SegueError('bad-usage', `not a session reference: "${words.join(' ')}"`, {
    hint: 'agent:id, an id or its beginning, agent:N, agent N, last, or a path',
  });
}
