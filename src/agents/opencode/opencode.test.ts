import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { envOf, linesOf } from '../../../test/import-document.ts';
import { openForeignForInsert } from '../../io/sqlite.ts';
import type { Entry, Session } from '../../model/session.ts';
import type { SessionRef } from '../contract.ts';
import { agent } from './index.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const DATABASE = '.local/share/opencode/opencode.db';
let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'segue-opencode-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const context = (home: string, vars: Record<string, string> = {}) => ({ env: envOf(home, vars) });

function only(scenario: string): { ref: SessionRef; home: string } {
  const home = join(fixtures, scenario);
  const { refs, diagnostics } = agent.discover(context(home));
  expect(diagnostics).toEqual([]);
  const roots = refs.filter((ref) => ref.parent === undefined);
  const [ref] = roots;
  if (ref === undefined || roots.length > 1) return expect.fail(`${scenario} has one session`);
  return { ref, home };
}

function readOnly(scenario: string): Session {
  const { ref, home } = only(scenario);
  return agent.read(ref, context(home));
}

/** A writable copy of a fixture's home. */
function copyOf(scenario: string, name: string): string {
  const home = join(scratch, name);
  cpSync(join(fixtures, scenario), home, { recursive: true });
  return home;
}

function withoutEvidence(session: Session): object[] {
  return [...session.entries()].map(({ evidence: _evidence, parentId: _parent, ...entry }) => entry);
}

