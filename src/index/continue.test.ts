/** Logs of Codex and Gemini CLI that grow record by record: what the index makes of them in steps is what it makes of the whole. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contents } from '../../test/index-contents.ts';
import { scratchEnv } from '../../test/scratch.ts';
import { openFullIndex } from './fullindex.ts';
import { removeIndex } from './store.ts';
import type { Continuation } from './texts.ts';

/** Random histories; more with INDEX_RUNS. */
const RUNS = Number(process.env.INDEX_RUNS ?? 25);
const ID = '01a2043e-a679-7852-a3d7-9b3318c8293f';

interface Log {
  path: string;
  /** The first record. */
  begin: string;
  /** Records by what they do; `n` numbers them. */
  records: Record<string, (n: number) => object>;
}

const time = (n: number): string => new Date(Date.UTC(2026, 9, 1) + n * 60e3).toISOString();

function codex(type: string, payload: (n: number) => object): (n: number) => object {
  return (n) => ({ timestamp: time(n), type, payload: payload(n) });
}
const message = (role: string, kind: string) =>
  codex('response_item', (n) => ({ type: 'message', role, content: [{ type: kind, text: `Said ${n}` }] }));

const logs: Record<string, Log> = {
  codex: {
    path: `.codex/sessions/2026/10/01/rollout-2026-10-01T00-00-00-${ID}.jsonl`,
    begin: JSON.stringify(
      codex('session_meta', () => ({ id: ID, timestamp: time(0), cwd: '/home/dev/app' }))(0),
    ),
    records: {
      prompt: message('user', 'input_text'),
      answer: message('assistant', 'output_text'),
      context: codex('turn_context', (n) => ({ cwd: '/home/dev/app', model: `gpt-${n % 2}` })),
      call: codex('response_item', (n) => ({
        type: 'function_call',
        name: 'exec_command',
        arguments: JSON.stringify({ cmd: `echo ${n}` }),
        call_id: `call-${n % 3}`,
      })),
      output: codex('response_item', (n) => ({
        type: 'function_call_output',
        call_id: `call-${n % 3}`,
        output: `Said ${n}`,
      })),
      started: codex('event_msg', () => ({ type: 'task_started' })),
      told: codex('event_msg', (n) => ({ type: 'user_message', message: `Said ${n}` })),
      failed: codex('event_msg', () => ({ type: 'error', message: 'no' })),
      back: codex('event_msg', () => ({ type: 'thread_rolled_back', num_turns: 1 })),
      compacted: codex('compacted', (n) => ({ message: `Other ${n}` })),
    },
  },
  gemini: {
    path: '.gemini/tmp/app/chats/session-2026-10-01T00-00-01a2043e.jsonl',
    begin: JSON.stringify({
      sessionId: ID,
      projectHash: 'f'.repeat(64),
      startTime: time(0),
      lastUpdated: time(0),
      kind: 'main',
    }),
    records: {
      prompt: (n) => ({ id: `m${n}`, timestamp: time(n), type: 'user', content: [{ text: `Said ${n}` }] }),
      answer: (n) => ({
        id: `m${n}`,
        timestamp: time(n),
        type: 'gemini',
        content: [{ text: `Said ${n}` }],
        model: 'g',
      }),
      call: (n) => ({
        id: `m${n}`,
        timestamp: time(n),
        type: 'gemini',
        content: [
          { functionCall: { id: `c${n % 3}`, name: 'read_file', args: { file_path: `/home/dev/${n}` } } },
        ],
      }),
      result: (n) => ({
        id: `m${n}`,
        timestamp: time(n),
        type: 'user',
        content: [
          { functionResponse: { id: `c${n % 3}`, name: 'read_file', response: { output: `New ${n}` } } },
        ],
      }),
      again: (n) => ({
        id: `m${n - 2}`,
        timestamp: time(n),
        type: 'gemini',
        content: [{ text: `Other ${n}` }],
      }),
      long: (n) => ({
        id: `m${n >> 1}`,
        timestamp: time(n),
        type: 'user',
        content: [{ text: `Other ${n}` }],
      }),
      back: (n) => ({ $rewindTo: `m${n - 3}` }),
      updated: (n) => ({ $set: { lastUpdated: time(n) } }),
      replaced: (n) => ({
        $set: {
          messages: [{ id: `m${n}`, timestamp: time(n), type: 'user', content: [{ text: `Other ${n}` }] }],
        },
      }),
    },
  },
};

for (const [agent, { path, begin, records }] of Object.entries(logs)) {
  const kinds = Object.keys(records);
  // prompts and answers more often than what throws everything over
  const kind = fc.constantFrom('prompt', 'prompt', 'answer', ...kinds);

  test(`${agent}: any records, indexed on the way or at the end`, {
    timeout: 30_000 + RUNS * 2000,
  }, async () => {
    let continued = 0;
    const history = fc.array(fc.record({ kind, index: fc.boolean() }), { minLength: 4, maxLength: 24 });
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const env = scratchEnv();
        const file = join(env.home, path);
        mkdirSync(dirname(file), { recursive: true });
        appendFileSync(file, `${begin}\n`);
        for (const [n, step] of steps.entries()) {
          appendFileSync(file, `${JSON.stringify(records[step.kind]?.(n + 3))}\n`);
          if (!step.index) continue;
          const { index } = await openFullIndex(env);
          const next = index.get('SELECT next FROM session')?.next;
          if (typeof next === 'string' && (JSON.parse(next) as Continuation).state.entries > 0) continued++;
          index.close();
        }
        const inSteps = await contents(env);
        removeIndex(env);
        expect(inSteps).toEqual(await contents(env));
      }),
      { numRuns: RUNS },
    );
    // a guard against a property that never comes to what it is about
    expect(continued).toBeGreaterThan(RUNS / 5);
  });
}
