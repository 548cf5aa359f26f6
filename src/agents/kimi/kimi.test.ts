import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitrarySession } from '../../../test/arbitrary-session.ts';
import { sessionOf } from '../../../test/session-of.ts';
import { entry, fail, lines, nativeLines, text, toolLines, workbench } from '../../../test/workbench.ts';
import { comparable } from '../../model/compare.ts';
import { seededIds } from '../../model/ids.ts';
import type { Entry, NativeCall, Session, ToolCallPart, ToolResultPart } from '../../model/session.ts';
import type { ToolCall } from '../../model/tools.ts';
import type { EncodeTarget, SessionRef, Writer } from '../contract.ts';
import { agent } from './index.ts';
import { limitOf } from './limits.ts';
import { workspaceId } from './places.ts';

const CWD = '/home/dev/kimi/todo-api';
const { scratch, env, context, fixture, open, fixtureCalls } = workbench(agent, import.meta.dirname);
const writer: Writer = agent.writer ?? fail('no writer');

/** A session in the scratch store, from records (objects) or raw lines. */
function stored(name: string, records: unknown[], state?: unknown): SessionRef {
  const folder = join(scratch, '.kimi-code/sessions/wd_w_0123456789ab', name);
  const path = join(folder, 'agents/main/wire.jsonl');
  mkdirSync(dirname(path), { recursive: true });
  const text = records.map((record) => (typeof record === 'string' ? record : JSON.stringify(record)));
  writeFileSync(path, text.join('\n'));
  if (state !== undefined)
    writeFileSync(join(folder, 'state.json'), typeof state === 'string' ? state : JSON.stringify(state));
  return { agent: 'kimi', id: name, path, bytes: text.join('\n').length, mtimeMs: 1 };
}

const metadata = { type: 'metadata', protocol_version: '1.5', created_at: 1_795_366_725_045 };
const message = (role: string, content: unknown, more: object = {}) => ({
  type: 'context.append_message',
  agentId: 'main',
  message: { role, content, toolCalls: [], ...more },
  time: 1_795_366_725_140,
});
const say = (text: string, more: object = {}) =>
  message('user', [{ type: 'text', text }], { origin: { kind: 'user' }, ...more });
const answer = (text: string) => message('assistant', [{ type: 'text', text }]);
const event = (type: string, fields: object) => ({
  type: 'context.append_loop_event',
  agentId: 'main',
  event: { type, ...fields },
  time: 1_795_366_725_200,
});

test('sessions, subagents and contexts of kimi-cli are found', () => {
  const id = 'session_93aaf74f-2fe8-48bb-9745-f6df077c4dad';
  expect(fixture('subagent').refs.map((ref) => [ref.id, ref.parent])).toEqual([
    [`${id}.agent-0`, id],
    [id, undefined],
  ]);
  expect(agent.roots({ home: '/h', vars: {}, platform: 'linux' })).toEqual([
    '/h/.kimi-code/sessions',
    '/h/.kimi/sessions',
  ]);
  const vars = { KIMI_CODE_HOME: '/k', KIMI_SHARE_DIR: '/o' };
  expect(agent.roots({ home: '/h', vars, platform: 'linux' })).toEqual(['/k/sessions', '/o/sessions']);
});

test('the folder of a directory', () => {
  expect(workspaceId(CWD, env)).toBe('wd_todo-api_4cbd1e64e411');
  expect(workspaceId('/', env)).toMatch(/^wd_workspace_[0-9a-f]{12}$/);
  expect(workspaceId('/x/My  App!', env)).toMatch(/^wd_my-app_[0-9a-f]{12}$/);
  expect(workspaceId('C:\\x\\App', { ...env, platform: 'win32' })).toMatch(/^wd_app_[0-9a-f]{12}$/);
});

test('a session with tools', () => {
  const session = open('tools');
  expect(session.info).toEqual({
    agent: 'kimi',
    id: 'session_5eaeb6d0-051f-4a43-9b00-dbe867ef53d8',
    title: undefined,
    cwd: CWD,
    models: ['mock-model'],
    usage: { input: 333, output: 66, cacheRead: 0, cacheWrite: 0 },
    createdAt: '2026-11-22T16:58:54.322Z',
    updatedAt: '2026-11-22T16:59:00.302Z',
    lineage: [],
  });
  expect(lines(session)).toEqual([
    ['user', 'text', 'List the files please. RUN: ls src && git log --oneline'],
    ['assistant', 'text', 'I will run it.'],
    ['assistant', 'call', 0, 'execute', '{"command":"ls src && git log --oneline"}'],
    ['user', 'result', 0, 'ok', 0, 'index.js\nb6cb4c6 Initial commit\n'],
    ['assistant', 'text', 'MOCK-REPLY #4 (saw 6 messages)'],
    ['user', 'text', 'Thanks, what did you see?'],
    ['assistant', 'text', 'MOCK-REPLY #5 (saw 9 messages)'],
  ]);
  const harness = [...session.entries()].filter((e) => e.type === 'message' && e.origin === 'harness');
  expect(harness).toHaveLength(3);
  expect(session.diagnostics).toEqual([]);
});

