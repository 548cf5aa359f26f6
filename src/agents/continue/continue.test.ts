import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitrarySession } from '../../../test/arbitrary-session.ts';
import { fail, lines, nativeLines, workbench } from '../../../test/workbench.ts';
import { seededIds } from '../../model/ids.ts';
import type { Entry, NativeCall, Part, Session, ToolCallPart, ToolResultPart } from '../../model/session.ts';
import type { ToolCall } from '../../model/tools.ts';
import type { EncodeTarget, SessionRef, Writer } from '../contract.ts';
import { agent } from './index.ts';

const CWD = '/home/dev/cn/todo-api';
const { scratch, context, fixture, open, fixtureCalls } = workbench(agent, import.meta.dirname);
const writer: Writer = agent.writer ?? fail('no writer');

function stored(name: string, content: unknown): SessionRef {
  const path = join(scratch, '.continue/sessions', `${name}.json`);
  mkdirSync(dirname(path), { recursive: true });
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  writeFileSync(path, text);
  return { agent: 'continue', id: name, path, bytes: text.length, mtimeMs: 1 };
}

const said = (role: string, content: unknown, more: object = {}) => ({
  message: { role, content },
  contextItems: [],
  ...more,
});

test('sessions are found beside the index, which is none', () => {
  expect(fixture('fork').refs.map((ref) => [ref.agent, ref.id])).toEqual([
    ['continue', '58182a6f-a2b1-4e2a-8a03-49c673ce4a28'],
    ['continue', 'f577fb56-168c-4308-8de1-206ac3581476'],
  ]);
  expect(agent.roots({ home: '/h', vars: {}, platform: 'linux' })).toEqual(['/h/.continue/sessions']);
  expect(agent.roots({ home: '/h', vars: { CONTINUE_GLOBAL_DIR: '/c' }, platform: 'linux' })).toEqual([
    '/c/sessions',
  ]);
});

test('a session with tools', () => {
  const session = open('tools');
  expect(session.info).toMatchObject({
    agent: 'continue',
    id: '761bbb41-30f6-4a00-b201-2e98f65b4384',
    title: undefined,
    cwd: CWD,
    models: ['mock-model'],
    usage: { input: 222, output: 44, cacheRead: 0, cacheWrite: 0 },
    lineage: [],
  });
  expect(lines(session)).toEqual([
    ['user', 'text', 'Show the files. RUN: ls -1 && cat package.json'],
    ['assistant', 'text', 'I will run it.'],
    ['assistant', 'call', 0, 'execute', '{"command":"ls -1 && cat package.json"}'],
    ['user', 'result', 0, 'ok', null, expect.stringMatching(/^README\.md\npackage\.json\nsrc\n/)],
    ['assistant', 'text', 'MOCK-REPLY #5 (saw 4 messages)'],
  ]);
  expect(session.diagnostics).toEqual([]);
});

test('written, read and edited files; a tool that was not there', () => {
  const file = `${CWD}/NOTES.md`;
  const edits = [{ newText: 'goodbye', oldText: 'hello' }];
  const calls = lines(open('edit')).filter(
    (line) => Array.isArray(line) && (line[1] === 'call' || line[1] === 'result'),
  );
  expect(calls).toEqual([
    ['assistant', 'call', 0, 'write', JSON.stringify({ content: '# Notes\nhello\n', path: file })],
    ['user', 'result', 0, 'ok', null, `Successfully created file: ${file}`],
    ['assistant', 'call', 1, 'read', JSON.stringify({ path: file })],
    ['user', 'result', 1, 'ok', null, '# Notes\nhello\n'],
    ['assistant', 'call', 2, 'edit', JSON.stringify({ edits, path: file })],
    ['user', 'result', 2, 'error', null, 'Tool Edit not found'],
  ]);
});

test('what a large and a small summary tell', () => {
  const { env, refs } = fixture('basic');
  const ref = refs[0] ?? fail('no fixture');
  const whole = agent.summarize(ref, { env });
  expect(whole).toMatchObject({
    id: '84f91531-1ae4-46b1-8549-8c186b060d90',
    title: 'What does this todo-api service do?',
    cwd: CWD,
    model: 'mock-model',
    messages: { user: 2, assistant: 2 },
    toolCalls: 0,
    tokens: 266,
  });
  expect(agent.read(ref, { env }).info.createdAt).toBe('2026-11-22T17:06:37.207Z');
  const history = [
    said('user', 'First'),
    ...Array.from({ length: 400 }, () => said('assistant', 'x'.repeat(500))),
  ];
  const large = stored('large', { sessionId: 'L', title: 'Named', workspaceDirectory: CWD, history });
  expect(agent.summarize(large, context)).toMatchObject({
    id: 'L',
    title: 'Named',
    cwd: CWD,
    bytes: large.bytes,
  });
  expect(agent.summarize(large, context).messages).toBeUndefined();
});

