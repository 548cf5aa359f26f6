import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitrarySession } from '../../../test/arbitrary-session.ts';
import { sessionOf } from '../../../test/session-of.ts';
import {
  callPart,
  entry,
  fail,
  lines,
  nativeLines,
  text,
  toolLines,
  workbench,
} from '../../../test/workbench.ts';
import { comparable } from '../../model/compare.ts';
import { seededIds } from '../../model/ids.ts';
import type { Entry, NativeCall, Session, ToolCallPart, ToolResultPart } from '../../model/session.ts';
import type { ToolCall } from '../../model/tools.ts';
import type { EncodeTarget, SessionRef, Writer } from '../contract.ts';
import { agent } from './index.ts';

const CWD = '/home/dev/auggie/todo-api';
const { scratch, env, context, fixture, open, fixtureCalls } = workbench(agent, import.meta.dirname);
const writer: Writer = agent.writer ?? fail('no writer');

function stored(name: string, content: unknown): SessionRef {
  const path = join(scratch, '.augment/sessions', `${name}.json`);
  mkdirSync(dirname(path), { recursive: true });
  const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2);
  writeFileSync(path, text);
  return { agent: 'auggie', id: name, path, bytes: text.length, mtimeMs: 1 };
}

const head = { sessionId: 's', created: '2026-11-22T17:36:18.410Z', modified: '2026-11-22T17:36:24.421Z' };
const exchange = (
  request_id: string,
  request_nodes: unknown,
  response_nodes: unknown,
  more: object = {},
) => ({
  exchange: { request_message: '', response_text: '', request_id, request_nodes, response_nodes },
  completed: true,
  finishedAt: '2026-11-22T17:36:20.000Z',
  ...more,
});
const asked = (content: string) => ({ type: 0, text_node: { content } });
const said = (content: string) => ({ type: 0, content });
const called = (id: string, tool_name: string, input: unknown) => ({
  type: 5,
  tool_use: { tool_use_id: id, tool_name, input_json: JSON.stringify(input) },
});
const returned = (id: string, content: unknown, more: object = {}) => ({
  type: 1,
  tool_result_node: { tool_use_id: id, content, is_error: false, ...more },
});

test('sessions are found by their file names', () => {
  expect(fixture('tools').refs.map((ref) => ref.id)).toEqual(['d7235108-4202-42af-b9f4-9b659474a462']);
  expect(agent.roots({ home: '/h', vars: {}, platform: 'linux' })).toEqual(['/h/.augment/sessions']);
});

test('a session with tools', () => {
  const session = open('tools');
  expect(session.info).toEqual({
    agent: 'auggie',
    id: 'd7235108-4202-42af-b9f4-9b659474a462',
    title: undefined,
    cwd: CWD,
    models: [],
    usage: { input: 333, output: 66, cacheRead: 0, cacheWrite: 0 },
    createdAt: '2026-11-22T17:36:18.410Z',
    updatedAt: '2026-11-22T17:36:24.421Z',
    lineage: [],
  });
  expect(lines(session)).toEqual([
    ['user', 'text', 'List the files please. RUN: ls src'],
    ['assistant', 'text', 'I will run it.'],
    ['assistant', 'call', 0, 'execute', '{"command":"ls src","timeoutMs":30000}'],
    ['user', 'result', 0, 'ok', 0, 'index.js\n'],
    ['assistant', 'text', 'MOCK-REPLY #28 (saw 1 exchanges)'],
    ['user', 'text', 'Thanks, what did you see?'],
    ['assistant', 'text', 'MOCK-REPLY #37 (saw 2 exchanges)'],
  ]);
  expect(session.diagnostics).toEqual([]);
});

test('a command that failed: exit code apart from its output', () => {
  expect(toolLines(open('error'))[1]).toEqual([
    'user',
    'result',
    0,
    'error',
    3,
    "ls: cannot access '/no/such/dir': No such file or directory\n",
  ]);
});

