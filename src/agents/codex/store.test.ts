import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  at,
  fixtures,
  home,
  ids,
  readOne,
  refs,
  says,
  sessionMeta,
  told,
  uuid,
  write,
} from '../../../test/codex-home.ts';
import { openOwn } from '../../io/sqlite.ts';
import { seededIds } from '../../model/ids.ts';
import type { Entry, Session } from '../../model/session.ts';
import { agent } from './index.ts';

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'segue-codex-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('plain files win over compressed ones, active over archived', () => {
  const context = at(join(scratch, 'places'));
  const plain = write(context, 'one', [sessionMeta('one'), says('user', 'hello')]);
  writeFileSync(`${plain}.zst`, zstdCompressSync(readFileSync(plain)));
  const zipped = write(context, 'two', [sessionMeta('two'), says('user', 'packed')]);
  writeFileSync(`${zipped}.zst`, zstdCompressSync(readFileSync(zipped)));
  rmSync(zipped);
  const old = write(context, 'three', [sessionMeta('three'), says('user', 'old')]);
  const archive = join(context.env.home, '.codex/archived_sessions');
  mkdirSync(archive);
  for (const path of [plain, old]) cpSync(path, join(archive, path.split('/').at(-1) ?? ''));
  rmSync(old);
  writeFileSync(join(context.env.home, '.codex/sessions/notes.jsonl'), 'not a rollout');

  const found = refs(context);
  const brief = found.map(({ id, path, archived }) => [id, path.endsWith('.zst'), archived ?? false]);
  expect(brief.sort()).toEqual(
    [
      [uuid('one'), false, false],
      [uuid('two'), true, false],
      [uuid('three'), false, true],
    ].sort(),
  );
  expect(told(readOne(context, 'two').entries())).toEqual(['user: packed']);
  const moved = at('/nowhere', { CODEX_HOME: join(context.env.home, '.codex') });
  expect(refs(moved)).toEqual(found);
  expect(agent.roots(moved.env)).toEqual(
    ['sessions', 'archived_sessions'].map((name) => join(context.env.home, '.codex', name)),
  );
  expect(agent.recognize?.(`${zipped}.zst`, context)).toMatchObject({ id: uuid('two') });
});

test('names, and subagents by the state database', () => {
  const context = home(scratch, 'boss', [says('user', 'go')]);
  const folder = join(context.env.home, '.codex');
  const source = { subagent: { thread_spawn: { parent_thread_id: uuid('boss'), depth: 1 } } };
  write(context, 'helper', [sessionMeta('helper', { source }), says('user', 'look')]);
  const line = (thread_name: string) => `${JSON.stringify({ id: uuid('boss'), thread_name })}\n`;
  writeFileSync(join(folder, 'session_index.jsonl'), `${line('Old')}garbage\n${line('New name')}`);
  const database = openOwn(join(folder, 'state_5.sqlite'));
  database.exec(readFileSync(join(fixtures, 'fork/.codex/state_5.sqlite.sql'), 'utf8'));
  database.run('INSERT INTO thread_spawn_edges VALUES (?, ?, ?)', uuid('boss'), uuid('helper'), 'closed');
  database.close();

  expect(refs(context).find(({ id }) => id === uuid('helper'))?.parent).toBe(uuid('boss'));
  const boss = readOne(context, 'boss');
  expect(boss.info.title).toBe('New name');
  expect(boss.subagents.map((session) => told(session.entries()))).toEqual([['user: look']]);
  expect(boss.subagents[0]?.info.lineage).toEqual([{ kind: 'subagent', agent: 'codex', id: uuid('boss') }]);
  const [ref] = refs(context).filter(({ id }) => id === uuid('boss'));
  expect(agent.summarize(ref ?? expect.fail('a session'), context).title).toBe('New name');
});

function emptySession(entries: Entry[]): Session {
  const info = { agent: 'claude', id: 'x', cwd: '/home/dev/app', models: [], lineage: [] };
  return { info, entries: () => entries, branches: [], subagents: [], diagnostics: [] };
}