test('a command that failed: exit code apart from its output', () => {
  expect(toolLines(open('error'))).toEqual([
    ['assistant', 'call', 0, 'execute', '{"command":"ls /no/such/dir; exit 3"}'],
    ['user', 'result', 0, 'error', 3, "ls: cannot access '/no/such/dir': No such file or directory"],
  ]);
});

test('written, edited and read files', () => {
  const path = `${CWD}/NOTES.md`;
  expect(toolLines(open('edit'))).toEqual([
    ['assistant', 'call', 0, 'write', JSON.stringify({ content: '# Notes\n\nBuy milk\n', path })],
    ['user', 'result', 0, 'ok', null, `Wrote 18 bytes to ${path}`],
    [
      'assistant',
      'call',
      1,
      'edit',
      JSON.stringify({ edits: [{ newText: 'oat milk', oldText: 'milk' }], path }),
    ],
    ['user', 'result', 1, 'ok', null, `Replaced 1 occurrence in ${path}`],
    ['assistant', 'call', 2, 'read', JSON.stringify({ path })],
    ['user', 'result', 2, 'ok', null, '1\t# Notes\n2\t\n3\tBuy oat milk'],
  ]);
});

test('a picture in a result is without the marks around it', () => {
  const [result] = [...open('image').entries()].flatMap((entry) =>
    entry.type === 'message' ? entry.parts.filter((part) => part.type === 'tool_result') : [],
  );
  const picture = { type: 'image', mediaType: 'image/png', path: `${CWD}/red.png` };
  expect(result).toMatchObject({ status: 'ok', content: [picture] });
  expect(result?.content).toHaveLength(1);
});

test('a picture in a file of its own is read, a missing one is told', () => {
  const image = (hash: string) => ({ type: 'image_url', imageUrl: { url: `blobref:image/png;${hash}` } });
  const ref = stored('blobs', [metadata, message('user', [image('abc'), image('def')])]);
  mkdirSync(join(dirname(ref.path), 'blobs'), { recursive: true });
  writeFileSync(join(dirname(ref.path), 'blobs/abc'), 'data');
  const [entry] = agent.read(ref, context).entries();
  expect(entry).toMatchObject({
    parts: [
      { type: 'image', mediaType: 'image/png', data: 'ZGF0YQ==' },
      { type: 'image', mediaType: 'image/png', path: join(dirname(ref.path), 'blobs/def') },
    ],
  });
});

test('thinking is kept as it was stored', () => {
  const parts = [...open('think').entries()].flatMap((entry) =>
    entry.type === 'message' ? entry.parts : [],
  );
  expect(parts.find((part) => part.type === 'reasoning')).toEqual({
    type: 'reasoning',
    text: 'mock thinking about it',
    vendor: 'kimi',
    opaque: { reasoningKey: 'reasoning_content' },
  });
});

test('a compaction keeps what the person said', () => {
  const session = open('compact');
  const entries = [...session.entries()];
  expect(session.info.title).toBe('Storage layer');
  expect(entries.find((entry) => entry.type === 'compaction')).toMatchObject({
    summary: 'MOCK-REPLY #85 (saw 6 messages)',
    keeps: ['line-2'],
  });
  expect(entries.find((entry) => entry.id === 'line-2')).toMatchObject({ origin: 'human' });
});

test('compactions of every shape, a clear', () => {
  const cut = (fields: object) => ({ type: 'context.apply_compaction', summary: 'sum', ...fields });
  const turns = [say('1'), answer('a'), say('2'), answer('b'), say('3')];
  const keeps = (...records: unknown[]): unknown[] =>
    [...agent.read(stored('cuts', [metadata, ...records]), context).entries()]
      .filter((entry) => entry.type === 'compaction')
      .map((entry) => [entry.summary, entry.keeps]);
  expect(keeps(...turns, cut({ compactedCount: 3 }))).toEqual([['sum', ['line-5', 'line-6']]]);
  expect(keeps(...turns, cut({ compactedCount: 5, keptUserMessageCount: 2 }))).toEqual([
    ['sum', ['line-4', 'line-6']],
  ]);
  expect(
    keeps(...turns, cut({ compactedCount: 5, keptUserMessageCount: 2, keptHeadUserMessageCount: 1 })),
  ).toEqual([['sum', ['line-2', 'line-6']]]);
  // the second starts from what the first left: the summary, then what was kept
  expect(keeps(...turns, cut({ compactedCount: 4 }), say('4'), cut({ compactedCount: 2 }))).toEqual([
    ['sum', ['line-6']],
    ['sum', ['line-8']],
  ]);
  expect(keeps(...turns, { type: 'context.clear' }, say('4'), cut({ compactedCount: 0 }))).toEqual([
    ['The conversation was started anew here.', []],
    ['sum', ['line-8']],
  ]);
  const early = { role: 'user', content: [{ type: 'text', text: 'early' }] };
  expect(keeps(...turns, { type: 'context.apply_compaction', summary: early, count: 5 })).toEqual([
    ['early', []],
  ]);
});

