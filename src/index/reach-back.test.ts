/** Records that reach back make a grown session be read as a whole, also where the index alone would not notice. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { copilot } from '../../test/growing/copilot.ts';
import { droid } from '../../test/growing/droid.ts';
import { kimi } from '../../test/growing/kimi.ts';
import type { Log } from '../../test/growing/log.ts';
import { openclaw, pi } from '../../test/growing/pi.ts';
import { qwen } from '../../test/growing/qwen.ts';
import { scratchEnv } from '../../test/scratch.ts';
import type { SessionRef } from '../agents/contract.ts';
import { loadAgent } from '../agents/registry.ts';
import { type Continuation, readText } from './texts.ts';

/** Whether a session with these records is read on when one more is appended. */
async function isReadOn(id: string, { path, begin, records }: Log, kinds: string[]): Promise<boolean> {
  const agent = await loadAgent(id);
  const env = scratchEnv();
  const file = join(env.home, path);
  mkdirSync(dirname(file), { recursive: true });
  const found = (): SessionRef => agent.discover({ env }).refs[0] ?? expect.fail('no session');
  appendFileSync(file, `${JSON.stringify(begin)}\n`);
  let next: Continuation | undefined;
  for (const [n, kind] of kinds.entries()) {
    for (const piece of readText(agent, found(), undefined, env)) next = piece.end?.next;
    appendFileSync(file, `${JSON.stringify(records[kind]?.(n + 3))}\n`);
  }
  return next !== undefined && agent.readOn?.(found(), { env }, next.mark) !== undefined;
}

const before = ['prompt', 'answer', 'prompt', 'answer'];

test.each<[string, string, Log]>([
  ['qwen', 'compacted', qwen],
  ['qwen', 'back', qwen],
  ['pi', 'compacted', pi],
  ['pi', 'hidden', pi],
  ['pi', 'branch', pi],
  ['openclaw', 'reset', openclaw],
  ['openclaw', 'leaf', openclaw],
  ['droid', 'compacted', droid],
  ['droid', 'begun', droid],
  ['copilot', 'compacted', copilot],
  ['copilot', 'asset', copilot],
  ['copilot', 'back', copilot],
  ['kimi', 'compacted', kimi],
  ['kimi', 'undone', kimi],
])('%s: not over %s', async (id, kind, log) => {
  expect(await isReadOn(id, log, [...before, 'prompt'])).toBe(true);
  expect(await isReadOn(id, log, [...before, kind])).toBe(false);
});

test('qwen: the directory that comes to be known later is what earlier paths are told from', async () => {
  expect(await isReadOn('qwen', qwen, ['placeless', 'placeless', 'placeless'])).toBe(true);
  expect(await isReadOn('qwen', qwen, ['placeless', 'placeless', 'prompt'])).toBe(false);
});

test('pi: records of version 1 have no ids to go by', async () => {
  const { version: _, ...begin } = pi.begin as { version: number };
  expect(await isReadOn('pi', { ...pi, begin }, [...before, 'prompt'])).toBe(false);
});

test('copilot: a session with a binary asset', async () => {
  expect(await isReadOn('copilot', copilot, ['asset', ...before, 'prompt'])).toBe(false);
});
