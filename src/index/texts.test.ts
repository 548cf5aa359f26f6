import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeCorpus } from '../../test/bench/corpus.ts';
import { contents } from '../../test/index-contents.ts';
import type { Agent } from '../agents/contract.ts';
import { loadAgents } from '../agents/registry.ts';
import type { Env } from '../io/paths.ts';
import { agentIds, discoverRefs } from './catalog.ts';
import { pendingText, TextWriter } from './fulltext.ts';
import { refresh } from './refresh.ts';
import { openIndex } from './store.ts';
import { type Piece, readText, readTexts } from './texts.ts';

const FAILING = pathToFileURL(join(import.meta.dirname, '../../test/failing-thread.ts'));

let agents: ReadonlyMap<string, Agent>;
/** A home with enough in it for threads, one session of several pieces among them. */
let env: Env;
/** What an index of it holds. */
let whole: unknown;
beforeAll(async () => {
  agents = new Map((await loadAgents()).map((agent) => [agent.id, agent]));
  const home = mkdtempSync(join(tmpdir(), 'segue-texts-'));
  makeCorpus(home, 20, { bytes: 30e6, shape: 'talk' });
  env = { home, vars: {}, platform: process.platform };
  whole = await contents(env);
});
afterAll(() => rmSync(env.home, { recursive: true, force: true }));

test('threads read what this thread reads', async () => {
  const { refs } = await discoverRefs(env, ['claude', 'codex', 'gemini']);
  const tasks = refs.map((ref, sid) => ({ sid, ref }));
  const beside = new Map<number, Piece[]>();
  for await (const piece of readTexts(tasks, agents, env)) {
    const pieces = beside.get(piece.task) ?? [];
    beside.set(piece.task, [...pieces, piece]);
  }
  expect(beside.size).toBe(21);
  expect(Math.max(...[...beside.values()].map((pieces) => pieces.length))).toBeGreaterThan(1);
  for (const [n, task] of tasks.entries()) {
    const agent = agents.get(task.ref.agent);
    const here = agent === undefined ? [] : [...readText(n, agent, task, env)];
    expect(told(beside.get(n) ?? [])).toEqual(told(here));
  }
});

test.each([
  { fail: 'start', again: 0 },
  { fail: 'throw', again: 1 },
  { fail: 'exit', again: 1 },
  { fail: 'unsent', again: 1 },
])('threads that fail ($fail) leave an index like any other', async ({ fail, again }) => {
  const failed = { ...env, vars: { SEGUE_DATA_DIR: join(env.home, fail), FAIL: fail } };
  const ids = agentIds();
  const index = openIndex(failed);
  await refresh(index, await discoverRefs(failed, ids), ids, failed);
  const pending = pendingText(index);
  const writer = new TextWriter(index, pending);
  const begun: number[] = [];
  for await (const piece of readTexts(pending, agents, failed, FAILING)) {
    if (piece.first) begun.push(piece.task);
    writer.add(piece);
    writer.flush();
  }
  expect(pendingText(index)).toEqual([]);
  index.close();
  // the long session, half of which a thread had read
  expect(begun.length - new Set(begun).size).toBe(again);
  expect(new Set(begun).size).toBe(21);
  expect(await contents(failed)).toEqual(whole);
});

/** Pieces without what may differ between equal ones: the kind of their byte arrays. */
function told(pieces: readonly Piece[]): unknown {
  return pieces.map(({ blocks, ...rest }) => ({
    ...rest,
    blocks: blocks.map((block) => ({
      ...block,
      bytes: Buffer.from(block.bytes).toString(),
      shown: Buffer.from(block.shown).toString('base64'),
    })),
  }));
}