test('what was undone is a branch', () => {
  const ref = stored('undone', [
    metadata,
    say('start', { id: 'm1' }),
    answer('a'),
    say('first way', { id: 'm2' }),
    answer('b'),
    { type: 'context.undo', count: 1 },
    say('second way', { id: 'm3' }),
    answer('c'),
  ]);
  const session = agent.read(ref, context);
  const texts = (of: Session): unknown[] => lines(of).map((line) => (Array.isArray(line) ? line[2] : line));
  expect(texts(session)).toEqual(['start', 'a', 'second way', 'c']);
  expect(session.branches).toEqual([{ id: 'line-5', entries: 2 }]);
  expect(texts(agent.read(ref, context, { branch: 'line-5' }))).toEqual(['start', 'a', 'first way', 'b']);
  expect(() => agent.read(ref, context, { branch: 'line-2' })).toThrow(
    expect.objectContaining({ code: 'not-a-session' }),
  );
});

test('an undo of the newer form names the line to go on from; its repetition for older versions is skipped', () => {
  const ref = stored('switched', [
    metadata,
    say('one'),
    answer('a'),
    say('two'),
    answer('b'),
    { type: 'agent.switched', branch: 'b1', base: { branch: 'main', line: 3 }, legacyUndoLine: 7 },
    { type: 'context.undo', count: 1 },
    { type: 'context.undone', turns: 1 },
    say('three'),
    { type: 'agent.switched', branch: 'b2', base: { branch: 'main', line: 1 } },
    say('four'),
  ]);
  const session = agent.read(ref, context);
  expect(lines(session)).toEqual([['user', 'text', 'four']]);
  expect(session.branches).toEqual([
    { id: 'line-5', entries: 4 },
    { id: 'line-9', entries: 3 },
  ]);
  expect(lines(agent.read(ref, context, { branch: 'line-9' }))).toEqual([
    ['user', 'text', 'one'],
    ['assistant', 'text', 'a'],
    ['user', 'text', 'three'],
  ]);
  expect(session.diagnostics).toEqual([]);
});

test('a step is one answer; what comes while its calls run stands behind their results', () => {
  const part = (stepUuid: string, text: string) =>
    event('content.part', { stepUuid, part: { type: 'text', text } });
  const call = (toolCallId: string) =>
    event('tool.call', { stepUuid: 's1', toolCallId, name: 'Bash', args: { command: toolCallId } });
  const result = (toolCallId: string, output: string, more: object = {}) =>
    event('tool.result', { toolCallId, result: { output, ...more } });
  const ref = stored('steps', [
    metadata,
    event('step.begin', { uuid: 's1' }),
    part('s1', 'I run both.'),
    call('x'),
    call('y'),
    say('hurry'),
    result('y', 'Command executed successfully.'),
    result('x', 'Process exited with code 2\nCommand failed with exit code: 2.', { isError: true }),
    event('step.end', { uuid: 's1', usage: { inputOther: 5, output: 6 } }),
    event('step.begin', { uuid: 's2' }),
    part('s2', 'half'),
    event('step.end', { uuid: 's2', finishReason: 'error' }),
    part('elsewhere', 'lost'),
    result('none', 'orphan'),
    event('step.begin', { uuid: 's3' }),
    event('step.end', { uuid: 's3' }),
    { type: 'turn.ended', reason: 'cancelled' },
  ]);
  const session = agent.read(ref, context);
  expect(lines(session)).toEqual([
    ['assistant', 'text', 'I run both.'],
    ['assistant', 'call', 0, 'execute', '{"command":"x"}'],
    ['assistant', 'call', 1, 'execute', '{"command":"y"}'],
    ['user', 'result', 1, 'ok', 0, ''],
    ['user', 'result', 0, 'error', 2, ''],
    ['user', 'text', 'hurry'],
    ['user', 'result', -1, 'ok', null, 'orphan'],
    ['assistant', 'text', 'half'],
  ]);
  const entries = [...session.entries()];
  expect(entries.at(-1)).toMatchObject({ type: 'event', event: 'interrupted' });
  expect(entries[0]).toMatchObject({ id: 's1', usage: { input: 5, output: 6 } });
  expect(session.diagnostics.map(({ code }) => code)).toEqual(['broken-chain', 'orphan-result']);
});