test('evidence is the item’s pointer and checksum', () => {
  for (const entry of open('tools').entries()) {
    const [evidence] = entry.evidence;
    if (evidence?.kind !== 'pointer') return fail('no pointer');
    const { history } = JSON.parse(readFileSync(evidence.path, 'utf8')) as { history: unknown[] };
    const item = history[Number(evidence.pointer.replace('/history/', ''))];
    // the file is indented by two spaces, items by four
    const text = JSON.stringify(item, null, 2).replaceAll('\n', '\n    ');
    expect(crc32(text)).toBe(evidence.crc32);
  }
});

test('items of the extensions: files, pictures, reasoning, addresses', () => {
  const ref = stored('extension', {
    sessionId: 'E',
    title: 'New Session',
    workspaceDirectory: 'file:///home/dev/my%20app',
    history: [
      said('system', 'be good'),
      said(
        'user',
        [
          { type: 'text', text: 'See' },
          { type: 'imageUrl', imageUrl: { url: 'data:image/png;base64,AAAA' } },
        ],
        {
          contextItems: [{ name: 'a.ts', content: 'code', uri: { type: 'file', value: 'file:///p/a.ts' } }],
        },
      ),
      { message: { role: 'thinking', content: 'hmm', signature: 'sig' }, contextItems: [] },
      said('assistant', 'answer', { reasoning: { text: 'why', active: false }, conversationSummary: 'sum' }),
      said('tool', 'late'),
    ],
  });
  const session = agent.read(ref, context);
  expect(session.info).toMatchObject({ title: undefined, cwd: '/home/dev/my app' });
  expect(
    [...session.entries()].map((e) => (e.type === 'message' ? [e.origin, e.parts] : [e.type, e])),
  ).toEqual([
    ['harness', [{ type: 'text', text: 'be good' }]],
    [
      'human',
      [
        { type: 'file', name: 'a.ts', path: '/p/a.ts', text: 'code' },
        { type: 'text', text: 'See' },
        { type: 'image', mediaType: 'image/png', data: 'AAAA' },
      ],
    ],
    ['agent', [{ type: 'reasoning', text: 'hmm', opaque: { signature: 'sig' } }]],
    [
      'agent',
      [
        { type: 'reasoning', text: 'why' },
        { type: 'text', text: 'answer' },
      ],
    ],
    ['compaction', expect.objectContaining({ id: 'item-3/summary', summary: 'sum', keeps: [] })],
    [
      'agent',
      [{ type: 'tool_result', callId: 'call', status: 'ok', content: [{ type: 'text', text: 'late' }] }],
    ],
  ]);
  expect(session.diagnostics.map(({ code }) => code)).toEqual(['orphan-result']);
});

test('a compacted history of the command line is its summary', () => {
  const summary = 'What was done so far';
  const ref = stored('compacted', {
    sessionId: 'C',
    history: [said('assistant', summary, { conversationSummary: summary }), said('user', 'go on')],
  });
  expect(lines(agent.read(ref, context))).toEqual([
    ['compaction', summary],
    ['user', 'text', 'go on'],
  ]);
});

test('states of tool calls', () => {
  const call = (id: string, name: string, input: unknown) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  });
  const output = (content: string) => [{ content, name: 'Tool Result', description: 'x' }];
  const calls = ['a', 'b', 'c', 'd', 'e'].map((id) => call(id, 'Bash', { command: id }));
  const ref = stored('states', {
    sessionId: 'S',
    history: [
      {
        message: { role: 'assistant', content: '', toolCalls: calls },
        contextItems: [],
        toolCallStates: [
          {
            toolCallId: 'a',
            status: 'errored',
            output: output('Error executing tool Bash: Error (exit code 2): no'),
          },
          { toolCallId: 'b', status: 'generated' },
          { toolCallId: 'c', status: 'canceled' },
          { toolCallId: 'd', status: 'done' },
          {
            toolCallId: 'e',
            status: 'errored',
            output: output('Bash command failed: Error (exit code 9): x'),
          },
        ],
      },
    ],
  });
  expect(lines(agent.read(ref, context)).slice(5)).toEqual([
    ['user', 'result', 0, 'error', 2, 'no'],
    ['user', 'result', 2, 'interrupted', null, ''],
    ['user', 'result', 3, 'ok', null, ''],
    ['user', 'result', 4, 'error', 9, 'x'],
  ]);
});

