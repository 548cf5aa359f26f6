import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitrarySession } from '../../../test/arbitrary-session.ts';
import { entry, fail, lines, nativeLines, workbench } from '../../../test/workbench.ts';
import { comparable } from '../../model/compare.ts';
import { seededIds } from '../../model/ids.ts';
import type { Entry, NativeCall, Session, ToolCallPart, ToolResultPart } from '../../model/session.ts';
import type { ToolCall } from '../../model/tools.ts';
import { limitOf } from '../_shared/pi-limits.ts';
import type { EncodeTarget, SessionRef } from '../contract.ts';
import { agent } from './index.ts';

const CWD = '/home/dev/pi/todo-api';
const { scratch, context, fixture, open, fixtureCalls } = workbench(agent, import.meta.dirname);

/** A transcript in a scratch folder, from records (objects) or raw lines. */
function transcript(name: string, records: unknown[]): SessionRef {
  const path = join(scratch, `${name}.jsonl`);
  const text = records.map((record) => (typeof record === 'string' ? record : JSON.stringify(record)));
  writeFileSync(path, `${text.join('\n')}\n`);
  return { agent: 'pi', id: name, path, bytes: 0, mtimeMs: 0 };
}

const header = { type: 'session', version: 3, id: 's', timestamp: '2026-11-20T10:00:00.000Z', cwd: CWD };
const say = (id: string | undefined, parentId: string | null | undefined, text: string) => ({
  type: 'message',
  id,
  parentId,
  message: { role: 'user', content: text },
});

test('sessions are found in the folder of their directory', () => {
  const { refs } = fixture('fork');
  expect(refs.map(({ agent: id, id: session }) => [id, session])).toEqual([
    ['pi', '01a20440-470a-7787-a9d8-2d3fa443dfbf'],
    ['pi', '01a20440-563e-727c-8d16-346f29204026'],
  ]);
  expect(agent.roots({ home: '/h', vars: {}, platform: 'linux' })).toEqual(['/h/.pi/agent/sessions']);
  expect(
    agent.roots({
      home: '/h',
      vars: { PI_CODING_AGENT_DIR: '~/x', PI_CODING_AGENT_SESSION_DIR: '/flat' },
      platform: 'linux',
    }),
  ).toEqual(['/flat', '/h/x/sessions']);
});

test('a folder named in the settings is searched and written to', () => {
  const home = join(scratch, 'settings');
  mkdirSync(join(home, '.pi/agent'), { recursive: true });
  writeFileSync(join(home, '.pi/agent/settings.json'), '{"sessionDir":"~/flat"}');
  mkdirSync(join(home, 'flat'));
  const source = fixture('basic').refs[0] ?? fail('no fixture');
  copyFileSync(source.path, join(home, 'flat/any name.jsonl'));
  const env = { home, vars: {}, platform: 'linux' as const };
  const ref = agent.discover({ env }).refs[0] ?? fail('not found');
  expect(agent.read(ref, { env }).info.id).toBe('01a2043f-8091-7785-9eb8-5874128b4c9a');
  expect(agent.writer?.probe(env, CWD)).toEqual({ folder: join(home, 'flat') });
});