test('interrupted calls, background commands, saved output', () => {
  const outcome = (name: string, args: object, output: string, more: object = {}): unknown => {
    const ref = stored('outcomes', [
      metadata,
      event('step.begin', { uuid: 's' }),
      event('tool.call', { stepUuid: 's', toolCallId: 'c', name, args }),
      event('tool.result', { toolCallId: 'c', result: { output, ...more } }),
    ]);
    return [...agent.read(ref, context).entries()].flatMap((entry) =>
      entry.type === 'message' ? entry.parts.filter((part) => part.type === 'tool_result') : [],
    )[0];
  };
  const failed = { isError: true };
  expect(outcome('Bash', {}, 'some\nInterrupted by user', failed)).toMatchObject({
    status: 'interrupted',
    content: [{ text: 'some' }],
  });
  expect(outcome('Read', {}, 'The user manually interrupted "Read" (and more).', failed)).toMatchObject({
    status: 'interrupted',
    content: [],
  });
  expect(outcome('Bash', { run_in_background: true }, 'task_id: t')).not.toHaveProperty('exitCode');
  expect(outcome('Bash', {}, 'task_id: bash-1\npid: 7\ndescription: x')).not.toHaveProperty('exitCode');
  expect(outcome('Bash', {}, 'Tool output exceeded 50000 characters; the full')).toMatchObject({
    truncated: true,
  });
});

test('a limit: each failed try and the end of the turn are events, the summary says so', () => {
  const { env: own, refs } = fixture('limit');
  const ref = refs[0] ?? fail('no fixture');
  const entries = [...agent.read(ref, { env: own }).entries()];
  expect(entries.filter((entry) => entry.type === 'event' && entry.event === 'limit')).toHaveLength(2);
  expect(entries.some((entry) => entry.type === 'message' && entry.role === 'assistant')).toBe(false);
  expect(agent.summarize(ref, { env: own })).toMatchObject({
    title: 'RATE-LIMIT now please',
    messages: { user: 1, assistant: 0 },
    limit: { scope: 'minute', confidence: 'certain' },
  });
});

test('what errors are limits', () => {
  expect(limitOf({ errorName: 'APIProviderQuotaExhaustedError', statusCode: 429 })?.scope).toBe('account');
  expect(limitOf({ error: { code: 'provider.overloaded' } })?.scope).toBe('overload');
  expect(limitOf({ error: { code: 'context.overflow' } })?.scope).toBe('context');
  expect(limitOf({ error: { code: 'provider.auth_error', details: { statusCode: 401 } } })).toBeUndefined();
  expect(limitOf({ error: 7 })).toBeUndefined();
});

test('a fork names its source, a subagent its parent', () => {
  expect(open('fork', 1).info.lineage).toEqual([
    { kind: 'fork', agent: 'kimi', id: 'session_a4d3b076-6411-4500-bc44-958dac98bead' },
  ]);
  const [sub] = open('subagent', 1).subagents;
  const id = 'session_93aaf74f-2fe8-48bb-9745-f6df077c4dad';
  expect(sub?.info).toMatchObject({
    id: `${id}.agent-0`,
    lineage: [{ kind: 'subagent', agent: 'kimi', id }],
  });
  expect(lines(sub ?? fail('no subagent'))).toEqual([
    ['user', 'text', expect.stringMatching(/Please count the files in src$/)],
    ['assistant', 'text', 'MOCK-REPLY #26 (saw 4 messages)'],
  ]);
});

test('evidence is the byte ranges and checksums of the records', () => {
  for (const entry of open('tools').entries()) {
    expect(entry.evidence.length).toBeGreaterThan(0);
    for (const evidence of entry.evidence) {
      if (evidence.kind !== 'range') return fail('no range');
      const bytes = readFileSync(evidence.path).subarray(evidence.start, evidence.end);
      expect(JSON.parse(bytes.toString())).toHaveProperty('type');
      expect(crc32(bytes)).toBe(evidence.crc32);
    }
  }
});

test('what a summary of a large session tells', () => {
  const { env: own, refs } = fixture('basic');
  expect(agent.summarize(refs[0] ?? fail('no fixture'), { env: own })).toMatchObject({
    title: 'Say hello about the todo list',
    cwd: CWD,
    model: 'mock-model',
    messages: { user: 2, assistant: 2 },
    tokens: 266,
  });
  const limited = {
    type: 'turn.ended',
    reason: 'failed',
    error: { code: 'provider.rate_limit' },
    time: 1_795_366_800_000,
  };
  const filler = Array.from({ length: 400 }, () => answer('x'.repeat(500)));
  const state = { title: 'Named', cwd: '/w', createdAt: 1_795_366_000_000, archived: true };
  const ref = stored('large', [metadata, say('First'), ...filler, limited], state);
  expect(agent.summarize(ref, context)).toEqual({
    agent: 'kimi',
    id: 'large',
    bytes: ref.bytes,
    path: ref.path,
    title: 'Named',
    cwd: '/w',
    createdAt: '2026-11-22T16:46:40.000Z',
    updatedAt: '2026-11-22T17:00:00.000Z',
    archived: true,
    limit: { scope: 'minute', confidence: 'certain' },
  });
});

