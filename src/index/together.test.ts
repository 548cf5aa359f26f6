/** Processes that index one store at the same time, step by step in any order: the index is what one of them makes alone. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { contents } from '../../test/index-contents.ts';
import { scratchEnv } from '../../test/scratch.ts';
import type { Agent } from '../agents/contract.ts';
import { loadAgents } from '../agents/registry.ts';
import type { Env } from '../io/paths.ts';
import type { WriteDatabase } from '../io/sqlite.ts';
import { agentIds, discoverRefs } from './catalog.ts';
import { listSessions } from './list.ts';
import { newClaim, pendingText, taskOf } from './pending.ts';
import { parseQuery } from './query.ts';
import { refresh } from './refresh.ts';
import { search } from './search.ts';
import { BLOCK_DOCS, openIndex } from './store.ts';
import { type Piece, readText } from './texts.ts';
import { TextWriter } from './writer.ts';

/** Random orders of steps; more with INDEX_RUNS. */
const RUNS = Number(process.env.INDEX_RUNS ?? 25);
/** Texts of a session at first: three blocks, written in three steps. */
const TEXTS = BLOCK_DOCS * 2 + 44;
const SESSIONS = 2;
/** A process that did not write for so long counts as gone. */
const LONG_MS = 10_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 10, 1) }));
afterEach(() => void vi.useRealTimers());

type Step = 'one' | 'two' | 'kill one' | 'kill two' | 'wait' | 'grow';
const step = fc.constantFrom<Step>(
  ...(['one', 'two'] as const).flatMap((each) => Array.from({ length: 5 }, () => each)),
  'kill one',
  'kill two',
  'wait',
  'wait',
  'grow',
);

test('two that index, one killed or held up anywhere, while sessions grow and a third one looks', {
  timeout: 30_000 + RUNS * 2000,
}, async () => {
  const agents = new Map((await loadAgents()).map((agent) => [agent.id, agent]));
  const happened = { shared: 0, left: 0, takenOver: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      const env = scratchEnv();
      for (let n = 0; n < SESSIONS; n++) say(env, n, TEXTS);
      const index = openIndex(env);
      await refreshAll(index, env);
      const processes = { one: indexing(env, agents), two: indexing(env, agents) };
      let claims = claimsIn(index);
      let left = leftIn(index);
      for (const [at, each] of steps.entries()) {
        if (each === 'one' || each === 'two') processes[each].next();
        else if (each === 'wait') vi.advanceTimersByTime(LONG_MS);
        else if (each === 'grow') {
          say(env, at % SESSIONS, 1);
          await refreshAll(index, env);
        } else {
          const which = each === 'kill one' ? 'one' : 'two';
          processes[which].return();
          processes[which] = indexing(env, agents);
          if (claims.size > 0) happened.left++;
        }
        await look(index, env);
        const before = { claims, left };
        claims = claimsIn(index);
        left = leftIn(index);
        if (claims.size > 1) happened.shared++;
        for (const [sid, { claim }] of claims) {
          const other = before.claims.get(sid);
          if (other === undefined || other.claim === claim) continue;
          // only from one that has not written for long
          expect(Date.now() - other.claimed).toBeGreaterThanOrEqual(LONG_MS);
          happened.takenOver++;
        }
        // what is done is not begun again
        if (each !== 'grow') expect(before.left).toEqual(expect.arrayContaining(left));
      }
      for (const each of Object.values(processes)) each.return();
      index.close();
      vi.advanceTimersByTime(LONG_MS);
      const alone = { ...env, vars: { ...env.vars, SEGUE_DATA_DIR: join(env.home, 'alone') } };
      expect(await contents(env)).toEqual(await contents(alone));
    }),
    { numRuns: RUNS },
  );
  // a guard against a property that never comes to what it is about
  for (const [what, times] of Object.entries(happened)) expect(times, what).toBeGreaterThan(0);
});

