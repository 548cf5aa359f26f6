import {
  appendFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scratchEnv } from '../../test/scratch.ts';
import type { Env } from '../io/paths.ts';
import type { WriteDatabase } from '../io/sqlite.ts';
import { unpackShown } from './blocks.ts';
import { openFullIndex } from './fullindex.ts';
import { listSessions } from './list.ts';
import { parseQuery, parseWhen } from './query.ts';
import { search, sessionsOfFile } from './search.ts';
import { indexPath, openIndex, removeIndex } from './store.ts';

const NOW = new Date('2026-11-20T12:00:00.000Z');

function place(): { home: string; env: Env } {
  const env = scratchEnv();
  return { home: env.home, env };
}

let serial = 0;
function uuid(n: number): string {
  return `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
}

/** Lines of one turn of a Claude Code session. */
function turn(id: string, cwd: string, prompt: string, answer: string, at: number, file?: string): string {
  const base = (minutes: number) => ({
    timestamp: new Date(Date.UTC(2026, 9, 1) + (at * 10 + minutes) * 60e3).toISOString(),
    cwd,
    sessionId: id,
    version: '2.1.330',
    gitBranch: 'main',
    isSidechain: false,
  });
  const ids = [uuid(++serial), uuid(++serial), uuid(++serial), uuid(++serial)];
  const content =
    file === undefined
      ? [{ type: 'text', text: answer }]
      : [
          { type: 'text', text: answer },
          {
            type: 'tool_use',
            id: `toolu_${serial}`,
            name: 'Edit',
            input: { file_path: file, old_string: 'a', new_string: 'b' },
          },
        ];
  const records: object[] = [
    { ...base(0), type: 'user', uuid: ids[0], parentUuid: null, message: { role: 'user', content: prompt } },
    {
      ...base(1),
      type: 'assistant',
      uuid: ids[1],
      parentUuid: ids[0],
      message: { id: `msg_${serial}`, role: 'assistant', model: 'claude-opus-5-5', content },
    },
  ];
  if (file !== undefined) {
    records.push({
      ...base(2),
      type: 'user',
      uuid: ids[2],
      parentUuid: ids[1],
      message: {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: `toolu_${serial}`, content: 'done' }],
      },
    });
  }
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

function sessionFile(
  home: string,
  n: number,
  cwd = '/home/dev/app',
): { id: string; path: string; cwd: string } {
  const id = uuid(0xabc000 + n);
  return { id, path: join(home, '.claude/projects', cwd.replace(/[^a-zA-Z0-9]/g, '-'), `${id}.jsonl`), cwd };
}

function write(
  file: { id: string; path: string; cwd: string },
  ...turns: [prompt: string, answer: string, touched?: string][]
): void {
  mkdirSync(dirname(file.path), { recursive: true });
  writeFileSync(
    file.path,
    turns.map(([prompt, answer, touched], i) => turn(file.id, file.cwd, prompt, answer, i, touched)).join(''),
  );
}

async function found(env: Env, query: string): Promise<string[]> {
  const { index } = await openFullIndex(env);
  try {
    return search(index, parseQuery(query, NOW), 50).map((hit) => `${hit.id.slice(0, 8)}#${hit.at}`);
  } finally {
    index.close();
  }
}