test('damage is diagnosed, the rest is read; what is no session is said', () => {
  const odd = stored(
    'odd',
    [
      metadata,
      7,
      'not json',
      { type: [] },
      message('user', { a: 1 }),
      message('tool', 5, { toolCallId: {}, isError: 'x' }),
      { type: 'context.append_message', message: [] },
      { type: 'context.append_loop_event', event: 3 },
      { type: 'context.later', x: 1 },
      { type: 'context.apply_compaction' },
      message('assistant', 'plain', { toolCalls: [3, { function: 'x' }] }),
      '{"type":"context.append_mess',
    ],
    '{"title":7,"cwd":[],"forkedFrom":{}',
  );
  const session = agent.read(odd, context);
  expect(lines(session)).toEqual([
    ['user', 'result', -1, 'ok', null, ''],
    ['assistant', 'text', 'plain'],
    ['assistant', 'call', 0, 'other', '{"input":{},"name":""}'],
  ]);
  // a second pass finds the same, and tells it once
  expect([...session.entries()]).toHaveLength(3);
  const codes = session.diagnostics.map(({ code }) => code);
  expect(codes).toEqual([
    'bad-record',
    'bad-record',
    'bad-record',
    'unknown-record',
    'orphan-result',
    'unknown-record',
    'unknown-record',
  ]);
  expect(agent.summarize(odd, context).damaged).toBe('a line is not a record');

  for (const [name, records] of [
    ['empty', []],
    ['text', ['no json']],
    ['other', [{ type: 'session', id: 'x' }]],
  ] as const) {
    const ref = stored(name, [...records]);
    expect(() => agent.read(ref, context), name).toThrow(expect.objectContaining({ code: 'not-a-session' }));
    expect(agent.summarize(ref, context).damaged, name).toBe('not-a-session');
  }
  const missing = { ...odd, path: join(scratch, 'none/agents/main/wire.jsonl') };
  expect(() => agent.read(missing, context)).toThrow(expect.objectContaining({ code: 'unreadable' }));
});

test('a wire file and a session folder given by path are recognized', () => {
  const ref = fixture('basic').refs[0] ?? fail('no fixture');
  expect(agent.recognize?.(ref.path, context)).toEqual(ref);
  expect(agent.recognize?.(dirname(dirname(dirname(ref.path))), context)).toEqual(ref);
  expect(agent.recognize?.(join(dirname(ref.path), 'other.jsonl'), context)).toBeUndefined();
  expect(agent.recognize?.('/none/agents/main/wire.jsonl', context)).toBeUndefined();
});

