import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { crc32, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { arbitrarySession } from '../../../test/arbitrary-session.ts';
import { openOwn } from '../../io/sqlite.ts';
import { comparable } from '../../model/compare.ts';
import { seededIds } from '../../model/ids.ts';
import type { NativeCall, Session } from '../../model/session.ts';
import type { ToolCall } from '../../model/tools.ts';
import type { EncodeTarget, SessionRef, Writer } from '../contract.ts';
import { agent } from './index.ts';

const scratch = mkdtempSync(join(tmpdir(), 'segue-openclaw-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const CWD = '/home/dev/openclaw/todo-api';
const FIRST = '0199bbbb-0000-7000-8000-000000000001';
const SECOND = '0199bbbb-0000-7000-8000-000000000002';
const home = join(import.meta.dirname, 'fixtures/tools-and-limit');
const env = { home, vars: {}, platform: 'linux' as const };
const database = join(home, '.openclaw/agents/main/agent/openclaw-agent.sqlite');
const writer: Writer = agent.writer ?? fail('no writer');

function fail(message: string): never {
  throw new Error(message);
}

const lines = (session: Session): unknown[] =>
  [...comparable(session.entries(), { tools: 'canonical' })].map((line) => JSON.parse(line) as unknown);

const refOf = (id: string): SessionRef =>
  agent.discover({ env }).refs.find((ref) => ref.id === id) ?? fail('no such session');

/** A home with a database of the given events, one list for each session. */
function databaseWith(name: string, sessions: Record<string, (string | Uint8Array)[]>) {
  const folder = join(scratch, name, '.openclaw/agents/main/agent');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'openclaw-agent.sqlite');
  const db = openOwn(path);
  db.exec(`create table session_nodes (session_key text, current_session_id text, label text, display_name text, archived_at integer);
    create table session_windows (session_id text, session_key text, parent_session_key text, updated_at integer);
    create table transcript_events (session_id text, seq integer, event_json text, event_zstd blob, event_utf8_bytes integer)`);
  for (const [id, events] of Object.entries(sessions)) {
    const archived = id === 'old' ? 5 : null;
    db.run('insert into session_nodes values (?, ?, ?, null, ?)', `key:${id}`, id, `Label ${id}`, archived);
    db.run(
      'insert into session_windows values (?, ?, ?, 1795370127680)',
      id,
      `key:${id}`,
      id === 'old' ? 'key:s' : null,
    );
    for (const [seq, event] of events.entries()) {
      const text = typeof event === 'string' ? event : null;
      const packed = typeof event === 'string' ? null : event;
      db.run('insert into transcript_events values (?, ?, ?, ?, ?)', id, seq, text, packed, 100);
    }
  }
  db.close();
  return { env: { ...env, home: join(scratch, name) }, path };
}

const header = JSON.stringify({
  type: 'session',
  version: 4,
  id: 's',
  timestamp: '2026-11-20T10:00:00.000Z',
  cwd: CWD,
});
const say = (id: string, parentId: string | null, content: string, more: object = {}): string =>
  JSON.stringify({ type: 'message', id, parentId, message: { role: 'user', content }, ...more });

test('places, with every override', () => {
  const roots = (vars: Record<string, string>) => agent.roots({ home: '/h', vars, platform: 'linux' });
  const old = ['/h/.clawdbot/agents', '/h/.moltbot/agents'];
  expect(roots({})).toEqual(['/h/.openclaw/agents', ...old]);
  expect(roots({ OPENCLAW_HOME: '~/x' })).toEqual(['/h/x/.openclaw/agents', ...old]);
  expect(roots({ OPENCLAW_HOME: '/x', OPENCLAW_STATE_DIR: '/s' })).toEqual(['/s/agents', ...old]);
});

test('sessions of the database, nothing beside it touched', () => {
  const before = readdirSync(dirname(database));
  expect(agent.discover({ env })).toEqual({
    refs: [
      { agent: 'openclaw', id: FIRST, path: database, key: FIRST, bytes: 7574, mtimeMs: 1795370127680 },
      { agent: 'openclaw', id: SECOND, path: database, key: SECOND, bytes: 1929, mtimeMs: 1795370262102 },
    ],
    diagnostics: [],
  });
  expect(readdirSync(dirname(database))).toEqual(before);
});

test('a session with a command that ran and one that failed', () => {
  const session = agent.read(refOf(FIRST), { env });
  expect(session.info).toEqual({
    agent: 'openclaw',
    id: FIRST,
    title: undefined,
    cwd: CWD,
    models: ['mock-model'],
    usage: { input: 444, output: 88, cacheRead: 0, cacheWrite: 0 },
    createdAt: '2026-11-22T17:55:08.164Z',
    updatedAt: '2026-11-22T17:55:27.589Z',
    lineage: [],
  });
  expect(lines(session)).toEqual([
    ['user', 'text', 'Please list the sources. RUN: ls -la src'],
    ['assistant', 'text', 'I will run it.'],
    ['assistant', 'call', 0, 'execute', '{"command":"ls -la src"}'],
    ['user', 'result', 0, 'ok', 0, expect.stringMatching(/^total 12\n.*index\.js$/s)],
    ['assistant', 'text', expect.stringMatching(/^MOCK-REPLY/)],
    ['user', 'text', 'THINK: check the config. RUN: cat config/missing.json; exit 3'],
    ['assistant', 'reasoning', 'mock thinking about it'],
    ['assistant', 'text', 'I will run it.'],
    ['assistant', 'call', 1, 'execute', '{"command":"cat config/missing.json; exit 3"}'],
    ['user', 'result', 1, 'error', 3, 'cat: config/missing.json: No such file or directory'],
    ['assistant', 'reasoning', 'mock thinking about it'],
    ['assistant', 'text', expect.stringMatching(/^MOCK-REPLY/)],
  ]);
  expect(session.diagnostics).toEqual([]);
});

test('a session that stopped at a limit', () => {
  expect(agent.summarize(refOf(SECOND), { env })).toMatchObject({
    title: 'RATE-LIMIT please describe the server',
    messages: { user: 1, assistant: 0 },
    limit: { scope: 'minute', confidence: 'certain' },
  });
});

test('compressed rows, labels, archived sessions, parents and damage', () => {
  const { env: place, path } = databaseWith('rows', {
    s: [
      header,
      zstdCompressSync(Buffer.from(say('a', null, 'packed'))),
      'broken',
      new Uint8Array([1, 2]),
      say('b', 'a', 'plain'),
    ],
    old: [header, say('a', null, 'x')],
    none: [],
  });
  const { refs } = agent.discover({ env: place });
  expect(refs.map(({ id, archived, parent, bytes }) => ({ id, archived, parent, bytes }))).toEqual([
    { id: 's', archived: undefined, parent: undefined, bytes: 500 },
    { id: 'old', archived: true, parent: 's', bytes: 200 },
    { id: 'none', archived: undefined, parent: undefined, bytes: 0 },
  ]);
  const [ref, , none] = refs;
  if (ref === undefined || none === undefined) return fail('no refs');
  const session = agent.read(ref, { env: place });
  expect(session.info.title).toBe('Label s');
  const entries = [...session.entries()];
  expect(entries.map((entry) => (entry.type === 'message' ? entry.parts : []))).toEqual([
    [{ type: 'text', text: 'packed' }],
    [{ type: 'text', text: 'plain' }],
  ]);
  const row = JSON.stringify({ session_id: 's', seq: 1, event_json: say('a', null, 'packed') });
  expect(entries[0]?.evidence).toEqual([
    { kind: 'row', path, table: 'transcript_events', key: 's/1', crc32: crc32(row) },
  ]);
  expect(session.diagnostics.map(({ code, at }) => [code, at])).toEqual([
    ['bad-record', 2],
    ['bad-record', 3],
  ]);
  expect(() => agent.read(none, { env: place })).toThrow(expect.objectContaining({ code: 'not-a-session' }));
  expect(agent.summarize({ ...ref, bytes: 1e6 }, { env: place })).toMatchObject({
    id: 's',
    title: 'packed',
    cwd: CWD,
  });
});

test('leaf records, side records and resets', () => {
  const leaf = JSON.stringify({ type: 'leaf', id: 'l', parentId: 'c', targetId: 'a' });
  const { env: place } = databaseWith('tree', {
    s: [
      header,
      say('a', null, 'start'),
      say('b', 'a', 'left'),
      say('c', 'b', 'behind'),
      leaf,
      say('d', 'l', 'went on'),
      JSON.stringify({ type: 'reset', id: 'r', parentId: 'd', firstKeptEntryId: 'd' }),
      say('e', 'r', 'anew'),
      say('x', 'e', 'beside', { appendMode: 'side' }),
    ],
  });
  const session = agent.read(agent.discover({ env: place }).refs[0] ?? fail('no ref'), { env: place });
  expect([...session.entries()].map((e) => (e.type === 'compaction' ? e.keeps : e.id))).toEqual([
    'a',
    'd',
    ['d'],
    'e',
  ]);
  expect(session.branches.map(({ id }) => id)).toEqual(['c', 'x']);
  expect(session.diagnostics).toEqual([]);
});

test('transcripts that were not imported yet, unless the database has them', () => {
  const { env: place } = databaseWith('both', { s: [header, say('a', null, 'row')] });
  const folder = join(place.home, '.openclaw/agents/main/sessions');
  mkdirSync(folder);
  for (const id of ['s', 'waiting', 'gone'])
    writeFileSync(
      join(folder, `${id}.jsonl${id === 'gone' ? '.deleted.1' : ''}`),
      `${header}\n${say('a', null, 'file')}\n`,
    );
  const { refs } = agent.discover({ env: place });
  expect(refs.map(({ id, key }) => [id, key])).toEqual([
    ['s', 's'],
    ['waiting', undefined],
  ]);
  const file = refs[1] ?? fail('no file');
  expect(lines(agent.read(file, { env: place }))).toEqual([['user', 'text', 'file']]);
  expect(agent.summarize(file, { env: place })).toMatchObject({ title: 'file', cwd: CWD });
  expect(agent.recognize?.(file.path, { env: place })).toEqual(file);
  expect(agent.recognize?.(database, { env: place })).toBeUndefined();
});

test('a broken database is a diagnostic', () => {
  const folder = join(scratch, 'broken/.openclaw/agents/main/agent');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'openclaw-agent.sqlite');
  const place = { ...env, home: join(scratch, 'broken') };
  for (const content of ['', 'no database, but long enough to be looked at as one'.repeat(30)]) {
    writeFileSync(path, content);
    const { refs, diagnostics } = agent.discover({ env: place });
    expect(refs).toEqual([]);
    expect(diagnostics.map(({ code }) => code)).toEqual(['unreadable']);
    const ref = { agent: 'openclaw', id: 'x', key: 'x', path, bytes: 1, mtimeMs: 0 };
    expect(() => agent.read(ref, { env: place })).toThrow(expect.objectContaining({ code: 'unreadable' }));
    expect(agent.summarize(ref, { env: place }).damaged).toMatch(/^cannot read /);
  }
});

test('native calls become canonical', () => {
  const patch = '*** Begin Patch\n*** Delete File: a\n*** End Patch';
  const cases: [NativeCall, ToolCall][] = [
    [
      {
        name: 'exec',
        input: { command: 'make', workdir: 'sub', timeoutSeconds: 5, background: true, title: 't' },
      },
      {
        tool: 'execute',
        input: { command: 'make', cwd: '/w/sub', timeoutMs: 5000, background: true, description: 't' },
      },
    ],
    [
      { name: 'read', input: { path: 'a' } },
      { tool: 'read', input: { path: '/w/a' } },
    ],
    [
      { name: 'ls', input: {} },
      { tool: 'list', input: { path: '/w' } },
    ],
    [
      { name: 'apply_patch', input: { input: patch } },
      { tool: 'patch', input: { changes: [{ change: 'delete', path: 'a' }] } },
    ],
    [
      { name: 'web_search', input: { query: 'q', count: 3 } },
      { tool: 'web_search', input: { query: 'q' } },
    ],
    [
      { name: 'web_fetch', input: { url: 'u' } },
      { tool: 'web_fetch', input: { url: 'u' } },
    ],
    [
      { name: 'sessions_spawn', input: { task: 'p', label: 'l', agentId: 'a' } },
      { tool: 'task', input: { prompt: 'p', description: 'l', agentType: 'a' } },
    ],
    [
      { name: 'tool_call', input: { id: 'web_fetch', args: { url: 'u' } } },
      { tool: 'web_fetch', input: { url: 'u' } },
    ],
    [
      { name: 'tool_call', input: { id: 'tool_call', args: {} } },
      { tool: 'other', input: { name: 'tool_call', input: { id: 'tool_call', args: {} } } },
    ],
    [
      { name: 'apply_patch', input: { input: 'no patch' } },
      { tool: 'other', input: { name: 'apply_patch', input: { input: 'no patch' } } },
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
          name: 'exec',
          input: { command: 'make', title: 'd', workdir: '/x', timeoutSeconds: 2, background: true },
        },
      ],
    ],
    [
      { tool: 'edit', input: { path: '/a', edits: [{ oldText: 'x', newText: 'y' }] } },
      [{ name: 'edit', input: { path: '/a', edits: [{ oldText: 'x', newText: 'y' }] } }],
    ],
    [
      { tool: 'patch', input: { changes: [{ change: 'delete', path: '/a' }] } },
      [{ name: 'apply_patch', input: { input: '*** Begin Patch\n*** Delete File: /a\n*** End Patch' } }],
    ],
    [{ tool: 'list', input: { path: '/a' } }, [{ name: 'ls', input: { path: '/a' } }]],
    [{ tool: 'web_search', input: { query: 'q' } }, [{ name: 'web_search', input: { query: 'q' } }]],
    [{ tool: 'web_fetch', input: { url: 'u' } }, [{ name: 'web_fetch', input: { url: 'u' } }]],
    [{ tool: 'task', input: { prompt: 'p' } }, [{ name: 'sessions_spawn', input: { task: 'p' } }]],
    [{ tool: 'plan', input: { items: [] } }, undefined],
    [{ tool: 'mcp', input: { server: 's', tool: 't', arguments: {} } }, undefined],
  ];
  for (const [canonical, native] of cases) expect(agent.tools.write(canonical)).toEqual(native);
});

