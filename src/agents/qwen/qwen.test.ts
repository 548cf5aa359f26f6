import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { comparable } from '../../model/compare.ts';
import { SegueError } from '../../model/errors.ts';
import { seededIds } from '../../model/ids.ts';
import type { Entry, NativeCall, Session, ToolResultPart } from '../../model/session.ts';
import type { ToolCall } from '../../model/tools.ts';
import type { SessionRef } from '../contract.ts';
import { agent } from './index.ts';
import { apiFailure } from './limits.ts';
import { folderName, isSessionName } from './places.ts';

const scratch = mkdtempSync(join(tmpdir(), 'segue-qwen-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const CWD = '/home/dev/qwen/todo-api';
const writer = agent.writer ?? expect.fail('qwen has a writer');

function fixture(scenario: string) {
  const env = { home: join(import.meta.dirname, 'fixtures', scenario), vars: {}, platform: 'linux' as const };
  return { env, refs: agent.discover({ env }).refs };
}

function open(scenario: string, index = 0): Session {
  const { env, refs } = fixture(scenario);
  return agent.read(refs[index] ?? expect.fail('no such session'), { env });
}

/** What a model would see, one line for each part. */
function told(session: Session): unknown[] {
  return [...comparable(session.entries(), { tools: 'canonical' })].map((line) => JSON.parse(line));
}

const texts = (session: Session) => told(session).map((line) => (line as string[])[2]);

const context = { env: { home: scratch, vars: {}, platform: 'linux' as const } };
const ID = (n: number) => `${String(n).repeat(8)}-0000-4000-8000-000000000000`;

/** A transcript in the scratch home, from records (objects) or raw lines. */
function transcript(n: number, records: unknown[], folder = 'chats'): SessionRef {
  const path = join(scratch, '.qwen/projects/-w', folder, `${ID(n)}.jsonl`);
  mkdirSync(dirname(path), { recursive: true });
  const lines = records.map((record) => (typeof record === 'string' ? record : JSON.stringify(record)));
  writeFileSync(path, `${lines.join('\n')}\n`);
  return agent.recognize?.(path, context) ?? expect.fail('not recognised');
}

const record = (uuid: string, parentUuid: string | null, type: string, more: object = {}) => ({
  uuid,
  parentUuid,
  sessionId: ID(1),
  timestamp: '2026-11-20T10:00:00.000Z',
  type,
  cwd: '/w',
  ...more,
});
const said = (uuid: string, parentUuid: string | null, text: string, more: object = {}) =>
  record(uuid, parentUuid, 'user', { message: { role: 'user', parts: [{ text }] }, ...more });
const answered = (uuid: string, parentUuid: string | null, ...parts: object[]) =>
  record(uuid, parentUuid, 'assistant', { message: { role: 'model', parts } });

test.each([
  ['basic', '0.24.4', ['MOCK-REPLY #3 (saw 2 messages)', 'MOCK-REPLY #5 (saw 4 messages)']],
  ['old-basic-0.15.10', '0.15.10', ['MOCK-REPLY #108 (saw 4 messages)', 'MOCK-REPLY #110 (saw 6 messages)']],
])('%s: two turns', (scenario, version, [first, second]) => {
  const session = open(scenario);
  expect(told(session)).toEqual([
    ['user', 'text', 'Add a done() helper to src/index.js'],
    ['assistant', 'text', first],
    ['user', 'text', 'Now write a test for it'],
    ['assistant', 'text', second],
  ]);
  expect(session.info).toMatchObject({
    agent: 'qwen',
    cwd: CWD,
    git: { branch: 'main' },
    models: ['mock-model'],
    usage: { input: 222, output: 44, cacheRead: 0, reasoning: 0 },
    agentVersion: version,
    lineage: [],
  });
  expect([session.diagnostics, session.branches]).toEqual([[], []]);
});

test('evidence names the bytes of a record', () => {
  for (const entry of open('edit').entries()) {
    const [evidence] = entry.evidence;
    if (evidence?.kind !== 'range') expect.fail('no range');
    const bytes = readFileSync(evidence.path).subarray(evidence.start, evidence.end);
    expect(crc32(bytes)).toBe(evidence.crc32);
    expect(JSON.parse(bytes.toString())).toMatchObject({ uuid: entry.id });
  }
});

test('a failing command has its exit code and is an error', () => {
  expect(told(open('error'))).toContainEqual([
    'user',
    'result',
    0,
    'error',
    1,
    'cat: missing.txt: No such file or directory',
  ]);
});

test('an edit that was refused', () => {
  const results = told(open('edit')).filter((line) => (line as string[])[1] === 'result');
  expect(results).toEqual([
    ['user', 'result', 0, 'ok', null, `Successfully created and wrote to new file: ${CWD}/src/done.js.`],
    ['user', 'result', 1, 'error', null, expect.stringMatching(/^File .* has not been read in this session/)],
  ]);
});

test('reasoning', () => {
  const parts = [...open('think').entries()].flatMap((entry) =>
    entry.type === 'message' ? entry.parts : [],
  );
  expect(parts[1]).toEqual({
    type: 'reasoning',
    text: 'mock thinking about it',
    vendor: 'qwen',
    opaque: { thought: true },
  });
});

test('a fork names its origin', () => {
  const { refs } = fixture('fork');
  const sessions = refs.map((_, n) => open('fork', n));
  expect(sessions.map((session) => session.info.lineage)).toEqual([
    [{ kind: 'fork', agent: 'qwen', id: '997a32ab-4a40-4067-b7a4-4b2bcb12e7f1' }],
    [],
  ]);
  expect(sessions.map(texts)).toEqual([
    [
      'Base question',
      'MOCK-REPLY #17 (saw 2 messages)',
      'Forked question',
      'MOCK-REPLY #19 (saw 4 messages)',
    ],
    ['Base question', 'MOCK-REPLY #17 (saw 2 messages)'],
  ]);
});

test('limits', () => {
  const { env, refs } = fixture('limit');
  const events = [...open('limit').entries()].filter((entry) => entry.type === 'event');
  expect(events).toHaveLength(9);
  const limit = { scope: 'account', confidence: 'certain' };
  expect(events[0]).toMatchObject({ event: 'limit', text: '429 Rate limit reached', limit });
  expect(agent.summarize(refs[0] as SessionRef, { env }).limit).toEqual(limit);
  const failure = (uiEvent: Record<string, string | number>) =>
    apiFailure({ systemPayload: { uiEvent: { 'event.name': 'qwen-code.api_error', ...uiEvent } } });
  expect(failure({ status_code: 503, error_message: 'x' })?.limit?.scope).toBe('overload');
  expect(failure({ status_code: 400, error_message: 'maximum context length' })?.limit?.scope).toBe(
    'context',
  );
  expect(failure({ status_code: 500, error_message: 'x' })).toEqual({ text: 'x' });
  expect(failure({ status_code: 429, subagent_name: 'memory' })).toBeUndefined();
  expect(apiFailure({ systemPayload: { uiEvent: { 'event.name': 'qwen-code.tool_call' } } })).toBeUndefined();
});

test('summaries', () => {
  const { env, refs } = fixture('tools-0.24.4');
  const [ref] = refs;
  expect(agent.summarize(ref as SessionRef, { env })).toEqual({
    agent: 'qwen',
    id: '364892b2-f63d-430d-a054-619aa6f0864e',
    bytes: ref?.bytes,
    path: ref?.path,
    title: expect.stringMatching(/^Try the tools\. RUN: ls src .*…$/),
    cwd: CWD,
    model: 'mock-model',
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
    messages: { user: 1, assistant: 13 },
    toolCalls: 12,
    tokens: 1560,
  });
});

test('a big file is summarised from its ends', () => {
  const ref = transcript(1, [
    said('a', null, 'the first prompt', { gitBranch: 'topic' }),
    answered('b', 'a', { text: 'x'.repeat(300_000) }),
    record('c', 'b', 'system', { subtype: 'custom_title', systemPayload: { customTitle: 'A title' } }),
  ]);
  expect(agent.summarize(ref, context)).toEqual({
    agent: 'qwen',
    id: ID(1),
    bytes: ref.bytes,
    path: ref.path,
    title: 'A title',
    cwd: '/w',
    branch: 'topic',
    createdAt: '2026-11-20T10:00:00.000Z',
    updatedAt: '2026-11-20T10:00:00.000Z',
  });
});

test('the path to the last record is active, other paths are branches', () => {
  const ref = transcript(2, [
    said('a', null, 'one'),
    answered('b', 'a', { text: 'two' }),
    said('c', 'b', 'three'),
    answered('d', 'c', { text: 'four' }),
    record('r', 'b', 'system', { subtype: 'rewind', systemPayload: {} }),
    said('e', 'r', 'five'),
    record('s', null, 'system', { subtype: 'session_sources_snapshot' }),
  ]);
  const session = agent.read(ref, context);
  expect(texts(session)).toEqual(['one', 'two', 'five']);
  expect(session.branches).toEqual([{ id: 'd', entries: 2 }]);
  expect(texts(agent.read(ref, context, { branch: 'd' }))).toEqual(['one', 'two', 'three', 'four']);
  expect(() => agent.read(ref, context, { branch: 'nope' })).toThrow(SegueError);
  expect([...session.entries()].map((entry) => entry.type === 'event' && entry.event)).toContain('rollback');
});

test('texts that nobody typed are the harness', () => {
  const hook = '<qwen:user-prompt-submit-context>\nfrom a hook\n</qwen:user-prompt-submit-context>';
  const ref = transcript(3, [
    record('a', null, 'user', { message: { role: 'user', parts: [{ text: 'typed' }, { text: hook }] } }),
    said('b', 'a', 'while it worked', { subtype: 'mid_turn_user_message' }),
    said('c', 'b', 'a task ended', { subtype: 'notification', provenance: 'system' }),
    said('d', 'c', 'every hour', { subtype: 'cron' }),
    said('e', 'd', 'goal', { provenance: 'goal_runtime' }),
    said('f', 'e', '<system-reminder>a person may type that</system-reminder>', { provenance: 'real_user' }),
  ]);
  const session = agent.read(ref, context);
  const origins = [...session.entries()].map((entry) => entry.type === 'message' && [entry.id, entry.origin]);
  expect(origins).toEqual([
    ['a', 'human'],
    ['a~2', 'harness'],
    ['b', 'human'],
    ['c', 'harness'],
    ['d', 'harness'],
    ['e', 'harness'],
    ['f', 'human'],
  ]);
});

const ACK = { text: 'Got it. Thanks for the additional context!' };
const compression = (uuid: string, parent: string, compressedHistory: object[]) =>
  record(uuid, parent, 'system', {
    subtype: 'chat_compression',
    systemPayload: { info: {}, compressedHistory },
  });

test('a compaction: summary, what was kept, what was restored', () => {
  const ref = transcript(4, [
    said('a', null, 'one'),
    answered('b', 'a', { text: 'two' }),
    answered(
      'c',
      'b',
      { text: 'calling' },
      { functionCall: { id: 'k', name: 'glob', args: { pattern: '*' } } },
    ),
    compression('d', 'c', [
      { role: 'user', parts: [{ text: '<state_snapshot>\nall so far\n</state_snapshot>' }] },
      { role: 'model', parts: [ACK, { functionCall: { id: 'k', name: 'glob', args: { pattern: '*' } } }] },
      { role: 'model', parts: [{ text: 'two' }] },
      { role: 'user', parts: [{ text: 'file contents restored' }] },
    ]),
    said('e', 'd', 'three'),
  ]);
  const entries = [...agent.read(ref, context).entries()];
  expect(entries[3]).toMatchObject({ type: 'compaction', summary: 'all so far', keeps: ['c', 'b'] });
  expect(entries.slice(4).map((entry) => entry.type === 'message' && entry.origin)).toEqual([
    'harness',
    'human',
  ]);
});

test('a history that was only cleared of old results has no summary', () => {
  const ref = transcript(5, [
    said('a', null, 'one'),
    answered('b', 'a', { text: 'two' }),
    compression('d', 'b', [
      { role: 'user', parts: [{ text: 'one' }] },
      { role: 'model', parts: [{ text: 'two' }] },
    ]),
  ]);
  const entries = [...agent.read(ref, context).entries()];
  expect(entries[2]).toMatchObject({ type: 'compaction', summary: '', keeps: ['a', 'b'] });
});

test('archived sessions and subagents', () => {
  const archived = transcript(6, [said('a', null, 'old')], 'chats/archive');
  expect(archived.archived).toBe(true);
  transcript(7, [said('a', null, 'main')]);
  const path = join(scratch, '.qwen/projects/-w/subagents', ID(7), 'agent-general-1.jsonl');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(said('x', null, 'task'))}\n`);
  const { refs } = agent.discover(context);
  expect(refs).toContainEqual(expect.objectContaining({ id: ID(6), archived: true }));
  expect(refs).toContainEqual(expect.objectContaining({ id: 'agent-general-1', parent: ID(7) }));
  const ref = refs.find(({ id }) => id === ID(7)) as SessionRef;
  // its records name another session: the folder says whose it is
  writeFileSync(ref.path, readFileSync(ref.path, 'utf8').replaceAll(ID(1), ID(7)));
  const [sub] = agent.read(ref, context).subagents;
  expect(sub?.info).toMatchObject({ id: 'agent-general-1', lineage: [{ kind: 'subagent', id: ID(7) }] });
});

test('damage is told, never thrown', () => {
  const ref = transcript(8, [
    said('a', null, 'one'),
    'not json',
    record('b', 'gone', 'assistant', { message: { role: 'model', content: 'ignored' } }),
    record('c', 'b', 'assistant', {
      message: { role: 'model', parts: ['t', 3, { functionCall: 1 }] },
      model: 4,
    }),
    record('d', 'c', 'tool_result', {
      message: { role: 'user', parts: [{ functionResponse: { id: 'no', name: 'n', response: {} } }] },
      toolCallResult: [],
    }),
    `${JSON.stringify(said('e', 'd', 'glued'))}${JSON.stringify(said('f', 'e', 'lines'))}`,
    record('g', 'f', 'system', { subtype: 'chat_compression', systemPayload: 'x' }),
    record('h', 'g', 'martian'),
    said('i', 'g', 'still here'),
    '{"uuid":"torn","parentUuid":"i","type":"user","mess',
  ]);
  const session = agent.read(ref, context);
  expect(texts(session)).toEqual(['one', 't', 'glued', 'lines', 'still here']);
  expect(new Set(session.diagnostics.map(({ code }) => code))).toEqual(
    new Set(['bad-record', 'broken-chain', 'orphan-result', 'unknown-record']),
  );
  expect(JSON.stringify(session.diagnostics)).not.toContain('still');
});

test('fragments of one record, repeated results, calls without ids, a cycle', () => {
  const call = (id?: string) => ({
    functionCall: { ...(id ? { id } : {}), name: 'glob', args: { pattern: '*' } },
  });
  const response = (id?: string) => ({
    functionResponse: { ...(id ? { id } : {}), name: 'glob', response: { output: 'x' } },
  });
  const ref = transcript(9, [
    answered('a', 'c', { text: 'one ' }),
    answered('a', 'c', { text: 'two' }, call('k'), call()),
    record('b', 'a', 'tool_result', {
      message: { role: 'user', parts: [response('k'), response(), response('k')] },
    }),
    answered('c', 'b', call('k')),
    record('d', 'c', 'tool_result', { message: { role: 'user', parts: [response('k')] } }),
  ]);
  const session = agent.read(ref, context);
  expect(told(session).map((line) => (line as unknown[]).slice(1, 4))).toEqual([
    ['text', 'one '],
    ['text', 'two'],
    ['call', 0, 'glob'],
    ['call', 1, 'glob'],
    ['result', 0, 'ok'],
    ['result', 1, 'ok'],
    ['call', 2, 'glob'],
    ['result', 2, 'ok'],
  ]);
});

test('what is not a session', () => {
  const ref = transcript(9, ['{"hello":1}', 'x']);
  expect(() => agent.read(ref, context)).toThrow(expect.objectContaining({ code: 'not-a-session' }));
  expect(agent.summarize(ref, context).damaged).toBe('not-a-session');
  const gone = { ...ref, path: `${ref.path}.gone` };
  expect(() => agent.read(gone, context)).toThrow(expect.objectContaining({ code: 'unreadable' }));
  const other = join(scratch, 'other.jsonl');
  writeFileSync(other, '{"uuid":"a","sessionId":"s","message":{"role":"user","content":"x"}}\n');
  expect(agent.recognize?.(other, context)).toBeUndefined();
  writeFileSync(other, `${JSON.stringify(said('a', null, 'exported'))}\n`);
  expect(agent.recognize?.(other, context)?.id).toBe(ID(1));
});

type Used = { native: NativeCall; call: ToolCall; result?: ToolResultPart };

/** Calls of a real session, as stored and as read. */
function calls(scenario: string): Map<string, Used[]> {
  const found = new Map<string, Used[]>();
  const byId = new Map<string, Used>();
  for (const entry of open(scenario).entries() as Iterable<Entry>) {
    for (const part of entry.type === 'message' ? entry.parts : []) {
      const asked = part.type === 'tool_result' ? byId.get(part.callId) : undefined;
      if (asked !== undefined && part.type === 'tool_result') asked.result = part;
      if (part.type !== 'tool_call') continue;
      const item: Used = { native: part.native, call: { tool: part.tool, input: part.input } as ToolCall };
      byId.set(part.callId, item);
      found.set(part.native.name, [...(found.get(part.native.name) ?? []), item]);
    }
  }
  return found;
}

test.each(['tools-0.24.4', 'tools-0.15.10'])(
  '%s: tools of a real session, in both directions',
  (scenario) => {
    const real = calls(scenario);
    const kinds = Object.fromEntries(
      [...real].map(([name, items]) => [name, items.map(({ call }) => call.tool)]),
    );
    expect(kinds).toEqual({
      run_shell_command: ['execute', 'execute', 'execute'],
      read_file: ['read', 'read'],
      write_file: ['write'],
      edit: ['edit'],
      list_directory: ['list'],
      glob: ['glob'],
      grep_search: ['grep'],
      no_such_tool: ['other'],
      todo_write: ['plan'],
    });
    for (const [name, items] of real) {
      for (const { native, call } of items)
        expect(agent.tools.write(call, CWD)).toEqual(name === 'no_such_tool' ? undefined : [native]);
    }
    const outcomes = real
      .get('run_shell_command')
      ?.map(({ result }) => [result?.status, result?.exitCode, result?.content]);
    expect(outcomes).toEqual([
      ['ok', 0, [{ type: 'text', text: 'index.js' }]],
      ['error', 1, [{ type: 'text', text: 'cat: missing.txt: No such file or directory' }]],
      ['ok', 0, [{ type: 'text', text: '' }]],
    ]);
  },
);

test('a result is stored as the agent itself stores it', () => {
  const real = calls('tools-0.24.4').get('run_shell_command')?.[1] ?? expect.fail('no call');
  const { native, call, result } = real;
  const part = { type: 'tool_call' as const, callId: 'c', native, ...call };
  expect(agent.tools.writeResult?.(part, result as ToolResultPart)).toEqual([
    {
      type: 'text',
      text: 'Command: cat missing.txt\nDirectory: (root)\nOutput: cat: missing.txt: No such file or directory\nError: (none)\nExit Code: 1\nSignal: (none)\nProcess Group PGID: (none)',
    },
  ]);
});

test.each<[NativeCall, ToolCall]>([
  [
    { name: 'run_shell_command', input: { command: 'x', directory: '/d', timeout: 5, description: 'why' } },
    { tool: 'execute', input: { command: 'x', cwd: '/d', timeoutMs: 5, description: 'why' } },
  ],
  [
    { name: 'read_file', input: { file_path: '/a', offset: 0, limit: 3 } },
    { tool: 'read', input: { path: '/a', offset: 1, limit: 3 } },
  ],
  [
    { name: 'web_fetch', input: { url: 'https://example.com', prompt: 'p' } },
    { tool: 'web_fetch', input: { url: 'https://example.com', prompt: 'p' } },
  ],
  [
    { name: 'agent', input: { description: 'd', prompt: 'p', subagent_type: 't' } },
    { tool: 'task', input: { prompt: 'p', description: 'd', agentType: 't' } },
  ],
  [
    { name: 'mcp__my_server__do_it', input: { a: 1 } },
    { tool: 'mcp', input: { server: 'my_server', tool: 'do_it', arguments: { a: 1 } } },
  ],
])('%j', (native, call) => {
  expect(agent.tools.read(native, CWD)).toEqual(call);
  expect(agent.tools.write(call, CWD)).toEqual([native]);
});

test('a plan is one file in the project folder', () => {
  const env = { home: '/h', vars: {}, platform: 'linux' as const };
  const now = new Date('2026-11-22T12:34:56.000Z');
  const ids = seededIds(new Uint8Array(32), now.getTime());
  const cwd = '/w/With.Dot_x-9';
  const plan = writer.encode(open('basic'), { env, cwd, now, ids, title: 'A\ntitle', store: {} });
  expect(plan.files.map((file) => file.path)).toEqual([
    `/h/.qwen/projects/-w-With-Dot-x-9/chats/${plan.sessionId}.jsonl`,
  ]);
  expect(isSessionName(`${plan.sessionId}.jsonl`)).toBe(true);
  expect(plan.sessionId).toMatch(/^.{8}-.{4}-4.{3}-[89ab].{3}-.{12}$/);
  const records = [...(plan.files[0]?.content() ?? [])].map((line) => JSON.parse(String(line)));
  expect(records.map(({ type, gitBranch }) => [type, gitBranch])).toEqual([
    ['user', 'main'],
    ['assistant', 'main'],
    ['user', 'main'],
    ['assistant', 'main'],
    ['system', 'main'],
  ]);
  expect(records.at(-1).systemPayload).toEqual({ customTitle: 'A title', titleSource: 'manual' });
});

test('where sessions are, and how they are resumed', () => {
  const roots = (vars: Record<string, string>) => agent.roots({ home: '/h', vars, platform: 'linux' });
  expect(roots({})).toEqual(['/h/.qwen/projects']);
  expect(roots({ QWEN_HOME: '/q' })).toEqual(['/q/projects']);
  expect(roots({ QWEN_HOME: '/q', QWEN_RUNTIME_DIR: '~/r' })).toEqual(['/h/r/projects']);
  expect(folderName('C:\\Dev\\X', { home: '', vars: {}, platform: 'win32' })).toBe('c--dev-x');
  const session = { id: 'ID', path: '/p' };
  expect(agent.launch.resume(session, { cwd: '/w', prompt: 'go', headless: true })?.argv).toEqual([
    'qwen',
    '--resume',
    'ID',
    '-p',
    'go',
  ]);
  expect(agent.launch.start({ cwd: '/w', prompt: 'go' })?.argv).toEqual(['qwen', '-i', 'go']);
});
