/** Properties of writing and reading back, and the document itself. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { arbitrarySession } from '../../../test/arbitrary-session.ts';
import {
  CWD,
  documentText,
  envOf,
  linesOf,
  NOW,
  planImport,
  readDocument,
} from '../../../test/import-document.ts';
import { asArray, asNumber, asObject, asString, parseObject } from '../../model/narrow.ts';
import type { Entry, JsonObject, Session } from '../../model/session.ts';
import { plainJson } from '../_shared/opencode-probe.ts';
import { agent as kilo } from '../kilo/index.ts';
import { agent } from './index.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'segue-opencode-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const accepts = agent.writer?.accepts ?? expect.fail('there is a writer');
const opaque = fc.constantFrom<JsonObject>(
  { anthropic: { signature: 'c2ln' } },
  { openai: { itemId: 'rs_1', reasoningEncryptedContent: 'gAAAA' } },
);

test('what is written reads back the same', () => {
  for (const program of [agent, kilo]) {
    const sessions = arbitrarySession({ accepts, tools: program.tools, cwd: CWD, opaque });
    fc.assert(
      fc.property(sessions, ({ prepared, expected }) => {
        const plan = planImport(program, prepared, home);
        const back = readDocument(program, plan, home);
        expect(linesOf(back)).toEqual(linesOf(expected));
        expect(back.diagnostics).toEqual([]);
        expect(keptTexts(back)).toEqual(keptTexts(expected));
      }),
      { numRuns: 150 },
    );
  }
});

/** For each compaction the texts of the messages that stay in view. */
function keptTexts(session: Session): string[][] {
  const entries = [...session.entries()];
  return entries.flatMap((entry) =>
    entry.type === 'compaction' ? [entry.keeps.flatMap((id) => said(id))] : [],
  );
  function said(id: string): string[] {
    const entry = entries.find((each) => each.id === id);
    const parts = entry?.type === 'message' ? entry.parts : [];
    return parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  }
}

test('ids ascend, times never go back nor ahead of now, and every content call gives the same document', () => {
  const sessions = arbitrarySession({ accepts, tools: agent.tools, cwd: CWD, opaque });
  fc.assert(
    fc.property(sessions, ({ prepared }) => {
      const plan = planImport(agent, prepared, home);
      const text = documentText(plan);
      expect(documentText(plan)).toBe(text);
      const messages = (asArray(parseObject(text)?.messages) ?? []).map((item) => asObject(item) ?? {});
      const ids = messages.flatMap(({ info, parts }) => [
        asString(asObject(info)?.id) ?? '',
        ...(asArray(parts) ?? []).map((part) => asString(asObject(part)?.id) ?? ''),
      ]);
      for (const prefix of ['msg_', 'prt_']) {
        const own = ids.filter((id) => id.startsWith(prefix));
        expect(own).toEqual([...new Set(own)].sort());
      }
      const times = messages.map(
        ({ info }) => asNumber(asObject(asObject(info)?.time)?.created) ?? Number.NaN,
      );
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(times.every((time) => time <= NOW.getTime())).toBe(true);
    }),
    { numRuns: 50 },
  );
});

const entry = (id: string, rest: object): Entry =>
  ({
    id,
    parentId: null,
    evidence: [],
    time: '2026-11-20T10:00:00.000Z',
    type: 'message',
    ...rest,
  }) as unknown as Entry;

function sessionOf(entries: Entry[], extra: Partial<Session['info']> = {}): Session {
  const info = { agent: 'claude', id: 'src', models: [], lineage: [], ...extra };
  return { info, entries: () => entries, branches: [], subagents: [], diagnostics: [] };
}