test('the tools of real sessions go to canonical and back', () => {
  const calls = [FIRST, SECOND].flatMap((id) =>
    [...agent.read(refOf(id), { env }).entries()].flatMap((entry) =>
      entry.type === 'message' ? entry.parts.filter((part) => part.type === 'tool_call') : [],
    ),
  );
  expect(calls.map((call) => call.native.name)).toEqual(['exec', 'exec']);
  for (const call of calls) expect(agent.tools.write(call)).toEqual([call.native]);
});

test('probing: a database must be there, nothing may wait for import', () => {
  const place = { ...env, home: join(scratch, 'probe') };
  expect(() => writer.probe(place, CWD)).toThrow(expect.objectContaining({ code: 'not-installed' }));
  const state = join(place.home, '.openclaw');
  mkdirSync(join(state, 'agents/work/agent'), { recursive: true });
  copyFileSync(database, join(state, 'agents/work/agent/openclaw-agent.sqlite'));
  expect(writer.probe(place, CWD)).toEqual({ state, agentId: 'work' });
  mkdirSync(join(state, 'agents/work/sessions'));
  expect(writer.probe(place, CWD)).toEqual({ state, agentId: 'work' });
  writeFileSync(join(state, 'agents/work/sessions/sessions.json'), '{}');
  expect(() => writer.probe(place, CWD)).toThrow(expect.objectContaining({ code: 'write-failed' }));
});

