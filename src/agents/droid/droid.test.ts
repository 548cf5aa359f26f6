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
import { limitOfOutcome, limitOfText } from './limits.ts';

const CWD = '/home/dev/droid/todo-api';
const { scratch, env, context, fixture, open, fixtureCalls } = workbench(agent, import.meta.dirname);
const writer: Writer = agent.writer ?? fail('no writer');

/** A session in the scratch store, from records (objects) or raw lines. */
function stored(name: string, records: unknown[]): SessionRef {
  const path = join(scratch, '.factory/sessions/-w', `${name}.jsonl`);
  mkdirSync(dirname(path), { recursive: true });
  const text = records
    .map((record) => (typeof record === 'string' ? record : JSON.stringify(record)))
    .join('\n');
  writeFileSync(path, text);
  return { agent: 'droid', id: name, path, bytes: text.length, mtimeMs: 1 };
}

const start = { type: 'session_start', id: 's', title: 'T', owner: 'unknown', version: 2, cwd: '/w' };
const message = (id: string, role: string, content: unknown, more: object = {}) => ({
  type: 'message',
  id,
  timestamp: '2026-11-22T17:21:37.492Z',
  message: { role, content, ...more },
});
const call = (id: string, name: string, input: object) => ({ type: 'tool_use', id, name, input });
const result = (tool_use_id: string, content: unknown, is_error = false) => ({
  type: 'tool_result',
  tool_use_id,
  is_error,
  content,
});

test('sessions are found in the folder of their directory', () => {
  expect(fixture('fork').refs.map((ref) => ref.id)).toEqual([
    '2919fa9e-5b0a-4a29-9f69-998349f00063',
    '8d765d7e-aee7-4983-a25e-1426c33efd69',
  ]);
  expect(agent.roots({ home: '/h', vars: {}, platform: 'linux' })).toEqual(['/h/.factory/sessions']);
  const vars = { FACTORY_HOME_OVERRIDE: '/o' };
  expect(agent.roots({ home: '/h', vars, platform: 'linux' })).toEqual(['/o/.factory/sessions']);
});

test('a session with tools', () => {
  const session = open('tools');
  expect(session.info).toEqual({
    agent: 'droid',
    id: 'cf0ffc0d-7386-45f9-9218-cd6bdba454b8',
    title: 'Show the files. RUN: ls -1 && cat package.json',
    cwd: CWD,
    models: ['custom:Mock-0'],
    usage: { input: 222, output: 44, cacheRead: 0, cacheWrite: 0 },
    createdAt: '2026-11-22T17:21:37.480Z',
    updatedAt: '2026-11-22T17:21:38.062Z',
    lineage: [],
  });
  expect(lines(session)).toEqual([
    ['user', 'text', 'Show the files. RUN: ls -1 && cat package.json'],
    ['assistant', 'text', 'I will run it.'],
    ['assistant', 'call', 0, 'execute', '{"command":"ls -1 && cat package.json","description":"mock run"}'],
    ['user', 'result', 0, 'ok', 0, expect.stringMatching(/^README\.md\npackage\.json\nsrc\n\{ .* \}\n$/)],
    ['assistant', 'text', 'MOCK-REPLY #24 (saw 4 messages)'],
  ]);
  const harness = [...session.entries()].filter((e) => e.type === 'message' && e.origin === 'harness');
  expect(harness).toHaveLength(1);
  expect(session.diagnostics).toEqual([]);
});

test('a command that failed, a tool that is not there', () => {
  expect(toolLines(open('error'))[1]).toEqual(['user', 'result', 0, 'error', 3, 'before-fail\n']);
  expect(toolLines(open('unavailable-tool'))).toEqual([
    [
      'assistant',
      'call',
      0,
      'plan',
      '{"items":[{"status":"in_progress","text":"Look at the code"},{"status":"pending","text":"Add tests"}]}',
    ],
    ['user', 'result', 0, 'error', null, expect.stringMatching(/^Tool TodoWrite is registered but is not/)],
  ]);
});

