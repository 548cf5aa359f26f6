/** The search language: words, "phrases", prefix*, -not, and filters such as `agent:codex role:user file:src/a.ts`. */
import { findAgentId, identities } from '../agents/registry.ts';
import { SegueError } from '../model/errors.ts';
import { separateIdeographs } from './words.ts';

/** Words that follow each other; the last one of a prefix may go on. */
export interface Term {
  words: string[];
  prefix: boolean;
}

export interface Query {
  /** What must occur. */
  wanted: Term[];
  /** What must not. */
  unwanted: Term[];
  /** One of these. */
  agents?: string[];
  cwd?: string;
  role?: 'user' | 'assistant' | 'tool';
  tool?: string;
  file?: string;
  /** Milliseconds since the epoch. */
  before?: number;
  after?: number;
}

const filters = ['agent', 'cwd', 'role', 'tool', 'file', 'before', 'after'] as const;
type Filter = (typeof filters)[number];

/** Parses what a person typed. Throws `bad-usage` for a wrong filter value or an empty query. */
export function parseQuery(text: string, now: Date): Query {
  const query: Query = { wanted: [], unwanted: [] };
  for (const match of text.matchAll(/(-?)(?:(\w+):)?(?:"([^"]*)"?|(\S+))/g)) {
    const [whole, minus = '', name, quoted, word] = match;
    const value = quoted ?? word ?? '';
    if (name !== undefined && isFilter(name)) setFilter(query, name, value, now);
    else {
      // a colon that is no filter is part of the text (`std::map`, `http://…`)
      const plain = name === undefined ? value : whole.replace(/^-/, '');
      const words = wordsOf(plain);
      if (words.length === 0) continue;
      const term = { words, prefix: quoted === undefined && plain.endsWith('*') };
      (minus === '-' ? query.unwanted : query.wanted).push(term);
    }
  }
  if (
    query.wanted.length === 0 &&
    !filters.some((name) => query[name === 'agent' ? 'agents' : name] !== undefined)
  ) {
    throw new SegueError('bad-usage', 'nothing to search for', {
      hint: 'give a word, a "phrase" or a filter such as file:src/a.ts',
    });
  }
  return query;
}

/** A query as far as it was typed: its last word may go on. */
export function typedSoFar(text: string): string {
  return /(?:^|\s)[\p{L}\p{N}]{2,}$/u.test(text) ? `${text}*` : text;
}

/** The pieces of a term. Code-ish words are phrases of them: `src/a.ts` matches as such and inside longer paths. */
function wordsOf(text: string): string[] {
  return separateIdeographs(text).match(/[\p{L}\p{N}\p{M}]+/gu) ?? [];
}

function isFilter(name: string): name is Filter {
  return filters.some((filter) => filter === name);
}

function setFilter(query: Query, name: Filter, value: string, now: Date): void {
  if (value === '') throw new SegueError('bad-usage', `${name}: needs a value`);
  if (name === 'agent') {
    const id = findAgentId(value);
    if (id === undefined) {
      throw new SegueError('unknown-agent', `unknown agent "${value}"`, {
        hint: `agents: ${identities.map((agent) => agent.id).join(', ')}`,
      });
    }
    query.agents = [...(query.agents ?? []), id];
  } else if (name === 'role') {
    if (value !== 'user' && value !== 'assistant' && value !== 'tool') {
      throw new SegueError('bad-usage', `unknown role "${value}"`, { hint: 'roles: user, assistant, tool' });
    }
    query.role = value;
  } else if (name === 'before' || name === 'after') query[name] = parseWhen(value, now);
  else query[name] = value;
}

/** `2026-11-22`, an ISO time, `3d`, `12h`, `2w`, `today`, `yesterday` → milliseconds. Throws `bad-usage`. */
export function parseWhen(text: string, now: Date): number {
  const ago = /^(\d+)\s*(m|min|h|d|w)$/i.exec(text);
  if (ago !== null) {
    const unit =
      { m: 60e3, min: 60e3, h: 3600e3, d: 86_400e3, w: 604_800e3 }[(ago[2] ?? 'd').toLowerCase()] ?? 86_400e3;
    return now.getTime() - Number(ago[1]) * unit;
  }
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime();
  if (text === 'today') return midnight;
  if (text === 'yesterday') return midnight - 86_400e3;
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00`).getTime() : Date.parse(text);
  if (!Number.isFinite(ms))
    throw new SegueError('bad-usage', `not a time: "${text}"`, {
      hint: 'for example 2026-11-22, 3d, 12h, today',
    });
  return ms;
}