/** A process that indexes: at each step it reads and writes a block of texts. `return()` kills it: nothing more is written. */
function* indexing(env: Env, agents: ReadonlyMap<string, Agent>): Generator<void, void, void> {
  const index = openIndex(env);
  try {
    for (;;) {
      const claim = newClaim();
      const pending = [...pendingText(index)].filter((session) => session.claim === undefined);
      const writer = new TextWriter(index, claim);
      for (const { sid, agent: id } of pending) {
        const agent = agents.get(id);
        const task = taskOf(index, sid, claim);
        if (agent === undefined || task === undefined) continue;
        for (const piece of readText(agent, task.ref, task.from, env)) {
          for (const part of split(piece)) {
            writer.add(task, part);
            writer.flush();
            yield;
          }
        }
      }
      if (pending.length === 0) yield;
    }
  } finally {
    index.close();
  }
}

/** The same in pieces of one block. */
function split(piece: Piece): Piece[] {
  if (piece.blocks.length === 0) return [piece];
  return piece.blocks.map((block, i, { length }) => ({
    ...piece,
    first: piece.first && i === 0,
    blocks: [block],
    end: i === length - 1 ? piece.end : undefined,
  }));
}

/** What people see meanwhile is whole: every session, and never a text twice. */
async function look(index: WriteDatabase, env: Env): Promise<void> {
  expect((await listSessions(env)).sessions).toHaveLength(SESSIONS);
  const left = leftIn(index);
  const now = new Date();
  for (let n = 0; n < SESSIONS; n++) {
    const hits = search(index, parseQuery(`said${n}x${TEXTS - 1}`, now), 10);
    const found = hits.map(({ path, at, more }) => ({ path, at, more }));
    const whole = { path: pathOf(env, n), at: TEXTS, more: 0 };
    if (!left.includes(whole.path) || found.length > 0) expect(found).toEqual([whole]);
  }
}

/** Which processes are at which sessions, and when they last wrote. */
function claimsIn(index: WriteDatabase): Map<number, { claim: string; claimed: number }> {
  return new Map(
    index
      .all('SELECT sid, claim, claimed FROM session WHERE claim IS NOT NULL')
      .map(({ sid, claim, claimed }) => [Number(sid), { claim: String(claim), claimed: Number(claimed) }]),
  );
}

/** Sessions that are not indexed as they are. */
function leftIn(index: WriteDatabase): string[] {
  const ids = JSON.stringify([...pendingText(index)].map(({ sid }) => sid));
  return index
    .all("SELECT ref ->> '$.path' AS path FROM session WHERE sid IN (SELECT value FROM json_each(?))", ids)
    .map(({ path }) => String(path));
}

async function refreshAll(index: WriteDatabase, env: Env): Promise<void> {
  const ids = agentIds();
  await refresh(index, await discoverRefs(env, ids), ids, env);
}

function pathOf({ home }: Env, n: number): string {
  return join(
    home,
    `.codex/sessions/2026/10/01/rollout-2026-10-01T00-00-0${n}-01a2043e-a679-7852-a3d7-9b3318c8293${n}.jsonl`,
  );
}

/** Puts more texts into the n-th session, each with a word of its own; makes the session first. */
function say(env: Env, n: number, texts: number): void {
  const path = pathOf(env, n);
  const time = new Date().toISOString();
  const record = (type: string, payload: object) => `${JSON.stringify({ timestamp: time, type, payload })}\n`;
  mkdirSync(dirname(path), { recursive: true });
  let log = '';
  if (texts === TEXTS)
    log += record('session_meta', { id: path.slice(-42, -6), timestamp: time, cwd: '/home/dev/app' });
  for (let i = 0; i < texts; i++) {
    const text = texts === TEXTS ? `Said said${n}x${i}` : 'Other things';
    const user = i % 2 === 0;
    log += record('response_item', {
      type: 'message',
      role: user ? 'user' : 'assistant',
      content: [{ type: user ? 'input_text' : 'output_text', text }],
    });
  }
  appendFileSync(path, log);
}