test('written and edited files: the result is what the model is told', () => {
  const path = `${CWD}/NOTES.md`;
  expect(toolLines(open('edit'))).toEqual([
    ['assistant', 'call', 0, 'write', JSON.stringify({ content: '# Notes\nhello\n', path })],
    ['user', 'result', 0, 'ok', null, `The file ${path} has been created successfully.`],
    [
      'assistant',
      'call',
      1,
      'edit',
      JSON.stringify({ edits: [{ newText: 'goodbye', oldText: 'hello' }], path }),
    ],
    ['user', 'result', 1, 'ok', null, `The file ${path} has been updated successfully.`],
  ]);
});

test('a limit is one event; the summary says so', () => {
  const { env: own, refs } = fixture('limit');
  const ref = refs[0] ?? fail('no fixture');
  const events = [...agent.read(ref, { env: own }).entries()].filter((entry) => entry.type === 'event');
  expect(events).toMatchObject([
    {
      event: 'limit',
      text: expect.stringMatching(/^BYOK Error: 429/),
      limit: { scope: 'minute', confidence: 'certain' },
    },
  ]);
  expect(agent.summarize(ref, { env: own })).toMatchObject({
    title: 'RATE-LIMIT please',
    messages: { user: 1, assistant: 0 },
    limit: { scope: 'minute', confidence: 'certain' },
  });
});

test('what outcomes and errors are limits', () => {
  expect(limitOfOutcome('model_usage_exhausted')?.scope).toBe('account');
  expect(limitOfOutcome('model_provider_unavailable')?.scope).toBe('overload');
  expect(limitOfOutcome('completed')).toBeUndefined();
  expect(limitOfOutcome('toString')).toBeUndefined();
  expect(limitOfText('Error: {"error":{"type":"overloaded_error"}}\nmore')?.scope).toBe('overload');
  expect(limitOfText('BYOK Error: 401 {"error":')).toBeUndefined();
});

test('thinking is kept as it was stored, a fork names its source', () => {
  const parts = [...open('think').entries()].flatMap((entry) =>
    entry.type === 'message' ? entry.parts : [],
  );
  expect(parts.find((part) => part.type === 'reasoning')).toEqual({
    type: 'reasoning',
    text: 'mock thinking about it',
    vendor: 'droid',
    opaque: { type: 'thinking', signature: 'bW9ja3NpZw==', signatureProvider: 'anthropic', durationMs: 0 },
  });
  expect(open('fork').info.lineage).toEqual([
    { kind: 'fork', agent: 'droid', id: '8d765d7e-aee7-4983-a25e-1426c33efd69' },
  ]);
});