function target(): EncodeTarget {
  const now = new Date('2026-11-23T10:00:00.000Z');
  const ids = seededIds(new Uint8Array(32).fill(3), now.getTime());
  return { env, cwd: CWD, now, ids, title: 'A title', store: writer.probe(env, CWD) };
}

test('a plan: transcript and index row, then the import command', () => {
  const plan = writer.encode(agent.read(refOf(FIRST), { env }), target());
  const id = plan.sessionId;
  const folder = join(home, '.openclaw/agents/main/sessions');
  expect(plan.ref).toEqual({ path: database, key: id });
  expect(plan.files.map((file) => file.path)).toEqual([join(folder, `${id}.jsonl`)]);
  expect(plan.members).toEqual([
    {
      path: join(folder, 'sessions.json'),
      at: [],
      key: `agent:main:explicit:${id}`,
      value: { sessionId: id, updatedAt: 1795428000000, displayName: 'A title' },
      create: {},
    },
  ]);
  expect(plan.import?.argv).toEqual([
    'openclaw',
    'doctor',
    '--session-sqlite',
    'import',
    '--session-sqlite-agent',
    'main',
  ]);
  expect(plan.import?.undo).toEqual([
    'openclaw',
    'sessions',
    'delete',
    'agent:main:explicit:{id}',
    '--agent',
    'main',
    '--yes',
  ]);
  expect(plan.notes?.().map((note) => note.code)).toEqual(['workspace']);
});