test('the whole document of a small session', () => {
  const native = { name: 'bash', input: { command: 'false' } };
  const plan = planImport(
    agent,
    sessionOf(
      [
        entry('a', { role: 'user', origin: 'human', parts: [{ type: 'text', text: 'go' }] }),
        entry('b', {
          role: 'assistant',
          origin: 'agent',
          model: 'claude-opus-5',
          parts: [
            { type: 'text', text: 'I run it' },
            { type: 'tool_call', callId: 'call_1', tool: 'execute', input: native.input, native },
          ],
        }),
        entry('c', {
          role: 'user',
          origin: 'agent',
          parts: [{ type: 'tool_result', callId: 'call_1', status: 'error', exitCode: 1, content: [] }],
        }),
      ],
      {
        lineage: [{ kind: 'transplant', agent: 'claude', id: 'src' }],
        createdAt: '2026-11-20T09:59:00.000Z',
      },
    ),
    home,
  );
  const at = Date.parse('2026-11-20T10:00:00.000Z');
  const document = parseObject(documentText(plan));
  const messages = (asArray(document?.messages) ?? []).map((item) => asObject(item) ?? {});
  const [m1, m2] = messages.map(({ info }) => asString(asObject(info)?.id));
  const tokens = { input: 0, output: 0, reasoning: 0, cache: { read: 0, write: 0 } };
  expect(plan.sessionId).toMatch(/^ses_[0-9a-f]{12}[0-9a-z]{14}$/);
  expect(m1).toMatch(/^msg_[0-9a-f]{12}[0-9a-z]{14}$/);
  const place = (messageID: string | undefined) => ({
    id: expect.stringMatching(/^prt_[0-9a-f]{12}[0-9a-z]{14}$/),
    sessionID: plan.sessionId,
    messageID,
  });
  expect(document).toEqual({
    info: {
      id: plan.sessionId,
      slug: expect.stringMatching(/^segue-[a-z0-9]{8}$/),
      projectID: 'global',
      directory: CWD,
      title: 'Planned',
      version: '1.18.33',
      agent: 'build',
      model: { id: 'mock-model', providerID: 'mock' },
      metadata: { segue: { from: { agent: 'claude', id: 'src' } } },
      time: { created: at - 60_000, updated: NOW.getTime() },
    },
    messages: [
      {
        info: {
          id: m1,
          sessionID: plan.sessionId,
          role: 'user',
          time: { created: at },
          agent: 'build',
          model: { providerID: 'mock', modelID: 'mock-model' },
        },
        parts: [{ ...place(m1), type: 'text', text: 'go' }],
      },
      {
        info: {
          id: m2,
          sessionID: plan.sessionId,
          role: 'assistant',
          parentID: m1,
          mode: 'build',
          agent: 'build',
          path: { cwd: CWD, root: CWD },
          cost: 0,
          tokens,
          providerID: 'anthropic',
          modelID: 'claude-opus-5',
          time: { created: at, completed: at },
          finish: 'tool-calls',
        },
        parts: [
          { ...place(m2), type: 'text', text: 'I run it', time: { start: at, end: at } },
          {
            ...place(m2),
            type: 'tool',
            tool: 'bash',
            callID: 'call_1',
            state: {
              status: 'completed',
              input: { command: 'false' },
              output: '(no output)\n\n<shell_metadata>\nCommand exited with code 1\n</shell_metadata>',
              title: 'false',
              metadata: { exit: 1, output: '(no output)' },
              time: { start: at, end: at },
            },
          },
        ],
      },
    ],
  });
  expect(plan).toMatchObject({
    ref: { path: join(home, '.local/share/opencode/opencode.db'), key: plan.sessionId },
    import: {
      argv: ['opencode', 'import', '{file}'],
      cwd: CWD,
      undo: ['opencode', 'session', 'delete', '{id}'],
    },
  });
  expect(plan.import?.sessionId?.(`Imported session: ${plan.sessionId}\n`)).toBe(plan.sessionId);
  expect(readDocument(agent, plan, home).info.lineage).toEqual([
    { kind: 'transplant', agent: 'claude', id: 'src' },
  ]);
});

test('what is kept beside a summary is a tail where it can be, and told where not', () => {
  const say = (id: string, role: string, text: string) =>
    entry(id, { role, origin: role === 'user' ? 'human' : 'agent', parts: [{ type: 'text', text }] });
  const turns = [
    say('u1', 'user', 'one'),
    say('a1', 'assistant', 'two'),
    say('u2', 'user', 'three'),
    say('a2', 'assistant', 'four'),
  ];
  const cut = (keeps: string[]) =>
    ({ ...entry('cut', {}), type: 'compaction', summary: 'sum', keeps }) as Entry;
  const back = (keeps: string[]) => {
    const plan = planImport(agent, sessionOf([...turns, cut(keeps), say('u3', 'user', 'five')]), home);
    const session = readDocument(agent, plan, home);
    return { session, notes: plan.notes?.() };
  };
  const tail = back(['u2', 'a2']);
  expect(keptTexts(tail.session)).toEqual([['three', 'four']]);
  expect(tail.notes).toEqual([]);
  const scattered = back(['u1', 'u2']);
  expect(keptTexts(scattered.session)).toEqual([[]]);
  const told = [...scattered.session.entries()].filter(
    (each) => each.type === 'message' && each.origin === 'harness',
  );
  expect(told).toMatchObject([
    {
      parts: [
        { type: 'text', text: '[user, earlier]\none' },
        { type: 'text', text: '[user, earlier]\nthree' },
      ],
    },
  ]);
  expect(scattered.notes).toMatchObject([{ code: 'kept-as-text', count: 1 }]);
});