test('written and edited files', () => {
  const path = `${CWD}/NOTES.md`;
  expect(toolLines(open('edit'))).toEqual([
    ['assistant', 'call', 0, 'write', JSON.stringify({ content: '# Notes\n\nBuy milk\n', path })],
    ['user', 'result', 0, 'ok', null, `File already exists and content is the same: {${path}}`],
    [
      'assistant',
      'call',
      1,
      'edit',
      JSON.stringify({ edits: [{ newText: 'Buy oat milk', oldText: 'Buy milk' }], path }),
    ],
    ['user', 'result', 1, 'ok', null, expect.stringMatching(/^Successfully edited the file NOTES\.md\./)],
  ]);
});

test('a session that stopped at a limit has nothing in it', () => {
  const { env: own, refs } = fixture('limit');
  const ref = refs[0] ?? fail('no fixture');
  expect([...agent.read(ref, { env: own }).entries()]).toEqual([]);
  expect(agent.summarize(ref, { env: own })).toMatchObject({ messages: { user: 0, assistant: 0 } });
});

test('thinking is kept as it was stored', () => {
  const parts = [...open('think').entries()].flatMap((entry) =>
    entry.type === 'message' ? entry.parts : [],
  );
  expect(parts.find((part) => part.type === 'reasoning')).toEqual({
    type: 'reasoning',
    text: 'mock thinking about it',
    vendor: 'auggie',
    opaque: { encrypted_content: 'bW9jaw==', openai_id: null },
  });
});

test('nodes of every kind', () => {
  const picture = { image_data: 'AAAA', format: 2 };
  const ref = stored('nodes', {
    ...head,
    customTitle: 'Named',
    parentConversationId: 'p',
    agentState: { modelId: 'm' },
    chatHistory: [
      exchange(
        'r1',
        [
          asked('<supervisor>\nhint\n</supervisor>'),
          asked('look'),
          { type: 2, image_node: picture },
          { type: 8, file_node: { name: 'a.pdf' } },
        ],
        [called('c', 'view', { path: 'a.png' }), { type: 3 }],
      ),
      exchange(
        'r2',
        [
          returned('c', 'Image', {
            content_nodes: [
              { type: 1, text_content: 'Image' },
              { type: 2, image_content: picture },
            ],
          }),
          { type: 77 },
        ],
        [],
        { completed: false },
      ),
      {
        exchange: {
          request_message: 'old prompt',
          response_text: 'old answer',
          request_nodes: [],
          response_nodes: [],
        },
        completed: true,
      },
      exchange('r4', [asked('summed up before')], [said('ok')], { isHistorySummary: true }),
    ],
  });
  const session = agent.read(ref, context);
  expect(session.info).toMatchObject({
    title: 'Named',
    models: ['m'],
    lineage: [{ kind: 'subagent', agent: 'auggie', id: 'p' }],
  });
  const image = { type: 'image', mediaType: 'image/jpeg', data: 'AAAA' };
  expect(
    [...session.entries()].map((e) =>
      e.type === 'message' ? [e.id, e.origin, e.parts.length] : [e.id, e.type],
    ),
  ).toEqual([
    ['r1/request', 'harness', 1],
    ['r1/request@2', 'human', 3],
    ['r1', 'agent', 1],
    ['r2/request', 'agent', 1],
    ['r2/open', 'event'],
    ['exchange-2/request', 'human', 1],
    ['exchange-2', 'agent', 1],
    ['r4/request', 'harness', 1],
    ['r4', 'harness', 1],
  ]);
  const results = [...session.entries()].flatMap((e) =>
    e.type === 'message' ? e.parts.filter((part) => part.type === 'tool_result') : [],
  );
  expect(results).toEqual([
    { type: 'tool_result', callId: 'c', status: 'ok', content: [{ type: 'text', text: 'Image' }, image] },
  ]);
  expect(session.diagnostics.map(({ code, at }) => [code, at])).toEqual([['unknown-record', 'r2']]);
  expect(agent.summarize(ref, context)).toMatchObject({ title: 'Named', parent: 'p' });
});