test('a context of kimi-cli', () => {
  const home = join(scratch, 'old');
  const folder = join(home, '.kimi/sessions/4a33bc49e0a73fed787808b936178c31/0d1e');
  mkdirSync(folder, { recursive: true });
  const known = { work_dirs: [{ path: '/other' }, 7, { path: '/home/dev/old' }] };
  writeFileSync(join(home, '.kimi/kimi.json'), JSON.stringify(known));
  writeFileSync(join(folder, 'state.json'), '{"custom_title":"Old one","archived":true}');
  const call = { type: 'function', id: 'c', function: { name: 'Bash', arguments: '{"command":"make"}' } };
  const status = { type: 'text', text: '<system>ERROR: Command failed with exit code: 2.</system>' };
  const rows = [
    { role: '_system_prompt', content: 'x' },
    { role: '_checkpoint', id: 0 },
    { role: 'user', content: '<system-reminder>hint</system-reminder>' },
    { role: 'user', content: 'build it' },
    { role: 'assistant', content: [{ type: 'text', text: 'I do' }], tool_calls: [call] },
    { role: 'tool', content: [status, { type: 'text', text: 'bad' }], tool_call_id: 'c' },
    { role: '_usage', token_count: 7 },
  ];
  writeFileSync(join(folder, 'context.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
  const own = { home, vars: {}, platform: 'linux' as const };
  const [ref, ...rest] = agent.discover({ env: own }).refs;
  if (ref === undefined) return fail('not found');
  expect([ref.id, rest]).toEqual(['0d1e', []]);
  expect(agent.recognize?.(ref.path, { env: own })).toEqual(ref);
  const session = agent.read(ref, { env: own });
  expect(session.info).toMatchObject({ id: '0d1e', title: 'Old one', cwd: '/home/dev/old' });
  expect(lines(session)).toEqual([
    ['user', 'text', 'build it'],
    ['assistant', 'text', 'I do'],
    ['assistant', 'call', 0, 'execute', '{"command":"make"}'],
    ['user', 'result', 0, 'error', 2, 'bad'],
  ]);
  expect(session.diagnostics).toEqual([]);
  expect(agent.summarize(ref, { env: own })).toMatchObject({ title: 'Old one', archived: true });
  expect(agent.launch.resume(ref, { cwd: '/w' })).toBeUndefined();
});

test('native calls become canonical', () => {
  const cases: [NativeCall, ToolCall][] = [
    [
      {
        name: 'Bash',
        input: { command: 'make', cwd: 'src', timeout: 5, description: 'd', run_in_background: true },
      },
      {
        tool: 'execute',
        input: { command: 'make', cwd: '/w/src', timeoutMs: 5000, background: true, description: 'd' },
      },
    ],
    [
      { name: 'Read', input: { path: 'a.ts', line_offset: 3, n_lines: 2 } },
      { tool: 'read', input: { path: '/w/a.ts', offset: 3, limit: 2 } },
    ],
    [
      { name: 'Read', input: { path: '/a', line_offset: -9 } },
      { tool: 'read', input: { path: '/a' } },
    ],
    [
      { name: 'ReadMediaFile', input: { path: '/a.png' } },
      { tool: 'read', input: { path: '/a.png' } },
    ],
    [
      { name: 'Write', input: { path: '/a', content: 'c' } },
      { tool: 'write', input: { path: '/a', content: 'c' } },
    ],
    [
      { name: 'Write', input: { path: '/a', content: 'c', mode: 'append' } },
      { tool: 'other', input: { name: 'Write', input: { path: '/a', content: 'c', mode: 'append' } } },
    ],
    [
      { name: 'Edit', input: { path: '/a', old_string: 'x', new_string: 'y', replace_all: true } },
      { tool: 'edit', input: { path: '/a', edits: [{ oldText: 'x', newText: 'y', replaceAll: true }] } },
    ],
    [
      { name: 'Glob', input: { pattern: '*' } },
      { tool: 'glob', input: { pattern: '*' } },
    ],
    [
      { name: 'Grep', input: { pattern: 'x', path: '.', glob: '*.ts', '-i': true } },
      { tool: 'grep', input: { pattern: 'x', path: '/w', glob: '*.ts', ignoreCase: true } },
    ],
    [
      { name: 'FetchURL', input: { url: 'u' } },
      { tool: 'web_fetch', input: { url: 'u' } },
    ],
    [
      { name: 'WebSearch', input: { query: 'q' } },
      { tool: 'web_search', input: { query: 'q' } },
    ],
    [
      {
        name: 'TodoList',
        input: {
          todos: [
            { title: 'a', status: 'done' },
            { title: 'b', status: 'in_progress' },
            { title: 'c', status: 'x' },
          ],
        },
      },
      {
        tool: 'plan',
        input: {
          items: [
            { text: 'a', status: 'completed' },
            { text: 'b', status: 'in_progress' },
            { text: 'c', status: 'pending' },
          ],
        },
      },
    ],
    [
      { name: 'TodoList', input: {} },
      { tool: 'other', input: { name: 'TodoList', input: {} } },
    ],
    [
      { name: 'Agent', input: { prompt: 'p', description: 'd', subagent_type: 'coder' } },
      { tool: 'task', input: { prompt: 'p', description: 'd', agentType: 'coder' } },
    ],
    [
      { name: 'mcp__srv__do__it', input: { a: 1 } },
      { tool: 'mcp', input: { server: 'srv', tool: 'do__it', arguments: { a: 1 } } },
    ],
    [
      { name: 'Bash', input: {} },
      { tool: 'other', input: { name: 'Bash', input: {} } },
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
          name: 'Bash',
          input: { command: 'make', cwd: '/x', timeout: 2, description: 'd', run_in_background: true },
        },
      ],
    ],
    [
      { tool: 'read', input: { path: '/a', offset: 3, limit: 2 } },
      [{ name: 'Read', input: { path: '/a', line_offset: 3, n_lines: 2 } }],
    ],
    [
      {
        tool: 'edit',
        input: {
          path: '/a',
          edits: [
            { oldText: 'x', newText: 'y' },
            { oldText: 'p', newText: 'q', replaceAll: true },
          ],
        },
      },
      [
        { name: 'Edit', input: { path: '/a', old_string: 'x', new_string: 'y' } },
        { name: 'Edit', input: { path: '/a', old_string: 'p', new_string: 'q', replace_all: true } },
      ],
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
        { name: 'Write', input: { path: '/n', content: 'c' } },
        { name: 'Bash', input: { command: 'rm -- /d' } },
      ],
    ],
    [{ tool: 'list', input: { path: '/a b' } }, [{ name: 'Bash', input: { command: "ls -la '/a b'" } }]],
    [
      { tool: 'glob', input: { pattern: '*', path: '/a' } },
      [{ name: 'Glob', input: { pattern: '*', path: '/a' } }],
    ],
    [
      { tool: 'grep', input: { pattern: 'x', ignoreCase: true } },
      [{ name: 'Grep', input: { pattern: 'x', '-i': true } }],
    ],
    [{ tool: 'web_fetch', input: { url: 'u', prompt: 'p' } }, [{ name: 'FetchURL', input: { url: 'u' } }]],
    [{ tool: 'web_search', input: { query: 'q' } }, [{ name: 'WebSearch', input: { query: 'q' } }]],
    [
      {
        tool: 'plan',
        input: {
          items: [
            { text: 'a', status: 'cancelled' },
            { text: 'b', status: 'pending' },
          ],
        },
      },
      [
        {
          name: 'TodoList',
          input: {
            todos: [
              { title: 'a', status: 'done' },
              { title: 'b', status: 'pending' },
            ],
          },
        },
      ],
    ],
    [
      { tool: 'task', input: { prompt: 'p' } },
      [{ name: 'Agent', input: { description: 'Subtask', prompt: 'p' } }],
    ],
    [
      { tool: 'mcp', input: { server: 's', tool: 't', arguments: { a: 1 } } },
      [{ name: 'mcp__s__t', input: { a: 1 } }],
    ],
    [{ tool: 'other', input: { name: 'n', input: {} } }, undefined],
  ];
  for (const [canonical, native] of cases) expect(agent.tools.write(canonical)).toEqual(native);
});