test('damage is diagnosed, the rest is read; what is no session is said', () => {
  const cut = stored(
    'cut',
    '{"sessionId":"X","history":[{"message":{"role":"user","content":"one"}},{"message":{"ro',
  );
  const session = agent.read(cut, context);
  expect(lines(session)).toEqual([['user', 'text', 'one']]);
  expect(session.diagnostics.map(({ code }) => code)).toEqual(['torn-record']);
  expect(agent.summarize(cut, context).damaged).toBe('the file is cut off');

  const odd = stored('odd', {
    sessionId: 7,
    title: [],
    history: [
      1,
      null,
      { message: 3 },
      said('user', { a: 1 }),
      said('assistant', 'x', { toolCallStates: 'no' }),
      said('user', 'y'),
    ],
  });
  const read = agent.read(odd, context);
  expect(read.info.id).toBe('odd');
  expect(lines(read)).toEqual([
    ['assistant', 'text', 'x'],
    ['user', 'text', 'y'],
  ]);
  // a second pass finds the same, and tells it once
  expect([...read.entries()]).toHaveLength(2);
  expect(read.diagnostics.map(({ code }) => code)).toEqual(['bad-record', 'bad-record', 'unknown-record']);

  for (const [name, content] of [
    ['empty', ''],
    ['text', 'no json'],
    ['array', '[]'],
    ['other', '{"sessionId":"x"}'],
    ['mapped', '{"sessionId":"x","history":{}}'],
  ] as const) {
    const ref = stored(name, content);
    expect(() => agent.read(ref, context), name).toThrow(expect.objectContaining({ code: 'not-a-session' }));
    expect(agent.summarize(ref, context).damaged, name).toBe(`${ref.path} holds no session`);
    expect(agent.recognize?.(ref.path, context), name).toBeUndefined();
  }
  const missing = { ...cut, path: join(scratch, 'missing.json') };
  expect(() => agent.read(missing, context)).toThrow(expect.objectContaining({ code: 'unreadable' }));
});

test('a session file given by path is recognized', () => {
  const ref = fixture('basic').refs[0] ?? fail('no fixture');
  expect(agent.recognize?.(ref.path, context)).toEqual(ref);
  expect(agent.recognize?.(join(dirname(ref.path), 'sessions.json'), context)).toBeUndefined();
});

test('native calls become canonical', () => {
  const cases: [NativeCall, ToolCall][] = [
    [
      { name: 'Bash', input: { command: 'make', timeout: 5 } },
      { tool: 'execute', input: { command: 'make', timeoutMs: 5000 } },
    ],
    [
      { name: 'Read', input: { filepath: 'a.ts' } },
      { tool: 'read', input: { path: '/w/a.ts' } },
    ],
    [
      {
        name: 'MultiEdit',
        input: { file_path: '/a', edits: [{ old_string: 'x', new_string: 'y', replace_all: true }] },
      },
      { tool: 'edit', input: { path: '/a', edits: [{ oldText: 'x', newText: 'y', replaceAll: true }] } },
    ],
    [
      { name: 'List', input: { dirpath: '.' } },
      { tool: 'list', input: { path: '/w' } },
    ],
    [
      { name: 'Search', input: { pattern: 'x', file_pattern: '*.ts' } },
      { tool: 'grep', input: { pattern: 'x', glob: '*.ts' } },
    ],
    [
      { name: 'Fetch', input: { url: 'https://x.org' } },
      { tool: 'web_fetch', input: { url: 'https://x.org' } },
    ],
    [
      { name: 'Checklist', input: { checklist: 'Group\n- [ ] one\n  - [x] two' } },
      {
        tool: 'plan',
        input: {
          items: [
            { text: 'one', status: 'pending' },
            { text: 'two', status: 'completed' },
          ],
        },
      },
    ],
    [
      { name: 'Subagent', input: { prompt: 'p', description: 'd', subagent_name: 's' } },
      { tool: 'task', input: { prompt: 'p', description: 'd', agentType: 's' } },
    ],
    [
      { name: 'run_terminal_command', input: { command: 'x', waitForCompletion: false } },
      { tool: 'execute', input: { command: 'x', background: true } },
    ],
    [
      { name: 'read_file_range', input: { filepath: 'a', startLine: 3, endLine: 5 } },
      { tool: 'read', input: { path: '/w/a', offset: 3, limit: 3 } },
    ],
    [
      { name: 'create_new_file', input: { filepath: 'a', contents: 'c' } },
      { tool: 'write', input: { path: '/w/a', content: 'c' } },
    ],
    [
      { name: 'single_find_and_replace', input: { filepath: 'a', old_string: 'x', new_string: 'y' } },
      { tool: 'edit', input: { path: '/w/a', edits: [{ oldText: 'x', newText: 'y' }] } },
    ],
    [
      { name: 'grep_search', input: { query: 'x' } },
      { tool: 'grep', input: { pattern: 'x' } },
    ],
    [
      { name: 'file_glob_search', input: { pattern: '*' } },
      { tool: 'glob', input: { pattern: '*' } },
    ],
    [
      { name: 'search_web', input: { query: 'q' } },
      { tool: 'web_search', input: { query: 'q' } },
    ],
    [
      { name: 'Bash', input: {} },
      { tool: 'other', input: { name: 'Bash', input: {} } },
    ],
    [
      { name: 'Exec', input: 'text' },
      { tool: 'other', input: { name: 'Exec', input: 'text' } },
    ],
  ];
  for (const [native, canonical] of cases) expect(agent.tools.read(native, '/w')).toEqual(canonical);
});