test('a summary of the history keeps the exchanges that it holds', () => {
  const summary = { summary_text: 'so far', history_end: [{ request_id: 'r2' }] };
  const ref = stored('summary', {
    ...head,
    chatHistory: [
      exchange('r1', [asked('one')], [said('1')]),
      exchange('r2', [asked('two')], [said('2')]),
      exchange('r3', [{ type: 10, history_summary_node: summary }, asked('three')], [said('3')]),
    ],
  });
  const entries = [...agent.read(ref, context).entries()];
  expect(entries.map((entry) => entry.id)).toEqual([
    'r1/request',
    'r1',
    'r2/request',
    'r2',
    'r3/summary',
    'r3/request',
    'r3',
  ]);
  expect(entries[4]).toMatchObject({ type: 'compaction', summary: 'so far', keeps: ['r2/request', 'r2'] });
});

test('evidence is the item’s pointer and checksum', () => {
  for (const entry of open('tools').entries()) {
    const [evidence] = entry.evidence;
    if (evidence?.kind !== 'pointer') return fail('no pointer');
    const { chatHistory } = JSON.parse(readFileSync(evidence.path, 'utf8')) as { chatHistory: unknown[] };
    const item = chatHistory[Number(evidence.pointer.replace('/chatHistory/', ''))];
    // the file is indented by two spaces, items by four
    expect(crc32(JSON.stringify(item, null, 2).replaceAll('\n', '\n    '))).toBe(evidence.crc32);
  }
});

test('what summaries of small and large sessions tell', () => {
  const { env: own, refs } = fixture('basic');
  expect(agent.summarize(refs[0] ?? fail('no fixture'), { env: own })).toMatchObject({
    title: 'Say hello about the todo list',
    cwd: CWD,
    messages: { user: 2, assistant: 2 },
    tokens: 266,
  });
  const ide = { type: 4, ide_state_node: { workspace_folders: [{ folder_root: '/w' }] } };
  const chatHistory = [
    exchange('r', [ide, asked('First')], [said('x')]),
    ...Array.from({ length: 400 }, (_, n) => exchange(`r${n}`, [asked('q')], [said('x'.repeat(500))])),
  ];
  const facts = { agent: 'auggie', cwd: '/w', createdAt: head.created, updatedAt: head.modified };
  const large = stored('large', { ...head, chatHistory, agentState: {} });
  const place = ({ id, bytes, path }: SessionRef) => ({ id, bytes, path });
  expect(agent.summarize(large, context)).toEqual({ ...facts, ...place(large), title: 'First' });
  const named = stored('named', {
    ...head,
    chatHistory,
    agentState: {},
    title: 'x',
    customTitle: 'A "name"',
  });
  expect(agent.summarize({ ...named }, context)).toEqual({ ...facts, ...place(named), title: 'A "name"' });
});

test('damage is diagnosed, the rest is read; what is no session is said', () => {
  const whole = JSON.stringify({ ...head, chatHistory: [exchange('r1', [asked('one')], [said('two')])] });
  const cut = stored('cut', `${whole.slice(0, -2)},{"exch`);
  const session = agent.read(cut, context);
  expect(lines(session)).toEqual([
    ['user', 'text', 'one'],
    ['assistant', 'text', 'two'],
  ]);
  expect(session.diagnostics.map(({ code }) => code)).toEqual(['torn-record']);
  expect(agent.summarize(cut, context).damaged).toBe('the file is cut off');

  const odd = stored('odd', {
    ...head,
    created: 7,
    title: [],
    agentState: 3,
    chatHistory: [
      1,
      null,
      { exchange: 3 },
      exchange('r', 'x', { a: 1 }),
      exchange(
        'r',
        [3, returned('none', 5), asked(''), { type: 'x' }],
        [{ type: {} }, { type: 5 }, { type: 8 }],
      ),
    ],
  });
  const read = agent.read(odd, context);
  expect(lines(read)).toEqual([
    ['user', 'result', -1, 'ok', null, ''],
    ['assistant', 'call', 0, 'other', '{"input":{},"name":""}'],
    ['assistant', 'reasoning', ''],
  ]);
  // a second pass finds the same, and tells it once
  expect([...read.entries()]).toHaveLength(2);
  expect(read.diagnostics.map(({ code }) => code)).toEqual([
    'bad-record',
    'bad-record',
    'bad-record',
    'orphan-result',
    'unknown-record',
    'unknown-record',
  ]);
  for (const [name, content] of [
    ['empty', ''],
    ['text', 'no json'],
    ['array', '[]'],
    ['other', '{"sessionId":"x"}'],
    ['mapped', '{"sessionId":"x","chatHistory":{}}'],
    ['anonymous', '{"chatHistory":[]}'],
  ] as const) {
    const ref = stored(name, content);
    expect(() => agent.read(ref, context), name).toThrow(expect.objectContaining({ code: 'not-a-session' }));
    expect(agent.summarize(ref, context).damaged, name).toBe('not-a-session');
    expect(agent.recognize?.(ref.path, context), name).toBeUndefined();
  }
  const missing = { ...cut, path: join(scratch, 'missing.json') };
  expect(() => agent.read(missing, context)).toThrow(expect.objectContaining({ code: 'unreadable' }));
  expect(() => agent.read(cut, context, { branch: 'x' })).toThrow(
    expect.objectContaining({ code: 'not-a-session' }),
  );
});