describe('reading', () => {
  test('a shell call that works, with the entries of both turns', () => {
    const session = readOnly('tools');
    const answered = { role: 'assistant', origin: 'agent', type: 'message', model: 'mock/mock-model' };
    const usage = { input: 111, output: 22, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
    const listing =
      'total 12\ndrwxr-xr-x 2 root root 4096 Nov 22 16:55 .\ndrwxr-xr-x 4 root root 4096 Nov 22 16:55 ..\n-rw-r--r-- 1 root root  583 Nov 22 16:55 index.js\n';
    expect(session.info).toEqual({
      agent: 'opencode',
      id: 'ses_dfbc67d98ffe9a3wrBt4QyHXJg',
      title: 'MOCK-REPLY #4 (saw 3 messages)',
      cwd: '/home/dev/opencode/todo-api',
      models: ['mock/mock-model'],
      usage: { input: 333, output: 66, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
      createdAt: '2026-11-22T17:06:47.528Z',
      updatedAt: '2026-11-22T17:07:22.948Z',
      agentVersion: '1.18.33',
      lineage: [],
    });
    expect(withoutEvidence(session)).toEqual([
      {
        type: 'message',
        id: 'msg_2043983df001ts3cMn2GfmouzA',
        role: 'user',
        origin: 'human',
        time: '2026-11-22T17:06:47.903Z',
        parts: [{ type: 'text', text: '"Please list the sources. RUN: ls -la src"' }],
      },
      {
        ...answered,
        id: 'msg_20439964c001JdfOFwgH5UFnj8',
        time: '2026-11-22T17:06:52.620Z',
        usage,
        parts: [
          { type: 'text', text: 'I will run it.' },
          {
            type: 'tool_call',
            callId: 'call_u6ta72kguggnkqlhk2ddz',
            tool: 'execute',
            input: { command: 'ls -la src' },
            native: { name: 'bash', input: { command: 'ls -la src' } },
          },
        ],
      },
      {
        type: 'message',
        id: 'prt_20439ad60001pUcZxjoxj5fbN1',
        role: 'user',
        origin: 'agent',
        time: '2026-11-22T17:07:00.062Z',
        parts: [
          {
            type: 'tool_result',
            callId: 'call_u6ta72kguggnkqlhk2ddz',
            status: 'ok',
            exitCode: 0,
            content: [{ type: 'text', text: listing }],
          },
        ],
      },
      {
        ...answered,
        id: 'msg_20439b5280016OutVmPuLacG10',
        time: '2026-11-22T17:07:00.520Z',
        usage,
        parts: [{ type: 'text', text: 'MOCK-REPLY #6 (saw 4 messages)' }],
      },
      {
        type: 'message',
        id: 'msg_20439eb80001vh0Tfs9xdRGPBa',
        role: 'user',
        origin: 'human',
        time: '2026-11-22T17:07:14.432Z',
        parts: [{ type: 'text', text: '"Thanks, that is all"' }],
      },
      {
        ...answered,
        id: 'msg_20439fd2b001K7UvtNYdcX5a3G',
        time: '2026-11-22T17:07:18.956Z',
        usage,
        parts: [{ type: 'text', text: 'MOCK-REPLY #7 (saw 6 messages)' }],
      },
    ]);
    expect(session.diagnostics).toEqual([]);
  });

  test('entries follow one another and name their rows', () => {
    const entries = [...readOnly('tools').entries()];
    expect(entries.map((entry) => entry.parentId)).toEqual([
      null,
      ...entries.slice(0, -1).map(({ id }) => id),
    ]);
    const places = entries.map(({ evidence }) =>
      evidence.map((row) => (row.kind === 'row' ? row.table : row.kind)),
    );
    expect(places).toEqual([
      ['message', 'part'],
      ['message', 'part', 'part'],
      ['part'],
      ['message', 'part'],
      ['message', 'part'],
      ['message', 'part'],
    ]);
    expect(entries[0]?.evidence[0]).toEqual({
      kind: 'row',
      path: join(fixtures, 'tools', DATABASE),
      table: 'message',
      key: 'msg_2043983df001ts3cMn2GfmouzA',
      crc32: 1988855550,
    });
  });

  test('a failing command is an error with its exit code', () => {
    expect(linesOf(readOnly('error'), 'canonical')).toEqual([
      '["user","text","\\"Check the config. RUN: cat config/missing.json; exit 3\\""]',
      '["assistant","text","I will run it."]',
      '["assistant","call",0,"execute","{\\"command\\":\\"cat config/missing.json; exit 3\\"}"]',
      '["user","result",0,"error",3,"cat: config/missing.json: No such file or directory\\n"]',
      '["assistant","text","MOCK-REPLY #10 (saw 4 messages)"]',
    ]);
  });

  test('files, a plan and a tool that does not exist', () => {
    const calls = linesOf(readOnly('edit'), 'canonical')
      .map((line) => JSON.parse(line) as string[])
      .filter(([, kind]) => kind === 'call' || kind === 'result');
    const project = '/home/dev/opencode/todo-api';
    const missing =
      "Model tried to call unavailable tool 'frobnicate'. Available tools: bash, edit, glob, grep, invalid, read, skill, task, todowrite, webfetch, write.";
    const plan = [
      { content: 'Write tests', status: 'in_progress', priority: 'high' },
      { content: 'Ship', status: 'pending', priority: 'low' },
    ];
    const readme = `<path>${project}/README.md</path>\n<type>file</type>\n<content>\n1: # todo-api\n2: \n3: A tiny in-memory todo service.\n\n(End of file - total 3 lines)\n</content>`;
    const sorted = (value: object) => JSON.stringify(value);
    expect(calls.map((line) => line.slice(1))).toEqual([
      [
        'call',
        0,
        'write',
        sorted({
          content: 'export const valid = (t) => typeof t.title === "string" && t.title.length > 0;\n',
          path: `${project}/src/validate.js`,
        }),
      ],
      ['result', 0, 'ok', null, 'Wrote file successfully.'],
      ['call', 1, 'read', sorted({ path: `${project}/README.md` })],
      ['result', 1, 'ok', null, readme],
      [
        'call',
        2,
        'edit',
        sorted({
          edits: [
            {
              newText: 'A tiny in-memory todo service with validation.',
              oldText: 'A tiny in-memory todo service.',
            },
          ],
          path: `${project}/README.md`,
        }),
      ],
      ['result', 2, 'ok', null, 'Edit applied successfully.'],
      ['call', 3, 'read', sorted({ path: `${project}/nope.js` })],
      ['result', 3, 'error', null, `File not found: ${project}/nope.js`],
      [
        'call',
        4,
        'plan',
        sorted({
          items: [
            { status: 'in_progress', text: 'Write tests' },
            { status: 'pending', text: 'Ship' },
          ],
        }),
      ],
      ['result', 4, 'ok', null, JSON.stringify(plan, null, 2)],
      ['call', 5, 'other', sorted({ input: { error: missing, tool: 'frobnicate' }, name: 'invalid' })],
      ['result', 5, 'error', null, `The arguments provided to the tool are invalid: ${missing}`],
    ]);
  });

  test('a subagent is a session of its own, and its answer the result of the call', () => {
    const session = readOnly('subagent');
    const [child] = session.subagents;
    expect(session.subagents).toHaveLength(1);
    expect(child?.info).toMatchObject({
      id: 'ses_dfbc0509dffeJiAqMPge1CRR1p',
      title: 'Count routes (@general subagent)',
      lineage: [{ kind: 'subagent', agent: 'opencode', id: session.info.id }],
    });
    expect(child === undefined ? [] : linesOf(child)).toEqual([
      '["user","text","Count the routes in src/index.js"]',
      '["assistant","text","MOCK-REPLY #31 (saw 2 messages)"]',
    ]);
    expect(linesOf(session, 'canonical').slice(2, 4)).toEqual([
      '["assistant","call",0,"task","{\\"agentType\\":\\"general\\",\\"description\\":\\"Count routes\\",\\"prompt\\":\\"Count the routes in src/index.js\\"}"]',
      '["user","result",0,"ok",null,"MOCK-REPLY #31 (saw 2 messages)"]',
    ]);
  });

  test('a compaction is an entry; what came before stays', () => {
    const session = readOnly('compaction');
    const entries = [...session.entries()];
    const at = entries.findIndex((entry) => entry.type === 'compaction');
    expect(entries[at]).toMatchObject({
      type: 'compaction',
      id: 'msg_204567471001ZYdcVMe5lrnh8K',
      summary: 'MOCK-REPLY #100 (saw 2 messages)',
      keeps: [],
    });
    expect([at, entries.length]).toEqual([6, 10]);
    expect(linesOf(session).at(-1)).toBe('["user","text","Only stored, no reply"]');
  });

  test('an attached image is the person’s, the notes around it are not', () => {
    const entries = [...readOnly('image').entries()].map(strip);
    expect(entries.slice(0, 2)).toEqual([
      [
        'harness',
        {
          type: 'text',
          text: 'Called the Read tool with the following input: {"filePath":"/home/dev/opencode/dot.png"}',
        },
        { type: 'text', text: 'Image read successfully' },
      ],
      [
        'human',
        {
          type: 'image',
          mediaType: 'image/png',
          data: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
        },
        { type: 'text', text: '"What is in this picture?"' },
      ],
    ]);
  });

  test('reasoning', () => {
    expect(linesOf(readOnly('think'))).toEqual([
      '["user","text","\\"THINK about adding validation to POST /todos\\""]',
      '["assistant","reasoning","mock thinking about it"]',
      '["assistant","text","MOCK-REPLY #12 (saw 2 messages)"]',
    ]);
  });

  test('a rate limit that ended the session, and a process killed while it retried', () => {
    const limit = { scope: 'minute', confidence: 'certain' };
    const events = (scenario: string) =>
      [...readOnly(scenario).entries()].filter(({ type }) => type === 'event');
    expect(events('limit')).toMatchObject([
      { event: 'limit', text: 'Rate limit reached', limit, time: '2026-11-22T17:23:00.336Z' },
    ]);
    expect(events('limit-killed')).toMatchObject([{ event: 'interrupted' }]);
  });

  test('the file store of 1.1', () => {
    const session = readOnly('legacy-json');
    expect(session.info).toMatchObject({ agentVersion: '1.1.65', models: ['mock/mock-model'] });
    expect(linesOf(session, 'canonical')).toEqual([
      '["user","text","\\"Please list the sources. RUN: ls -la src\\"\\n"]',
      '["assistant","text","I will run it."]',
      '["assistant","call",0,"execute","{\\"command\\":\\"ls -la src\\",\\"description\\":\\"mock run\\"}"]',
      '["user","result",0,"ok",0,"total 12\\ndrwxr-xr-x 2 root root 4096 Nov 22 17:13 .\\ndrwxr-xr-x 4 root root 4096 Nov 22 17:13 ..\\n-rw-r--r-- 1 root root  583 Nov 22 16:55 index.js\\n"]',
      '["assistant","text","MOCK-REPLY #112 (saw 4 messages)"]',
    ]);
    const [first] = [...session.entries()];
    expect(first?.evidence.map(({ kind }) => kind)).toEqual(['range', 'range']);
  });

  test('what `export` printed says the same as the database', () => {
    for (const scenario of [
      'tools',
      'edit',
      'compaction',
      'image',
      'limit',
      'error',
      'think',
      'fork',
      'subagent',
    ]) {
      const home = join(fixtures, scenario);
      for (const name of readdirSync(join(home, 'export'))) {
        const path = join(home, 'export', name);
        const ref = agent.recognize?.(path, context(home)) ?? expect.fail(`${path} is recognised`);
        expect(ref.id).toBe(name.replace('.json', ''));
        const stored = agent.discover(context(home)).refs.find(({ id }) => id === ref.id);
        if (stored === undefined) return expect.fail('also in the database');
        const [printed, kept] = [agent.read(ref, context(home)), agent.read(stored, context(home))];
        expect(printed.info).toEqual(kept.info);
        expect(withoutEvidence(printed)).toEqual(withoutEvidence(kept));
      }
    }
  });

  test('what the user undid is a branch', () => {
    const home = copyOf('tools', 'undone');
    const ref = { ...only('tools').ref, path: join(home, DATABASE) };
    change(home, (run) =>
      run('UPDATE session SET revert = ?', JSON.stringify({ messageID: 'msg_20439eb80001vh0Tfs9xdRGPBa' })),
    );
    const session = agent.read(ref, context(home));
    expect([...session.entries()].map(({ id }) => id).at(-1)).toBe('msg_20439b5280016OutVmPuLacG10');
    expect(session.branches).toEqual([{ id: 'msg_20439fd2b001K7UvtNYdcX5a3G', entries: 2 }]);
    const whole = agent.read(ref, context(home), { branch: 'msg_20439fd2b001K7UvtNYdcX5a3G' });
    expect([...whole.entries()]).toHaveLength(6);
  });

  test('an attached text file is one file part', () => {
    const home = copyOf('image', 'attached');
    const parts = [
      {
        type: 'text',
        synthetic: true,
        text: 'Called the Read tool with the following input: {"filePath":"/p/a.md"}',
      },
      {
        type: 'text',
        synthetic: true,
        text: '<path>/p/a.md</path>\n<type>file</type>\n<content>\n1: one\n2: two\n\n(End of file - total 2 lines)\n</content>',
      },
      { type: 'file', mime: 'text/plain', filename: 'a.md', url: 'file:///p/a.md' },
    ];
    change(home, (run) => {
      const ids = [
        'prt_2044069d800185T48rdh8MKuDy',
        'prt_2044069d8002ObYhRGRnRxt7wP',
        'prt_2044069d8003GHQkjcFoXmVZnn',
      ];
      for (const [n, part] of parts.entries())
        run('UPDATE part SET data = ? WHERE id = ?', JSON.stringify(part), ids[n] ?? '');
    });
    const ref = { ...only('image').ref, path: join(home, DATABASE) };
    expect([...agent.read(ref, context(home)).entries()].map(strip)[0]).toEqual([
      'human',
      { type: 'file', name: 'a.md', path: '/p/a.md', mediaType: 'text/plain', text: 'one\ntwo' },
      { type: 'text', text: '"What is in this picture?"' },
    ]);
  });
});

describe('lists', () => {
  test('summaries', () => {
    const { ref, home } = only('tools');
    expect(agent.summarize(ref, context(home))).toEqual({
      agent: 'opencode',
      id: ref.id,
      path: ref.path,
      title: 'MOCK-REPLY #4 (saw 3 messages)',
      cwd: '/home/dev/opencode/todo-api',
      model: 'mock/mock-model',
      createdAt: '2026-11-22T17:06:47.528Z',
      updatedAt: '2026-11-22T17:07:22.948Z',
      messages: { user: 2, assistant: 3 },
      toolCalls: 1,
      tokens: 399,
      bytes: 3258,
    });
    expect(new Date(ref.mtimeMs).toISOString()).toBe('2026-11-22T17:07:22.948Z');
    const legacy = only('legacy-json');
    expect(agent.summarize(legacy.ref, context(legacy.home))).toMatchObject({
      messages: { user: 1, assistant: 2 },
      toolCalls: 1,
      model: 'mock/mock-model',
    });
  });

  test('a session without a title is called by its first prompt, and its limit is seen', () => {
    const { ref, home } = only('limit');
    expect(agent.summarize(ref, context(home))).toMatchObject({
      title: 'RATE-LIMIT please describe the server',
      messages: { user: 1, assistant: 0 },
      limit: { scope: 'minute', confidence: 'certain' },
    });
  });

  test('subagents know their parent', () => {
    const refs = agent.discover(context(join(fixtures, 'subagent'))).refs;
    expect(refs.map(({ id, parent }) => [id, parent])).toEqual([
      ['ses_dfbc08674ffeElVnTTU5ejh9Bs', undefined],
      ['ses_dfbc0509dffeJiAqMPge1CRR1p', 'ses_dfbc08674ffeElVnTTU5ejh9Bs'],
    ]);
  });

  test('a session in the database and in the file store is listed once', () => {
    const home = copyOf('legacy-json', 'both');
    copyFileSync(join(fixtures, 'tools', DATABASE), join(home, DATABASE));
    change(home, (run) => run("UPDATE session SET id = 'ses_dfba48061ffe5YodRMKLFngYwE'"));
    const { refs } = agent.discover(context(home));
    expect(refs.map(({ id, path }) => [id, path])).toEqual([
      ['ses_dfba48061ffe5YodRMKLFngYwE', join(home, DATABASE)],
    ]);
  });

  test('places: XDG_DATA_HOME, OPENCODE_DB, databases of preview channels', () => {
    const home = copyOf('tools', 'places');
    const folder = dirname(join(home, DATABASE));
    const paths = (vars: Record<string, string>, at = '/nowhere') =>
      agent.discover(context(at, vars)).refs.map(({ path }) => path);
    expect(paths({ XDG_DATA_HOME: join(home, '.local/share') })).toEqual([join(home, DATABASE)]);
    expect(paths({ OPENCODE_DB: join(home, DATABASE) })).toEqual([join(home, DATABASE)]);
    expect(paths({ OPENCODE_DB: ':memory:' }, home)).toEqual([]);
    copyFileSync(join(fixtures, 'edit', DATABASE), join(folder, 'opencode-dev.db'));
    expect(paths({}, home)).toEqual([join(home, DATABASE), join(folder, 'opencode-dev.db')]);
  });
});

describe('stores that are in use or broken', () => {
  test('rows that are only in the write-ahead log are seen, and nothing beside the database changes', () => {
    const home = copyOf('tools', 'live');
    const path = join(home, DATABASE);
    const writer = openForeignForInsert(path);
    writer.exec('PRAGMA journal_mode = WAL');
    writer.run("UPDATE session SET title = 'Only in the log'");
    const before = stamps(dirname(path));
    const { refs } = agent.discover(context(home));
    const [ref] = refs;
    if (ref === undefined) return expect.fail('found');
    expect(agent.summarize(ref, context(home)).title).toBe('Only in the log');
    expect([...agent.read(ref, context(home)).entries()]).toHaveLength(6);
    expect(stamps(dirname(path))).toEqual(before);
    writer.close();
  });

  test('a database that its writer holds for itself can be looked at', () => {
    for (const mode of ['WAL', 'DELETE']) {
      const home = copyOf('tools', `locked-${mode}`);
      const there = { ...only('tools').ref, path: join(home, DATABASE) };
      const writer = openForeignForInsert(there.path);
      writer.exec(`PRAGMA journal_mode = ${mode}; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE`);
      writer.run("UPDATE session SET title = 'held'");
      writer.exec('COMMIT; BEGIN IMMEDIATE');
      expect(agent.discover(context(home)).diagnostics).toEqual([]);
      expect(agent.summarize(there, context(home)).title).toBe('held');
      expect([...agent.read(there, context(home)).entries()]).toHaveLength(6);
      writer.exec('ROLLBACK');
      writer.close();
    }
  });

  test('every cut of a database is a diagnostic or less', () => {
    const whole = join(fixtures, 'tools', DATABASE);
    const size = statSync(whole).size;
    for (const length of [0, 10, 100, 1024, 5000, size / 4, size / 2, size - 1024, size - 1]) {
      const home = join(scratch, `cut-${length}`);
      const path = join(home, DATABASE);
      mkdirSync(dirname(path), { recursive: true });
      copyFileSync(whole, path);
      truncateSync(path, Math.floor(length));
      const { refs, diagnostics } = agent.discover(context(home));
      expect(diagnostics.every(({ code, path: at }) => code === 'unreadable' && at === path)).toBe(true);
      const ref = { ...only('tools').ref, path };
      expect(agent.summarize(ref, context(home)).id).toBe(ref.id);
      expect(refs.length).toBeLessThanOrEqual(1);
      const outcome = attempt(() => [...agent.read(ref, context(home)).entries()].length);
      expect(['not-a-session', 'unreadable', 'read']).toContain(outcome);
    }
  });

  test('a session without its messages is still known', () => {
    const home = copyOf('tools', 'no-messages');
    change(home, (run) => run('DROP TABLE message'));
    const ref = { ...only('tools').ref, path: join(home, DATABASE) };
    expect(agent.discover(context(home))).toMatchObject({ refs: [], diagnostics: [{ code: 'unreadable' }] });
    expect(agent.summarize(ref, context(home)).damaged).toBe('the database has other tables than expected');
    const session = agent.read(ref, context(home));
    expect([...session.entries()]).toEqual([]);
    expect(session.diagnostics).toMatchObject([{ code: 'unreadable' }]);
  });

  test('a file that is no database, and a session that is gone', () => {
    const home = join(scratch, 'text');
    const path = join(home, DATABASE);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      'this is not a database, it is a text that is long enough to be looked at as one'.repeat(20),
    );
    expect(agent.discover(context(home))).toEqual({
      refs: [],
      diagnostics: [{ code: 'unreadable', message: 'the file is not a database', path }],
    });
    expect(attempt(() => agent.read({ ...only('tools').ref, path }, context(home)))).toBe('unreadable');
    const { ref, home: good } = only('tools');
    expect(attempt(() => agent.read({ ...ref, key: 'ses_gone' }, context(good)))).toBe('not-a-session');
    expect(agent.summarize({ ...ref, key: 'ses_gone' }, context(good)).damaged).toBe(
      'the session is no longer in the database',
    );
  });

  test('bad JSON in a data column costs that record only', () => {
    const home = copyOf('tools', 'bad-json');
    change(home, (run) => {
      run('UPDATE part SET data = \'{"type":"text",\' WHERE id = \'prt_20439ad20001XUaPGjhk2v24BA\'');
      run("UPDATE message SET data = 'null' WHERE id = 'msg_20439eb80001vh0Tfs9xdRGPBa'");
      run("UPDATE session SET model = '{', metadata = '[]', revert = 'x'");
    });
    const ref = { ...only('tools').ref, path: join(home, DATABASE) };
    const session = agent.read(ref, context(home));
    expect(linesOf(session, 'canonical').map((line) => line.slice(0, 30))).toEqual([
      '["user","text","\\"Please list ',
      '["assistant","call",0,"execute',
      '["user","result",0,"ok",0,"tot',
      '["assistant","text","MOCK-REPL',
      '["assistant","text","MOCK-REPL',
    ]);
    expect(session.diagnostics.map(({ code, at }) => [code, at])).toEqual([
      ['bad-record', 'prt_20439ad20001XUaPGjhk2v24BA'],
      ['bad-record', 'msg_20439eb80001vh0Tfs9xdRGPBa'],
    ]);
    expect(agent.summarize(ref, context(home))).toMatchObject({
      messages: { user: 1, assistant: 3 },
      model: 'mock/mock-model',
    });
  });

  test('members of the wrong type', () => {
    const home = copyOf('edit', 'wrong-types');
    change(home, (run) => {
      run(
        `UPDATE part SET data = '{"type":"tool","tool":7,"callID":{},"state":[]}' WHERE json_extract(data, '$.tool') = 'write'`,
      );
      run(
        `UPDATE part SET data = '{"type":"tool","tool":"bash","state":{"status":"completed","input":"x","output":9,"metadata":4}}' WHERE json_extract(data, '$.tool') = 'edit'`,
      );
      run(`UPDATE part SET data = '{"type":"hologram"}' WHERE json_extract(data, '$.tool') = 'todowrite'`);
      run(`UPDATE message SET data = '{"role":"wizard"}' WHERE id = 'msg_2043f3be70013AkSJvulqyyoHk'`);
    });
    const ref = { ...only('edit').ref, path: join(home, DATABASE) };
    const session = agent.read(ref, context(home));
    const calls = [...session.entries()].flatMap((entry) =>
      entry.type === 'message'
        ? entry.parts.flatMap((part) => (part.type === 'tool_call' ? [part.native] : []))
        : [],
    );
    expect(calls.slice(0, 3)).toMatchObject([
      { name: 'unknown' },
      { name: 'read' },
      { name: 'bash', input: 'x' },
    ]);
    expect(session.diagnostics.map(({ code }) => code)).toEqual(['unknown-record', 'unknown-record']);
  });

  test('a broken document is not a session', () => {
    const path = join(scratch, 'broken.json');
    const read = () =>
      agent.read({ agent: 'opencode', id: 'x', path, bytes: 0, mtimeMs: 0 }, context(scratch));
    for (const text of [
      '',
      '{',
      '[]',
      '{"info":{"id":"ses_1"}}',
      '{"info":{},"messages":[]}',
      '{"id":"ses_1"}',
    ]) {
      writeFileSync(path, text);
      expect(attempt(read)).toBe('not-a-session');
    }
    writeFileSync(
      path,
      '{"info":{"id":"ses_1"},"messages":[null,{"info":{"role":"user"},"parts":[3,{"type":"text","text":"hi"}]}]}',
    );
    expect(attempt(read)).toBe('read');
    expect(linesOf(read())).toEqual(['["user","text","hi"]']);
    rmSync(path);
    expect(attempt(read)).toBe('unreadable');
  });
});

function strip(entry: Entry): unknown[] {
  return entry.type === 'message' ? [entry.origin, ...entry.parts] : [entry.type];
}

function attempt(work: () => unknown): string {
  try {
    work();
    return 'read';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

function change(home: string, work: (run: (sql: string, ...values: string[]) => void) => void): void {
  const database = openForeignForInsert(join(home, DATABASE));
  database.exec('PRAGMA foreign_keys = OFF');
  work((sql, ...values) => database.run(sql, ...values));
  database.close();
}

function stamps(folder: string): [string, number, number][] {
  return readdirSync(folder).map((name) => {
    const { size, mtimeMs } = statSync(join(folder, name));
    return [name, size, mtimeMs];
  });
}