test('canonical calls become native', () => {
  const cases: [ToolCall, NativeCall[] | undefined][] = [
    [
      { tool: 'execute', input: { command: 'make', cwd: '/x', timeoutMs: 1500 } },
      [{ name: 'Bash', input: { command: 'cd /x && make', timeout: 2 } }],
    ],
    [{ tool: 'read', input: { path: '/a', limit: 3 } }, [{ name: 'Read', input: { filepath: '/a' } }]],
    [
      { tool: 'edit', input: { path: '/a', edits: [{ oldText: 'x', newText: 'y', replaceAll: true }] } },
      [{ name: 'Edit', input: { file_path: '/a', old_string: 'x', new_string: 'y', replace_all: true } }],
    ],
    [
      {
        tool: 'patch',
        input: {
          changes: [
            { change: 'add', path: '/n', content: 'c' },
            { change: 'update', path: '/a', hunks: [{ lines: ['-o', '+n'] }, { lines: ['-p', '+q'] }] },
          ],
        },
      },
      [
        { name: 'Write', input: { filepath: '/n', content: 'c' } },
        {
          name: 'MultiEdit',
          input: {
            file_path: '/a',
            edits: [
              { old_string: 'o', new_string: 'n' },
              { old_string: 'p', new_string: 'q' },
            ],
          },
        },
      ],
    ],
    [{ tool: 'list', input: { path: '/a' } }, [{ name: 'List', input: { dirpath: '/a' } }]],
    [
      { tool: 'grep', input: { pattern: 'x', path: '/a', glob: '*.ts' } },
      [{ name: 'Search', input: { pattern: 'x', path: '/a', file_pattern: '*.ts' } }],
    ],
    [{ tool: 'web_fetch', input: { url: 'u', prompt: 'p' } }, [{ name: 'Fetch', input: { url: 'u' } }]],
    [
      {
        tool: 'plan',
        input: {
          items: [
            { text: 'one\n two', status: 'in_progress' },
            { text: 'three', status: 'completed' },
          ],
        },
      },
      [{ name: 'Checklist', input: { checklist: '- [ ] one two\n- [x] three' } }],
    ],
    [
      { tool: 'task', input: { prompt: 'p' } },
      [{ name: 'Subagent', input: { description: 'Subtask', subagent_name: 'general', prompt: 'p' } }],
    ],
    [{ tool: 'glob', input: { pattern: '*' } }, undefined],
    [{ tool: 'web_search', input: { query: 'q' } }, undefined],
    [{ tool: 'mcp', input: { server: 's', tool: 't', arguments: {} } }, undefined],
    [{ tool: 'other', input: { name: 'n', input: {} } }, undefined],
  ];
  for (const [canonical, native] of cases) expect(agent.tools.write(canonical)).toEqual(native);
});

test('the tools of real sessions go to canonical and back', () => {
  const calls = fixtureCalls();
  expect(calls.map((call) => call.native.name).sort()).toEqual(['Bash', 'Bash', 'Edit', 'Read', 'Write']);
  for (const call of calls) expect(agent.tools.write(call)).toEqual([call.native]);
});

function target(): EncodeTarget {
  const now = new Date('2026-11-23T10:00:00.000Z');
  const ids = seededIds(new Uint8Array(32).fill(3), now.getTime());
  return { env: context.env, cwd: CWD, now, ids, title: 'A title', store: writer.probe(context.env, CWD) };
}

