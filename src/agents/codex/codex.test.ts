import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  event,
  fixture,
  fixtures,
  home,
  ids,
  only,
  readOne,
  refs,
  says,
  told,
} from '../../../test/codex-home.ts';
import { textsOf } from '../../../test/session-texts.ts';
import { checksum } from '../../io/lines.ts';
import type { ReadOptions } from '../contract.ts';
import { agent } from './index.ts';

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'segue-codex-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('a paginated session with calls', () => {
  const session = only('tools');
  expect(told(session.entries())).toEqual([
    'harness',
    'harness',
    'user: Show me the package version. RUN: cat package.json',
    'execute {"command":"cat package.json"}',
    expect.stringMatching(/^ok 0: \{ "name": "todo-api"/),
    expect.stringMatching(/^assistant: MOCK-REPLY/),
    expect.stringMatching(/^user: /),
    expect.stringMatching(/^execute /),
    expect.stringMatching(/^ok 0: /),
    expect.stringMatching(/^assistant: MOCK-REPLY/),
  ]);
  expect(session.diagnostics).toEqual([]);
  expect(session.info).toEqual({
    agent: 'codex',
    id: ids.tools,
    cwd: '/home/dev/codex/todo-api',
    git: { branch: 'main', commit: 'd5a5148bfbcca52258097ac8a1d90425d4b370c4' },
    models: ['mock-model'],
    usage: { input: 444, output: 88, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
    createdAt: '2026-11-22T17:12:24.454Z',
    updatedAt: '2026-11-22T17:12:26.219Z',
    agentVersion: '0.169.0',
    lineage: [],
  });
});

test.each(readdirSync(fixtures))(
  '%s: texts are the same without the outcomes that are stored beside',
  (name) => {
    const context = fixture(name);
    const texts = (options?: ReadOptions): unknown[] =>
      refs(context).flatMap((ref) => textsOf(agent.read(ref, context, options)));
    expect(texts({ clip: 1 << 20, textsOnly: true })).toEqual(texts());
  },
);

test('entries can be gone through again, and evidence names their bytes', () => {
  const session = only('tools');
  const entries = [...session.entries()];
  expect([...session.entries()]).toEqual(entries);
  let parentId: string | null = null;
  for (const entry of entries) {
    expect(entry.parentId).toBe(parentId);
    parentId = entry.id;
    const [evidence] = entry.evidence;
    if (evidence?.kind !== 'range') expect.fail('a range');
    const bytes = readFileSync(evidence.path).subarray(evidence.start, evidence.end);
    expect(checksum(bytes)).toBe(evidence.crc32);
    expect(JSON.parse(bytes.toString())).toHaveProperty('payload');
  }
});

test('a failing command has its exit code and no header', () => {
  expect(told(only('error').entries()).slice(3, 5)).toEqual([
    'execute {"command":"ls /does-not-exist"}',
    "error 2: ls: cannot access '/does-not-exist': No such file or directory\n",
  ]);
});

test('a patch given to the shell is a patch', () => {
  const [call, result] = [...only('edit').entries()].slice(3, 5);
  expect(call).toMatchObject({
    parts: [
      {
        tool: 'patch',
        input: {
          changes: [
            {
              change: 'update',
              path: '/home/dev/codex/todo-api/src/index.js',
              hunks: [{ lines: ['-}).listen(3000);', '+}).listen(8080);'] }],
            },
            { change: 'add', path: '/home/dev/codex/todo-api/notes.md', content: 'hello\n' },
          ],
        },
        native: { name: 'exec_command' },
      },
    ],
  });
  expect(result).toMatchObject({
    parts: [
      {
        status: 'ok',
        content: [
          { type: 'text', text: 'Success. Updated the following files:\nA notes.md\nM src/index.js\n' },
        ],
      },
    ],
  });
});

test('reasoning keeps what only OpenAI can read', () => {
  const parts = [...only('think').entries()].flatMap((entry) =>
    entry.type === 'message' ? entry.parts.filter((part) => part.type === 'reasoning') : [],
  );
  expect(parts).toHaveLength(2);
  expect(parts[0]).toEqual({
    type: 'reasoning',
    text: 'mock thinking about it',
    vendor: 'openai',
    opaque: {
      id: 'rs_71ssdpzjh6bppakh8m1qtb',
      summary: [{ type: 'summary_text', text: 'mock thinking about it' }],
      encrypted_content: 'bW9jaw==',
    },
  });
});

test('an image has no text marks around it', () => {
  const [, , prompt] = [...only('image').entries()];
  expect(prompt).toMatchObject({
    origin: 'human',
    parts: [
      {
        type: 'image',
        mediaType: 'image/png',
        data: expect.stringMatching(/^iVBOR/),
        path: '/home/dev/shot.png',
      },
      { type: 'text', text: 'What is in this screenshot?' },
    ],
  });
});