test('a session file given by path is recognized', () => {
  const ref = fixture('basic').refs[0] ?? fail('no fixture');
  expect(agent.recognize?.(ref.path, context)).toEqual(ref);
  expect(agent.recognize?.(join(dirname(ref.path), 'none.json'), context)).toBeUndefined();
});

test('native calls become canonical', () => {
  const cases: [NativeCall, ToolCall][] = [
    [
      { name: 'launch-process', input: { command: 'make', wait: true, max_wait_seconds: 5, cwd: 'src' } },
      { tool: 'execute', input: { command: 'make', cwd: '/w/src', timeoutMs: 5000 } },
    ],
    [
      { name: 'launch-process', input: { command: 'make', wait: false, max_wait_seconds: 5, cwd: '.' } },
      { tool: 'execute', input: { command: 'make', background: true } },
    ],
    [
      { name: 'view', input: { path: 'a.ts', type: 'file', view_range: [3, 5] } },
      { tool: 'read', input: { path: '/w/a.ts', offset: 3, limit: 3 } },
    ],
    [
      { name: 'view', input: { path: '/a', view_range: [3, -1] } },
      { tool: 'read', input: { path: '/a', offset: 3 } },
    ],
    [
      { name: 'view', input: { path: '.', type: 'directory' } },
      { tool: 'list', input: { path: '/w' } },
    ],
    [
      { name: 'view', input: { path: '/a', search_query_regex: 'x' } },
      { tool: 'grep', input: { pattern: 'x', path: '/a', ignoreCase: true } },
    ],
    [
      { name: 'save-file', input: { path: '/a', file_content: 'c' } },
      { tool: 'write', input: { path: '/a', content: 'c\n' } },
    ],
    [
      {
        name: 'str-replace-editor',
        input: { path: '/a', old_str_1: 'x', new_str_1: 'y', old_str_2: 'p', new_str_2: 'q' },
      },
      {
        tool: 'edit',
        input: {
          path: '/a',
          edits: [
            { oldText: 'x', newText: 'y' },
            { oldText: 'p', newText: 'q' },
          ],
        },
      },
    ],
    [
      { name: 'str-replace-editor', input: { command: 'insert', path: '/a', insert_line_entries: [] } },
      {
        tool: 'other',
        input: {
          name: 'str-replace-editor',
          input: { command: 'insert', path: '/a', insert_line_entries: [] },
        },
      },
    ],
    [
      { name: 'apply_patch', input: { input: '*** Begin Patch\n*** Delete File: a\n*** End Patch' } },
      { tool: 'patch', input: { changes: [{ change: 'delete', path: 'a' }] } },
    ],
    [
      { name: 'remove-files', input: { file_paths: ['a', '/b'] } },
      {
        tool: 'patch',
        input: {
          changes: [
            { change: 'delete', path: '/w/a' },
            { change: 'delete', path: '/b' },
          ],
        },
      },
    ],
    [
      { name: 'grep-search', input: { query: 'x', directory_absolute_path: '/a', case_sensitive: true } },
      { tool: 'grep', input: { pattern: 'x', path: '/a' } },
    ],
    [
      { name: 'web-fetch', input: { url: 'u' } },
      { tool: 'web_fetch', input: { url: 'u' } },
    ],
    [
      { name: 'web-search', input: { query: 'q' } },
      { tool: 'web_search', input: { query: 'q' } },
    ],
    [
      { name: 'add_tasks', input: { tasks: [{ name: 'a', state: 'COMPLETE' }, { name: 'b' }] } },
      {
        tool: 'plan',
        input: {
          items: [
            { text: 'a', status: 'completed' },
            { text: 'b', status: 'pending' },
          ],
        },
      },
    ],
    [
      { name: 'codebase-retrieval', input: { information_request: 'x' } },
      { tool: 'other', input: { name: 'codebase-retrieval', input: { information_request: 'x' } } },
    ],
    [
      { name: 'view', input: 'text' },
      { tool: 'other', input: { name: 'view', input: 'text' } },
    ],
  ];
  for (const [native, canonical] of cases) expect(agent.tools.read(native, '/w')).toEqual(canonical);
});