function written(session: Session): { text: string; session: Session } {
  const plan = writer.encode(session, target());
  const [file] = plan.files;
  if (file === undefined) return fail('no file');
  const text = [...file.content()].join('');
  return { text, session: agent.read(stored(plan.sessionId, text), context) };
}

const entry = (id: string, role: 'user' | 'assistant', ...parts: Part[]): Entry => ({
  id,
  parentId: null,
  evidence: [],
  type: 'message',
  role,
  origin: role === 'assistant' ? 'agent' : 'human',
  parts,
});

const bare = (entries: Entry[]): Session => ({
  info: { agent: 'claude', id: 'from', models: [], lineage: [] },
  entries: () => entries,
  branches: [],
  subagents: [],
  diagnostics: [],
});

const call = (callId: string, command: string): ToolCallPart => ({
  type: 'tool_call',
  callId,
  native: { name: 'Bash', input: { command } },
  tool: 'execute',
  input: { command },
});

const outcome = (callId: string, status: ToolResultPart['status'], text: string): ToolResultPart => ({
  type: 'tool_result',
  callId,
  status,
  content: [{ type: 'text', text }],
});

test('a written session and its row in the index', () => {
  const session = bare([
    entry('1', 'user', { type: 'text', text: 'go\u2028on' }),
    entry(
      '2',
      'assistant',
      { type: 'text', text: 'First' },
      { type: 'text', text: 'then' },
      call('c1', 'x'),
      call('c2', 'y'),
    ),
    entry('3', 'user', outcome('c2', 'ok', 'two'), outcome('c1', 'error', 'one')),
    entry('4', 'user', { type: 'text', text: 'a' }, { type: 'image', mediaType: 'image/png', data: 'AAAA' }),
  ]);
  const plan = writer.encode(session, target());
  const { text } = written(session);
  const id = plan.sessionId;
  expect(text).toContain('go\\u2028on');
  const calls = ['x', 'y'].map((command, n) => ({
    id: `c${n + 1}`,
    type: 'function',
    function: { name: 'Bash', arguments: JSON.stringify({ command }) },
  }));
  const output = (content: string) => [
    { content, name: 'Tool Result', description: 'Tool execution result' },
  ];
  const picture = [
    { type: 'text', text: 'a' },
    { type: 'imageUrl', imageUrl: { url: 'data:image/png;base64,AAAA' } },
  ];
  expect(JSON.parse(text)).toEqual({
    sessionId: id,
    title: 'A title',
    workspaceDirectory: CWD,
    history: [
      { message: { role: 'user', content: 'go\u2028on' }, contextItems: [], editorState: 'go\u2028on' },
      { message: { role: 'assistant', content: 'First' }, contextItems: [] },
      {
        message: { role: 'assistant', content: 'then', toolCalls: calls },
        contextItems: [],
        toolCallStates: [
          {
            toolCallId: 'c2',
            toolCall: calls[1],
            status: 'done',
            output: output('two'),
            parsedArgs: { command: 'y' },
          },
          {
            toolCallId: 'c1',
            toolCall: calls[0],
            status: 'errored',
            output: output('one'),
            parsedArgs: { command: 'x' },
          },
        ],
      },
      { message: { role: 'user', content: picture }, contextItems: [], editorState: picture },
    ],
  });
  const folder = join(scratch, '.continue/sessions');
  expect(plan.files.map((file) => file.path)).toEqual([join(folder, `${id}.json`)]);
  expect(plan.members).toEqual([
    {
      path: join(folder, 'sessions.json'),
      at: [],
      end: 'last',
      value: { sessionId: id, title: 'A title', dateCreated: '1795428000000', workspaceDirectory: CWD },
      create: [],
    },
  ]);
});

test('what is written reads back the same', () => {
  const sessions = arbitrarySession({ accepts: writer.accepts, tools: agent.tools, cwd: CWD });
  fc.assert(
    fc.property(sessions, ({ prepared, expected }) => {
      const { session: back } = written(prepared);
      expect(nativeLines(back)).toEqual(nativeLines(expected));
      expect(back.diagnostics).toEqual([]);
    }),
  );
});

test('starting and resuming', () => {
  expect(agent.launch.start({ cwd: '/w', prompt: '-x' })).toEqual({ argv: ['cn', ' -x'], cwd: '/w' });
  expect(
    agent.launch.resume(
      { id: 'i', path: '/p' },
      { cwd: '/w', prompt: 'go', headless: true, flags: ['--auto'] },
    ),
  ).toEqual({ argv: ['cn', '--fork', 'i', '--auto', '-p', 'go'], cwd: '/w' });
});