test('the tools of real sessions go to canonical and back', () => {
  const calls = fixtureCalls();
  expect([...new Set(calls.map((call) => call.native.name))].sort()).toEqual([
    'Agent',
    'Bash',
    'Edit',
    'Read',
    'ReadMediaFile',
    'Write',
  ]);
  for (const call of calls)
    expect(agent.tools.write(call)?.map((native) => agent.tools.read(native, CWD))).toEqual([
      { tool: call.tool, input: call.input },
    ]);
});

function target(home = scratch): EncodeTarget {
  const now = new Date('2026-11-23T10:00:00.000Z');
  const ids = seededIds(new Uint8Array(32).fill(3), now.getTime());
  const own = { ...env, home };
  return { env: own, cwd: CWD, now, ids, title: 'A title', store: writer.probe(own, CWD) };
}

/** Writes a plan's files and gives what the reader makes of them. */
function written(session: Session): { records: unknown[]; state: unknown; session: Session } {
  const plan = writer.encode(session, target());
  const texts = plan.files.map((file) => [...file.content()].join(''));
  expect(plan.files.map((file) => [...file.content()].join(''))).toEqual(texts);
  for (const [n, file] of plan.files.entries()) {
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(file.path, texts[n] ?? '');
  }
  const [wire = '', state = ''] = texts;
  const ref = agent.recognize?.(plan.ref.path, context) ?? fail('not recognized');
  expect(ref.id).toBe(plan.sessionId);
  const records = wire
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  return { records, state: JSON.parse(state) as unknown, session: agent.read(ref, context) };
}

const bash = (callId: string): ToolCallPart => ({
  type: 'tool_call',
  callId,
  native: { name: 'Bash', input: { command: 'make' } },
  tool: 'execute',
  input: { command: 'make' },
});

test('a written session: wire file, state, line of the index', () => {
  const result: ToolResultPart = {
    type: 'tool_result',
    callId: 'c1',
    status: 'error',
    exitCode: 2,
    content: [],
  };
  const content = agent.tools.writeResult?.(bash('c1'), result) ?? [];
  const session = sessionOf('claude', [
    entry('1', 'user', text('go\u2028on'), { type: 'image', mediaType: 'image/png', data: 'AAAA' }),
    entry('2', 'assistant', text('I do'), bash('c1')),
    entry('3', 'user', { ...result, content }, text('and then?')),
  ]);
  const { records, state, session: back } = written(session);
  const time = Date.parse('2026-11-20T10:00:00.000Z');
  const appended = (message: object) => ({ type: 'context.append_message', agentId: 'main', message, time });
  const image = { type: 'image_url', imageUrl: { url: 'data:image/png;base64,AAAA' } };
  const user = { toolCalls: [], origin: { kind: 'user' } };
  const call = { type: 'function', id: 'c1', name: 'Bash', arguments: '{"command":"make"}' };
  expect(records).toEqual([
    { type: 'metadata', protocol_version: '1.5', created_at: Date.parse('2026-11-23T10:00:00.000Z') },
    appended({ role: 'user', content: [text('go\u2028on'), image], ...user }),
    appended({ role: 'assistant', content: [text('I do')], toolCalls: [call] }),
    appended({
      role: 'tool',
      content: [text('Command failed with exit code: 2.')],
      toolCalls: [],
      toolCallId: 'c1',
      isError: true,
      exitCode: 2,
    }),
    appended({ role: 'user', content: [text('and then?')], ...user }),
  ]);
  const plan = writer.encode(session, target());
  const folder = join(scratch, '.kimi-code/sessions/wd_todo-api_4cbd1e64e411', plan.sessionId);
  const now = Date.parse('2026-11-23T10:00:00.000Z');
  expect(state).toEqual({
    id: plan.sessionId,
    version: 2,
    cwd: CWD,
    createdAt: now,
    updatedAt: now,
    archived: false,
    title: 'A title',
    titleKind: 'custom',
    isCustomTitle: true,
    lastPrompt: 'and then?',
    agents: { main: { homedir: join(folder, 'agents/main'), type: 'main' } },
    custom: { segue: { agent: 'claude', id: 's1' } },
  });
  expect(plan.files.map((file) => file.path)).toEqual([
    join(folder, 'agents/main/wire.jsonl'),
    join(folder, 'state.json'),
  ]);
  expect(plan.lines).toEqual([
    {
      path: join(scratch, '.kimi-code/session_index.jsonl'),
      line: JSON.stringify({ sessionId: plan.sessionId, sessionDir: folder, workDir: CWD }),
    },
  ]);
  expect(back.info).toMatchObject({
    title: 'A title',
    cwd: CWD,
    lineage: [{ kind: 'transplant', agent: 'claude', id: 's1' }],
  });
});

