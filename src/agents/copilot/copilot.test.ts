import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { comparable } from '../../model/compare.ts';
import { SegueError } from '../../model/errors.ts';
import { seededIds } from '../../model/ids.ts';
import type { Entry, Part, Session, ToolCallPart, ToolResultPart } from '../../model/session.ts';
import type { SessionRef } from '../contract.ts';
import { agent } from './index.ts';
import { limitOf } from './limits.ts';

const scratch = mkdtempSync(join(tmpdir(), 'segue-copilot-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const CWD = '/home/dev/copilot/todo-api';
const context = { env: { home: scratch, vars: {}, platform: 'linux' as const } };
const PIXEL =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

function fixture(scenario: string): { ref: SessionRef; session: Session } {
  const env = { ...context.env, home: join(import.meta.dirname, 'fixtures', scenario) };
  const [ref = expect.fail('no session')] = agent.discover({ env }).refs;
  return { ref, session: agent.read(ref, { env }) };
}

const open = (scenario: string): Session => fixture(scenario).session;

const told = (session: Session): unknown[] =>
  [...comparable(session.entries(), { tools: 'canonical' })].map((line) => JSON.parse(line) as unknown);

const partsOf = (session: Session) =>
  [...session.entries()].flatMap((entry) => (entry.type === 'message' ? entry.parts : []));

const callsOf = (session: Session): ToolCallPart[] =>
  partsOf(session).filter((part) => part.type === 'tool_call');

const eventsOf = (session: Session) =>
  [...session.entries()].flatMap((entry) => (entry.type === 'event' ? [entry] : []));

/** An event with an id made of a number. */
const event = (n: number, type: string, data: object, more: object = {}) => ({
  type,
  data,
  id: `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`,
  timestamp: new Date(Date.UTC(2026, 10, 20, 10, 0, n)).toISOString(),
  parentId: null,
  ...more,
});
const eventId = (n: number): string => event(n, '', {}).id;
const start = (more: object = {}) =>
  event(0, 'session.start', {
    sessionId: 's',
    version: 1,
    producer: 'copilot-agent',
    copilotVersion: '1.0.102',
    startTime: '2026-11-20T10:00:00.000Z',
    context: { cwd: CWD },
    ...more,
  });
const asked = (n: number, content: string, more: object = {}) =>
  event(n, 'user.message', { content, ...more });
const said = (n: number, content: string, more: object = {}) =>
  event(n, 'assistant.message', { messageId: `m${n}`, content, ...more });

/** A session folder in the scratch home, from events (objects) or raw lines. */
function folder(name: string, events: unknown[], workspace?: string): SessionRef {
  const path = join(scratch, '.copilot/session-state', name, 'events.jsonl');
  mkdirSync(dirname(path), { recursive: true });
  const lines = events.map((each) => (typeof each === 'string' ? each : JSON.stringify(each)));
  writeFileSync(path, `${lines.join('\n')}\n`);
  if (workspace !== undefined) writeFileSync(join(dirname(path), 'workspace.yaml'), workspace);
  const bytes = lines.join('\n').length + 1;
  return { agent: 'copilot', id: name, path, bytes, mtimeMs: 0 };
}

const reading = (name: string, events: unknown[], workspace?: string): Session =>
  agent.read(folder(name, events, workspace), context);

const texts = (session: Session) => told(session).map((line) => (line as string[])[2]);

test('sessions are folders; an early flat file counts when there is no folder', () => {
  const env = { ...context.env, home: join(scratch, 'discover') };
  const base = join(env.home, '.copilot/session-state');
  for (const name of ['a', 'b']) mkdirSync(join(base, name, 'files'), { recursive: true });
  writeFileSync(join(base, 'a/events.jsonl'), '{}\n');
  writeFileSync(join(base, 'a/files/other.jsonl'), '{}\n');
  writeFileSync(join(base, 'a.jsonl'), '{}\n');
  writeFileSync(join(base, 'old.jsonl'), '{}\n');
  const { refs, diagnostics } = agent.discover({ env });
  expect(refs.map(({ id, path }) => [id, path.slice(base.length + 1)])).toEqual([
    ['a', join('a', 'events.jsonl')],
    ['old', 'old.jsonl'],
  ]);
  expect(diagnostics).toEqual([]);
  expect(agent.roots({ ...env, vars: { COPILOT_HOME: '/c' } })).toEqual(['/c/session-state']);
});

test('a transcript or its folder is recognised by path', () => {
  const { ref } = fixture('basic');
  expect(agent.recognize?.(ref.path, context)).toEqual(ref);
  expect(agent.recognize?.(dirname(ref.path), context)).toEqual(ref);
  expect(agent.recognize?.(join(dirname(ref.path), 'workspace.yaml'), context)).toBeUndefined();
  expect(agent.recognize?.(join(scratch, 'nothing.jsonl'), context)).toBeUndefined();
});

test('two turns', () => {
  const session = open('basic');
  expect(told(session)).toEqual([
    ['user', 'text', 'Add a done() helper to src/index.js'],
    ['assistant', 'text', 'MOCK-REPLY #2 (saw 2 messages)'],
    ['user', 'text', 'Now write a test for it'],
    ['assistant', 'text', 'MOCK-REPLY #3 (saw 4 messages)'],
  ]);
  expect(session.info).toEqual({
    agent: 'copilot',
    id: '2517b69a-7f72-4c92-91e6-8a811d534dad',
    title: 'Add a done() helper to src/index.js',
    cwd: CWD,
    git: { branch: 'main', commit: '1210704669fd074692192ce037bf10d74fe639fc' },
    models: ['mock-model'],
    usage: { input: 222, output: 44, cacheRead: 0, cacheWrite: 0 },
    createdAt: '2026-11-22T17:12:45.226Z',
    updatedAt: session.info.updatedAt,
    agentVersion: '1.0.102',
    lineage: [],
  });
  expect(session.diagnostics).toEqual([]);
  const answers = [...session.entries()].filter((entry) => entry.type === 'message' && entry.usage);
  expect(answers.map((entry) => entry.type === 'message' && entry.usage?.input)).toEqual([111, 111]);
});

test('evidence names the bytes of an event', () => {
  for (const entry of open('edit').entries()) {
    const [evidence] = entry.evidence;
    if (evidence?.kind !== 'range') expect.fail('no range');
    const bytes = readFileSync(evidence.path).subarray(evidence.start, evidence.end);
    expect(crc32(bytes)).toBe(evidence.crc32);
    expect(JSON.parse(bytes.toString())).toMatchObject({ id: entry.id });
  }
});

test('a command, and one that failed: the exit code apart from the output', () => {
  const results = (scenario: string) => partsOf(open(scenario)).filter((part) => part.type === 'tool_result');
  expect(callsOf(open('tools'))).toMatchObject([
    { tool: 'execute', input: { command: 'ls src', description: 'mock run' } },
  ]);
  expect(results('tools')).toMatchObject([
    { status: 'ok', exitCode: 0, content: [{ type: 'text', text: 'index.js' }] },
  ]);
  expect(results('error')).toMatchObject([
    {
      status: 'error',
      exitCode: 1,
      content: [{ type: 'text', text: 'cat: missing.txt: No such file or directory' }],
    },
  ]);
  expect(results('big')).toMatchObject([{ status: 'ok', exitCode: 0, truncated: true }]);
});

test('a call that was not permitted', () => {
  expect(told(open('deny'))).toContainEqual([
    'user',
    'result',
    0,
    'error',
    null,
    expect.stringMatching(/^Permission denied because/),
  ]);
});

test('files written, edited, looked at and searched', () => {
  const path = `${CWD}/src/done.js`;
  const content = 'export const done = t => { t.done = true; };\n';
  expect(callsOf(open('edit')).map(({ tool, input }) => ({ tool, input }))).toEqual([
    { tool: 'write', input: { path, content } },
    {
      tool: 'edit',
      input: { path, edits: [{ oldText: 't.done = true;', newText: 't.done = true; return t;' }] },
    },
  ]);
  expect(callsOf(open('look')).map(({ tool, input }) => ({ tool, input }))).toEqual([
    { tool: 'read', input: { path: `${CWD}/src/index.js`, offset: 2, limit: 1 } },
    { tool: 'read', input: { path: `${CWD}/src` } },
    { tool: 'grep', input: { pattern: 'listen', path: `${CWD}/src`, glob: '*.js', ignoreCase: true } },
    { tool: 'glob', input: { pattern: '**/*.js' } },
    { tool: 'read', input: { path: `${CWD}/dot.png` } },
    { tool: 'edit', input: { path: `${CWD}/src/index.js`, edits: [{ oldText: 'zzz', newText: 'q' }] } },
    { tool: 'other', input: { name: 'nosuch', input: { a: 1 } } },
    { tool: 'execute', input: { command: 'true', description: 'scripted step' } },
  ]);
  const results = partsOf(open('look')).filter((part) => part.type === 'tool_result');
  expect(results.map(({ status, exitCode }) => [status, exitCode])).toEqual([
    ['ok', undefined],
    ['ok', undefined],
    ['ok', undefined],
    ['ok', undefined],
    ['ok', undefined],
    ['error', undefined],
    ['error', undefined],
    ['ok', 0],
  ]);
  expect(results[4]?.content).toEqual([
    { type: 'text', text: 'Viewed image file successfully.' },
    { type: 'image', mediaType: 'image/png', data: PIXEL },
  ]);
  expect(results[7]?.content).toEqual([]);
});

test('a tool of an MCP server is named by its server', () => {
  expect(callsOf(open('mcp'))).toMatchObject([
    {
      native: { name: 'demo-srv-get_thing' },
      tool: 'mcp',
      input: { server: 'demo-srv', tool: 'get_thing', arguments: { a: 1 } },
    },
  ]);
});

test('an image that was attached to a prompt', () => {
  expect(
    [...open('image').entries()].find((e) => e.type === 'message' && e.origin === 'human'),
  ).toMatchObject({
    parts: [
      { type: 'text', text: 'See this picture' },
      { type: 'image', mediaType: 'image/png', data: PIXEL, path: `${CWD}/dot.png` },
    ],
  });
});

test('a subagent has a session of its own', () => {
  const session = open('subagent');
  expect(texts(session)).not.toContain('Count the files. SAY: "three files"');
  expect(callsOf(session).map(({ tool, input }) => ({ tool, input }))).toMatchObject([
    {
      tool: 'task',
      input: {
        prompt: 'Count the files. SAY: "three files"',
        description: 'count files',
        agentType: 'general-purpose',
      },
    },
    { tool: 'edit' },
    { tool: 'other', input: { name: 'sql' } },
  ]);
  const [sub = expect.fail('no subagent')] = session.subagents;
  expect(told(sub)).toEqual([
    ['user', 'text', 'Count the files. SAY: "three files"'],
    ['assistant', 'text', 'three files'],
  ]);
  expect(sub.info).toMatchObject({
    id: 'c7f2fe0a-2d5d-44d9-9764-724d1ed494f0',
    title: 'count files',
    cwd: CWD,
    models: ['mock-model'],
    lineage: [{ kind: 'subagent', agent: 'copilot', id: session.info.id }],
  });
});

test.each([
  ['think', {}],
  [
    'thinkanth',
    {
      reasoningOpaque: 'bW9ja3NpZw==',
      reasoningBlocks: {
        provider: 'anthropic-messages',
        blocks: [{ type: 'thinking', thinking: 'mock thinking about it', signature: 'bW9ja3NpZw==' }],
      },
    },
  ],
  ['thinkresp', { encryptedContent: 'bW9jaw==', reasoningOpaque: 'rs_yjesrah52sd06kas37gvey' }],
])('%s: reasoning', (scenario, opaque) => {
  const [first] = partsOf(open(scenario)).filter((part) => part.type === 'reasoning');
  expect(first).toMatchObject({ text: 'mock thinking about it', vendor: 'copilot', opaque });
});

test('a session that the native import made', () => {
  const session = open('imported');
  expect(told(session)).toEqual([
    ['user', 'text', 'NEEDLE-U1 hello'],
    ['assistant', 'text', 'NEEDLE-A1 running'],
    ['assistant', 'call', 0, 'other', '{"input":{"command":"cat NEEDLE-ARGS"},"name":"Bash"}'],
    ['assistant', 'call', 1, 'other', '{"input":{"a":1},"name":"mcp__x.y/z w"}'],
    ['user', 'result', 0, 'ok', null, 'NEEDLE-OUT'],
    ['user', 'result', 1, 'error', null, 'NEEDLE-ERRM\n\npartial NEEDLE-ERRC'],
    ['assistant', 'text', 'NEEDLE-A2 done'],
  ]);
  expect(session.info).toMatchObject({ title: 'Imported title', createdAt: '2026-11-20T10:00:00.000Z' });
});

test('a rate limit', () => {
  const { ref, session } = fixture('limit');
  const limit = { scope: 'minute', confidence: 'certain' };
  expect(eventsOf(session)).toMatchObject([{ event: 'limit', limit }]);
  expect(agent.summarize(ref, context)).toMatchObject({
    limit,
    messages: { user: 2, assistant: 1 },
    toolCalls: 0,
    tokens: 133,
  });
});

test.each([
  [{ errorType: 'rate_limit', statusCode: 429 }, 'minute'],
  [{ errorType: 'rate_limit', errorCode: 'user_weekly_rate_limited' }, 'account'],
  [{ errorType: 'rate_limit', errorCode: 'user_model_rate_limited' }, 'model'],
  [{ errorType: 'quota' }, 'account'],
  [{ errorType: 'context_limit' }, 'context'],
  [{ errorType: 'query', statusCode: 529 }, 'overload'],
  [{ errorType: 'query', statusCode: 429 }, 'minute'],
  [{ errorType: 'authentication', statusCode: 401 }, undefined],
  [{ errorType: 7, statusCode: '429' }, undefined],
])('the limit of %j', (data, scope) => {
  expect(limitOf(data as never)?.scope).toBe(scope);
});

test('what a rewind removed is not part of the session', () => {
  const turns = [start(), asked(1, 'one'), said(2, 'ONE'), asked(3, 'two'), said(4, 'TWO')];
  const rewound = reading('rewind', [
    ...turns,
    event(5, 'session.snapshot_rewind', { upToEventId: eventId(3), eventsRemoved: 2 }),
    asked(6, 'three'),
  ]);
  expect(texts(rewound)).toEqual(['one', 'ONE', 'three']);
  expect(eventsOf(rewound)).toMatchObject([{ event: 'rollback' }]);
  const listed = reading('rewind-listed', [
    ...turns,
    event(5, 'session.snapshot_rewind', {
      upToEventId: eventId(3),
      eventsRemoved: 1,
      eventIds: [eventId(3)],
    }),
  ]);
  expect(texts(listed)).toEqual(['one', 'ONE', 'TWO']);
  const unknown = reading('rewind-unknown', [
    ...turns,
    event(5, 'session.snapshot_rewind', { upToEventId: 7 }),
  ]);
  expect(texts(unknown)).toEqual(['one', 'ONE', 'two', 'TWO']);
});

test('a compaction keeps all prompts; clearing keeps nothing', () => {
  const session = reading('compaction', [
    start(),
    asked(1, 'one'),
    said(2, 'ONE'),
    event(3, 'session.compaction_complete', { success: false, error: 'x' }),
    event(4, 'session.compaction_complete', { success: true, summaryContent: 'so far' }),
    asked(5, 'two'),
    event(6, 'session.context_cleared', { messagesCleared: 2 }),
  ]);
  expect([...session.entries()].filter((entry) => entry.type === 'compaction')).toMatchObject([
    { summary: 'so far', keeps: [eventId(1)] },
    { summary: 'The conversation was started anew here.', keeps: [] },
  ]);
});

test('only a person speaks as one', () => {
  const session = reading('origins', [
    start(),
    event(1, 'system.message', { role: 'system', content: 'prompt' }),
    asked(2, 'by hand', { source: 'user' }),
    asked(3, 'a skill', { source: 'skill-pdf' }),
    asked(4, 'go on', { isAutopilotContinuation: true }),
    event(5, 'system.notification', { content: '<system_notification>x</system_notification>', kind: {} }),
    asked(6, 'queued', { delivery: 'queued' }),
    event(7, 'abort', { reason: 'user_initiated' }),
    event(8, 'session.model_change', { newModel: 'm2' }),
    event(9, 'session.mode_changed', { previousMode: 'interactive', newMode: 'plan' }),
    event(10, 'session.title_changed', { title: 'T' }),
  ]);
  const origins = [...session.entries()].flatMap((entry) =>
    entry.type === 'message' ? `${entry.role}/${entry.origin}` : [],
  );
  expect(origins).toEqual([
    'system/harness',
    'user/human',
    'user/harness',
    'user/harness',
    'user/harness',
    'user/human',
  ]);
  expect(eventsOf(session).map(({ event: kind, text }) => [kind, text])).toEqual([
    ['interrupted', 'user_initiated'],
    ['model', 'm2'],
    ['mode', 'plan'],
    ['title', 'T'],
  ]);
  expect(session.info.title).toBe('T');
});

test('attachments that are not images are files', () => {
  const attachments = [
    { type: 'file', path: '/w/a.txt', displayName: 'a.txt' },
    { type: 'directory', path: '/w/src', displayName: 'src' },
    { type: 'selection', filePath: '/w/b.ts', displayName: 'b.ts', text: 'let b' },
    { type: 'blob', mimeType: 'application/pdf', data: 'AAAA' },
    {
      type: 'file',
      path: '/w/gone.png',
      displayName: 'gone.png',
      mimeType: 'image/png',
      assetId: 'sha256:no',
    },
  ];
  expect(partsOf(reading('attachments', [start(), asked(1, 'see', { attachments })]))).toEqual([
    { type: 'text', text: 'see' },
    { type: 'file', name: 'a.txt', path: '/w/a.txt' },
    { type: 'file', name: 'src', path: '/w/src' },
    { type: 'file', name: 'b.ts', path: '/w/b.ts', text: 'let b' },
    { type: 'file', name: 'blob', mediaType: 'application/pdf' },
    { type: 'image', mediaType: 'image/png', path: '/w/gone.png' },
  ]);
});

test('name, directory and branch come from the workspace file, in any form that YAML has', () => {
  const events = [start(), asked(1, 'hi')];
  const yaml = `id: s\ncwd: "/other"\nbranch: dev\nname: |-\n  first line\n  second: line\nuser_named: false\n`;
  expect(reading('yaml', events, yaml).info).toMatchObject({
    title: 'first line\nsecond: line',
    cwd: '/other',
    git: { branch: 'dev' },
  });
  expect(agent.summarize(folder('yaml', events, yaml), context).title).toBe('first line second: line');
  const early = 'id: s\nsummary: made up\n';
  expect(reading('yaml-early', events, early).info).toMatchObject({ title: 'made up', cwd: CWD });
  for (const [n, broken] of ['name: [', '- a', '\u0000', 'a: &a [*a]'].entries()) {
    const ref = folder(`yaml-${n}`, events, broken);
    expect(agent.read(ref, context).info.cwd).toBe(CWD);
  }
  expect(agent.summarize(folder('yaml-0', events, 'name: ['), context)).toMatchObject({
    title: 'hi',
    damaged: 'workspace.yaml cannot be parsed',
  });
});

test('damage is told and costs only what is damaged', () => {
  const session = reading('damaged', [
    '\uFEFFnot json',
    start(),
    asked(1, 'one'),
    '{"type":"user.message","data":{"content":"cut',
    '',
    '[1]',
    event(2, 'assistant.message', { messageId: 1, content: 7, toolRequests: [3, { name: 4 }], model: [] }),
    event(3, 'tool.execution_complete', { toolCallId: 'nobody', success: 'yes' }),
    event(4, 'user.message', { content: null, attachments: 'x' }),
    event(5, 'made.up', {}),
    { type: 'user.message', data: 'x', timestamp: 9 },
    event(6, 'session.error', { errorType: [], message: 3 }),
    event(1, 'user.message', { content: 'the same id' }),
    '{"type":"user.message","data":{"content":"torn',
  ]);
  expect(told(session)).toEqual([
    ['user', 'text', 'one'],
    ['assistant', 'call', 0, 'other', '{"input":{},"name":""}'],
    ['user', 'result', -1, 'error', null, ''],
    ['user', 'text', 'the same id'],
  ]);
  expect(session.diagnostics.map(({ code }) => code).sort()).toEqual([
    'bad-record',
    'bad-record',
    'bad-record',
    'bad-record',
    'orphan-result',
    'unknown-record',
  ]);
  const ids = [...session.entries()].map((entry) => entry.id);
  expect(new Set(ids).size).toBe(ids.length);
  const before = session.diagnostics.length;
  expect([...session.entries()].length).toBe(ids.length);
  expect(session.diagnostics.length).toBe(before);
});

test('a line that is still being written', () => {
  const ref = folder('torn', [start(), asked(1, 'one')]);
  writeFileSync(ref.path, `${readFileSync(ref.path, 'utf8')}{"type":"user.mess`);
  const session = agent.read(ref, context);
  expect(texts(session)).toEqual(['one']);
  expect(session.diagnostics).toMatchObject([{ code: 'torn-record' }]);
});

test('what is no session says so', () => {
  const code = (ref: SessionRef): string => {
    try {
      agent.read(ref, context);
      return 'read';
    } catch (error) {
      return error instanceof SegueError ? error.code : 'other';
    }
  };
  const nothing = folder('nothing', ['{}', 'x']);
  expect(code(nothing)).toBe('not-a-session');
  expect(code({ ...nothing, path: `${nothing.path}.gone` })).toBe('unreadable');
  expect(code({ ...nothing, path: dirname(nothing.path) })).toBe('unreadable');
  expect(agent.summarize(nothing, context).damaged).toBe('not-a-session');
  expect(agent.summarize({ ...nothing, path: '/gone/events.jsonl' }, context).damaged).toBe('unreadable');
});

test('a large transcript is summarised from its ends', () => {
  const filler = Array.from({ length: 40 }, (_, n) => said(n + 2, 'x'.repeat(8000), { model: 'm1' }));
  const events = [start(), asked(1, 'the first prompt'), ...filler, asked(50, 'last')];
  const limited = event(51, 'session.error', { errorType: 'quota', message: 'no more' });
  expect(agent.summarize(folder('large', [...events, limited]), context)).toMatchObject({
    id: 's',
    title: 'the first prompt',
    cwd: CWD,
    model: 'm1',
    createdAt: '2026-11-20T10:00:00.000Z',
    updatedAt: '2026-11-20T10:00:51.000Z',
    limit: { scope: 'account' },
  });
  expect(agent.summarize(folder('large-going-on', events), context).limit).toBeUndefined();
});

test.each([
  [
    { tool: 'execute', input: { command: 'ls', cwd: '/a b', background: true } },
    [['bash', { command: "cd '/a b' && ls", mode: 'async' }]],
  ],
  [{ tool: 'read', input: { path: '/f', limit: 5 } }, [['view', { path: '/f', view_range: [1, 5] }]]],
  [{ tool: 'read', input: { path: '/f', offset: 3 } }, [['view', { path: '/f', view_range: [3, -1] }]]],
  [{ tool: 'list', input: { path: '/d' } }, [['view', { path: '/d' }]]],
  [{ tool: 'write', input: { path: '/f', content: 'x' } }, [['create', { path: '/f', file_text: 'x' }]]],
  [
    {
      tool: 'edit',
      input: {
        path: '/f',
        edits: [
          { oldText: 'a', newText: 'b' },
          { oldText: 'c', newText: '' },
        ],
      },
    },
    [
      ['edit', { path: '/f', old_str: 'a', new_str: 'b' }],
      ['edit', { path: '/f', old_str: 'c', new_str: '' }],
    ],
  ],
  [
    {
      tool: 'patch',
      input: {
        changes: [
          { change: 'add', path: '/n', content: 'x' },
          { change: 'delete', path: '/o' },
        ],
      },
    },
    [
      ['create', { path: '/n', file_text: 'x' }],
      ['bash', { command: 'rm -- /o' }],
    ],
  ],
  [
    { tool: 'grep', input: { pattern: 'p', path: '/d', glob: '*.ts', ignoreCase: true } },
    [['grep', { pattern: 'p', paths: '/d', glob: '*.ts', '-i': true }]],
  ],
  [{ tool: 'glob', input: { pattern: '*', path: '/d' } }, [['glob', { pattern: '*', paths: '/d' }]]],
  [
    { tool: 'web_fetch', input: { url: 'https://a.b', prompt: 'p' } },
    [['web_fetch', { url: 'https://a.b' }]],
  ],
  [{ tool: 'web_search', input: { query: 'q' } }, [['web_search', { query: 'q' }]]],
  [
    { tool: 'task', input: { prompt: 'p', agentType: 'explore' } },
    [['task', { name: 'helper', agent_type: 'explore', description: 'Subtask', prompt: 'p' }]],
  ],
  [{ tool: 'mcp', input: { server: 's', tool: 't', arguments: { a: 1 } } }, [['s-t', { a: 1 }]]],
  [{ tool: 'mcp', input: { server: 's.x', tool: 't', arguments: {} } }, undefined],
  [{ tool: 'plan', input: { items: [] } }, undefined],
  [{ tool: 'other', input: { name: 'x', input: {} } }, undefined],
] as const)('%j is written as Copilot would call it', (call, natives) => {
  const written = agent.tools.write(call as never)?.map(({ name, input }) => [name, input]);
  expect(written).toEqual(natives);
});

test('odd calls are read as they are', () => {
  const read = (name: string, input: unknown) => agent.tools.read({ name, input: input as never }, '/w');
  const patch = '*** Begin Patch\n*** Delete File: a\n*** End Patch';
  expect(read('apply_patch', patch).tool).toBe('patch');
  expect(read('apply_patch', { input: patch }).tool).toBe('patch');
  expect(read('apply_patch', 'nonsense').tool).toBe('other');
  expect(read('view', { path: 'a/b', view_range: [2, -1] })).toEqual({
    tool: 'read',
    input: { path: '/w/a/b', offset: 2 },
  });
  expect(read('grep', { pattern: 'x', paths: ['src'] })).toMatchObject({ input: { path: '/w/src' } });
  expect(read('grep', { pattern: 'x', paths: ['a', 'b'] }).tool).toBe('other');
  expect(read('bash', { command: 5 }).tool).toBe('other');
  expect(read('edit', { path: '/f' }).tool).toBe('other');
  expect(read('view', null).tool).toBe('other');
});

const entry = (id: string, role: 'user' | 'assistant', ...parts: Part[]): Entry => ({
  id,
  parentId: null,
  time: '2026-11-20T10:00:01.000Z',
  evidence: [],
  type: 'message',
  role,
  origin: role === 'assistant' ? 'agent' : 'human',
  parts,
});

function encoded(entries: Entry[]): { files: string[]; session: Session } {
  const source: Session = {
    info: {
      agent: 'claude',
      id: 'from',
      models: [],
      lineage: [],
      git: { branch: 'dev' },
      createdAt: '2026-11-20T10:00:00.000Z',
    },
    entries: () => entries,
    branches: [],
    subagents: [],
    diagnostics: [],
  };
  const now = new Date('2026-11-23T10:00:00.000Z');
  const plan = agent.writer?.encode(source, {
    env: context.env,
    cwd: CWD,
    now,
    ids: seededIds(new Uint8Array(32), now.getTime()),
    title: 'A "title"\u2028: x',
    store: {},
  });
  const files = plan?.files.map((file) => {
    const text = [...file.content()].join('');
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(file.path, text);
    return text;
  });
  const ref = agent.recognize?.(plan?.ref.path ?? '', context) ?? expect.fail('not recognised');
  return { files: files ?? [], session: agent.read(ref, context) };
}

test('a written folder', () => {
  const call: ToolCallPart = {
    type: 'tool_call',
    callId: 'c1',
    native: { name: 'bash', input: { command: 'make' } },
    tool: 'execute',
    input: { command: 'make' },
  };
  const outcome: ToolResultPart = {
    type: 'tool_result',
    callId: 'c1',
    status: 'error',
    exitCode: 2,
    content: [{ type: 'text', text: 'bad' }],
  };
  const content = agent.tools.writeResult?.(call, outcome) ?? [];
  const { files, session } = encoded([
    entry('1', 'user', { type: 'text', text: 'go\u2028on' }),
    entry('2', 'assistant', { type: 'text', text: 'I do' }, call),
    entry('3', 'user', { ...outcome, content }, { type: 'text', text: 'and then?' }),
  ]);
  const [events = '', workspace = ''] = files;
  const parsed = events
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(events).not.toContain('\u2028');
  expect(parsed.map(({ type, data }) => [type, data])).toEqual([
    [
      'session.start',
      {
        sessionId: session.info.id,
        version: 1,
        producer: 'copilot-agent',
        copilotVersion: '1.0.102',
        startTime: '2026-11-20T10:00:00.000Z',
        context: { cwd: CWD, branch: 'dev' },
        alreadyInUse: false,
        segueSource: { agent: 'claude', id: 'from' },
      },
    ],
    ['user.message', { content: 'go\u2028on' }],
    [
      'assistant.message',
      {
        messageId: '2',
        content: 'I do',
        toolRequests: [{ toolCallId: 'c1', name: 'bash', arguments: { command: 'make' }, type: 'function' }],
      },
    ],
    ['tool.execution_start', { toolCallId: 'c1', toolName: 'bash', arguments: { command: 'make' } }],
    [
      'tool.execution_complete',
      {
        toolCallId: 'c1',
        shellExecution: { exitCode: 2 },
        success: true,
        result: { content: 'bad\n<shellId: 0 completed with exit code 2>' },
      },
    ],
    ['user.message', { content: 'and then?' }],
  ]);
  expect(workspace).toBe(
    [
      `id: "${session.info.id}"`,
      `cwd: "${CWD}"`,
      'branch: "dev"',
      'name: "A \\"title\\" : x"',
      'user_named: true',
      'summary_count: 0',
      'fork_count: 0',
      'created_at: "2026-11-20T10:00:00.000Z"',
      'updated_at: "2026-11-23T10:00:00.000Z"',
      '',
    ].join('\n'),
  );
  expect(session.info).toMatchObject({
    title: 'A "title" : x',
    lineage: [{ kind: 'transplant', agent: 'claude', id: 'from' }],
  });
});

test('images keep their place beside a text, and stand without one', () => {
  const image = (data: string) => ({ type: 'image' as const, mediaType: 'image/png', data });
  const parts = [image('AAAA'), { type: 'text' as const, text: 'between' }, image('BBBB')];
  const { session } = encoded([entry('1', 'user', ...parts), entry('2', 'user', image('CCCC'))]);
  expect(partsOf(session)).toEqual([...parts, image('CCCC')]);
});

test('starting and resuming', () => {
  const request = { cwd: '/w', prompt: '-x\ny', flags: ['--model', 'm'] };
  expect(agent.launch.start(request)).toEqual({
    argv: ['copilot', '--model', 'm', '--interactive=-x\ny'],
    cwd: '/w',
  });
  const session = { id: 'i', path: '/s' };
  expect(agent.launch.resume(session, { ...request, headless: true })).toEqual({
    argv: ['copilot', '--resume=i', '--model', 'm', '--prompt=-x\ny'],
    cwd: '/w',
    stdin: 'ignore',
  });
  expect(agent.launch.resume(session, { cwd: '/w' })).toEqual({ argv: ['copilot', '--resume=i'], cwd: '/w' });
});