test('what Droid puts beside and between: reminders, notes to the person, outcomes, plans', () => {
  const ref = stored('beside', [
    start,
    message('1', 'user', [
      { type: 'text', text: '<system-reminder>\nx\n</system-reminder>' },
      { type: 'text', text: 'go' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
    ]),
    message('2', 'assistant', 'plain answer'),
    message('3', 'user', 'Provider Error: 500', { visibility: 'user_only' }),
    { type: 'agent_turn_outcome', turnId: '1', reason: 'model_usage_exhausted' },
    message('4', 'user', 'You are now in another mode', { visibility: 'user_only' }),
    { type: 'agent_turn_outcome', turnId: '1', reason: 'cancelled' },
    { type: 'todo_state', id: 't', todos: {} },
    { type: 'something_new' },
  ]);
  const session = agent.read(ref, context);
  const entries = [...session.entries()];
  expect(
    entries.map((e) => [e.id, e.type === 'message' ? e.origin : e.type === 'event' ? e.event : e.type]),
  ).toEqual([
    ['1', 'harness'],
    ['1/1', 'human'],
    ['2', 'agent'],
    ['3', 'error'],
    [expect.stringMatching(/^byte-/), 'limit'],
    ['4/shown', 'harness'],
    [expect.stringMatching(/^byte-/), 'interrupted'],
  ]);
  expect(entries.map((entry) => entry.parentId)).toEqual([
    null,
    ...entries.slice(0, -1).map((entry) => entry.id),
  ]);
  expect(session.diagnostics.map(({ code }) => code)).toEqual(['unknown-record']);
});

test('outcomes of calls', () => {
  const outcome = (name: string, input: object, content: unknown, failed = false): unknown => {
    const ref = stored('outcomes', [
      start,
      message('1', 'assistant', [call('c', name, input)]),
      message('2', 'user', [result('c', content, failed)]),
    ]);
    return [...agent.read(ref, context).entries()].flatMap((entry) =>
      entry.type === 'message' ? entry.parts.filter((part) => part.type === 'tool_result') : [],
    )[0];
  };
  const silent = 'Command completed successfully\n\n[Process exited with code 0]';
  expect(outcome('Execute', {}, silent)).toMatchObject({ status: 'ok', exitCode: 0, content: [] });
  const failed = 'Error: Command failed (exit code: 1)\n\n[Process exited with code 1]';
  expect(outcome('Execute', {}, failed, true)).toMatchObject({ status: 'error', exitCode: 1, content: [] });
  expect(outcome('Read', {}, 'Error: Tool execution cancelled by user', true)).toMatchObject({
    status: 'interrupted',
    content: [],
  });
  const picture = { type: 'image', source: { type: 'base64', data: 'AAAA', media_type: 'image/jpeg' } };
  expect(outcome('Read', {}, [{ type: 'text', text: 'Image file: a.png' }, picture])).toMatchObject({
    content: [{ text: 'Image file: a.png' }, { type: 'image', mediaType: 'image/jpeg', data: 'AAAA' }],
  });
  // Droid's own reminders in a result are not the tool's words
  const reminded =
    '{"success":true,"file_path":"/a","systemReminder":"<system-reminder>x</system-reminder>"}';
  expect(outcome('Edit', {}, reminded)).toMatchObject({
    content: [{ text: 'The file /a has been updated successfully.' }],
  });
});

test('a compaction keeps what comes after its anchor', () => {
  const cut = (anchorMessage: unknown) => ({
    type: 'compaction_state',
    id: 'c',
    summaryText: 'sum',
    anchorMessage,
  });
  const turns = [
    message('1', 'user', 'one'),
    message('2', 'assistant', 'two'),
    message('3', 'user', 'three'),
  ];
  const keeps = (anchor: unknown): unknown =>
    [...agent.read(stored('cut', [start, ...turns, cut(anchor)]), context).entries()].at(-1);
  expect(keeps({ id: '1', index: 0 })).toMatchObject({
    type: 'compaction',
    summary: 'sum',
    keeps: ['2', '3'],
  });
  expect(keeps({ id: '3', index: 2 })).toMatchObject({ keeps: [] });
  expect(keeps(7)).toMatchObject({ keeps: [] });
});

test('evidence is the line’s byte range and checksum', () => {
  for (const entry of open('tools').entries()) {
    const [evidence] = entry.evidence;
    if (evidence?.kind !== 'range') return fail('no range');
    const bytes = readFileSync(evidence.path).subarray(evidence.start, evidence.end);
    expect(JSON.parse(bytes.toString())).toMatchObject({ id: entry.id });
    expect(crc32(bytes)).toBe(evidence.crc32);
  }
});

test('what summaries of small and large sessions tell', () => {
  const { env: own, refs } = fixture('basic');
  expect(agent.summarize(refs[0] ?? fail('no fixture'), { env: own })).toMatchObject({
    title: 'What does this todo-api service do?',
    cwd: CWD,
    model: 'custom:Mock-0',
    messages: { user: 2, assistant: 2 },
    tokens: 266,
  });
  const filler = Array.from({ length: 400 }, (_, n) =>
    message(`f${n}`, 'assistant', 'x'.repeat(500), { modelId: 'm' }),
  );
  const { title: _title, ...untitled } = start;
  const end = { type: 'agent_turn_outcome', reason: 'model_rate_limited' };
  const ref = stored('large', [untitled, message('1', 'user', 'First'), ...filler, end]);
  expect(agent.summarize(ref, context)).toEqual({
    agent: 'droid',
    id: 'large',
    bytes: ref.bytes,
    path: ref.path,
    title: 'First',
    cwd: '/w',
    model: 'm',
    createdAt: '2026-11-22T17:21:37.492Z',
    updatedAt: '2026-11-22T17:21:37.492Z',
    limit: { scope: 'minute', confidence: 'certain' },
  });
});

test('damage is diagnosed, the rest is read; what is no session is said', () => {
  const odd = stored('odd', [
    { ...start, title: 7, cwd: [], parent: {} },
    '7',
    'not json',
    message('1', 'user', { a: 1 }),
    message('1', 'user', [3, { type: 'text', text: 5 }, { type: 'later' }, result('none', 5)]),
    message('1', 'robot', 'x'),
    { type: 'message', message: 3 },
    {
      type: 'message',
      id: '1',
      message: { role: 'assistant', content: [{ type: 'tool_use' }, { type: 'thinking' }] },
    },
    { type: 'compaction_state', summaryText: 9 },
    '{"type":"mess',
  ]);
  const session = agent.read(odd, context);
  expect(session.info.id).toBe('odd');
  expect(lines(session)).toEqual([
    ['user', 'result', -1, 'ok', null, ''],
    ['assistant', 'call', 0, 'other', '{"input":{},"name":""}'],
    ['assistant', 'reasoning', ''],
  ]);
  expect([...session.entries()].map((entry) => entry.id).slice(0, 2)).toEqual(['1', '1@2']);
  const codes = session.diagnostics.map(({ code }) => code);
  expect(codes).toEqual([
    'bad-record',
    'bad-record',
    'unknown-record',
    'orphan-result',
    'unknown-record',
    'unknown-record',
  ]);
  expect(agent.summarize(odd, context).damaged).toBe('a line is not a record');

  const headless = stored('headless', [message('1', 'user', 'one')]);
  expect(lines(agent.read(headless, context))).toEqual([['user', 'text', 'one']]);
  expect(agent.summarize(headless, context).damaged).toBe('the first line is missing');
  for (const [name, records] of [
    ['empty', []],
    ['text', ['no json']],
    ['other', [{ type: 'metadata' }]],
  ] as const) {
    const ref = stored(name, [...records]);
    expect(() => agent.read(ref, context), name).toThrow(expect.objectContaining({ code: 'not-a-session' }));
    expect(agent.summarize(ref, context).damaged, name).toBe('not-a-session');
    expect(agent.recognize?.(ref.path, context), name).toBeUndefined();
  }
  const missing = { ...odd, path: join(scratch, 'missing.jsonl') };
  expect(() => agent.read(missing, context)).toThrow(expect.objectContaining({ code: 'unreadable' }));
  expect(() => agent.read(odd, context, { branch: 'x' })).toThrow(
    expect.objectContaining({ code: 'not-a-session' }),
  );
});

test('a session file given by path is recognized', () => {
  const ref = fixture('basic').refs[0] ?? fail('no fixture');
  expect(agent.recognize?.(ref.path, context)).toEqual(ref);
  expect(agent.recognize?.(join(scratch, 'none.jsonl'), context)).toBeUndefined();
});

test('native calls become canonical', () => {
  const cases: [NativeCall, ToolCall][] = [
    [
      { name: 'Execute', input: { command: 'make', timeout: 5, summary: 'Make it', fireAndForget: true } },
      {
        tool: 'execute',
        input: { command: 'make', timeoutMs: 5000, background: true, description: 'Make it' },
      },
    ],
    [
      { name: 'Read', input: { file_path: 'a.ts', offset: 3, limit: 2 } },
      { tool: 'read', input: { path: '/w/a.ts', offset: 3, limit: 2 } },
    ],
    [
      { name: 'Edit', input: { file_path: '/a', old_str: 'x', new_str: 'y', change_all: true } },
      { tool: 'edit', input: { path: '/a', edits: [{ oldText: 'x', newText: 'y', replaceAll: true }] } },
    ],
    [
      { name: 'MultiEdit', input: { file_path: '/a', changes: [{ old_str: 'x', new_str: 'y' }] } },
      { tool: 'edit', input: { path: '/a', edits: [{ oldText: 'x', newText: 'y' }] } },
    ],
    [
      { name: 'ApplyPatch', input: { input: '*** Begin Patch\n*** Delete File: a\n*** End Patch' } },
      { tool: 'patch', input: { changes: [{ change: 'delete', path: 'a' }] } },
    ],
    [
      { name: 'LS', input: {} },
      { tool: 'list', input: { path: '/w' } },
    ],
    [
      { name: 'Glob', input: { patterns: '*', folder: 'x' } },
      { tool: 'glob', input: { pattern: '*', path: '/w/x' } },
    ],
    [
      { name: 'Glob', input: { patterns: ['*.a', '*.b'] } },
      { tool: 'other', input: { name: 'Glob', input: { patterns: ['*.a', '*.b'] } } },
    ],
    [
      { name: 'Grep', input: { pattern: 'x', glob_pattern: '*.ts', case_insensitive: true } },
      { tool: 'grep', input: { pattern: 'x', glob: '*.ts', ignoreCase: true } },
    ],
    [
      { name: 'FetchUrl', input: { url: 'u' } },
      { tool: 'web_fetch', input: { url: 'u' } },
    ],
    [
      { name: 'WebSearch', input: { query: 'q' } },
      { tool: 'web_search', input: { query: 'q' } },
    ],
    [
      { name: 'Task', input: { subagent_type: 'worker', description: 'd', prompt: 'p' } },
      { tool: 'task', input: { prompt: 'p', description: 'd', agentType: 'worker' } },
    ],
    [
      { name: 'Execute', input: {} },
      { tool: 'other', input: { name: 'Execute', input: {} } },
    ],
    [
      { name: 'Edit', input: 'text' },
      { tool: 'other', input: { name: 'Edit', input: 'text' } },
    ],
  ];
  for (const [native, canonical] of cases) expect(agent.tools.read(native, '/w')).toEqual(canonical);
});

test('canonical calls become native', () => {
  const cases: [ToolCall, NativeCall[] | undefined][] = [
    [
      {
        tool: 'execute',
        input: { command: 'make', cwd: '/x', timeoutMs: 1500, background: true, description: 'd' },
      },
      [
        {
          name: 'Execute',
          input: { command: 'cd /x && make', summary: 'd', timeout: 2, fireAndForget: true },
        },
      ],
    ],
    [
      { tool: 'read', input: { path: '/a', limit: 2 } },
      [{ name: 'Read', input: { file_path: '/a', limit: 2 } }],
    ],
    [
      {
        tool: 'patch',
        input: {
          changes: [
            { change: 'add', path: '/n', content: 'c' },
            { change: 'delete', path: '/d' },
          ],
        },
      },
      [
        { name: 'Create', input: { file_path: '/n', content: 'c' } },
        { name: 'Execute', input: { command: 'rm -- /d' } },
      ],
    ],
    [
      { tool: 'edit', input: { path: '/a', edits: [{ oldText: 'x', newText: 'y', replaceAll: true }] } },
      [{ name: 'Edit', input: { file_path: '/a', old_str: 'x', new_str: 'y', change_all: true } }],
    ],
    [{ tool: 'list', input: { path: '/a' } }, [{ name: 'LS', input: { directory_path: '/a' } }]],
    [
      { tool: 'glob', input: { pattern: '*', path: '/a' } },
      [{ name: 'Glob', input: { patterns: ['*'], folder: '/a' } }],
    ],
    [
      { tool: 'grep', input: { pattern: 'x', glob: '*.ts', ignoreCase: true } },
      [{ name: 'Grep', input: { pattern: 'x', glob_pattern: '*.ts', case_insensitive: true } }],
    ],
    [{ tool: 'web_fetch', input: { url: 'u' } }, [{ name: 'FetchUrl', input: { url: 'u' } }]],
    [{ tool: 'web_search', input: { query: 'q' } }, [{ name: 'WebSearch', input: { query: 'q' } }]],
    [
      {
        tool: 'plan',
        input: {
          items: [
            { text: 'a\n b', status: 'completed' },
            { text: 'c', status: 'pending' },
          ],
        },
      },
      [{ name: 'TodoWrite', input: { todos: '1. [completed] a b\n2. [pending] c' } }],
    ],
    [
      { tool: 'task', input: { prompt: 'p' } },
      [{ name: 'Task', input: { subagent_type: 'worker', description: 'Subtask', prompt: 'p' } }],
    ],
    [{ tool: 'mcp', input: { server: 's', tool: 't', arguments: {} } }, undefined],
    [{ tool: 'other', input: { name: 'n', input: {} } }, undefined],
  ];
  for (const [canonical, native] of cases) expect(agent.tools.write(canonical)).toEqual(native);
});

test('the tools of real sessions go to canonical and back', () => {
  const calls = fixtureCalls();
  expect([...new Set(calls.map((each) => each.native.name))].sort()).toEqual([
    'Create',
    'Edit',
    'Execute',
    'TodoWrite',
  ]);
  for (const each of calls)
    expect(agent.tools.write(each)?.map((native) => agent.tools.read(native, CWD))).toEqual([
      { tool: each.tool, input: each.input },
    ]);
});

function target(): EncodeTarget {
  const now = new Date('2026-11-23T10:00:00.000Z');
  const ids = seededIds(new Uint8Array(32).fill(3), now.getTime());
  return { env, cwd: CWD, now, ids, title: 'A title', store: writer.probe(env, CWD) };
}

/** Writes a plan's file and gives what the reader makes of it. */
function written(session: Session): { records: unknown[]; session: Session } {
  const plan = writer.encode(session, target());
  const [file] = plan.files;
  if (file === undefined) return fail('no file');
  const text = [...file.content()].join('');
  expect([...file.content()].join('')).toBe(text);
  mkdirSync(dirname(file.path), { recursive: true });
  writeFileSync(file.path, text);
  const ref = agent.recognize?.(plan.ref.path, context) ?? fail('not recognized');
  expect(ref.id).toBe(plan.sessionId);
  const records = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  return { records, session: agent.read(ref, context) };
}

const execute = (callId: string): ToolCallPart =>
  callPart(agent, CWD, callId, { name: 'Execute', input: { command: 'make' } });

test('a written session: first line, then one chain; results of one answer stand in one message', () => {
  mkdirSync(join(scratch, '.factory'), { recursive: true });
  writeFileSync(join(scratch, '.factory/host.json'), '{"hostId":"h"}');
  const failed: ToolResultPart = {
    type: 'tool_result',
    callId: 'c1',
    status: 'error',
    exitCode: 2,
    content: [],
  };
  const content = agent.tools.writeResult?.(execute('c1'), failed) ?? [];
  const { records, session } = written(
    sessionOf('claude', [
      entry('1', 'user', text('go\u2028on'), { type: 'image', mediaType: 'image/png', data: 'AAAA' }),
      entry('2', 'assistant', text('I do'), execute('c1'), execute('c2')),
      entry('3', 'user', { ...failed, content }),
      entry('4', 'user', { type: 'tool_result', callId: 'c2', status: 'ok', content: [] }, text('and then?')),
    ]),
  );
  const ids = records.slice(1).map((record) => (record as { id: string }).id);
  expect(new Set(ids).size).toBe(4);
  const timestamp = '2026-11-20T10:00:00.000Z';
  const chained = (n: number, role: string, blocks: unknown[]) => ({
    type: 'message',
    id: ids[n],
    ...(n === 0 ? {} : { parentId: ids[n - 1] }),
    timestamp,
    message: { role, content: blocks },
  });
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } };
  expect(records).toEqual([
    {
      type: 'session_start',
      id: session.info.id,
      title: 'A title',
      owner: 'unknown',
      version: 2,
      cwd: CWD,
      hostId: 'h',
      isSessionTitleManuallySet: true,
      segueSource: { agent: 'claude', id: 's1' },
    },
    chained(0, 'user', [text('go\u2028on'), image]),
    chained(1, 'assistant', [
      text('I do'),
      call('c1', 'Execute', { command: 'make' }),
      call('c2', 'Execute', { command: 'make' }),
    ]),
    chained(2, 'user', [
      result('c1', 'Error: Command failed (exit code: 2)\n\n\n[Process exited with code 2]', true),
      result('c2', ''),
    ]),
    chained(3, 'user', [text('and then?')]),
  ]);
  expect(session.info.lineage).toEqual([{ kind: 'transplant', agent: 'claude', id: 's1' }]);
});

