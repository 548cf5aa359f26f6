import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeCorpus } from '../../test/bench/corpus.ts';
import { loadAgents } from '../agents/registry.ts';
import { discoverRefs } from './catalog.ts';
import { type Piece, readText, readTexts } from './texts.ts';

test('threads read what this thread reads', async () => {
  const home = mkdtempSync(join(tmpdir(), 'segue-texts-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  makeCorpus(join(home, 'corpus'), 20, 16e6, 7, 'talk');
  const env = { home: join(home, 'corpus'), vars: {}, platform: process.platform };
  const agents = new Map((await loadAgents()).map((agent) => [agent.id, agent]));
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