test('canonical calls become native', () => {
  const cases: [ToolCall, NativeCall[] | undefined][] = [
    [
      { tool: 'execute', input: { command: 'make', timeoutMs: 1500, background: true } },
      [{ name: 'launch-process', input: { command: 'make', wait: false, max_wait_seconds: 2, cwd: '/w' } }],
    ],
    [
      { tool: 'execute', input: { command: 'make', cwd: '/x' } },
      [{ name: 'launch-process', input: { command: 'make', wait: true, cwd: '/x' } }],
    ],
    [
      { tool: 'read', input: { path: '/a', limit: 2 } },
      [{ name: 'view', input: { path: '/a', type: 'file', view_range: [1, 2] } }],
    ],
    [
      { tool: 'read', input: { path: '/a', offset: 3 } },
      [{ name: 'view', input: { path: '/a', type: 'file', view_range: [3, -1] } }],
    ],
    [{ tool: 'list', input: { path: '/a' } }, [{ name: 'view', input: { path: '/a', type: 'directory' } }]],
    [
      { tool: 'write', input: { path: '/a', content: 'c' } },
      [{ name: 'save-file', input: { path: '/a', file_content: 'c', add_last_line_newline: false } }],
    ],
    [
      { tool: 'edit', input: { path: '/a', edits: [{ oldText: 'x', newText: 'y' }] } },
      [
        {
          name: 'str-replace-editor',
          input: {
            command: 'str_replace',
            path: '/a',
            str_replace_entries: [{ old_str: 'x', new_str: 'y' }],
          },
        },
      ],
    ],
    [
      { tool: 'patch', input: { changes: [{ change: 'delete', path: 'a' }] } },
      [{ name: 'apply_patch', input: { input: expect.stringContaining('*** Delete File: a') } }],
    ],
    [
      { tool: 'grep', input: { pattern: 'x', glob: '*.ts' } },
      [
        {
          name: 'grep-search',
          input: {
            query: 'x',
            directory_absolute_path: '/w',
            files_include_glob_pattern: '*.ts',
            case_sensitive: true,
          },
        },
      ],
    ],
    [{ tool: 'web_fetch', input: { url: 'u', prompt: 'p' } }, [{ name: 'web-fetch', input: { url: 'u' } }]],
    [{ tool: 'web_search', input: { query: 'q' } }, [{ name: 'web-search', input: { query: 'q' } }]],
    [
      { tool: 'plan', input: { items: [{ text: 'a', status: 'cancelled' }] } },
      [{ name: 'add_tasks', input: { tasks: [{ name: 'a', description: '', state: 'CANCELLED' }] } }],
    ],
    [{ tool: 'glob', input: { pattern: '*' } }, undefined],
    [{ tool: 'task', input: { prompt: 'p' } }, undefined],
    [{ tool: 'mcp', input: { server: 's', tool: 't', arguments: {} } }, undefined],
    [{ tool: 'other', input: { name: 'n', input: {} } }, undefined],
  ];
  for (const [canonical, native] of cases) expect(agent.tools.write(canonical, '/w')).toEqual(native);
});

test('the tools of real sessions go to canonical and back', () => {
  const calls = fixtureCalls();
  expect([...new Set(calls.map((call) => call.native.name))].sort()).toEqual([
    'launch-process',
    'save-file',
    'str-replace-editor',
  ]);
  for (const call of calls)
    expect(agent.tools.write(call, CWD)?.map((native) => agent.tools.read(native, CWD))).toEqual([
      { tool: call.tool, input: call.input },
    ]);
});