test('a plan has a rollout, a name, and a row where Codex has an index', () => {
  const writer = agent.writer ?? expect.fail('a writer');
  const context = at(join(scratch, 'target'));
  const folder = join(context.env.home, '.codex');
  mkdirSync(folder, { recursive: true });
  const config = '# mine\nmodel_provider = "acme" # ours\n[profiles.x]\nmodel_provider = "other"\n';
  writeFileSync(join(folder, 'config.toml'), config);
  const now = new Date(2026, 0, 2, 3, 4, 5);
  const entry: Entry = {
    type: 'message',
    role: 'user',
    origin: 'human',
    id: 'u',
    parentId: null,
    evidence: [],
    parts: [{ type: 'text', text: 'Fix it\nplease' }],
  };
  const encode = () =>
    writer.encode(emptySession([entry]), {
      env: context.env,
      cwd: '/home/dev/app',
      now,
      ids: seededIds(new Uint8Array(32), now.getTime()),
      title: 'A title',
      store: writer.probe(context.env, '/home/dev/app'),
    });
  const plan = encode();
  const id = plan.sessionId;
  const path = join(folder, `sessions/2026/01/02/rollout-2026-01-02T03-04-05-${id}.jsonl`);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  expect(plan.ref).toEqual({ path });
  expect(plan.files.map((file) => file.path)).toEqual([path]);
  expect(plan.lines).toEqual([
    {
      path: join(folder, 'session_index.jsonl'),
      line: JSON.stringify({ id, thread_name: 'A title', updated_at: now.toISOString() }),
    },
  ]);
  expect(plan.rows()).toEqual([]);

  const database = openOwn(join(folder, 'state_5.sqlite'));
  database.exec(readFileSync(join(fixtures, 'fork/.codex/state_5.sqlite.sql'), 'utf8'));
  writeFileSync(join(folder, 'state_4.sqlite'), '');
  const [row, ...others] = encode().rows();
  if (row === undefined) expect.fail('a row');
  expect(others).toEqual([]);
  expect(row).toMatchObject({
    database: join(folder, 'state_5.sqlite'),
    table: 'threads',
    key: ['id'],
    values: {
      id,
      rollout_path: path,
      source: 'cli',
      model_provider: 'acme',
      cwd: '/home/dev/app',
      title: 'A title',
      name: 'A title',
      preview: 'Fix it\nplease',
      history_mode: 'paginated',
    },
  });
  const columns = database.columns('threads');
  const known = Object.entries(row.values).filter(([name]) => columns.includes(name));
  database.exec('PRAGMA foreign_keys = OFF');
  const places = known.map(() => '?').join(', ');
  const sql = `INSERT INTO threads (${known.map(([name]) => name).join(', ')}) VALUES (${places})`;
  expect(database.run(sql, ...known.map(([, value]) => value))).toBe(1);
  database.close();
});

test('a CODEX_HOME that does not exist is refused', () => {
  const context = at(scratch, { CODEX_HOME: join(scratch, 'missing') });
  expect(() => agent.writer?.probe(context.env, '/')).toThrow(
    expect.objectContaining({ code: 'write-failed' }),
  );
});

test('command lines', () => {
  const { launch } = agent;
  const session = { id: ids.tools, path: '/x' };
  expect(launch.resume(session, { cwd: '/p', prompt: '-v go' })).toEqual({
    argv: ['codex', 'resume', '--', ids.tools, '-v go'],
    cwd: '/p',
  });
  expect(launch.resume(session, { cwd: '/p', prompt: 'go', headless: true, flags: ['-m', 'gpt-6'] })).toEqual(
    {
      argv: ['codex', 'exec', 'resume', '--skip-git-repo-check', '-m', 'gpt-6', '--', ids.tools, 'go'],
      cwd: '/p',
      stdin: 'ignore',
    },
  );
  expect(launch.start({ cwd: '/p' })).toEqual({ argv: ['codex'], cwd: '/p' });
});