test('a legacy session (0.98.0) is told once, by its items', () => {
  const lines = told(only('legacy-0.98.0').entries()).filter((line) => line !== 'harness');
  expect(lines).toEqual([
    'user: THINK and show me the package version. RUN: cat package.json',
    'thinks: mock thinking about it',
    'execute {"command":"cat package.json"}',
    expect.stringMatching(/^ok 0: /),
    'thinks: mock thinking about it',
    'assistant: MOCK-REPLY #5 (saw 7 messages)',
    'user: Now the failing one. RUN: ls /does-not-exist',
    'execute {"command":"ls /does-not-exist"}',
    expect.stringMatching(/^error 2: ls: /),
    'assistant: MOCK-REPLY #7 (saw 15 messages)',
  ]);
});

test("Codex's import of another agent's session", () => {
  expect(told(only('claude-import').entries())[0]).toBe('user: FIRST-NEEDLE please check the build');
});

test('a compaction is told once and keeps what stays in view', () => {
  const entries = [...only('compact').entries()];
  expect(told(entries).filter((line) => line !== 'harness')).toEqual([
    'user: Explain the server file.',
    'assistant: MOCK-REPLY #100 (saw 4 messages)',
    'compaction MOCK-REPLY #101 (saw 6 messages) keeps 1',
    'user: Now outline a persistence layer.',
    'assistant: MOCK-REPLY #102 (saw 6 messages)',
    'user: Continue after the summary.',
    'assistant: MOCK-REPLY #103 (saw 8 messages)',
  ]);
  const compaction = entries.find((entry) => entry.type === 'compaction') ?? expect.fail('a compaction');
  const [kept] = entries.filter((entry) => compaction.keeps.includes(entry.id));
  expect(told(kept === undefined ? [] : [kept])).toEqual(['user: Explain the server file.']);
});

test('a fork goes on where its parent stood', () => {
  const context = fixture('fork');
  const fork = refs(context).find(({ id }) => id === ids.fork) ?? expect.fail('the fork');
  const session = agent.read(fork, context);
  expect(told(session.entries()).filter((line) => line !== 'harness')).toEqual([
    'user: First idea.',
    'assistant: MOCK-REPLY #106 (saw 4 messages)',
    'user: Branch off with another idea.',
    'assistant: MOCK-REPLY #107 (saw 6 messages)',
  ]);
  expect(session.info.lineage).toEqual([{ kind: 'fork', agent: 'codex', id: ids.parent }]);
  expect(session.diagnostics).toEqual([]);
});

test('limits, certain and likely', () => {
  const [ref] = refs(fixture('limit-windows'));
  const { limit } = agent.summarize(ref ?? expect.fail('a session'), fixture('limit-windows'));
  expect(limit).toEqual({ scope: 'account', confidence: 'certain', resetsAt: '2026-11-22T18:23:12.000Z' });
  expect(told(only('limit-windows').entries()).at(-1)).toBe('limit 2026-11-22T18:23:12.000Z');

  const [plain] = refs(fixture('limit'));
  expect(agent.summarize(plain ?? expect.fail('a session'), fixture('limit')).limit).toEqual({
    scope: 'account',
    confidence: 'certain',
  });

  const windows = { primary: { used_percent: 100, resets_at: 1795371792 }, secondary: { used_percent: 3 } };
  const count = event('token_count', { info: null, rate_limits: windows });
  const context = home(scratch, 'silent', [says('user', 'hello'), count]);
  const [silent] = refs(context);
  const likely = { scope: 'account', confidence: 'likely', resetsAt: '2026-11-22T18:23:12.000Z' };
  expect(agent.summarize(silent ?? expect.fail('a session'), context).limit).toEqual(likely);
  expect([...readOne(context, 'silent').entries()].at(-1)).toMatchObject({ event: 'limit', limit: likely });

  const answered = home(scratch, 'answered', [says('user', 'hello'), count, says('assistant', 'hi')]);
  expect(agent.summarize(refs(answered)[0] ?? expect.fail('a session'), answered).limit).toBeUndefined();
});

test('a summary counts only what it has seen whole', () => {
  const [ref] = refs(fixture('tools'));
  expect(agent.summarize(ref ?? expect.fail('a session'), fixture('tools'))).toEqual({
    agent: 'codex',
    id: ids.tools,
    path: ref?.path,
    bytes: 22892,
    title: 'Show me the package version. RUN: cat package.json',
    cwd: '/home/dev/codex/todo-api',
    branch: 'main',
    model: 'mock-model',
    createdAt: '2026-11-22T17:12:24.454Z',
    updatedAt: '2026-11-22T17:12:26.219Z',
    messages: { user: 2, assistant: 4 },
    toolCalls: 2,
    tokens: 532,
  });
  const context = home(scratch, 'big', [
    says('user', 'first'),
    says('assistant', 'x'.repeat(200_000)),
    says('user', 'last'),
  ]);
  const [big] = refs(context);
  const summary = agent.summarize(big ?? expect.fail('a session'), context);
  expect(summary).toMatchObject({ title: 'first', cwd: '/home/dev/app' });
  expect(summary.messages).toBeUndefined();
});

test('a first record that is longer than what a summary reads at first', () => {
  const context = home(scratch, 'long', [says('user', 'x'.repeat(200_000))], {
    base_instructions: { text: 'y'.repeat(100_000) },
  });
  const [ref] = refs(context);
  expect(agent.summarize(ref ?? expect.fail('a session'), context)).toMatchObject({ cwd: '/home/dev/app' });
});