test('results survive with status, exit code and content', () => {
  const said = (value: string): ToolResultPart['content'] => [{ type: 'text', text: value }];
  const picture: ToolResultPart['content'] = [{ type: 'image', mediaType: 'image/png', data: 'AAAA' }];
  const cases: Pick<ToolResultPart, 'status' | 'exitCode' | 'content'>[] = [
    { status: 'ok', content: said('x') },
    { status: 'ok', content: [] },
    { status: 'ok', exitCode: 0, content: [] },
    { status: 'error', content: said('x') },
    { status: 'error', content: said('Error: x') },
    { status: 'error', content: [] },
    { status: 'error', exitCode: 127, content: [] },
    { status: 'error', exitCode: 1, content: [...said('x'), ...picture] },
    { status: 'error', exitCode: 0, content: said('x') },
    { status: 'interrupted', content: said('x') },
    { status: 'interrupted', exitCode: 130, content: [] },
    { status: 'ok', content: picture },
    { status: 'ok', content: said('{"file_path":"/b"}') },
    { status: 'ok', content: said('The file /a has been updated successfully.') },
  ];
  const natives: NativeCall[] = [
    { name: 'Execute', input: { command: 'make' } },
    { name: 'Edit', input: { file_path: '/a', old_str: 'x', new_str: 'y' } },
    { name: 'Create', input: { file_path: '/a', content: 'x' } },
    { name: 'Grep', input: { pattern: 'x' } },
  ];
  const entries: Entry[] = [];
  const expected: unknown[] = [];
  for (const native of natives) {
    for (const { exitCode, ...outcome } of cases) {
      const callId = `c${entries.length}`;
      const code = native.name === 'Execute' && exitCode !== undefined ? { exitCode } : {};
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

test('a compaction is written with the last message that it covers, never in the middle of a call', () => {
  const cut = (id: string, keeps: string[]): Entry => ({
    id,
    parentId: null,
    evidence: [],
    type: 'compaction',
    summary: id,
    keeps,
  });
  const { session, records } = written(
    sessionOf('claude', [
      entry('1', 'user', text('one')),
      entry('2', 'assistant', execute('c1')),
      entry('3', 'user', { type: 'tool_result', callId: 'c1', status: 'ok', content: [] }),
      cut('from a result on', ['3']),
      entry('4', 'user', text('two')),
      cut('all kept', ['1']),
      cut('all of it', []),
    ]),
  );
  const ids = records.slice(1).map((record) => (record as { id: string }).id);
  expect([...session.entries()].filter((item) => item.type === 'compaction')).toMatchObject([
    { summary: 'from a result on', keeps: [ids[1], ids[2]] },
    { summary: 'all kept', keeps: ids.filter((_id, n) => n !== 3 && n < 5) },
    { summary: 'all of it', keeps: [] },
  ]);
  expect(records.filter((record) => (record as { type: string }).type === 'compaction_state')).toMatchObject([
    { anchorMessage: { id: ids[0], index: 0 }, removedCount: 1 },
    { removedCount: 0 },
    { anchorMessage: { id: ids[4], index: 3 }, removedCount: 4 },
  ]);
});

test('own thinking is written back as it was', () => {
  const source = [...open('think').entries()].filter((e) => e.type === 'message' && e.origin !== 'harness');
  const { session, records } = written(sessionOf('droid', source));
  expect([...comparable(session.entries(), { tools: 'native' })]).toEqual([
    ...comparable(source, { tools: 'native' }),
  ]);
  expect(records.at(-1)).toMatchObject({
    message: {
      content: [
        { type: 'thinking', signature: 'bW9ja3NpZw==', signatureProvider: 'anthropic' },
        { type: 'text' },
      ],
    },
  });
});

test('what is written reads back the same', () => {
  const opaque = fc.record({ type: fc.constant('thinking'), signature: fc.string() });
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
  const session = { id: 'i', path: '/s.jsonl' };
  expect(agent.launch.start({ cwd: '/w', prompt: '-x' })).toEqual({ argv: ['droid', '--', '-x'], cwd: '/w' });
  expect(agent.launch.resume(session, { cwd: '/w' })).toEqual({
    argv: ['droid', '--resume', 'i'],
    cwd: '/w',
  });
  expect(
    agent.launch.resume(session, { cwd: '/w', prompt: 'go', headless: true, flags: ['--auto', 'low'] }),
  ).toEqual({
    argv: ['droid', 'exec', '--session-id', 'i', '--auto', 'low', '--', 'go'],
    cwd: '/w',
  });
});
