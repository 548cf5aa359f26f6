/** Record types that no reader knows yet, as a new version of an agent would bring them. */
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { agent as claude } from '../agents/claude/index.ts';
import { agent as codex } from '../agents/codex/index.ts';
import type { Agent } from '../agents/contract.ts';
import { agent as kimi } from '../agents/kimi/index.ts';
import { agent as qwen } from '../agents/qwen/index.ts';
import { findDrift } from './drift.ts';

/** What a new version might write, twice, and an even newer thing whose name is no plain word. */
const cases: [agent: Agent, fixture: string, records: (type: string) => object, told: string][] = [
  [
    claude,
    'basic',
    (type) => ({ type, uuid: 'x', text: 'private words' }),
    'records of type NAME are not read',
  ],
  [
    codex,
    'basic',
    (type) => ({ timestamp: '2026-11-22T10:00:00.000Z', type, payload: { text: 'private words' } }),
    'records of type NAME are not read',
  ],
  [
    codex,
    'basic',
    (type) => ({
      timestamp: '2026-11-22T10:00:00.000Z',
      type: 'response_item',
      payload: { type, text: 'private words' },
    }),
    'response items of type NAME are not read',
  ],
  [
    qwen,
    'basic',
    (type) => ({ uuid: type, parentUuid: null, sessionId: 's', type, message: 'private words' }),
    'records of type NAME are not read',
  ],
  [kimi, 'fork', (type) => ({ type, text: 'private words', time: 1 }), 'records of type NAME are not read'],
];

test.each(cases)(
  '$id: a type that is not known is counted by its name, and nothing of the session is told',
  (agent, fixture, record, told) => {
    const home = mkdtempSync(join(tmpdir(), 'segue-drift-'));
    onTestFinished(() => rmSync(home, { recursive: true }));
    cpSync(join(import.meta.dirname, '../agents', agent.id, 'fixtures', fixture), home, { recursive: true });
    const env = { home, vars: {}, platform: 'linux' as const };
    const [ref] = agent.discover({ env }).refs;
    if (ref === undefined) return expect.fail('no session');
    expect(findDrift([{ agent, ref }], env).drift).toEqual([]);

    for (const type of ['martian', 'martian', 'a secret\nin two lines'])
      appendFileSync(ref.path, `${JSON.stringify(record(type))}\n`);
    const { drift } = findDrift([{ agent, ref }], env);
    expect(drift.map(({ code, message, sessions }) => [code, message, sessions])).toEqual([
      ['unknown-record', told.replace('NAME', 'martian'), 1],
      ['unknown-record', told.replace('NAME', '(no name)'), 1],
    ]);
    expect(JSON.stringify(drift)).not.toMatch(/private|secret/);
    return undefined;
  },
);