test('a session with tools', () => {
  const session = open('tools');
  expect(session.info).toEqual({
    agent: 'pi',
    id: '01a2043f-97c4-7280-b786-7f2ee649bf9e',
    title: undefined,
    cwd: CWD,
    models: ['mock-model'],
    usage: { input: 333, output: 66, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
    createdAt: '2026-11-22T17:13:26.214Z',
    updatedAt: session.info.updatedAt,
    lineage: [],
  });
  expect(lines(session)).toEqual([
    ['user', 'text', 'Please list the sources. RUN: ls -la src'],
    ['assistant', 'text', 'I will run it.'],
    ['assistant', 'call', 0, 'execute', '{"command":"ls -la src"}'],
    ['user', 'result', 0, 'ok', 0, expect.stringMatching(/^total 12\n.*index\.js\n$/s)],
    ['assistant', 'text', expect.stringMatching(/^MOCK-REPLY/)],
    ['user', 'text', 'Thanks, that is all'],
    ['assistant', 'text', expect.stringMatching(/^MOCK-REPLY/)],
  ]);
  expect(session.diagnostics).toEqual([]);
});

test('a command that failed: exit code apart from its output', () => {
  const results = lines(open('error')).filter((line) => Array.isArray(line) && line[1] === 'result');
  expect(results).toEqual([
    ['user', 'result', 0, 'error', 3, 'cat: config/missing.json: No such file or directory\n'],
  ]);
});

test('edits, a file that is missing, a tool that does not exist', () => {
  const calls = lines(open('edit')).filter(
    (line) => Array.isArray(line) && (line[1] === 'call' || line[1] === 'result'),
  );
  const validate = 'export const valid = (t) => typeof t.title === "string" && t.title.length > 0;\n';
  const edits = [
    { newText: 'A tiny in-memory todo service with validation.', oldText: 'A tiny in-memory todo service.' },
  ];
  expect(calls).toEqual([
    ['assistant', 'call', 0, 'write', JSON.stringify({ content: validate, path: `${CWD}/src/validate.js` })],
    ['user', 'result', 0, 'ok', null, expect.stringContaining('src/validate.js')],
    ['assistant', 'call', 1, 'read', JSON.stringify({ path: `${CWD}/README.md` })],
    ['user', 'result', 1, 'ok', null, '# todo-api\n\nA tiny in-memory todo service.\n'],
    ['assistant', 'call', 2, 'edit', JSON.stringify({ edits, path: `${CWD}/README.md` })],
    ['user', 'result', 2, 'ok', null, 'Successfully replaced 1 block(s) in README.md.'],
    ['assistant', 'call', 3, 'read', JSON.stringify({ path: `${CWD}/nope.js` })],
    ['user', 'result', 3, 'error', null, `ENOENT: no such file or directory, access '${CWD}/nope.js'`],
    ['assistant', 'call', 4, 'other', '{"input":{"x":1},"name":"frobnicate"}'],
    ['user', 'result', 4, 'error', null, 'Tool frobnicate not found'],
  ]);
});

test('a compaction keeps what its record says, a name is the title, a command of the person is told', () => {
  const session = open('compaction');
  const entries = [...session.entries()];
  expect(session.info.title).toBe('Handler review');
  expect(entries.filter((entry) => entry.type === 'compaction')).toMatchObject([
    { id: 'a3f043ea', keeps: ['438575c5', '73240149', '1fb0f11b'] },
  ]);
  expect(entries.find((entry) => entry.id === 'c001fbd0')).toMatchObject({
    role: 'user',
    origin: 'human',
    parts: [{ text: 'Ran `git log --oneline`\n```\nea2f0e8 initial commit (pi)\n\n```' }],
  });
  expect(entries.filter((entry) => entry.type === 'message' && entry.origin === 'harness')).toHaveLength(1);
});

test.each(['limit', 'v0.74-limit'])('%s: failed tries are limit events, the summary says so', (scenario) => {
  const { env, refs } = fixture(scenario);
  const ref = refs[0] ?? fail('no fixture');
  const entries = [...agent.read(ref, { env }).entries()];
  const limits = entries.filter((entry) => entry.type === 'event' && entry.event === 'limit');
  expect(limits).toHaveLength(4);
  expect(entries.some((entry) => entry.type === 'message' && entry.role === 'assistant')).toBe(false);
  expect(agent.summarize(ref, { env })).toMatchObject({
    title: 'RATE-LIMIT please describe the server',
    messages: { user: 1, assistant: 0 },
    limit: { scope: 'minute', confidence: 'certain' },
  });
});

test('limits in error messages', () => {
  const at = '2026-11-20T10:00:00.000Z';
  expect(limitOf('429: {"message":"x","code":"insufficient_quota"}', at)).toEqual({
    scope: 'account',
    confidence: 'certain',
  });
  expect(limitOf('You have hit your ChatGPT usage limit (plus plan). Try again in ~90 min.', at)).toEqual({
    scope: 'account',
    resetsAt: '2026-11-20T11:30:00.000Z',
    confidence: 'likely',
  });
  expect(limitOf('529 {"type":"error","error":{"type":"overloaded_error"}}', at)).toEqual({
    scope: 'overload',
    confidence: 'certain',
  });
  expect(limitOf('401 invalid key', at)).toBeUndefined();
  expect(limitOf(undefined, at)).toBeUndefined();
});

test('thinking is kept with the model that alone may get it back', () => {
  const parts = [...open('think').entries()].flatMap((entry) =>
    entry.type === 'message' ? entry.parts : [],
  );
  expect(parts.find((part) => part.type === 'reasoning')).toEqual({
    type: 'reasoning',
    text: 'mock thinking about it',
    vendor: 'pi',
    opaque: {
      thinkingSignature: 'reasoning_content',
      api: 'openai-completions',
      provider: 'mock',
      model: 'mock-model',
    },
  });
});

test('the mark of an attached picture is not the person’s text', () => {
  const prompt = [...open('image').entries()].find((e) => e.type === 'message' && e.origin === 'human');
  expect(prompt).toMatchObject({
    parts: [
      { type: 'text', text: 'What is in this picture?' },
      { type: 'image', mediaType: 'image/png', path: '/home/dev/pi/dot.png' },
    ],
  });
});

test('a fork names its source', () => {
  expect(open('fork', 1).info.lineage).toEqual([
    { kind: 'fork', agent: 'pi', id: '01a20440-470a-7787-a9d8-2d3fa443dfbf' },
  ]);
});

test('evidence is the line’s byte range and checksum', () => {
  const session = open('v0.74-basic');
  for (const entry of session.entries()) {
    const [evidence] = entry.evidence;
    if (evidence?.kind !== 'range') return fail('no range');
    const bytes = readFileSync(evidence.path).subarray(evidence.start, evidence.end);
    expect(JSON.parse(bytes.toString())).toMatchObject({ id: entry.id });
    expect(crc32(bytes)).toBe(evidence.crc32);
  }
});

test('the path of the last line is the conversation, the other branch stays reachable', () => {
  const ref = transcript('branches', [
    header,
    say('a', null, 'start'),
    say('b', 'a', 'first way'),
    say('c', 'b', 'further on it'),
    { type: 'branch_summary', id: 'd', parentId: 'a', fromId: 'c', summary: 'It led nowhere.' },
    say('e', 'd', 'second way'),
    { type: 'label', id: 'f', parentId: 'e', targetId: 'a', label: 'x' },
  ]);
  const session = agent.read(ref, context);
  expect(lines(session)).toEqual([
    ['user', 'text', 'start'],
    [
      'user',
      'text',
      'The following is a summary of a branch that this conversation came back from:\n\n<summary>\nIt led nowhere.</summary>',
    ],
    ['user', 'text', 'second way'],
  ]);
  expect(session.branches).toEqual([{ id: 'c', entries: 2 }]);
  expect(lines(agent.read(ref, context, { branch: 'c' }))).toEqual([
    ['user', 'text', 'start'],
    ['user', 'text', 'first way'],
    ['user', 'text', 'further on it'],
  ]);
});

test('version 1: no ids, file order, compactions by index', () => {
  const ref = transcript('v1', [
    { ...header, version: undefined },
    say(undefined, undefined, 'one'),
    say(undefined, undefined, 'two'),
    { type: 'compaction', summary: 'sum', firstKeptEntryIndex: 2 },
    { type: 'message', message: { role: 'hookMessage', content: 'from a hook' } },
    say(undefined, undefined, 'three'),
  ]);
  const session = agent.read(ref, context);
  expect([...session.entries()]).toMatchObject([
    { id: 'entry-1', parts: [{ text: 'one' }] },
    { id: 'entry-2', parts: [{ text: 'two' }] },
    { type: 'compaction', keeps: ['entry-2'] },
    { origin: 'harness', parts: [{ text: 'from a hook' }] },
    { parts: [{ text: 'three' }] },
  ]);
  expect(session.diagnostics).toEqual([]);
});

test('context edits replace or hide messages', () => {
  const ref = transcript('edits', [
    header,
    say('a', null, 'long text'),
    say('b', 'a', 'to be hidden'),
    { type: 'context_edit', id: 'c', parentId: 'b', targetId: 'b', replacement: null },
    { type: 'context_edit', id: 'd', parentId: 'c', targetId: 'a', replacement: { content: 'short' } },
  ]);
  expect(lines(agent.read(ref, context))).toEqual([['user', 'text', 'short']]);
});

test('commands kept from the model, skills and aborted answers', () => {
  const bash = { role: 'bashExecution', command: 'make', output: '', exitCode: 2 };
  const aborted = {
    role: 'assistant',
    content: [{ type: 'text', text: 'half' }],
    stopReason: 'aborted',
  };
  const skill = '<skill name="x" location="/s/SKILL.md">\nbody\n</skill>\n\ndo it';
  const ref = transcript('special', [
    header,
    { type: 'message', id: 'a', parentId: null, message: bash },
    { type: 'message', id: 'b', parentId: 'a', message: { ...bash, excludeFromContext: true } },
    say('c', 'b', skill),
    { type: 'message', id: 'd', parentId: 'c', message: aborted },
    { type: 'custom_message', id: 'e', parentId: 'd', customType: 'x', content: 'note', display: true },
    say('f', 'e', '<file name="/p/a.txt">\nits text\n</file>\nread this'),
  ]);
  const entries = [...agent.read(ref, context).entries()];
  expect(entries.map((e) => [e.id, e.parentId, e.type === 'message' ? e.origin : e.type])).toEqual([
    ['a', null, 'human'],
    ['b', 'a', 'harness'],
    ['c/skill', 'b', 'harness'],
    ['c', 'c/skill', 'human'],
    ['d', 'c', 'agent'],
    ['d/aborted', 'd', 'event'],
    ['e', 'd/aborted', 'harness'],
    ['f', 'e', 'human'],
  ]);
  expect(entries[0]).toMatchObject({
    parts: [{ text: 'Ran `make`\n(no output)\n\nCommand exited with code 2' }],
  });
  expect(entries[3]).toMatchObject({ parts: [{ text: 'do it' }] });
  expect(entries[7]).toMatchObject({
    parts: [
      { type: 'file', path: '/p/a.txt', text: 'its text' },
      { type: 'text', text: 'read this' },
    ],
  });
});

test('damage: bad, torn and unknown records, broken chains and doubled ids are diagnosed, the rest is read', () => {
  const ref = transcript('damage', [
    header,
    say('a', null, 'one'),
    'not json',
    '{"type":"message","id":"x","message":{"role":',
    say('b', 'gone', 'two'),
    { type: 'future_thing', id: 'c', parentId: 'b' },
    say('c', 'c', 'three'),
    { type: 'message', id: 'd', parentId: 'c', message: { role: 42, content: {} } },
    { type: 'message', id: 'e', parentId: 'd', message: null },
    {
      type: 'message',
      id: 'f',
      parentId: 'e',
      message: { role: 'toolResult', toolCallId: 7, content: 'lost', isError: 'no' },
    },
    { type: 'message', id: 'g', parentId: 'f', message: { role: 'assistant', content: [1, { type: 'x' }] } },
  ]);
  writeFileSync(ref.path, `${readFileSync(ref.path, 'utf8')}{"type":"mess`);
  const session = agent.read(ref, context);
  expect(lines(session)).toEqual([
    ['user', 'text', 'one'],
    ['user', 'text', 'two'],
    ['user', 'text', 'three'],
    ['user', 'result', -1, 'ok', null, 'lost'],
  ]);
  expect(session.diagnostics.map((diagnostic) => diagnostic.code)).toEqual([
    'bad-record',
    'bad-record',
    'torn-record',
    'broken-chain',
    'duplicate-id',
    'unknown-record',
    'unknown-record',
    'unknown-record',
    'orphan-result',
    'unknown-record',
  ]);
  expect(session.diagnostics.some((diagnostic) => diagnostic.message.includes('lost'))).toBe(false);
  expect(agent.summarize({ ...ref, bytes: 1000 }, context).damaged).toBe('a line is not a record');
});

test('what is no session', () => {
  const missing = { agent: 'pi', id: 'x', path: join(scratch, 'missing.jsonl'), bytes: 0, mtimeMs: 0 };
  expect(() => agent.read(missing, context)).toThrow(expect.objectContaining({ code: 'unreadable' }));
  expect(() => agent.read({ ...missing, path: scratch }, context)).toThrow(
    expect.objectContaining({ code: 'unreadable' }),
  );
  for (const [name, content] of [
    ['empty', ''],
    ['other', '{"type":"other"}\n'],
    ['binary', '\u0000\u0001\n\u0002'],
    ['array', '[1,2]\n'],
  ] as const) {
    const path = join(scratch, `${name}.jsonl`);
    writeFileSync(path, content);
    const ref = { ...missing, path };
    expect(() => agent.read(ref, context), name).toThrow(expect.objectContaining({ code: 'not-a-session' }));
    expect(agent.summarize(ref, context).damaged, name).toBe(`${path} holds no session`);
    expect(agent.recognize?.(path, context), name).toBeUndefined();
  }
});

test('a long session is summarized from its ends', () => {
  const filler = Array.from({ length: 300 }, (_, i) => say(`m${i + 1}`, `m${i}`, 'x'.repeat(1000)));
  const failed = {
    type: 'message',
    id: 'z',
    parentId: 'm300',
    timestamp: '2026-11-21T10:00:00.000Z',
    message: { role: 'assistant', content: [], stopReason: 'error', errorMessage: '429 Rate limit reached' },
  };
  const ref = transcript('long', [header, say('m0', null, 'First words'), ...filler, failed]);
  expect(agent.summarize({ ...ref, bytes: 400_000 }, context)).toEqual({
    agent: 'pi',
    id: 's',
    title: 'First words',
    cwd: CWD,
    model: undefined,
    createdAt: '2026-11-20T10:00:00.000Z',
    updatedAt: '2026-11-21T10:00:00.000Z',
    bytes: 400_000,
    path: ref.path,
    limit: { scope: 'minute', confidence: 'certain' },
  });
});

test('a transcript given by path is recognized, OpenClaw’s place is not pi’s', () => {
  const ref = fixture('basic').refs[0] ?? fail('no fixture');
  expect(agent.recognize?.(ref.path, context)).toEqual(ref);
  const other = join(scratch, 'agents/main/sessions/x.jsonl');
  mkdirSync(dirname(other), { recursive: true });
  copyFileSync(ref.path, other);
  expect(agent.recognize?.(other, context)).toBeUndefined();
});

test('native calls become canonical', () => {
  const cases: [NativeCall, ToolCall][] = [
    [
      { name: 'bash', input: { command: 'make', timeout: 5 } },
      { tool: 'execute', input: { command: 'make', timeoutMs: 5000 } },
    ],
    [
      { name: 'read', input: { path: 'a.ts', offset: 2, limit: 9 } },
      { tool: 'read', input: { path: '/w/a.ts', offset: 2, limit: 9 } },
    ],
    [
      { name: 'edit', input: { path: '/a', oldText: 'x', newText: 'y' } },
      { tool: 'edit', input: { path: '/a', edits: [{ oldText: 'x', newText: 'y' }] } },
    ],
    [
      { name: 'ls', input: {} },
      { tool: 'list', input: { path: '/w' } },
    ],
    [
      { name: 'find', input: { pattern: '*.ts' } },
      { tool: 'glob', input: { pattern: '*.ts' } },
    ],
    [
      { name: 'grep', input: { pattern: 'x', path: 'src', glob: '*.ts', ignoreCase: true, context: 2 } },
      { tool: 'grep', input: { pattern: 'x', path: '/w/src', glob: '*.ts', ignoreCase: true } },
    ],
    [
      { name: 'bash', input: { command: 7 } },
      { tool: 'other', input: { name: 'bash', input: { command: 7 } } },
    ],
    [
      { name: 'edit', input: 'text' },
      { tool: 'other', input: { name: 'edit', input: 'text' } },
    ],
  ];
  for (const [native, canonical] of cases) expect(agent.tools.read(native, '/w')).toEqual(canonical);
});

test('canonical calls become native', () => {
  const cases: [ToolCall, NativeCall[] | undefined][] = [
    [
      { tool: 'execute', input: { command: 'make', cwd: '/x y', timeoutMs: 1500, background: true } },
      [{ name: 'bash', input: { command: "cd '/x y' && make", timeout: 2 } }],
    ],
    [{ tool: 'read', input: { path: '/a', limit: 3 } }, [{ name: 'read', input: { path: '/a', limit: 3 } }]],
    [
      {
        tool: 'patch',
        input: {
          changes: [
            { change: 'add', path: '/n', content: 'c' },
            { change: 'update', path: '/a', hunks: [{ lines: [' k', '-o', '+n'] }] },
            { change: 'delete', path: '/d' },
          ],
        },
      },
      [
        { name: 'write', input: { path: '/n', content: 'c' } },
        { name: 'edit', input: { path: '/a', edits: [{ oldText: 'k\no', newText: 'k\nn' }] } },
        { name: 'bash', input: { command: 'rm -- /d' } },
      ],
    ],
    [{ tool: 'list', input: { path: '/a' } }, [{ name: 'ls', input: { path: '/a' } }]],
    [{ tool: 'glob', input: { pattern: '*' } }, [{ name: 'find', input: { pattern: '*' } }]],
    [
      { tool: 'grep', input: { pattern: 'x', ignoreCase: true } },
      [{ name: 'grep', input: { pattern: 'x', ignoreCase: true } }],
    ],
    [{ tool: 'web_search', input: { query: 'q' } }, undefined],
    [{ tool: 'task', input: { prompt: 'p' } }, undefined],
    [{ tool: 'plan', input: { items: [] } }, undefined],
    [{ tool: 'mcp', input: { server: 's', tool: 't', arguments: {} } }, undefined],
    [{ tool: 'other', input: { name: 'n', input: {} } }, undefined],
  ];
  for (const [canonical, native] of cases) expect(agent.tools.write(canonical)).toEqual(native);
});

test('the tools of real sessions go to canonical and back', () => {
  const calls = fixtureCalls();
  expect(new Set(calls.map((call) => call.native.name))).toEqual(
    new Set(['bash', 'edit', 'frobnicate', 'read', 'write']),
  );
  for (const call of calls) {
    const written = agent.tools.write(call);
    if (call.tool === 'other') expect(written).toBeUndefined();
    else
      expect(written?.map((native) => agent.tools.read(native, CWD))).toEqual([
        { tool: call.tool, input: call.input },
      ]);
  }
});

function target(home: string): EncodeTarget {
  const env = { home, vars: {}, platform: 'linux' as const };
  const now = new Date('2026-11-23T10:00:00.000Z');
  return {
    env,
    cwd: CWD,
    now,
    ids: seededIds(new Uint8Array(32).fill(3), now.getTime()),
    title: 'A title',
    store: agent.writer?.probe(env, CWD) ?? {},
  };
}

/** Writes a plan's files and gives what the reader makes of them. */
function written(session: Session, home: string): { records: unknown[]; session: Session } {
  const plan = agent.writer?.encode(session, target(home)) ?? fail('no writer');
  const [file] = plan.files;
  if (file === undefined) return fail('no file');
  const text = [...file.content()].join('');
  expect([...file.content()].join('')).toBe(text);
  mkdirSync(dirname(file.path), { recursive: true });
  writeFileSync(file.path, text);
  const ref = { agent: 'pi', id: plan.sessionId, path: plan.ref.path, bytes: text.length, mtimeMs: 0 };
  expect(agent.discover({ env: target(home).env }).refs).toMatchObject([{ id: ref.id, path: ref.path }]);
  const records = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  return { records, session: agent.read(ref, context) };
}

const bare = (entries: Entry[]): Session => ({
  info: { agent: 'claude', id: 'from', models: [], lineage: [] },
  entries: () => entries,
  branches: [],
  subagents: [],
  diagnostics: [],
});

const bash = (callId: string): ToolCallPart => ({
  type: 'tool_call',
  callId,
  native: { name: 'bash', input: { command: 'make' } },
  tool: 'execute',
  input: { command: 'make' },
});

test('a written transcript: header, source, title, then records in a chain', () => {
  const result: ToolResultPart = {
    type: 'tool_result',
    callId: 'c1',
    status: 'error',
    exitCode: 2,
    content: [{ type: 'text', text: 'bad' }],
  };
  const call = bash('c1');
  const content = agent.tools.writeResult?.(call, result) ?? [];
  const { records, session } = written(
    bare([
      entry('1', 'user', { type: 'text', text: 'go\u2028on' }),
      entry('2', 'assistant', { type: 'text', text: 'I do' }, call),
      entry('3', 'user', { ...result, content }, { type: 'text', text: 'and then?' }),
    ]),
    join(scratch, 'written'),
  );
  const at = '2026-11-20T10:00:00.000Z';
  const ms = Date.parse(at);
  const zero = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  const ids = records.slice(1).map((record) => (record as { id: string }).id);
  expect(ids.every((id) => /^[0-9a-f]{8}$/.test(id))).toBe(true);
  expect(records).toEqual([
    {
      type: 'session',
      version: 3,
      id: session.info.id,
      timestamp: '2026-11-23T10:00:00.000Z',
      cwd: CWD,
    },
    {
      type: 'custom',
      id: ids[0],
      parentId: null,
      timestamp: '2026-11-23T10:00:00.000Z',
      customType: 'segue.source',
      data: { agent: 'claude', id: 'from' },
    },
    {
      type: 'session_info',
      id: ids[1],
      parentId: ids[0],
      timestamp: '2026-11-23T10:00:00.000Z',
      name: 'A title',
    },
    {
      type: 'message',
      id: ids[2],
      parentId: ids[1],
      timestamp: at,
      message: { role: 'user', content: [{ type: 'text', text: 'go\u2028on' }], timestamp: ms },
    },
    {
      type: 'message',
      id: ids[3],
      parentId: ids[2],
      timestamp: at,
      message: {
        role: 'assistant',
        content: [
          { type: 'text', text: 'I do' },
          { type: 'toolCall', id: 'c1', name: 'bash', arguments: { command: 'make' } },
        ],
        api: 'segue',
        provider: 'segue',
        model: 'unknown',
        usage: { ...zero, totalTokens: 0, cost: { ...zero, total: 0 } },
        stopReason: 'toolUse',
        timestamp: ms,
      },
    },
    {
      type: 'message',
      id: ids[4],
      parentId: ids[3],
      timestamp: at,
      message: {
        role: 'toolResult',
        toolCallId: 'c1',
        toolName: 'bash',
        content: [{ type: 'text', text: 'bad\n\nCommand exited with code 2' }],
        details: { exitCode: 2 },
        isError: true,
        timestamp: ms,
      },
    },
    {
      type: 'message',
      id: ids[5],
      parentId: ids[4],
      timestamp: at,
      message: { role: 'user', content: [{ type: 'text', text: 'and then?' }], timestamp: ms },
    },
  ]);
  expect(session.info.lineage).toEqual([{ kind: 'transplant', agent: 'claude', id: 'from' }]);
  expect(session.info.title).toBe('A title');
});

test('results survive with status, exit code and content', () => {
  const text = (value: string): ToolResultPart['content'] => [{ type: 'text', text: value }];
  const picture: ToolResultPart['content'] = [{ type: 'image', mediaType: 'image/png', data: 'AAAA' }];
  const cases: Pick<ToolResultPart, 'status' | 'exitCode' | 'content'>[] = [
    { status: 'ok', content: text('x') },
    { status: 'ok', exitCode: 0, content: [] },
    { status: 'error', content: text('x') },
    { status: 'error', content: [] },
    { status: 'error', exitCode: 127, content: [] },
    { status: 'error', exitCode: 1, content: [...text('x'), ...picture] },
    { status: 'error', exitCode: 0, content: text('x') },
    { status: 'interrupted', content: text('x') },
    { status: 'interrupted', exitCode: 130, content: [] },
    { status: 'ok', content: picture },
  ];
  const calls: ToolCallPart[] = [
    bash(''),
    { ...bash(''), native: { name: 'read', input: { path: '/a' } }, tool: 'read', input: { path: '/a' } },
  ];
  const entries: Entry[] = [];
  const expected: unknown[] = [];
  for (const base of calls) {
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
  const { session } = written(bare(entries), join(scratch, 'results'));
  const back = [...session.entries()].flatMap((e) =>
    e.type === 'message' ? e.parts.filter((part) => part.type === 'tool_result') : [],
  );
  expect(back).toEqual(expected);
});

test('a compaction is written with the first entry that it keeps, never in the middle of a call', () => {
  const entries: Entry[] = [
    entry('1', 'user', { type: 'text', text: 'one' }),
    entry('2', 'assistant', bash('c1')),
    entry('3', 'user', { type: 'tool_result', callId: 'c1', status: 'ok', content: [] }),
    { id: '4', parentId: null, evidence: [], type: 'compaction', summary: 'so far', keeps: ['3'] },
    entry('5', 'user', { type: 'text', text: 'two' }),
    { id: '6', parentId: null, evidence: [], type: 'compaction', summary: 'all of it', keeps: [] },
  ];
  const back = [...written(bare(entries), join(scratch, 'compaction')).session.entries()];
  const ids = back.map((item) => item.id);
  expect(back.filter((item) => item.type === 'compaction')).toMatchObject([
    { summary: 'so far', keeps: [ids[2], ids[3]] },
    { summary: 'all of it', keeps: [] },
  ]);
});

test('own thinking is written back as it was', () => {
  const source = [...open('think').entries()].filter((e) => e.type === 'message' && e.origin !== 'harness');
  const { session, records } = written(bare(source), join(scratch, 'thinking'));
  expect([...comparable(session.entries(), { tools: 'native' })]).toEqual([
    ...comparable(source, { tools: 'native' }),
  ]);
  expect(records.at(-1)).toMatchObject({
    message: {
      api: 'openai-completions',
      provider: 'mock',
      model: 'mock-model',
      content: [{ type: 'thinking', thinkingSignature: 'reasoning_content' }, { type: 'text' }],
    },
  });
});

test('what is written reads back the same', () => {
  const { writer, tools } = agent;
  if (writer === undefined) return fail('no writer');
  const signature = fc.record({ thinkingSignature: fc.string(), provider: fc.string(), model: fc.string() });
  const sessions = arbitrarySession({ accepts: writer.accepts, tools, cwd: CWD, opaque: signature });
  fc.assert(
    fc.property(sessions, ({ prepared, expected }) => {
      const plan = writer.encode(prepared, target(scratch));
      const path = join(scratch, 'property.jsonl');
      writeFileSync(path, [...(plan.files[0]?.content() ?? [])].join(''));
      const ref = { agent: 'pi', id: plan.sessionId, path, bytes: 0, mtimeMs: 0 };
      const back = agent.read(ref, context);
      expect(nativeLines(back)).toEqual(nativeLines(expected));
      expect(back.diagnostics).toEqual([]);
    }),
  );
});

test('starting and resuming', () => {
  const session = { id: 'i', path: '/s.jsonl' };
  expect(agent.launch.start({ cwd: '/w', prompt: '-x', flags: ['--model', 'm'] })).toEqual({
    argv: ['pi', '--model', 'm', ' -x'],
    cwd: '/w',
  });
  expect(agent.launch.resume(session, { cwd: '/w', prompt: 'go', headless: true })).toEqual({
    argv: ['pi', '--session', '/s.jsonl', '-p', 'go'],
    cwd: '/w',
  });
  expect(agent.launch.resume(session, { cwd: '/w' })).toEqual({
    argv: ['pi', '--session', '/s.jsonl'],
    cwd: '/w',
  });
});
