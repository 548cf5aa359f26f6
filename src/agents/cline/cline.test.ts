import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { comparable } from '../../model/compare.ts';
import { SegueError } from '../../model/errors.ts';
import type { NativeCall, Session, ToolCallPart, ToolResultPart } from '../../model/session.ts';
import { clineLimit } from '../_shared/cline-limits.ts';
import type { SessionRef } from '../contract.ts';
import { agent } from './index.ts';
import { outcome, resultBlock } from './results.ts';

const scratch = mkdtempSync(join(tmpdir(), 'segue-cline-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const CWD = '/home/dev/cline/todo-api';
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

const texts = (session: Session) => told(session).map((line) => (line as string[])[2]);

const partsOf = (session: Session) =>
  [...session.entries()].flatMap((entry) => (entry.type === 'message' ? entry.parts : []));

const callsOf = (session: Session): ToolCallPart[] =>
  partsOf(session).filter((part) => part.type === 'tool_call');

const resultsOf = (session: Session): ToolResultPart[] =>
  partsOf(session).filter((part) => part.type === 'tool_result');

/** A session in the scratch home, from its messages (or the raw text of the file). */
function folder(id: string, messages: unknown[] | string, manifest?: object): SessionRef {
  const path = join(scratch, '.cline/data/sessions', id, `${id}.messages.json`);
  mkdirSync(dirname(path), { recursive: true });
  const text = typeof messages === 'string' ? messages : JSON.stringify({ version: 1, messages });
  writeFileSync(path, text);
  if (manifest !== undefined) writeFileSync(join(dirname(path), `${id}.json`), JSON.stringify(manifest));
  return { agent: 'cline', id, path, bytes: text.length, mtimeMs: 0 };
}

const reading = (id: string, messages: unknown[] | string): Session =>
  agent.read(folder(id, messages), context);

/** A task of the older extension. */
function taskOf(id: string, messages: unknown[], row?: object): SessionRef {
  const store = join(scratch, '.config/Code/User/globalStorage/saoudrizwan.claude-dev');
  const path = join(store, 'tasks', id, 'api_conversation_history.json');
  mkdirSync(dirname(path), { recursive: true });
  mkdirSync(join(store, 'state'), { recursive: true });
  writeFileSync(path, JSON.stringify(messages));
  writeFileSync(
    join(store, 'state/taskHistory.json'),
    JSON.stringify(row === undefined ? [] : [{ id, ...row }]),
  );
  return { agent: 'cline', id, path, bytes: 0, mtimeMs: 0 };
}

test('sessions are found in both stores', () => {
  const env = { ...context.env, home: join(scratch, 'discover') };
  const sessions = join(env.home, '.cline/data/sessions');
  const tasks = join(
    env.home,
    '.config/Cursor/User/globalStorage/saoudrizwan.claude-dev/tasks/1700000000000',
  );
  for (const path of [join(sessions, 'a'), join(sessions, 'b'), tasks]) mkdirSync(path, { recursive: true });
  writeFileSync(join(sessions, 'a/a.messages.json'), '[]');
  writeFileSync(join(sessions, 'a/a.json'), '{}');
  writeFileSync(join(sessions, 'a/agent_1.messages.json'), '[]');
  writeFileSync(join(sessions, 'b/b.json'), '{}');
  writeFileSync(join(tasks, 'api_conversation_history.json'), '[]');
  writeFileSync(join(tasks, 'ui_messages.json'), '[]');
  const { refs, diagnostics } = agent.discover({ env });
  expect(refs.map(({ id }) => id)).toEqual(['a', '1700000000000']);
  expect(diagnostics).toEqual([]);
  for (const ref of refs) {
    expect(agent.recognize?.(ref.path, context)).toEqual(ref);
    expect(agent.recognize?.(dirname(ref.path), context)).toEqual(ref);
  }
  expect(agent.recognize?.(join(sessions, 'a/a.json'), context)?.id).toBe('a');
  expect(agent.recognize?.(join(tasks, 'ui_messages.json'), context)).toBeUndefined();
  expect(agent.recognize?.('/nowhere', context)).toBeUndefined();
});

test('every place that a variable or a system gives', () => {
  const first = (vars: Record<string, string>) => agent.roots({ home: '/h', vars, platform: 'linux' })[0];
  expect(first({})).toBe('/h/.cline/data/sessions');
  expect(first({ CLINE_DIR: '/c' })).toBe('/c/data/sessions');
  expect(first({ CLINE_DIR: '/c', CLINE_DATA_DIR: '/d' })).toBe('/d/sessions');
  expect(first({ CLINE_SESSION_DATA_DIR: '/s' })).toBe('/s');
  expect(agent.roots({ home: '/h', vars: {}, platform: 'darwin' })).toContain(
    '/h/Library/Application Support/Code - Insiders/User/globalStorage/saoudrizwan.claude-dev/tasks',
  );
});

test('two turns', () => {
  const session = open('basic');
  expect(told(session)).toEqual([
    ['user', 'text', 'What does this todo-api service do?'],
    ['assistant', 'text', 'MOCK-REPLY #36 (saw 1 messages)'],
    ['user', 'text', 'And how do I start it?'],
    ['assistant', 'text', 'MOCK-REPLY #37 (saw 3 messages)'],
  ]);
  expect(session.info).toEqual({
    agent: 'cline',
    id: '1795369443669_p2tx5',
    title: 'What does this todo-api service do?',
    cwd: CWD,
    git: { branch: 'main' },
    models: ['claude-sonnet-4-6'],
    usage: { input: 222, output: 44, cacheRead: 0, cacheWrite: 0 },
    createdAt: '2026-11-22T17:44:03.681Z',
    updatedAt: '2026-11-22T17:44:24.519Z',
    agentVersion: '3.0.65',
    lineage: [],
  });
  expect(session.diagnostics).toEqual([]);
});

test('commands: output, exit code and status', () => {
  expect(callsOf(open('tools'))).toMatchObject([
    { tool: 'execute', input: { command: 'ls -1 && cat package.json' } },
  ]);
  expect(resultsOf(open('tools'))).toMatchObject([
    { status: 'ok', exitCode: 0, content: [{ type: 'text', text: expect.stringMatching(/^README\.md\n/) }] },
  ]);
  expect(resultsOf(open('error'))).toMatchObject([
    { status: 'error', exitCode: 3, content: [{ type: 'text', text: 'before-fail\n' }] },
  ]);
});

test('files written and edited', () => {
  const path = `${CWD}/NOTES.md`;
  expect(callsOf(open('edit')).map(({ tool, input }) => ({ tool, input }))).toEqual([
    { tool: 'write', input: { path, content: '# Notes\nhello\n' } },
    { tool: 'edit', input: { path, edits: [{ oldText: 'hello', newText: 'goodbye' }] } },
  ]);
  expect(resultsOf(open('edit'))).toMatchObject([
    { status: 'ok', content: [{ text: `File created successfully at: ${path}` }] },
    { status: 'ok', content: [{ text: expect.stringMatching(/^Edited .*\n```diff\n/) }] },
  ]);
});

test('every tool that was called, and what came of it', () => {
  const session = open('look');
  const file = `${CWD}/src/index.js`;
  expect(callsOf(session).map(({ tool, input }) => [tool, input])).toEqual([
    ['read', { path: file }],
    [
      'other',
      {
        name: 'read_files',
        input: { files: [{ path: file, start_line: 2, end_line: 2 }, { path: '/nope' }] },
      },
    ],
    ['read', { path: `${CWD}/dot.png` }],
    ['grep', { pattern: 'listen' }],
    ['edit', { path: file, edits: [{ oldText: 'zzz', newText: 'q' }] }],
    ['edit', { path: file, edits: [{ oldText: 'listen(3000)', newText: 'listen(8080)' }] }],
    ['other', { name: 'editor', input: { path: file, insert_line: 1, new_text: '// top\n' } }],
    ['execute', { command: 'echo one\nexit 4\ntrue' }],
    ['other', { name: 'nosuch', input: { a: 1 } }],
    ['task', { prompt: 'Count. SAY: "three"' }],
    ['execute', { command: 'true' }],
  ]);
  const results = resultsOf(session);
  expect(results.map(({ status, exitCode }) => [status, exitCode])).toEqual([
    ['ok', undefined],
    ['error', undefined],
    ['ok', undefined],
    ['ok', undefined],
    ['error', undefined],
    ['ok', undefined],
    ['ok', undefined],
    ['error', 4],
    ['error', undefined],
    ['ok', undefined],
    ['ok', 0],
  ]);
  const text = (value: string) => ({ type: 'text', text: value });
  expect(results[1]?.content).toEqual([
    text('2 | server.listen(3000);'),
    text("Error reading file: ENOENT: no such file or directory, statx '/nope'"),
  ]);
  expect(results[2]?.content).toEqual([
    text('Successfully read image'),
    { type: 'image', mediaType: 'image/png', data: PIXEL },
  ]);
  expect(results[4]?.content).toMatchObject([{ text: expect.stringMatching(/^Editor operation failed/) }]);
  expect(results[7]?.content).toEqual([text('one\n'), text('[Command exited with code 4]')]);
  expect(results[10]?.content).toEqual([]);
});

test('a subagent has a session of its own', () => {
  const [sub = expect.fail('no subagent'), ...others] = open('look').subagents;
  expect(others).toEqual([]);
  expect(texts(sub)).toEqual(['Count. SAY: "three"', 'three']);
  expect(sub.info).toMatchObject({
    id: '1795451795255_mnayr__agent_1795451803562_z0y5mx',
    cwd: CWD,
    lineage: [{ kind: 'subagent', agent: 'cline', id: '1795451795255_mnayr' }],
  });
});

test('reasoning is kept with the model that it belongs to', () => {
  expect(partsOf(open('think')).find((part) => part.type === 'reasoning')).toEqual({
    type: 'reasoning',
    text: 'mock thinking about it',
    vendor: 'cline',
    opaque: {
      block: { type: 'thinking', thinking: 'mock thinking about it' },
      modelInfo: { id: 'claude-sonnet-4-6', provider: 'anthropic', family: 'claude-sonnet' },
    },
  });
});

test('a rate limit is an event, and the list tells it', () => {
  const { ref, session } = fixture('limit');
  const limit = { scope: 'minute', confidence: 'likely' };
  expect([...session.entries()].map((entry) => entry.type)).toEqual(['message', 'event']);
  expect(session.info.models).toEqual([]);
  expect(agent.summarize(ref, context)).toMatchObject({ limit, messages: { user: 1, assistant: 0 } });
  expect(agent.summarize(fixture('limit-interrupted').ref, context).limit).toBeUndefined();
});

test.each([
  ['This request would exceed your rate limit.', 'minute'],
  ['429 Too Many Requests', 'minute'],
  ['Your credit balance is too low', 'account'],
  ['You have hit your usage limit', 'account'],
  ['Overloaded', 'overload'],
  ['prompt is too long: 200001 tokens', 'context'],
  ['connect ECONNREFUSED 127.0.0.1:1', undefined],
])('%s', (message, scope) => {
  expect(clineLimit(message)?.scope).toBe(scope);
});

test('what the agent put in is not a person, and an error is no message', () => {
  const user = (text: string) => ({ role: 'user', content: [{ type: 'text', text }] });
  const session = reading('origins', [
    { role: 'user', content: 'plain text' },
    user('<user_input mode="plan"><system-reminder>typed</system-reminder></user_input>'),
    user('<system-reminder>not typed</system-reminder>'),
    { role: 'assistant', content: [{ type: 'text', text: 'x' }], metadata: { displayOnly: true } },
    {
      role: 'assistant',
      content: [{ type: 'text', text: 'connection refused' }],
      metadata: { displayOnly: true, displayRole: 'error' },
    },
    { role: 'user', content: [{ type: 'file', path: '/f', content: 'in it' }, { type: 'image' }] },
  ]);
  const seen = [...session.entries()].map((entry) =>
    entry.type === 'message'
      ? [entry.origin, entry.parts]
      : [entry.type, entry.type === 'event' && entry.event],
  );
  expect(seen).toEqual([
    ['human', [{ type: 'text', text: 'plain text' }]],
    ['human', [{ type: 'text', text: '<system-reminder>typed</system-reminder>' }]],
    ['harness', [{ type: 'text', text: '<system-reminder>not typed</system-reminder>' }]],
    ['event', 'error'],
    ['human', [{ type: 'file', path: '/f', text: 'in it' }]],
  ]);
});

test('a task of the older extension: tools of a model API', () => {
  const ref = taskOf(
    '1700000000000',
    [
      {
        role: 'user',
        content: [
          { type: 'text', text: '<task>\nFix it\n</task>' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
          { type: 'text', text: '<environment_details>\n# Visible files\n</environment_details>' },
        ],
      },
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 't1', name: 'execute_command', input: { command: 'ls' } }],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: 'a.txt' }] },
    ],
    { task: 'Fix it', cwdOnTaskInitialization: '/w', modelId: 'm', tokensIn: 5, tokensOut: 6 },
  );
  const session = agent.read(ref, context);
  expect(told(session)).toEqual([
    ['user', 'text', 'Fix it'],
    ['user', 'image', 'image/png', 'AAAA'],
    ['assistant', 'call', 0, 'execute', '{"command":"ls"}'],
    ['user', 'result', 0, 'ok', null, 'a.txt'],
  ]);
  expect(session.info).toMatchObject({
    title: 'Fix it',
    cwd: '/w',
    models: ['m'],
    usage: { input: 5, output: 6 },
    createdAt: '2023-11-14T22:13:20.000Z',
  });
  expect(agent.summarize(ref, context)).toMatchObject({ title: 'Fix it', toolCalls: 1, tokens: 11 });
  expect(agent.summarize(ref, context).damaged).toBeUndefined();
});

test('a task of the older extension: calls in the text', () => {
  const user = (...said: string[]) => ({
    role: 'user',
    content: said.map((text) => ({ type: 'text', text })),
  });
  const diff = '------- SEARCH\nold\n=======\nnew\n+++++++ REPLACE';
  const session = agent.read(
    taskOf('1700000000001', [
      user('<task>\nFix it\n</task>'),
      {
        role: 'assistant',
        content:
          'Looking.\n<execute_command>\n<command>ls\n-la</command>\n<requires_approval>false</requires_approval>\n</execute_command>',
      },
      user("[execute_command for 'ls'] Result:", 'a.txt', '<environment_details>x</environment_details>'),
      {
        role: 'assistant',
        content: `<replace_in_file>\n<path>/w/a.txt</path>\n<diff>\n${diff}\n</diff>\n</replace_in_file>`,
      },
      user("[replace_in_file for 'a.txt'] Result:\nsaved", '<feedback>\nnow stop\n</feedback>'),
      { role: 'assistant', content: 'Use <execute_command> to run things.' },
    ]),
    context,
  );
  expect(told(session)).toEqual([
    ['user', 'text', 'Fix it'],
    ['assistant', 'text', 'Looking.'],
    ['assistant', 'call', 0, 'execute', '{"command":"ls\\n-la"}'],
    ['user', 'result', 0, 'ok', null, 'a.txt'],
    ['assistant', 'call', 1, 'edit', '{"edits":[{"newText":"new","oldText":"old"}],"path":"/w/a.txt"}'],
    ['user', 'result', 1, 'ok', null, 'saved'],
    ['user', 'text', 'now stop'],
    ['assistant', 'text', 'Use <execute_command> to run things.'],
  ]);
  expect([...session.entries()].length).toBe(told(session).length);
});

test('damage is told and costs only what is damaged', () => {
  const session = reading('damaged', [
    7,
    null,
    { role: 'robot', content: 'x' },
    {
      role: 'assistant',
      content: [3, { type: 'tool_use' }, { type: 'new_block' }],
      ts: 'never',
      modelInfo: 5,
    },
    { role: 'user', content: [{ type: 'tool_result', content: { a: 1 } }] },
    {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'nobody', content: [{ query: 1, result: 2 }] }],
    },
    { id: 'same', role: 'user', content: 'one' },
    { id: 'same', role: 'user', content: 'two' },
  ]);
  expect(told(session)).toEqual([
    ['assistant', 'call', 0, 'other', '{"input":{},"name":""}'],
    ['user', 'result', 0, 'ok', null, ''],
    ['user', 'result', -1, 'ok', null, ''],
    ['user', 'text', 'one'],
    ['user', 'text', 'two'],
  ]);
  const count = session.diagnostics.length;
  expect(session.diagnostics.map(({ code }) => code)).toEqual([
    'bad-record',
    'bad-record',
    'unknown-record',
    'orphan-result',
  ]);
  const ids = [...session.entries()].map((entry) => entry.id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(session.diagnostics.length).toBe(count);
});

test('a file that is cut off gives what is whole; a bare array is read', () => {
  const whole = JSON.stringify({
    version: 1,
    messages: [
      { role: 'user', content: 'one' },
      { role: 'user', content: 'two' },
    ],
  });
  const cut = reading('cut', whole.slice(0, -8));
  expect(texts(cut)).toEqual(['one']);
  expect(cut.diagnostics).toMatchObject([{ code: 'torn-record' }]);
  expect(texts(reading('bare', '\ufeff[{"role":"user","content":"one"}]'))).toEqual(['one']);
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
  const nothing = folder('nothing', '{"version":1}');
  expect(code(nothing)).toBe('not-a-session');
  expect(code(folder('text', 'hello'))).toBe('not-a-session');
  expect(code({ ...nothing, path: dirname(nothing.path) })).toBe('unreadable');
  expect(code({ ...nothing, path: '/gone/x.messages.json' })).toBe('unreadable');
  expect(agent.summarize(nothing, context).damaged).toBeDefined();
  const orphan = folder('orphan', [{ role: 'user', content: 'hi' }]);
  expect(agent.summarize(orphan, context)).toMatchObject({
    title: 'hi',
    damaged: 'the manifest is missing: Cline does not resume such a session',
  });
});

test('a large session is summarised from its facts and its ends', () => {
  const said = Array.from({ length: 30 }, (_, n) => ({
    role: 'assistant',
    content: 'x'.repeat(9000),
    ts: 1795368280534 + n,
  }));
  const error = {
    id: 'error_1',
    role: 'assistant',
    content: [{ type: 'text', text: 'Too "many" requests' }],
    ts: 1795368290000,
    metadata: { displayOnly: true, displayRole: 'error' },
  };
  const messages = [{ role: 'user', content: '<user_input mode="act">the prompt</user_input>' }, ...said];
  const manifest = {
    cwd: '/w',
    model: 'm',
    started_at: '2026-11-22T17:00:00.000Z',
    metadata: { git: { branch: 'b' } },
  };
  expect(agent.summarize(folder('large', [...messages, error], manifest), context)).toMatchObject({
    title: 'the prompt',
    cwd: '/w',
    branch: 'b',
    model: 'm',
    createdAt: '2026-11-22T17:00:00.000Z',
    updatedAt: '2026-11-22T17:24:50.000Z',
  });
  expect(agent.summarize(folder('large', messages, manifest), context).limit).toBeUndefined();
  const limited = [...messages, { ...error, content: [{ type: 'text', text: 'over your rate limit' }] }];
  expect(agent.summarize(folder('large', limited, manifest), context).limit?.scope).toBe('minute');
});

test.each([
  [
    { tool: 'execute', input: { command: 'ls', cwd: '/a b' } },
    [['run_commands', { commands: ["cd '/a b' && ls"] }]],
  ],
  [
    { tool: 'read', input: { path: '/f', limit: 5 } },
    [['read_files', { files: [{ path: '/f', end_line: 5 }] }]],
  ],
  [
    { tool: 'read', input: { path: '/f', offset: 3, limit: 2 } },
    [['read_files', { files: [{ path: '/f', start_line: 3, end_line: 4 }] }]],
  ],
  [{ tool: 'write', input: { path: '/f', content: 'x' } }, [['editor', { path: '/f', new_text: 'x' }]]],
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
      ['editor', { path: '/f', old_text: 'a', new_text: 'b' }],
      ['editor', { path: '/f', old_text: 'c', new_text: '' }],
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
      ['editor', { path: '/n', new_text: 'x' }],
      ['run_commands', { commands: ['rm -- /o'] }],
    ],
  ],
  [{ tool: 'grep', input: { pattern: 'p' } }, [['search_codebase', { queries: ['p'] }]]],
  [
    { tool: 'web_fetch', input: { url: 'https://a.b' } },
    [['fetch_web_content', { requests: [{ url: 'https://a.b', prompt: 'Show the content.' }] }]],
  ],
  [{ tool: 'web_search', input: { query: 'q' } }, [['web_search', { query: 'q' }]]],
  [
    { tool: 'task', input: { prompt: 'p', agentType: 'x' } },
    [['spawn_agent', { systemPrompt: 'You are the subagent "x".', task: 'p' }]],
  ],
  [{ tool: 'mcp', input: { server: 's', tool: 't', arguments: { a: 1 } } }, [['s__t', { a: 1 }]]],
  [{ tool: 'mcp', input: { server: 's.x', tool: 't', arguments: {} } }, undefined],
  [{ tool: 'list', input: { path: '/d' } }, undefined],
  [{ tool: 'glob', input: { pattern: '*' } }, undefined],
  [{ tool: 'plan', input: { items: [] } }, undefined],
  [{ tool: 'other', input: { name: 'x', input: {} } }, undefined],
] as const)('%j is written as Cline would call it', (call, natives) => {
  expect(agent.tools.write(call as never)?.map(({ name, input }) => [name, input])).toEqual(natives);
});

test.each([
  [
    'read_files',
    { files: [{ path: 'a', start_line: 2, end_line: 4 }] },
    'read',
    { path: '/w/a', offset: 2, limit: 3 },
  ],
  ['run_commands', { commands: [5] }, 'other', undefined],
  ['run_commands', {}, 'other', undefined],
  [
    'editor',
    { path: '/f', new_text: 'x', old_text: null, insert_line: null },
    'write',
    { path: '/f', content: 'x' },
  ],
  ['fetch_web_content', { requests: [{ url: 'u', prompt: 'p' }] }, 'web_fetch', { url: 'u', prompt: 'p' }],
  ['web_search', { query: 'q' }, 'web_search', { query: 'q' }],
  ['srv__tool__x', { a: 1 }, 'mcp', { server: 'srv', tool: 'tool__x', arguments: { a: 1 } }],
  ['read_file', { path: 'a' }, 'read', { path: '/w/a' }],
  ['write_to_file', { path: 'a', content: 'c' }, 'write', { path: '/w/a', content: 'c' }],
  ['list_files', { path: '.' }, 'list', { path: '/w' }],
  [
    'search_files',
    { path: '.', regex: 'r', file_pattern: '*.ts' },
    'grep',
    { pattern: 'r', path: '/w', glob: '*.ts' },
  ],
  [
    'use_mcp_tool',
    { server_name: 's', tool_name: 't', arguments: '{"a":1}' },
    'mcp',
    { server: 's', tool: 't', arguments: { a: 1 } },
  ],
  [
    'update_todo_list',
    { todos: '[x] a\n[-] b\n[ ] c' },
    'plan',
    {
      items: [
        { text: 'a', status: 'completed' },
        { text: 'b', status: 'in_progress' },
        { text: 'c', status: 'pending' },
      ],
    },
  ],
  ['attempt_completion', { result: 'done' }, 'other', undefined],
] as const)('%s %j is read as %s', (name, input, tool, meant) => {
  const call = agent.tools.read({ name, input: input as never }, '/w');
  expect(call.tool).toBe(tool);
  if (meant !== undefined) expect(call.input).toEqual(meant);
});

test('results are written in the form of the tool that was called', () => {
  const text = (value: string): ToolResultPart['content'] => [{ type: 'text', text: value }];
  const block = (call: NativeCall, result: Partial<ToolResultPart>) => {
    const written = resultBlock(call, {
      type: 'tool_result',
      callId: 'c',
      status: 'ok',
      content: [],
      ...result,
    });
    return { content: written.content, failed: written.is_error, told: outcome(call, written) };
  };
  const run: NativeCall = { name: 'run_commands', input: { commands: ['make'] } };
  expect(block(run, { exitCode: 0, content: text('x') }).content).toEqual([
    { query: 'make', result: 'x', success: true },
  ]);
  expect(block(run, { status: 'error', exitCode: 2, content: text('bad') })).toEqual({
    content: [
      {
        query: 'make',
        result: '[Command exited with code 2]\nbad',
        error: 'Command exited with code 2',
        success: false,
      },
    ],
    failed: undefined,
    told: { status: 'error', exitCode: 2, content: text('bad') },
  });
  const edit: NativeCall = { name: 'editor', input: { path: '/f', new_text: '' } };
  expect(block(edit, { status: 'error', content: text('no') }).content).toBe(
    '{"query":"edit:/f","result":"","error":"no","success":false}',
  );
  expect(block({ name: 'theirs', input: {} }, { status: 'error', content: text('no') })).toMatchObject({
    content: 'no',
    failed: true,
  });
  const several: NativeCall = { name: 'run_commands', input: { commands: ['a', 'b'] } };
  const both = [...text('one'), ...text('[Command exited with code 4]')];
  expect(block(several, { status: 'error', exitCode: 4, content: both }).content).toEqual([
    { query: 'a', result: 'one', success: true },
    { query: 'b', result: '[Command exited with code 4]', success: false },
  ]);
  const image = { type: 'image' as const, mediaType: 'image/png', data: 'AAAA' };
  expect(block({ name: 'theirs', input: {} }, { content: [...text('see'), image] }).content).toEqual([
    {
      query: '',
      result: [
        { type: 'text', text: 'see' },
        { type: 'image', data: 'AAAA', mediaType: 'image/png' },
      ],
      success: true,
    },
  ]);
});

test('the provider and model in use are written, so that the manifest is whole', () => {
  const home = join(scratch, 'probe');
  mkdirSync(join(home, '.cline/data/settings'), { recursive: true });
  const file = join(home, '.cline/data/settings/providers.json');
  const env = { ...context.env, home };
  const probe = () => agent.writer?.probe(env, CWD);
  expect(probe()).toEqual({});
  writeFileSync(file, '{"lastUsedProvider":"p","providers":{"p":{"settings":{"model":"m"}}}}');
  expect(probe()).toEqual({ provider: 'p', model: 'm' });
  writeFileSync(file, '{"lastUsedProvider":"p","providers":[]}');
  expect(probe()).toEqual({ provider: 'p' });
  expect(readFileSync(file, 'utf8')).toContain('"p"');
});

test('starting and resuming', () => {
  const request = { cwd: '/w', prompt: '-x', flags: ['--model', 'm'] };
  expect(agent.launch.start(request)).toEqual({ argv: ['cline', '--tui', '--model', 'm', ' -x'], cwd: '/w' });
  expect(agent.launch.start({ ...request, headless: true })).toEqual({
    argv: ['cline', '--model', 'm', ' -x'],
    cwd: '/w',
    stdin: 'ignore',
  });
  const session = { id: 'i', path: '/s' };
  expect(agent.launch.resume(session, { cwd: '/w' })).toEqual({ argv: ['cline', '--id', 'i'], cwd: '/w' });
  expect(agent.launch.resume(session, request)).toBeUndefined();
  expect(agent.launch.resume(session, { cwd: '/w', headless: true })).toBeUndefined();
});