describe('list', () => {
  it('is true after every change, without being told', async () => {
    const { home, env } = place();
    const [one, two] = [sessionFile(home, 1), sessionFile(home, 2, '/home/dev/other')];
    write(one, ['First thing', 'ok']);
    write(two, ['Second thing', 'ok']);
    const titles = async () => (await listSessions(env)).sessions.map((session) => session.title).sort();
    expect(await titles()).toEqual(['First thing', 'Second thing']);
    rmSync(one.path);
    expect(await titles()).toEqual(['Second thing']);
    write(one, ['Renamed thing', 'ok']);
    expect(await titles()).toEqual(['Renamed thing', 'Second thing']);
    expect((await listSessions(env, { cwd: '/home/dev/other' })).sessions.map((s) => s.title)).toEqual([
      'Second thing',
    ]);
    expect((await listSessions(env, { grep: 'renamed' })).sessions.map((s) => s.title)).toEqual([
      'Renamed thing',
    ]);
    expect((await listSessions(env, { model: 'gpt' })).sessions).toEqual([]);
    expect((await listSessions(env, { since: Date.UTC(2027, 0, 1) })).sessions).toEqual([]);
  });

  it('makes a broken or older index anew', async () => {
    const { home, env } = place();
    write(sessionFile(home, 1), ['Only thing', 'ok']);
    await listSessions(env);
    writeFileSync(indexPath(env), 'not a database at all, but long enough to be taken for one'.repeat(40));
    expect((await listSessions(env)).sessions).toHaveLength(1);
    const index = openIndex(env);
    index.run('UPDATE meta SET value = ? WHERE key = ?', '0', 'version');
    index.close();
    expect((await listSessions(env)).sessions).toHaveLength(1);
  });
});

describe('search', () => {
  it('finds words, phrases, beginnings, code, ideographs, and obeys filters', async () => {
    const { home, env } = place();
    write(sessionFile(home, 1), [
      'Why does E_FOO_BAR happen in src/net/client.ts?',
      'The retry loop swallows it.',
      '/home/dev/app/src/net/client.ts',
    ]);
    write(sessionFile(home, 2), ['Übersetze bitte: 設定を変更する', 'Größe geändert']);
    expect(await found(env, 'E_FOO_BAR')).toEqual(['00abc001#1']);
    expect(await found(env, 'FOO_BAR')).toEqual(['00abc001#1']);
    expect(await found(env, 'client.ts role:user')).toEqual(['00abc001#1']);
    expect(await found(env, '"retry loop"')).toEqual(['00abc001#2']);
    expect(await found(env, '"loop retry"')).toEqual([]);
    expect(await found(env, 'swall*')).toEqual(['00abc001#2']);
    expect(await found(env, 'retry -swallows')).toEqual([]);
    expect(await found(env, '設定')).toEqual(['00abc002#1']);
    expect(await found(env, 'grosse OR größe')).toEqual([]);
    expect(await found(env, 'geandert')).toEqual(['00abc002#2']);
    expect(await found(env, 'retry agent:codex')).toEqual([]);
    expect(await found(env, 'retry before:2026-01-01')).toEqual([]);
    expect(await found(env, 'tool:edit client.ts')).toEqual(['00abc001#2']);
    expect(await found(env, 'tool:Edit done')).toEqual(['00abc001#3']);
    expect(await found(env, 'tool:Read')).toEqual([]);
    expect(await found(env, 'tool:Edit role:user')).toEqual([]);
    expect(await found(env, 'file:client.ts')).not.toEqual([]);
  });

  it('says which sessions touched a file', async () => {
    const { home, env } = place();
    write(sessionFile(home, 1), ['Change it', 'ok', '/home/dev/app/src/a.ts']);
    const { index } = await openFullIndex(env);
    const hits = sessionsOfFile(index, 'src/a.ts', 10);
    index.close();
    expect(hits).toMatchObject([
      { id: uuid(0xabc001), file: '/home/dev/app/src/a.ts', how: 'changed', at: 2 },
    ]);
  });

  it('refuses what it does not understand', () => {
    expect(() => parseQuery('', NOW)).toThrow(/nothing to search/);
    expect(() => parseQuery('agent:nobody x', NOW)).toThrow(/unknown agent/);
    expect(() => parseQuery('role:boss x', NOW)).toThrow(/unknown role/);
    expect(() => parseWhen('soonish', NOW)).toThrow(/not a time/);
    expect(parseWhen('2d', NOW)).toBe(NOW.getTime() - 2 * 86_400e3);
  });
});