function target(): EncodeTarget {
  const now = new Date('2026-11-23T10:00:00.000Z');
  const ids = seededIds(new Uint8Array(32).fill(3), now.getTime());
  return { env, cwd: CWD, now, ids, title: 'A title', store: writer.probe(env, CWD) };
}

/** Writes a plan's file and gives what the reader makes of it. */
function written(session: Session): { value: { chatHistory: unknown[] }; session: Session } {
  const plan = writer.encode(session, target());
  const [file] = plan.files;
  if (file === undefined) return fail('no file');
  const text = [...file.content()].join('');
  expect([...file.content()].join('')).toBe(text);
  mkdirSync(dirname(file.path), { recursive: true });
  writeFileSync(file.path, text);
  const ref = agent.recognize?.(plan.ref.path, context) ?? fail('not recognized');
  expect(ref.id).toBe(plan.sessionId);
  return { value: JSON.parse(text) as { chatHistory: unknown[] }, session: agent.read(ref, context) };
}

const launched = (callId: string): ToolCallPart =>
  callPart(agent, CWD, callId, {
    name: 'launch-process',
    input: { command: 'make', wait: true, max_wait_seconds: 5, cwd: CWD },
  });

test('a written session: an exchange for each answer', () => {
  const failed: ToolResultPart = {
    type: 'tool_result',
    callId: 'c1',
    status: 'error',
    exitCode: 2,
    content: [],
  };
  const content = agent.tools.writeResult?.(launched('c1'), failed) ?? [];
  const { value, session } = written(
    sessionOf('claude', [
      entry('1', 'user', text('go\u2028on'), { type: 'image', mediaType: 'image/webp', data: 'AAAA' }),
      entry('2', 'assistant', text('First'), text('then')),
      entry('3', 'assistant', launched('c1')),
      entry('4', 'user', { ...failed, content }, text('and then?')),
    ]),
  );
  const timestamp_ms = Date.parse('2026-11-20T10:00:00.000Z');
  const ids = value.chatHistory.map(
    (item) => (item as { exchange: { request_id: string } }).exchange.request_id,
  );
  expect(new Set(ids).size).toBe(2);
  const item = (n: number, more: object) => ({
    exchange: { request_id: ids[n], ...more },
    completed: true,
    sequenceId: n + 1,
    finishedAt: '2026-11-20T10:00:00.000Z',
    changedFiles: [],
    changedFilesSkipped: [],
    changedFilesSkippedCount: 0,
    source: 'local',
  });
  const wrapped =
    'Here are the results from executing the command.\n<return-code>\n2\n</return-code>\n<output>\n\n</output>';
  expect(value).toEqual({
    sessionId: session.info.id,
    created: '2026-11-23T10:00:00.000Z',
    modified: '2026-11-23T10:00:00.000Z',
    chatHistory: [
      item(0, {
        request_message: 'go\u2028on',
        response_text: 'First\n\nthen',
        request_nodes: [
          {
            id: 0,
            type: 4,
            ide_state_node: {
              workspace_folders: [{ repository_root: CWD, folder_root: CWD }],
              workspace_folders_unchanged: false,
              current_terminal: { terminal_id: 0, current_working_directory: CWD },
            },
          },
          { id: 1, type: 0, text_node: { content: 'go\u2028on' } },
          { id: 2, type: 2, image_node: { image_data: 'AAAA', format: 4 } },
        ],
        response_nodes: [
          { id: 0, type: 0, content: 'First', timestamp_ms },
          { id: 1, type: 0, content: 'then', timestamp_ms },
          {
            id: 2,
            type: 5,
            content: '',
            tool_use: {
              tool_use_id: 'c1',
              tool_name: 'launch-process',
              input_json: JSON.stringify({ command: 'make', wait: true, max_wait_seconds: 5, cwd: CWD }),
              is_partial: false,
            },
            timestamp_ms,
          },
        ],
      }),
      item(1, {
        request_message: 'and then?',
        response_text: '',
        request_nodes: [
          { id: 0, type: 1, tool_result_node: { tool_use_id: 'c1', content: wrapped, is_error: true } },
          { id: 1, type: 0, text_node: { content: 'and then?' } },
        ],
        response_nodes: [],
      }),
    ],
    agentState: { userGuidelines: '', workspaceGuidelines: '', modelId: '', userEmail: '' },
    customTitle: 'A title',
    segueSource: { agent: 'claude', id: 's1' },
  });
  expect(session.info).toMatchObject({
    title: 'A title',
    cwd: CWD,
    lineage: [{ kind: 'transplant', agent: 'claude', id: 's1' }],
  });
});