test('what has no place is noted, not lost silently', () => {
  const plan = planImport(
    agent,
    sessionOf([
      entry('s', { role: 'system', origin: 'harness', parts: [{ type: 'text', text: 'x' }] }),
      entry('r', {
        role: 'user',
        origin: 'agent',
        parts: [{ type: 'tool_result', callId: 'none', status: 'ok', content: [] }],
      }),
      entry('f', { role: 'user', origin: 'human', parts: [{ type: 'file', path: '/a' }] }),
    ]),
    home,
    {},
  );
  expect(linesOf(readDocument(agent, plan, home))).toEqual([]);
  expect(plan.notes?.().map(({ code, count }) => [code, count])).toEqual([
    ['model-unknown', 1],
    ['system-message', 1],
    ['orphan-result', 1],
    ['part-left-out', 1],
  ]);
});

test('a session copied to the same agent keeps its calls and results', () => {
  for (const scenario of ['tools', 'edit', 'error', 'subagent', 'image']) {
    const context = { env: envOf(join(import.meta.dirname, 'fixtures', scenario)) };
    const [ref] = agent.discover(context).refs;
    if (ref === undefined) return expect.fail('found');
    const session = agent.read(ref, context);
    const back = readDocument(agent, planImport(agent, withoutHarness(session), home), home);
    expect(linesOf(back)).toEqual(linesOf(session));
  }
});

/** As `prepare` hands it over: without the harness's messages. */
function withoutHarness(session: Session): Session {
  const entries = [...session.entries()].filter(
    (each) => each.type !== 'message' || each.origin !== 'harness',
  );
  return { ...session, entries: () => entries };
}

test('the model to go on with: configuration, then the model chosen last, then the newest session', () => {
  const probe = (vars: Record<string, string> = {}) =>
    agent.writer?.probe(envOf(home, vars), join(home, 'project/sub'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  };
  mkdirSync(join(home, 'project/.git'), { recursive: true });
  mkdirSync(join(home, 'project/sub'));
  expect(probe()).toEqual({});
  write('.local/state/opencode/model.json', '{"recent":[{"providerID":"acme","modelID":"chosen/1"}]}');
  expect(probe()).toEqual({ model: 'acme/chosen/1' });
  write('.config/opencode/opencode.jsonc', '{\n // the "model"\n "model": "acme/global", /* x */ }');
  expect(probe()).toEqual({ model: 'acme/global' });
  write('project/opencode.json', '{"model":"acme/project"}');
  expect(probe()).toEqual({ model: 'acme/project' });
  write('project/sub/opencode.json', '{"mod');
  expect(probe()).toEqual({ model: 'acme/project' });
  expect(probe({ OPENCODE_CONFIG_CONTENT: '{"model":"acme/inline"}' })).toEqual({ model: 'acme/inline' });
  expect(() => probe({ OPENCODE_DB: ':memory:' })).toThrowError(
    expect.objectContaining({ code: 'no-writer' }),
  );
  const old = envOf(join(import.meta.dirname, 'fixtures/legacy-json'));
  expect(() => agent.writer?.probe(old, home)).toThrowError(expect.objectContaining({ code: 'no-writer' }));
  const fixture = envOf(join(import.meta.dirname, 'fixtures/tools'));
  expect(agent.writer?.probe(fixture, home)).toEqual({ model: 'mock/mock-model', version: '1.18.33' });
});

test('JSON with comments', () => {
  expect(JSON.parse(plainJson('{"a":"// \\" /* ,]", /* b */ "c":[1,2,], // d\n}'))).toEqual({
    a: '// " /* ,]',
    c: [1, 2],
  });
});

test('command lines', () => {
  const { launch } = agent;
  const there = { cwd: '/p' };
  expect(launch.start({ ...there, prompt: '-x' })).toEqual({ argv: ['opencode', '--prompt=-x'], cwd: '/p' });
  expect(launch.start({ ...there, prompt: 'a b', headless: true, flags: ['-m', 'p/m'] })).toEqual({
    argv: ['opencode', 'run', '-m', 'p/m'],
    cwd: '/p',
    stdin: { text: 'a b' },
  });
  expect(launch.start({ ...there, headless: true })).toBeUndefined();
  const session = { id: 'ses_1', path: '/db' };
  expect(launch.resume(session, there)).toEqual({ argv: ['opencode', '-s', 'ses_1'], cwd: '/p' });
  expect(kilo.launch.resume(session, { ...there, headless: true, prompt: 'on' })).toEqual({
    argv: ['kilo', 'run', '-s', 'ses_1'],
    cwd: '/p',
    stdin: { text: 'on' },
  });
});

test('call ids are as short as OpenAI’s API asks for', () => {
  const { pattern } = (agent.writer ?? expect.fail('it can be written')).accepts.callId;
  expect(['a'.repeat(40), 'a'.repeat(41)].map((id) => pattern.test(id))).toEqual([true, false]);
});