test('results survive with status, exit code and content', () => {
  const said = (value: string): ToolResultPart['content'] => [{ type: 'text', text: value }];
  const picture: ToolResultPart['content'] = [{ type: 'image', mediaType: 'image/png', data: 'AAAA' }];
  const cases: Pick<ToolResultPart, 'status' | 'exitCode' | 'content'>[] = [
    { status: 'ok', content: said('x') },
    { status: 'ok', exitCode: 0, content: [] },
    { status: 'error', content: said('x\n') },
    { status: 'error', content: [] },
    { status: 'error', exitCode: 127, content: [] },
    { status: 'error', exitCode: 3, content: said('ends with a newline\n') },
    { status: 'error', exitCode: 1, content: [...said('x'), ...picture] },
    { status: 'error', exitCode: 0, content: said('x') },
    { status: 'interrupted', content: said('x') },
    { status: 'interrupted', exitCode: 130, content: [] },
    { status: 'ok', content: picture },
  ];
  const read: ToolCallPart = {
    ...bash(''),
    native: { name: 'Read', input: { path: '/a' } },
    tool: 'read',
    input: { path: '/a' },
  };
  const entries: Entry[] = [];
  const expected: unknown[] = [];
  for (const base of [bash(''), read]) {
    for (const outcome of cases) {
      const callId = `c${entries.length}`;
      const call = { ...base, callId };
      const result: ToolResultPart = { type: 'tool_result', callId, ...outcome };
      expected.push(result);
      const content = agent.tools.writeResult?.(call, result) ?? result.content;
      entries.push(
        entry(`a${callId}`, 'assistant', call),
        entry(`r${callId}`, 'user', { ...result, content }),
      );
    }
  }
  const back = [...written(sessionOf('claude', entries)).session.entries()].flatMap((e) =>
    e.type === 'message' ? e.parts.filter((part) => part.type === 'tool_result') : [],
  );
  expect(back).toEqual(expected);
});

test('a compaction is written with what it keeps, never from the middle of a call', () => {
  const cut = (id: string, keeps: string[]): Entry => ({
    id,
    parentId: null,
    evidence: [],
    type: 'compaction',
    summary: id,
    keeps,
  });
  const entries: Entry[] = [
    entry('1', 'user', text('one')),
    entry('2', 'assistant', bash('c1')),
    entry('3', 'user', { type: 'tool_result', callId: 'c1', status: 'ok', content: [] }),
    cut('from a result on', ['3']),
    entry('4', 'user', text('two')),
    entry('5', 'assistant', text('three')),
    cut('what the person said', ['4']),
    entry('6', 'assistant', text('four')),
    cut('all of it', []),
  ];
  const { session, records } = written(sessionOf('claude', entries));
  expect([...session.entries()].filter((item) => item.type === 'compaction')).toMatchObject([
    { summary: 'from a result on', keeps: ['line-3', 'line-4'] },
    { summary: 'what the person said', keeps: ['line-6'] },
    { summary: 'all of it', keeps: [] },
  ]);
  expect(
    records.filter((record) => (record as { type: string }).type === 'context.apply_compaction'),
  ).toMatchObject([
    { compactedCount: 1 },
    { compactedCount: 5, keptUserMessageCount: 1 },
    { compactedCount: 4, contextSummary: 'Summary of the conversation so far:\nall of it' },
  ]);
});

test('own thinking is written back as it was', () => {
  const source = [...open('think').entries()].filter((e) => e.type === 'message' && e.origin !== 'harness');
  const { session, records } = written(sessionOf('kimi', source));
  expect([...comparable(session.entries(), { tools: 'native' })]).toEqual([
    ...comparable(source, { tools: 'native' }),
  ]);
  expect(records.at(-1)).toMatchObject({
    message: {
      content: [
        { type: 'think', think: 'mock thinking about it', reasoningKey: 'reasoning_content' },
        { type: 'text' },
      ],
    },
  });
});

test('what is written reads back the same', () => {
  const opaque = fc.record({ encrypted: fc.string(), reasoningKey: fc.string() });
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
  const session = { id: 'session_x', path: '/s/agents/main/wire.jsonl' };
  expect(agent.launch.start({ cwd: '/w' })).toEqual({ argv: ['kimi'], cwd: '/w' });
  expect(agent.launch.start({ cwd: '/w', prompt: 'go' })).toBeUndefined();
  expect(agent.launch.start({ cwd: '/w', prompt: '-x', headless: true, flags: ['--plan'] })).toEqual({
    argv: ['kimi', '--plan', '--prompt=-x'],
    cwd: '/w',
  });
  expect(agent.launch.resume(session, { cwd: '/w' })).toEqual({
    argv: ['kimi', '--session', 'session_x'],
    cwd: '/w',
  });
  expect(agent.launch.resume(session, { cwd: '/w', prompt: 'go', headless: true })).toEqual({
    argv: ['kimi', '--session', 'session_x', '--prompt=go'],
    cwd: '/w',
  });
});
