import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCorpus } from '../../test/bench/corpus.ts';
import { contents } from '../../test/index-contents.ts';
import type { Agent } from '../agents/contract.ts';
import { loadAgents } from '../agents/registry.ts';
import type { Env } from '../io/paths.ts';
import type { WriteDatabase } from '../io/sqlite.ts';
import { agentIds, discoverRefs } from './catalog.ts';
import { openFullIndex } from './fullindex.ts';
import { indexText } from './fulltext.ts';
import { newClaim, pendingText } from './pending.ts';
import { refresh } from './refresh.ts';
import { refreshBeside } from './refresh-beside.ts';
import { openIndex } from './store.ts';
import { indexBeside, inTurn, THREAD_MOST_BYTES, type ThreadData, untaken } from './threads.ts';

const FAILING = pathToFileURL(join(import.meta.dirname, '../../test/failing-thread.ts'));
const SESSIONS = 21;

let agents: ReadonlyMap<string, Agent>;
/** A home with enough in it for threads, one session that is written in several parts among them. */
let env: Env;
/** What an index of it holds that threads made. */
let whole: unknown;
beforeAll(async () => {
  agents = new Map((await loadAgents()).map((agent) => [agent.id, agent]));
  const home = mkdtempSync(join(tmpdir(), 'segue-threads-'));
  makeCorpus(home, SESSIONS - 1, { bytes: 30e6, shape: 'talk' });
  env = { home, vars: { SEGUE_DATA_DIR: join(home, 'threads') }, platform: process.platform };
  const index = await summarized(env);
  const read: number[] = [];
  const pending = [...pendingText(index)];
  const work = {
    sids: pending.map(({ sid }) => sid),
    bytes: pending.reduce((sum, { bytes }) => sum + bytes, 0),
    agents: [...agents.keys()],
    env,
    claim: newClaim(),
  };
  for await (const sid of indexBeside(work)) read.push(sid);
  expect(new Set(read).size).toBe(SESSIONS);
  expect(read).toHaveLength(SESSIONS);
  expect([...pendingText(index)]).toEqual([]);
  index.close();
  whole = await contents(env);
});
afterAll(() => rmSync(env.home, { recursive: true, force: true }));

test.each(['start', 'throw', 'exit'])(
  'threads that fail (%s) leave an index like any other',
  async (fail) => {
    const data = join(env.home, fail);
    const failed: Env = { ...env, vars: { SEGUE_DATA_DIR: data, FAIL: fail } };
    const index = await summarized(failed);
    const told: number[] = [];
    const progress = (done: number, total: number): void => {
      told.push(done);
      expect(total).toBe(SESSIONS);
    };
    for await (const _ of indexText(index, agents, failed, progress, FAILING));
    expect(told).toEqual(Array.from({ length: SESSIONS }, (_, i) => i + 1));
    expect([...pendingText(index)]).toEqual([]);
    index.close();
    // the long session, of which a thread had written some
    if (fail !== 'start') expect(Number(readFileSync(join(data, 'failed')))).toBeGreaterThan(0);
    expect(await contents(failed)).toEqual(whole);
  },
);

test('sessions looked for in a thread make the same index', async () => {
  const apart: Env = { ...env, vars: { SEGUE_DATA_DIR: join(env.home, 'apart') } };
  const told: number[][] = [];
  const { index, diagnostics, texts } = await openFullIndex(apart, {
    beside: true,
    progress: (...far) => told.push(far),
  });
  index.close();
  expect({ diagnostics, texts }).toEqual({ diagnostics: [], texts: SESSIONS });
  // of the sessions that were found, then of each text
  expect(told.map(([done, total]) => [done, total])).toEqual(
    [SESSIONS, ...Array.from({ length: SESSIONS }, (_, i) => i + 1)].map((done) => [done, SESSIONS]),
  );
  expect(told[0]?.[2]).toBe(told.at(-1)?.[2]);
  expect(await contents(apart)).toEqual(whole);
});

test('a thread that cannot look for sessions says so, for them to be looked for without it', async () => {
  const failed: Env = { ...env, vars: { ...env.vars, FAIL: 'start' } };
  expect(await refreshBeside(failed, agentIds(), undefined, FAILING)).toBeUndefined();
});

test('a store that cannot be looked into is told from a thread, too', async () => {
  const broken: Env = { home: join(env.home, 'broken'), vars: {}, platform: process.platform };
  mkdirSync(join(broken.home, '.local/share/opencode'), { recursive: true });
  writeFileSync(join(broken.home, '.local/share/opencode/opencode.db'), 'no database');
  const told = await refreshBeside(broken, agentIds());
  expect(told).toEqual((await discoverRefs(broken, agentIds())).diagnostics);
  expect(told).not.toEqual([]);
});

test('a session that is too large for a thread is read after the others', async () => {
  const home = mkdtempSync(join(tmpdir(), 'segue-large-'));
  try {
    const { sessions } = makeCorpus(home, 4, { bytes: 20e6, shape: 'talk' });
    const [first] = sessions;
    const place: Env = { home, vars: { SEGUE_DATA_DIR: join(home, 'data') }, platform: process.platform };
    // a line that no reader knows; the oldest session, which threads would take first
    appendFileSync(first?.path ?? '', `"${'x'.repeat(THREAD_MOST_BYTES)}"\n`);
    const index = await summarized(place);
    index.run('UPDATE session SET updated = 0 WHERE id = ?', first?.id ?? '');
    const told: number[] = [];
    for await (const _ of indexText(index, agents, place, (_done, _total, bytes) => told.push(bytes)));
    expect(told).toHaveLength(sessions.length);
    expect([...pendingText(index)]).toEqual([]);
    index.close();
    const sizes = told.map((bytes, i) => bytes - (told[i - 1] ?? 0));
    expect(sizes.findIndex((bytes) => bytes > THREAD_MOST_BYTES)).toBe(sizes.length - 1);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});

test('a caller that stops early ends the threads; what they had written is kept, and the rest comes later', async () => {
  const stopped: Env = { ...env, vars: { SEGUE_DATA_DIR: join(env.home, 'stopped') } };
  const index = await summarized(stopped);
  for await (const _ of indexText(index, agents, stopped)) break;
  expect([...pendingText(index)].length).toBeGreaterThan(0);
  index.close();
  expect(await contents(stopped)).toEqual(whole);
});

test('a thread that was ended while it wrote holds nobody up', () => {
  const data: ThreadData = {
    sids: Int32Array.of(5, 6),
    agents: [],
    env,
    claim: '',
    shared: new SharedArrayBuffer(8),
  };
  expect([...untaken(data)]).toEqual([5, 6]);
  expect([...untaken(data)]).toEqual([]);
  // as it left it
  new Int32Array(data.shared)[1] = 1;
  let written = 0;
  inTurn(data, () => written++);
  inTurn(data, () => written++);
  expect(written).toBe(2);
});

/** An index that knows the sessions, but nothing of their texts. */
async function summarized(where: Env): Promise<WriteDatabase> {
  const ids = agentIds();
  const index = openIndex(where);
  await refresh(index, await discoverRefs(where, ids), ids, where);
  return index;
}