describe('an incremental index', () => {
  type Change = { kind: 'append' | 'delete' | 'rename' | 'restore' | 'truncate' | 'new'; at: number };
  const change = fc.record({
    kind: fc.constantFrom<Change['kind']>('append', 'delete', 'rename', 'restore', 'truncate', 'new'),
    at: fc.nat(7),
  });

  it('equals a rebuilt one after any changes to the store', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const { home, env } = place();
        const files = [0, 1, 2].map((n) => sessionFile(home, n));
        for (const [i, file] of files.entries()) write(file, [`Prompt ${i}`, `Answer ${i}`]);
        (await openFullIndex(env)).index.close();
        for (const [step, { kind, at }] of changes.entries()) {
          apply(kind, files, at, step, home);
          if (step % 2 === 0) (await openFullIndex(env)).index.close();
        }
        const incremental = await contents(env);
        removeIndex(env);
        expect(incremental).toEqual(await contents(env));
      }),
      { numRuns: 25 },
    );
  });

  function apply(
    kind: Change['kind'],
    files: ReturnType<typeof sessionFile>[],
    at: number,
    step: number,
    home: string,
  ): void {
    if (kind === 'new') {
      files.push(sessionFile(home, files.length));
      write(files[files.length - 1] as ReturnType<typeof sessionFile>, [`New ${step}`, 'yes']);
      return;
    }
    const file = files[at % Math.max(files.length, 1)];
    if (file === undefined || statSync(file.path, { throwIfNoEntry: false }) === undefined) return;
    const before = statSync(file.path);
    if (kind === 'append')
      appendFileSync(file.path, turn(file.id, file.cwd, `More ${step}`, `Said ${step}`, 50 + step));
    else if (kind === 'delete') rmSync(file.path);
    else if (kind === 'truncate') truncateSync(file.path, Math.floor(before.size / 2));
    else if (kind === 'rename') {
      const other = sessionFile(home, 100 + step);
      renameSync(file.path, other.path);
      files.push(other);
    } else {
      // a backup put back: another text of the same length, with the old time
      rmSync(file.path);
      const text = turn(file.id, file.cwd, `Other ${step}`, 'x', 3);
      writeFileSync(file.path, `${text.slice(0, before.size)}`.padEnd(before.size, ' '));
      utimesSync(file.path, before.atime, before.mtime);
    }
  }

  async function contents(env: Env): Promise<unknown> {
    const { index } = await openFullIndex(env);
    try {
      return dump(index);
    } finally {
      index.close();
    }
  }

  function dump(index: WriteDatabase): unknown {
    const place = new Map(index.all('SELECT sid, place FROM session').map((row) => [row.sid, row.place]));
    const blocks = index.all('SELECT * FROM block');
    const docs = blocks.flatMap(({ bid, sid, roles, sizes, shown }) =>
      unpackShown(shown as Uint8Array).map(([ref, tool, text], i) => {
        const role = String(roles)[i];
        return {
          place: place.get(sid),
          ref,
          role,
          size: String(sizes)[i],
          tool,
          text,
          row: Number(bid) * 128 + i,
        };
      }),
    );
    const byRow = new Map(docs.map(({ row, ...doc }) => [row, doc]));
    const order = (a: unknown, b: unknown) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
    return {
      sessions: index.all('SELECT place, summary, counts, parent, archived FROM session ORDER BY place'),
      docs: [...byRow.values()].sort(order),
      found: index
        .all("SELECT rowid FROM fts WHERE fts MATCH 'answer OR said OR new OR other'")
        .map(({ rowid }) => byRow.get(Number(rowid)))
        .sort(order),
      touched: index.all(
        'SELECT s.place, t.file, t.ref, t.how FROM touched t JOIN session s ON s.sid = t.sid ORDER BY s.place, t.file',
      ),
      orphans: index.get('SELECT count(*) AS n FROM block WHERE sid NOT IN (SELECT sid FROM session)'),
    };
  }
});