test('what is written reads back the same', () => {
  const signature = fc.record({ thinkingSignature: fc.string(), provider: fc.string(), model: fc.string() });
  const sessions = arbitrarySession({
    accepts: writer.accepts,
    tools: agent.tools,
    cwd: CWD,
    opaque: signature,
  });
  const path = join(scratch, 'property.jsonl');
  fc.assert(
    fc.property(sessions, ({ prepared, expected }) => {
      const plan = writer.encode(prepared, target());
      writeFileSync(path, [...(plan.files[0]?.content() ?? [])].join(''));
      const back = agent.read({ agent: 'openclaw', id: plan.sessionId, path, bytes: 0, mtimeMs: 0 }, { env });
      expect([...comparable(back.entries(), { tools: 'native' })]).toEqual([
        ...comparable(expected.entries(), { tools: 'native' }),
      ]);
      expect(back.diagnostics).toEqual([]);
    }),
  );
});

test('starting and resuming', () => {
  const session = { id: 'i', path: '/s/agents/work/agent/openclaw-agent.sqlite' };
  expect(agent.launch.resume(session, { cwd: '/w', prompt: 'go', headless: true })).toEqual({
    argv: ['openclaw', 'agent', '--local', '--session-id', 'i', '--message', 'go'],
    cwd: '/w',
  });
  expect(agent.launch.resume(session, { cwd: '/w' })).toEqual({
    argv: ['openclaw', 'tui', '--local', '--session', 'agent:work:explicit:i'],
    cwd: '/w',
  });
  expect(agent.launch.start({ cwd: '/w', prompt: 'go', headless: true })?.argv).toEqual([
    'openclaw',
    'agent',
    '--local',
    '--session-id',
    expect.stringMatching(/^[0-9a-f-]{36}$/),
    '--message',
    'go',
  ]);
  expect(agent.launch.start({ cwd: '/w' })).toBeUndefined();
});
