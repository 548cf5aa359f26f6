import {
  appendFileSync,
  mkdirSync,
  readFileSync,
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
import { contents } from '../../test/index-contents.ts';
import { scratchEnv } from '../../test/scratch.ts';
import type { Env } from '../io/paths.ts';
import { openFullIndex } from './fullindex.ts';
import { listSessions } from './list.ts';
import { parseQuery, parseWhen } from './query.ts';
import { search, sessionsOfFile } from './search.ts';
import { indexPath, openIndex, removeIndex } from './store.ts';
import type { Continuation } from './texts.ts';

/** Random histories of a store; more with INDEX_RUNS. */
const RUNS = Number(process.env.INDEX_RUNS ?? 25);

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

/** Ids of a session file's records, in their order. */
function idsIn(path: string): string[] {
  return [...readFileSync(path, 'utf8').matchAll(/"uuid":"([^"]+)"/g)].map((match) => match[1] ?? '');
}

/** A turn that follows a record of the file: the one at this place, or the last one. */
function linked(
  file: { id: string; path: string; cwd: string },
  prompt: string,
  answer: string,
  at: number,
  after: number,
): string {
  const ids = idsIn(file.path);
  const parent = ids.at(after < 0 ? -1 : after % Math.max(ids.length, 1)) ?? null;
  return turn(file.id, file.cwd, prompt, answer, at).replace(
    '"parentUuid":null',
    `"parentUuid":${JSON.stringify(parent)}`,
  );
}

/** One more record of what the agent does: a block of the last response, a new one, a result, a compaction, a side chain. */
function part(
  file: { id: string; path: string; cwd: string },
  text: string,
  which: number,
  at: number,
): string {
  const whole = readFileSync(file.path, 'utf8');
  const response = [...whole.matchAll(/"id":"(msg_[^"]+)"/g)].at(-1)?.[1] ?? 'msg_0';
  const call = [...whole.matchAll(/"id":"(toolu_[^"]+)"/g)].at(-1)?.[1] ?? 'toolu_0';
  const base = {
    timestamp: new Date(Date.UTC(2026, 9, 2) + at * 60e3).toISOString(),
    cwd: file.cwd,
    sessionId: file.id,
    isSidechain: which === 6,
    uuid: uuid(++serial),
    parentUuid: idsIn(file.path).at(-1) ?? null,
  };
  const block = (id: string, content: object) => ({
    ...base,
    type: 'assistant',
    message: { id, role: 'assistant', model: 'claude-opus-5-5', content: [content] },
  });
  const use = {
    type: 'tool_use',
    id: `toolu_${serial}`,
    name: 'Read',
    input: { file_path: `/home/dev/${text}` },
  };
  const records = [
    block(response, { type: 'text', text }),
    block(`msg_${serial}`, use),
    block(response, use),
    {
      ...base,
      type: 'user',
      message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: call, content: text }] },
    },
    {
      ...base,
      type: 'system',
      subtype: 'compact_boundary',
      parentUuid: null,
      logicalParentUuid: base.parentUuid,
    },
    { ...base, type: 'user', isCompactSummary: true, message: { role: 'user', content: text } },
    block(`msg_${serial}`, { type: 'text', text }),
    { ...base, type: 'attachment', attachment: { type: 'queued_command', prompt: text } },
  ];
  return `${JSON.stringify(records[which % records.length])}\n`;
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
    expect(await found(env, 'Re*')).toEqual(['00abc001#2']);
    expect(await found(env, 'größ*')).toEqual(['00abc002#2']);
    expect(await found(env, 'nothing*')).toEqual([]);
    expect(await found(env, 'src/ne*')).toEqual(['00abc001#1']);
    expect(await found(env, 'happen -swall*')).toEqual(['00abc001#1']);
    expect(await found(env, 'retry -swallows')).toEqual([]);
    expect(await found(env, 'role:user -happ*')).toEqual(['00abc002#1']);
    expect(await found(env, 'tool:Edit -client')).toEqual(['00abc001#3']);
    expect(() => parseQuery('-retry', NOW)).toThrow(/nothing to search/);
    expect(await found(env, '設定')).toEqual(['00abc002#1']);
    expect(await found(env, 'grosse OR größe')).toEqual([]);
    expect(await found(env, 'geandert')).toEqual(['00abc002#2']);
    expect(await found(env, 'retry agent:codex')).toEqual([]);
    expect(await found(env, 'retry agent:codex agent:claude')).toEqual(['00abc001#2']);
    expect(await found(env, 'retry before:2026-01-01')).toEqual([]);
    expect(await found(env, 'tool:edit client.ts')).toEqual(['00abc001#2']);
    expect(await found(env, 'tool:Edit done')).toEqual(['00abc001#3']);
    expect(await found(env, 'tool:Read')).toEqual([]);
    expect(await found(env, 'tool:Edit role:user')).toEqual([]);
    expect(await found(env, 'file:client.ts')).not.toEqual([]);
  });

  it('finds beginnings that few and that very many words have', async () => {
    const { home, env } = place();
    const words = (start: string, count: number): string =>
      Array.from({ length: count }, (_, i) => `${start}${i}`).join(' ');
    write(sessionFile(home, 1), [words('few', 480), words('many', 700)]);
    expect(await found(env, 'few*')).toEqual(['00abc001#1']);
    expect(await found(env, 'few47* -many*')).toEqual(['00abc001#1']);
    expect(await found(env, 'many*')).toEqual(['00abc001#2']);
    expect(await found(env, 'many69*')).toEqual(['00abc001#2']);
  });

  it('passes over sessions of an agent that only a newer segue knows', async () => {
    const { home, env } = place();
    write(sessionFile(home, 1), ['Hello', 'ok']);
    const { index } = await openFullIndex(env);
    index.run(
      `INSERT INTO session (place, stamp, agent, id, updated, archived, limited, ref, summary)
       SELECT 'x', stamp, 'newer', id, updated, archived, limited, ref, summary FROM session`,
    );
    index.close();
    const again = await openFullIndex(env);
    again.index.close();
    expect(again.texts).toBe(0);
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
  type Change = {
    kind: 'append' | 'fork' | 'parts' | 'torn' | 'delete' | 'rename' | 'restore' | 'truncate' | 'new';
    at: number;
  };
  const change = fc.record({
    kind: fc.constantFrom<Change['kind']>(
      'append',
      'append',
      'fork',
      'parts',
      'parts',
      'torn',
      'delete',
      'rename',
      'restore',
      'truncate',
      'new',
    ),
    at: fc.nat(7),
  });

  it('reads only what was appended', async () => {
    const { home, env } = place();
    const file = sessionFile(home, 1);
    write(file, [`First prompt ${'word '.repeat(300)}`, 'First answer', '/home/dev/app/a.ts']);
    for (let n = 2; n < 6; n++) {
      appendFileSync(file.path, linked(file, `Prompt ${n}`, `Answer ${n}`, n, -1));
      (await openFullIndex(env)).index.close();
    }
    const { index } = await openFullIndex(env);
    const [row] = index.all('SELECT next FROM session');
    index.close();
    const { mark, state } = JSON.parse(String(row?.next)) as Continuation;
    const whole = readFileSync(file.path, 'utf8');
    // the last turn may still change, everything before it is not read again
    expect(whole.slice(mark.offset)).toContain('Prompt 5');
    expect(whole.slice(mark.offset)).not.toContain('Prompt 4');
    expect(state).toMatchObject({
      entries: 9,
      counts: { messages: { user: 4, assistant: 4 }, toolCalls: 1 },
      prompts: { first: expect.stringMatching(/^First prompt word.{103}$/), last: 'Prompt 4' },
    });
    const stable = Buffer.from(whole);
    stable.write('Xirst', stable.indexOf('First answer'));
    writeFileSync(
      file.path,
      Buffer.concat([stable, Buffer.from(linked(file, 'Prompt 6', 'Answer 6', 6, -1))]),
    );
    // within the part that is not read again, and not where it is checked
    expect(await found(env, 'xirst')).toEqual([]);
    expect(await found(env, '"prompt 6"')).toEqual(['00abc001#12']);
  });

  it(
    'equals a rebuilt one after any changes to the store',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 9 }), async (changes) => {
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
        { numRuns: RUNS },
      );
    },
    30_000 + RUNS * 2000,
  );

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
      appendFileSync(file.path, linked(file, `More ${step}`, `Said ${step}`, 50 + step, -1));
    else if (kind === 'fork')
      appendFileSync(file.path, linked(file, `Other ${step}`, `Said ${step}`, 50 + step, at));
    else if (kind === 'parts') appendFileSync(file.path, part(file, `Said ${step}`, at, 50 + step));
    else if (kind === 'torn') appendFileSync(file.path, '{"type":"user","uu');
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
});
