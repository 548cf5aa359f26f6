import { createHash } from 'node:crypto';
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
import { limitOf } from './limits.ts';
import { slugOf } from './probe.ts';

const scratch = mkdtempSync(join(tmpdir(), 'segue-gemini-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const CWD = '/home/dev/gemini/todo-api';
const writer = agent.writer ?? expect.fail('gemini has a writer');

function fixture(scenario: string) {
  const env = { home: join(import.meta.dirname, 'fixtures', scenario), vars: {}, platform: 'linux' as const };
  return { env, refs: agent.discover({ env }).refs };
}

function open(scenario: string): Session {
  const { env, refs } = fixture(scenario);
  expect(refs).toHaveLength(1);
  return agent.read(refs[0] as SessionRef, { env });
}

/** What a model would see, one line for each part. */
function told(session: Session): unknown[] {
  return [...comparable(session.entries(), { tools: 'canonical' })].map((line) => JSON.parse(line));
}

const context = { env: { home: scratch, vars: {}, platform: 'linux' as const } };

/** A chat file in the scratch home, from records (objects) or raw lines. */
function chat(name: string, records: unknown[]): SessionRef {
  const path = join(scratch, '.gemini/tmp/project/chats', name);
  mkdirSync(dirname(path), { recursive: true });
  const lines = records.map((record) => (typeof record === 'string' ? record : JSON.stringify(record)));
  writeFileSync(path, `${lines.join('\n')}\n`);
  return agent.recognize?.(path, context) ?? expect.fail('not recognised');
}

const metadata = (sessionId: string) => ({
  sessionId,
  projectHash: 'h',
  startTime: '2026-11-20T10:00:00.000Z',
  lastUpdated: '2026-11-20T10:00:00.000Z',
  kind: 'main',
});
const said = (id: string, type: string, text: string) => ({ id, type, content: [{ text }] });

const ls = [
  ['user', 'text', 'List the source files. RUN: ls src'],
  ['assistant', 'text', 'I will run it.'],
  ['assistant', 'call', 0, 'execute', '{"command":"ls src"}'],
  ['user', 'result', 0, 'ok', 0, 'index.js'],
];

test('a log of the newest layout', () => {
  const session = open('basic');
  expect(told(session)).toEqual([
    ['user', 'text', 'Add a done() helper to src/index.js'],
    ['assistant', 'text', 'MOCK-REPLY #2 (saw 1 messages)'],
    ['user', 'text', 'Now write a test for it'],
    ['assistant', 'text', 'MOCK-REPLY #4 (saw 3 messages)'],
  ]);
  expect(session.info).toEqual({
    agent: 'gemini',
    id: '8cfaeb72-4681-498c-93f9-02269fc25b74',
    cwd: CWD,
    models: ['gemini-3.8-flash'],
    usage: { input: 222, output: 44, cacheRead: 0, reasoning: 0 },
    createdAt: '2026-11-22T16:53:13.728Z',
    updatedAt: '2026-11-22T16:53:16.385Z',
    lineage: [],
  });
  expect(session.diagnostics).toEqual([]);
});

test('the context that the agent puts first is its own', () => {
  const harness = [...open('basic').entries()].filter(
    (entry) => entry.type === 'message' && entry.origin === 'harness',
  );
  expect(harness.map((entry) => entry.id)).toEqual(['d04923d38bb0f6017037e74183378ef4']);
});

test('evidence names the bytes of a record', () => {
  for (const entry of open('edit').entries()) {
    const [evidence] = entry.evidence;
    if (evidence?.kind !== 'range') expect.fail('no range');
    const bytes = readFileSync(evidence.path).subarray(evidence.start, evidence.end);
    expect(crc32(bytes)).toBe(evidence.crc32);
    expect(JSON.parse(bytes.toString())).toHaveProperty('id');
  }
});

test('a result that is stored twice is read once; a rewritten history keeps what was known before', () => {
  const session = open('edit');
  const path = `${CWD}/src/done.js`;
  expect(told(session).filter((line) => (line as string[])[1] !== 'text')).toEqual([
    [
      'assistant',
      'call',
      0,
      'write',
      JSON.stringify({ content: 'export const done = t => { t.done = true; };\n', path }),
    ],
    [
      'user',
      'result',
      0,
      'ok',
      null,
      `Successfully created and wrote to new file: ${path}. Here is the updated code:\nexport const done = t => { t.done = true; };\n`,
    ],
    [
      'assistant',
      'call',
      1,
      'edit',
      JSON.stringify({ edits: [{ newText: 't.done = true; return t;', oldText: 't.done = true;' }], path }),
    ],
    [
      'user',
      'result',
      1,
      'ok',
      null,
      `Successfully modified file: ${path} (1 replacements). Here is the updated code:\nexport const done = t => { t.done = true; return t; };\n`,
    ],
  ]);
  const first = [...session.entries()].find(({ id }) => id === 'f3fced30-efab-425b-8dd8-adb473113e6e');
  expect(first).toMatchObject({
    time: '2026-11-22T16:54:19.803Z',
    model: 'gemini-3.8-flash',
    usage: { input: 111, output: 22 },
  });
});

test('inline calls beside finished ones, and a checkpoint message', () => {
  expect(told(open('checkpoint'))).toEqual([
    ...ls,
    ['assistant', 'text', 'MOCK-REPLY #7 (saw 3 messages)'],
    ['user', 'text', 'what next'],
    ['assistant', 'text', 'MOCK-REPLY #124 (saw 5 messages)'],
  ]);
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

test('thoughts are reasoning', () => {
  const reasoning = [...open('think').entries()].flatMap((entry) =>
    entry.type === 'message' ? entry.parts.filter((part) => part.type === 'reasoning') : [],
  );
  const thought = {
    type: 'reasoning',
    text: '**Mock** mock thinking about it',
    vendor: 'google',
    opaque: { subject: 'Mock' },
  };
  expect(reasoning).toEqual([thought, thought]);
});

test('a resume in a later minute leaves a second file of the same session', () => {
  const { env, refs } = fixture('minute');
  expect(refs.map(({ id, path }) => [id, path.slice(-31)])).toEqual([
    ['c961a4e6-f1db-4f70-8d07-843346380aaa', '2026-11-22T16-57-c961a4e6.jsonl'],
  ]);
  const folder = dirname(refs[0]?.path ?? '');
  const empty = agent.recognize?.(join(folder, 'session-2026-11-22T16-58-c961a4e6.jsonl'), { env });
  const lines = [
    ['user', 'text', 'Say hello first'],
    ['assistant', 'text', 'MOCK-REPLY #33 (saw 1 messages)'],
    ['user', 'text', 'And goodbye'],
    ['assistant', 'text', 'MOCK-REPLY #34 (saw 3 messages)'],
  ];
  expect(told(open('minute'))).toEqual(lines);
  expect(told(agent.read(empty ?? expect.fail('not recognised'), { env }))).toEqual(lines);
});

test.each([
  ['old-0.27.4', 'MOCK-REPLY #103 (saw 4 messages)', undefined],
  ['old-0.38.2', 'MOCK-REPLY #105 (saw 4 messages)', CWD],
])('%s: one object in a file', (scenario, reply, cwd) => {
  const session = open(scenario);
  const lines = told(session).filter((line) => (line as string[])[1] !== 'reasoning');
  expect(lines).toEqual([
    ['user', 'text', 'List the source files. THINK RUN: ls src'],
    ...ls.slice(1),
    ['assistant', 'text', reply],
  ]);
  expect(session.info.cwd).toBe(cwd);
  expect(session.diagnostics).toEqual([]);
});

test('the directory of a hash-named folder is found by its hash', () => {
  const cwd = '/home/dev/some/project';
  const hash = createHash('sha256').update(cwd).digest('hex');
  const path = join(scratch, 'hash/.gemini/tmp', hash, 'chats/session-2026-01-01T00-00-aaaaaaaa.json');
  mkdirSync(dirname(path), { recursive: true });
  const call = {
    id: 'c',
    name: 'read_file',
    args: { absolute_path: `${cwd}/src/a.ts`, offset: 4, limit: 2 },
    status: 'success',
    result: 'text',
  };
  const messages = [{ id: 'm', type: 'gemini', content: '', toolCalls: [call] }];
  writeFileSync(path, JSON.stringify({ sessionId: 's', projectHash: hash, messages }, null, 2));
  const env = { home: join(scratch, 'hash'), vars: {}, platform: 'linux' as const };
  const session = agent.read(agent.discover({ env }).refs[0] as SessionRef, { env });
  expect(session.info.cwd).toBe(cwd);
  expect(told(session)).toEqual([
    ['assistant', 'call', 0, 'read', JSON.stringify({ limit: 2, offset: 5, path: `${cwd}/src/a.ts` })],
    ['user', 'result', 0, 'ok', null, 'text'],
  ]);
});

test('a pretty-printed file that went on as a log is one session', () => {
  const old = { ...metadata('dddddddd-1'), messages: [said('a', 'user', 'one')] };
  const before = chat('session-2026-01-01T00-00-dddddddd.json', [JSON.stringify(old, null, 2)]);
  chat('session-2026-01-01T00-00-dddddddd.jsonl', [
    metadata('dddddddd-1'),
    said('a', 'user', 'one'),
    said('b', 'gemini', 'two'),
  ]);
  const refs = agent.discover(context).refs.filter((ref) => ref.id === 'dddddddd-1');
  expect(refs.map((ref) => ref.path)).toEqual([`${before.path}l`]);
});

test('limits and unanswered prompts', () => {
  const session = open('limit');
  expect(told(session).at(-1)).toEqual(['user', 'text', 'RATE-LIMIT please']);
  const error = (content: string) => limitOf({ type: 'error', content });
  expect(error('[API Error: You exceeded your current quota (429)]')).toEqual({
    scope: 'model',
    confidence: 'likely',
  });
  expect(error('[API Error: 503 UNAVAILABLE]')).toEqual({ scope: 'overload', confidence: 'likely' });
  expect(error('Something else broke')).toBeUndefined();
  expect(limitOf({ type: 'user', content: '429 quota' })).toBeUndefined();
});

test('summaries', () => {
  const { env, refs } = fixture('edit');
  const [ref] = refs;
  expect(agent.summarize(ref as SessionRef, { env })).toEqual({
    agent: 'gemini',
    id: ref?.id,
    bytes: ref?.bytes,
    path: ref?.path,
    title: expect.stringMatching(/^Write a file\. CALL: write_file .*…$/),
    cwd: CWD,
    model: 'gemini-3.8-flash',
    createdAt: expect.any(String),
    updatedAt: expect.any(String),
    messages: { user: 2, assistant: 4 },
    toolCalls: 2,
    tokens: 532,
  });
});

test('a big file is summarised from its ends', () => {
  const big = 'x'.repeat(300_000);
  const ref = chat('session-2026-01-01T00-00-eeeeeeee.jsonl', [
    metadata('eeeeeeee-1'),
    said('a', 'user', 'the first prompt'),
    said('b', 'gemini', big),
    { $set: { summary: 'A "good" title' } },
    { ...said('c', 'gemini', 'end'), model: 'gemini-9' },
    { $set: { lastUpdated: '2026-11-21T10:00:00.000Z' } },
  ]);
  expect(agent.summarize(ref, context)).toEqual({
    agent: 'gemini',
    id: 'eeeeeeee-1',
    bytes: ref.bytes,
    path: ref.path,
    title: 'A "good" title',
    model: 'gemini-9',
    createdAt: '2026-11-20T10:00:00.000Z',
    updatedAt: '2026-11-21T10:00:00.000Z',
  });
});

test('the log: replacement, rewind, a wiped history that comes back', () => {
  const ref = chat('session-2026-01-01T00-00-11111111.jsonl', [
    metadata('11111111-1'),
    said('a', 'user', 'one'),
    said('b', 'gemini', 'tow'),
    said('b', 'gemini', 'two'),
    said('c', 'user', 'three'),
    said('d', 'gemini', 'four'),
    { $rewindTo: 'c' },
    said('e', 'user', 'five'),
    metadata('11111111-1'),
    { $set: { messages: [said('x', 'user', '<session_context>\n</session_context>')] } },
    {
      $set: {
        messages: [
          said('x', 'user', '<session_context>\n</session_context>'),
          said('a', 'user', 'one'),
          said('b', 'gemini', 'two'),
          said('e', 'user', 'five'),
        ],
      },
    },
    said('f', 'gemini', 'six'),
  ]);
  const session = agent.read(ref, context);
  const texts = (of: Session) => told(of).map((line) => (line as string[])[2]);
  expect(texts(session)).toEqual(['one', 'two', 'five', 'six']);
  expect(session.branches).toEqual([{ id: 'd', entries: 2 }]);
  expect(texts(agent.read(ref, context, { branch: 'd' }))).toEqual(['one', 'two', 'three', 'four']);
  expect(() => agent.read(ref, context, { branch: 'nope' })).toThrow(SegueError);
});

test('a compaction keeps what came before in the session', () => {
  const summary = said('s', 'user', '<state_snapshot>\nall so far\n</state_snapshot>');
  const list = [
    summary,
    said('t', 'gemini', 'Got it. Thanks for the additional context!'),
    said('b', 'gemini', 'two'),
    said('n', 'user', 'a copy'),
  ];
  const ref = chat('session-2026-01-01T00-00-22222222.jsonl', [
    metadata('22222222-1'),
    said('a', 'user', 'one'),
    said('b', 'gemini', 'two'),
    summary,
    { $set: { messages: list } },
    said('c', 'user', 'three'),
  ]);
  const entries = [...agent.read(ref, context).entries()];
  expect(entries.map((entry) => entry.id)).toEqual(['a', 'b', 's', 'n', 'c']);
  expect(entries[2]).toMatchObject({ type: 'compaction', summary: 'all so far', keeps: ['b'] });
});

test('subagents', () => {
  const ref = chat('session-2026-01-01T00-00-33333333.jsonl', [
    metadata('33333333-1'),
    said('a', 'user', 'go'),
  ]);
  const path = join(dirname(ref.path), '33333333-1', 'sub1.jsonl');
  mkdirSync(dirname(path), { recursive: true });
  const record = { ...metadata('sub1'), kind: 'subagent' };
  writeFileSync(
    path,
    [record, said('b', 'user', 'task')].map((each) => `${JSON.stringify(each)}\n`).join(''),
  );
  expect(agent.read(ref, context).subagents.map((sub) => [sub.info.id, sub.info.lineage, told(sub)])).toEqual(
    [['sub1', [{ kind: 'subagent', agent: 'gemini', id: '33333333-1' }], [['user', 'text', 'task']]]],
  );
  expect(agent.discover(context).refs).toContainEqual(
    expect.objectContaining({ id: 'sub1', parent: '33333333-1' }),
  );
});

test('damage is told, never thrown', () => {
  const ref = chat('session-2026-01-01T00-00-44444444.jsonl', [
    metadata('44444444-1'),
    'not json',
    '[1,2]',
    { strange: true },
    { id: 'u', type: 'user', content: 7 },
    { id: 'v', type: 'martian', content: 'x' },
    {
      id: 'w',
      type: 'gemini',
      content: [{ functionCall: 'no' }, 3, null],
      toolCalls: 'x',
      tokens: [],
      model: 4,
    },
    { id: 'o', type: 'user', content: [{ functionResponse: { id: 'gone', name: 'n', response: {} } }] },
    { $set: { messages: 'x' } },
    { $set: null },
    said('z', 'user', 'still here'),
    '{"id":"torn","type":"user","content":"half',
  ]);
  const session = agent.read(ref, context);
  expect(told(session)).toEqual([['user', 'text', 'still here']]);
  expect(new Set(session.diagnostics.map(({ code }) => code))).toEqual(
    new Set(['bad-record', 'unknown-record', 'orphan-result']),
  );
  expect(JSON.stringify(session.diagnostics)).not.toContain('still');
});

test('a cut file of the old layout gives what is whole', () => {
  const whole = JSON.stringify(
    { ...metadata('55555555-1'), messages: [said('a', 'user', 'one'), said('b', 'gemini', 'two')] },
    null,
    2,
  );
  const ref = chat('session-2026-01-01T00-00-55555555.json', [whole.slice(0, -40)]);
  const session = agent.read(ref, context);
  expect(told(session)).toEqual([['user', 'text', 'one']]);
  expect(session.diagnostics.map(({ code }) => code)).toContain('torn-record');
});

test('what is not a session', () => {
  const ref = chat('session-2026-01-01T00-00-66666666.jsonl', ['{"hello":1}', 'x']);
  expect(() => agent.read(ref, context)).toThrow(expect.objectContaining({ code: 'not-a-session' }));
  expect(agent.summarize(ref, context).damaged).toBe('not-a-session');
  const gone = { ...ref, path: `${ref.path}.gone` };
  expect(() => agent.read(gone, context)).toThrow(expect.objectContaining({ code: 'unreadable' }));
  expect(agent.recognize?.(join(import.meta.dirname, 'index.ts'), context)).toBeUndefined();
});

/** Calls of a real session, as stored and as read. */
function calls(
  scenario: string,
): Map<string, { native: NativeCall; call: ToolCall; result?: ToolResultPart }[]> {
  const found = new Map<string, { native: NativeCall; call: ToolCall; result?: ToolResultPart }[]>();
  const byId = new Map<string, { native: NativeCall; call: ToolCall; result?: ToolResultPart }>();
  for (const entry of open(scenario).entries() as Iterable<Entry>) {
    for (const part of entry.type === 'message' ? entry.parts : []) {
      const answered = part.type === 'tool_result' ? byId.get(part.callId) : undefined;
      if (answered !== undefined && part.type === 'tool_result') answered.result = part;
      if (part.type !== 'tool_call') continue;
      const { native, tool, input } = part;
      const item = { native, call: { tool, input } as ToolCall };
      byId.set(part.callId, item);
      found.set(native.name, [...(found.get(native.name) ?? []), item]);
    }
  }
  return found;
}

test('tools of a real session, in both directions', () => {
  const real = calls('tools-0.61.0');
  const kinds = Object.fromEntries(
    [...real].map(([name, items]) => [name, items.map(({ call }) => call.tool)]),
  );
  expect(kinds).toEqual({
    run_shell_command: ['execute', 'execute', 'execute'],
    read_file: ['read', 'read'],
    write_file: ['write'],
    replace: ['edit'],
    list_directory: ['list'],
    glob: ['glob'],
    grep_search: ['grep'],
    no_such_tool: ['other'],
    write_todos: ['plan'],
  });
  for (const [name, items] of real) {
    for (const { native, call } of items) {
      const back = agent.tools.write(call, CWD);
      if (name === 'no_such_tool') expect(back).toBeUndefined();
      else if (name === 'replace')
        expect(back).toEqual([
          { name, input: { ...(native.input as object), instruction: 'Replace the given text.' } },
        ]);
      else expect(back).toEqual([native]);
    }
  }
});

test('results of a real session', () => {
  const outcome = (name: string) =>
    calls('tools-0.61.0')
      .get(name)
      ?.map(({ result }) => [
        result?.status,
        result?.exitCode,
        result?.content.map((part) => 'text' in part && part.text).join(),
      ]);
  expect(outcome('run_shell_command')).toEqual([
    ['ok', 0, 'index.js'],
    ['error', 1, 'cat: missing.txt: No such file or directory'],
    ['ok', 0, ''],
  ]);
  expect(outcome('read_file')).toEqual([
    ['ok', undefined, '# todo\n'],
    ['error', undefined, `File not found: ${CWD}/nope.md`],
  ]);
});

test.each<[NativeCall, ToolCall]>([
  [
    { name: 'run_shell_command', input: { command: 'x', dir_path: 'sub', is_background: true } },
    { tool: 'execute', input: { command: 'x', cwd: `${CWD}/sub`, background: true } },
  ],
  [
    { name: 'read_file', input: { file_path: 'a', start_line: 3, end_line: 5 } },
    { tool: 'read', input: { path: `${CWD}/a`, offset: 3, limit: 3 } },
  ],
  [
    { name: 'search_file_content', input: { pattern: 'p', include: '*.ts' } },
    { tool: 'grep', input: { pattern: 'p', glob: '*.ts' } },
  ],
  [
    { name: 'web_fetch', input: { prompt: 'Sum up https://example.com/a?b=1 please' } },
    {
      tool: 'web_fetch',
      input: { url: 'https://example.com/a?b=1', prompt: 'Sum up https://example.com/a?b=1 please' },
    },
  ],
  [
    { name: 'google_web_search', input: { query: 'q' } },
    { tool: 'web_search', input: { query: 'q' } },
  ],
  [
    { name: 'invoke_agent', input: { agent_name: 'codebase_investigator', prompt: 'p' } },
    { tool: 'task', input: { prompt: 'p', agentType: 'codebase_investigator' } },
  ],
  [
    { name: 'mcp_github_create_issue', input: { title: 't' } },
    { tool: 'mcp', input: { server: 'github', tool: 'create_issue', arguments: { title: 't' } } },
  ],
  [
    { name: 'write_file', input: { content: 'no path' } },
    { tool: 'other', input: { name: 'write_file', input: { content: 'no path' } } },
  ],
])('%j', (native, call) => {
  expect(agent.tools.read(native, CWD)).toEqual(call);
});

test('a patch becomes one call for each file', () => {
  const written = agent.tools.write({
    tool: 'patch',
    input: {
      changes: [
        { change: 'add', path: '/a', content: 'x' },
        { change: 'update', path: '/b', hunks: [{ lines: [' k', '-o', '+n'] }] },
        { change: 'delete', path: '/c' },
      ],
    },
  });
  expect(written?.map(({ name }) => name)).toEqual(['write_file', 'replace', 'run_shell_command']);
});

test.each([
  ['/a/My App_2', 'my-app-2'],
  ['/a/--x--/', 'x'],
  ['/', 'project'],
  ['C:\\Users\\dev\\Todo', 'todo'],
])('the folder for %s is %s', (path, slug) => {
  expect(slugOf(path)).toBe(slug);
});

test('the project folder is the one that the agent would take', () => {
  const home = join(scratch, 'probe');
  const env = { home, vars: {}, platform: 'linux' as const };
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(home, '.gemini', path)), { recursive: true });
    writeFileSync(join(home, '.gemini', path), text);
  };
  const fresh = { slug: 'api', markers: ['tmp', 'history'], registered: false };
  expect(writer.probe(env, '/w/api')).toEqual(fresh);
  put('projects.json', '{"projects":{"/other/api":"api"}}');
  expect(writer.probe(env, '/w/api')).toEqual({ ...fresh, slug: 'api-1' });
  put('tmp/api-1/.project_root', '/third/api');
  expect(writer.probe(env, '/w/api')).toEqual({ ...fresh, slug: 'api-2' });
  put('tmp/mine/.project_root', '/w/api');
  expect(writer.probe(env, '/w/api')).toEqual({ slug: 'mine', markers: ['history'], registered: false });
  put('projects.json', '{"projects":{"/w/api":"chosen"}}');
  expect(writer.probe(env, '/w/api')).toEqual({
    slug: 'chosen',
    markers: ['tmp', 'history'],
    registered: true,
  });
  put('history/chosen/.project_root', '/not/mine');
  expect(writer.probe(env, '/w/api')).toEqual({ slug: 'mine', markers: ['history'], registered: true });
});

test('a plan names the session whole, and adds markers and the registry entry', () => {
  const env = { home: '/h', vars: {}, platform: 'linux' as const };
  const now = new Date('2026-11-22T12:34:56.000Z');
  const ids = seededIds(new Uint8Array(32), now.getTime());
  const store = { slug: 'api', markers: ['history'], registered: false };
  const plan = writer.encode(open('basic'), { env, cwd: '/w/api', now, ids, title: 'T', store });
  expect(plan.files.map((file) => file.path)).toEqual([
    `/h/.gemini/tmp/api/chats/session-2026-11-22T12-34-${plan.sessionId}.jsonl`,
    '/h/.gemini/history/api/.project_root',
  ]);
  expect([...(plan.files[1]?.content() ?? [])]).toEqual(['/w/api']);
  expect(plan.members).toEqual([
    {
      path: '/h/.gemini/projects.json',
      at: ['projects'],
      key: '/w/api',
      value: 'api',
      create: { projects: {} },
    },
  ]);
  const [first] = [...(plan.files[0]?.content() ?? [])];
  expect(JSON.parse(String(first))).toEqual({
    sessionId: plan.sessionId,
    projectHash: createHash('sha256').update('/w/api').digest('hex'),
    startTime: '2026-11-22T16:53:13.728Z',
    lastUpdated: now.toISOString(),
    kind: 'main',
    summary: 'T',
  });
});

test('where sessions are, and how they are resumed', () => {
  const env = { home: '/h', vars: { GEMINI_CLI_HOME: '/elsewhere' }, platform: 'linux' as const };
  expect(agent.roots(env)).toEqual(['/elsewhere/.gemini/tmp']);
  const session = { id: 'ID', path: '/p' };
  expect(agent.launch.resume(session, { cwd: '/w', prompt: 'go', headless: true })).toEqual({
    argv: ['gemini', '--resume', 'ID', '-p', 'go'],
    cwd: '/w',
    stdin: 'ignore',
  });
  expect(agent.launch.resume(session, { cwd: '/w', flags: ['-s'] })?.argv).toEqual([
    'gemini',
    '--resume',
    'ID',
    '-s',
  ]);
  expect(agent.launch.start({ cwd: '/w', prompt: 'go' })?.argv).toEqual(['gemini', '-i', 'go']);
  expect(agent.launch.start({ cwd: '/w', headless: true })).toBeUndefined();
});