test('results survive with status, exit code and content', () => {
  const words = (value: string): ToolResultPart['content'] => [{ type: 'text', text: value }];
  const picture: ToolResultPart['content'] = [{ type: 'image', mediaType: 'image/gif', data: 'AAAA' }];
  const cases: Pick<ToolResultPart, 'status' | 'exitCode' | 'content'>[] = [
    { status: 'ok', content: words('x') },
    { status: 'ok', content: [] },
    { status: 'ok', exitCode: 0, content: [] },
    { status: 'ok', exitCode: 0, content: [...picture, ...words('x'), ...picture] },
    { status: 'error', content: words('x\n') },
    { status: 'error', content: [] },
    { status: 'error', exitCode: 127, content: [] },
    { status: 'error', exitCode: 0, content: words('x') },
    { status: 'interrupted', content: words('x') },
    { status: 'interrupted', exitCode: 130, content: [] },
    { status: 'ok', content: picture },
    { status: 'ok', content: [...words('x'), ...words('y')] },
  ];
  const natives: NativeCall[] = [
    launched('').native,
    { name: 'save-file', input: { path: '/a', file_content: 'x', add_last_line_newline: false } },
  ];
  const entries: Entry[] = [];
  const expected: unknown[] = [];
  for (const native of natives) {
    for (const { exitCode, ...outcome } of cases) {
      const callId = `c${entries.length}`;
      const code = native.name === 'launch-process' && exitCode !== undefined ? { exitCode } : {};
      const part: ToolResultPart = { type: 'tool_result', callId, ...outcome, ...code };
      const made = callPart(agent, CWD, callId, native);
      expected.push(part);
      const content = agent.tools.writeResult?.(made, part) ?? part.content;
      entries.push(entry(`a${callId}`, 'assistant', made), entry(`r${callId}`, 'user', { ...part, content }));
    }
  }
  const back = [...written(sessionOf('claude', entries)).session.entries()].flatMap((e) =>
    e.type === 'message' ? e.parts.filter((part) => part.type === 'tool_result') : [],
  );
  expect(back).toEqual(expected);
});

test('own thinking is written back as it was', () => {
  const source = [...open('think').entries()].slice(0, 2);
  const { session } = written(sessionOf('auggie', source));
  expect([...comparable(session.entries(), { tools: 'native' })]).toEqual([
    ...comparable(source, { tools: 'native' }),
  ]);
});

test('what is written reads back the same', () => {
  const opaque = fc.record({ encrypted_content: fc.string(), openai_id: fc.constant(null) });
  const sessions = arbitrarySession({ accepts: writer.accepts, tools: agent.tools, cwd: CWD, opaque });
  fc.assert(
    fc.property(sessions, ({ prepared, expected }) => {
      const { session: back } = written(prepared);
      expect(nativeLines(back)).toEqual(nativeLines(expected));
      expect(back.diagnostics).toEqual([]);
    }),
  );
});

test('starting and resuming', () => {
  const session = { id: 'i', path: '/s.json' };
  expect(agent.launch.start({ cwd: '/w', prompt: '-x' })).toEqual({
    argv: ['auggie', '--instruction=-x'],
    cwd: '/w',
  });
  expect(agent.launch.resume(session, { cwd: '/w' })).toEqual({
    argv: ['auggie', '--resume', 'i'],
    cwd: '/w',
  });
  expect(agent.launch.resume(session, { cwd: '/w', prompt: 'go', headless: true, flags: ['--ask'] })).toEqual(
    {
      argv: ['auggie', '--resume', 'i', '--print', '--ask', '--instruction=go'],
      cwd: '/w',
    },
  );
});
