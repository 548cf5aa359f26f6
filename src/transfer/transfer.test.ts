import { appendFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { holding, leftovers, makeToyDatabase, projectOf, scratchEnv, snapshot } from '../../test/scratch.ts';
import { sessionOf } from '../../test/session-of.ts';
import { toyAgent } from '../../test/toy-agent.ts';
import type { Agent } from '../agents/contract.ts';
import type { Env } from '../io/paths.ts';
import { openForeignForInsert } from '../io/sqlite.ts';
import { comparable } from '../model/compare.ts';
import type { Entry, MessageEntry, Part, Session } from '../model/session.ts';
import {
  alreadyTransferred,
  applyTransfer,
  dryRun,
  getReceipt,
  listReceipts,
  planTransfer,
  readEntryMap,
  recover,
  type TransferRequest,
  undo,
} from './index.ts';

const origin = toyAgent({ id: 'origin', store: 'file' });
const filed = toyAgent({ id: 'filed', store: 'file' });
const rowed = toyAgent({ id: 'rowed', store: 'rows' });
const imported = toyAgent({
  id: 'imported',
  store: 'import',
  importer: join(import.meta.dirname, '../../test/toy-importer.mjs'),
});
const agents = [origin, filed, rowed, imported];
const loadAgent = async (id: string): Promise<Agent> => {
  const agent = agents.find((each) => each.id === id);
  if (agent === undefined) throw new Error(id);
  return agent;
};

function message(id: string, role: MessageEntry['role'], ...parts: Part[]): Entry {
  const agentSpoke = role === 'assistant' || parts.some((part) => part.type === 'tool_result');
  return {
    id,
    parentId: null,
    evidence: [],
    type: 'message',
    role,
    origin: agentSpoke ? 'agent' : 'human',
    parts,
  };
}

function conversation(cwd: string): Session {
  return sessionOf(
    'origin',
    [
      message('a', 'user', { type: 'text', text: 'List the files' }),
      message(
        'b',
        'assistant',
        { type: 'reasoning', text: 'hm', vendor: 'toyvendor', opaque: { s: 1 } },
        { type: 'text', text: 'Sure \u2028' },
        {
          type: 'tool_call',
          callId: 't_1',
          tool: 'execute',
          input: { command: 'ls' },
          native: { name: 'sh', input: { cmd: 'ls' } },
        },
      ),
      message('c', 'user', {
        type: 'tool_result',
        callId: 't_1',
        status: 'error',
        exitCode: 3,
        content: [{ type: 'text', text: 'boom' }],
      }),
      message('d', 'assistant', { type: 'text', text: 'That failed' }),
    ],
    cwd,
  );
}

function request(env: Env, target: Agent, more: Partial<TransferRequest> = {}): TransferRequest {
  const session = more.session ?? conversation(projectOf(env));
  return {
    env,
    ...holding(origin, session),
    target,
    now: new Date('2026-11-23T10:00:00.000Z'),
    seed: new Uint8Array(32).fill(5),
    ...more,
  };
}

/** A home whose toy stores hold something already, in the forms that stores in use have. */
function usedHome(env: Env, id: string): void {
  const home = join(env.home, `.${id}`);
  mkdirSync(join(home, 'sessions', '2026'), { recursive: true });
  writeFileSync(join(home, 'history.jsonl'), '{"id":"one"}\n{"id":"tor');
  writeFileSync(
    join(home, 'index.json'),
    '{\r\n\t"version": 1,\r\n\t"sessions": {\r\n\t\t"é": { "path": "/x" }\r\n\t}\r\n}',
  );
  writeFileSync(join(home, 'recent.json'), '["one",2]');
  makeToyDatabase(join(home, 'state.db'));
}

function code(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : error;
}

async function failure(work: Promise<unknown>): Promise<unknown> {
  return await work.then(() => 'it went through', code);
}

describe('a transfer', () => {
  test('writes everything, says what it did, and reads back as the same conversation', async () => {
    const env = scratchEnv();
    usedHome(env, 'filed');
    const planned = planTransfer(request(env, filed));
    const result = await applyTransfer(planned);
    const home = join(env.home, '.filed');
    const { id } = result.target;
    const path = join(home, 'sessions', '2026', `${id}.jsonl`);
    expect(result).toEqual({
      schema: 'segue.transfer/1',
      dryRun: false,
      source: { agent: 'origin', id: 's1', path: '/nowhere' },
      target: {
        agent: 'filed',
        id,
        cwd: projectOf(env),
        paths: [
          path,
          join(home, 'meta', id, 'info.json'),
          join(home, 'history.jsonl'),
          join(home, 'index.json'),
          join(home, 'recent.json'),
          join(home, 'state.db'),
        ],
      },
      resume: {
        argv: ['filed', '--resume', id],
        cwd: projectOf(env),
        display: `cd ${projectOf(env)} && filed --resume ${id}`,
      },
      bytes: readFileSync(path).length + readFileSync(join(home, 'meta', id, 'info.json')).length,
      fidelity: {
        messages: { source: 3, native: 3, translated: 0, text: 0, omitted: 0 },
        toolCalls: { source: 1, native: 1, translated: 0, text: 0, omitted: 0 },
        toolResults: { source: 1, native: 1, translated: 0, text: 0, omitted: 0 },
        reasoning: { source: 1, native: 0, translated: 0, text: 0, omitted: 1 },
        images: { source: 0, native: 0, translated: 0, text: 0, omitted: 0 },
        files: { source: 0, native: 0, translated: 0, text: 0, omitted: 0 },
        compactions: { source: 0, native: 0, translated: 0, text: 0, omitted: 0 },
        plans: { source: 0, native: 0, translated: 0, text: 0, omitted: 0 },
        events: { source: 0, native: 0, translated: 0, text: 0, omitted: 0 },
        subagents: { source: 0, native: 0, translated: 0, text: 0, omitted: 0 },
        branches: { source: 0, native: 0, translated: 0, text: 0, omitted: 0 },
        notes: [
          {
            code: 'reasoning',
            count: 1,
            detail: 'reasoning is signed or encrypted for the model and the agent that it came from',
          },
        ],
      },
      receipt: planned.receiptId,
    });
    expect(snapshot(home)).toEqual({
      'history.jsonl': `{"id":"one"}\n{"id":"tor\n{"id":"${id}"}\n`,
      'index.json':
        '{\r\n\t"version": 1,\r\n\t"sessions": {\r\n\t\t"\xc3\xa9": { "path": "/x" },' +
        `\r\n\t\t"${id}": {\n\t\t\t"path": "${path}"\n\t\t}\r\n\t}\r\n}`,
      'recent.json': `["${id}","one",2]`,
      'state.db': [
        ['records', []],
        [
          'threads',
          [
            { id: 'old', path: '/old', title: 'Old', cwd: '/w' },
            { id, path, title: 'A title', cwd: projectOf(env) },
          ],
        ],
      ],
      'meta/': 'folder',
      [`meta/${id}/`]: 'folder',
      [`meta/${id}/info.json`]: expect.any(String),
      'sessions/': 'folder',
      'sessions/2026/': 'folder',
      [`sessions/2026/${id}.jsonl`]: expect.any(String),
    });
    const [ref] = filed.discover({ env }).refs;
    if (ref === undefined) throw new Error('not found');
    const kept = (session: Session): string[] => [
      ...comparable(session.entries(), { tools: 'canonical', reasoning: false }),
    ];
    expect(kept(filed.read(ref, { env }))).toEqual(kept(conversation(projectOf(env))));
    expect(leftovers(env)).toEqual([]);
  });

  for (const target of [filed, rowed, imported]) {
    for (const used of [false, true]) {
      test(`to ${target.id} (${used ? 'used' : 'fresh'} store) is undone without a trace`, async () => {
        const env = scratchEnv();
        if (used) usedHome(env, target.id);
        else if (target === rowed) makeToyDatabase(join(env.home, '.rowed', 'state.db'));
        const before = snapshot(env.home);
        const result = await applyTransfer(planTransfer(request(env, target)));
        expect(target.discover({ env }).refs.map((ref) => ref.id)).toContain(result.target.id);
        expect(snapshot(env.home)).not.toEqual(before);
        const undone = await undo({ env, loadAgent });
        expect(undone).toEqual({
          schema: 'segue.undo/1',
          receipt: result.receipt,
          target: { agent: target.id, id: result.target.id, paths: result.target.paths },
          problems: [],
        });
        const after = snapshot(env.home);
        // the import command makes its folder itself
        if (target === imported && !used) {
          delete after['.imported/'];
          delete after['.imported/sessions/'];
        }
        expect(after).toEqual(before);
        expect(leftovers(env)).toEqual([]);
      });
    }
  }

  test('a dry run writes nothing and says what a real one does', async () => {
    const env = scratchEnv();
    const before = snapshot(env.home);
    const dry = dryRun(planTransfer(request(env, filed)));
    expect(snapshot(env.home)).toEqual(before);
    expect(existsSync(env.vars.SEGUE_DATA_DIR ?? '')).toBe(false);
    const real = await applyTransfer(planTransfer(request(env, filed)));
    expect(dry).toEqual({ ...real, dryRun: true, receipt: null });
  });

  test('there and back: equal, apart from what the reports name', async () => {
    const env = scratchEnv();
    const there = await applyTransfer(planTransfer(request(env, rowedWith(env))));
    const ref = rowed.discover({ env }).refs.find(({ id }) => id === there.target.id);
    if (ref === undefined) throw new Error('not found');
    const back = await applyTransfer(planTransfer({ env, source: rowed, ref, target: origin }));
    const again = origin.discover({ env }).refs.find(({ id }) => id === back.target.id);
    if (again === undefined) throw new Error('not found');
    const lines = (session: Session, reasoning: boolean): string[] => [
      ...comparable(session.entries(), { tools: 'native', reasoning }),
    ];
    expect(lines(origin.read(again, { env }), true)).toEqual(lines(conversation(projectOf(env)), false));
    expect(there.fidelity.notes.map((note) => note.code)).toEqual(['reasoning']);
    expect(back.fidelity.notes).toEqual([]);
  });

  function rowedWith(env: Env): Agent {
    makeToyDatabase(join(env.home, '.rowed', 'state.db'));
    return rowed;
  }
});

describe('receipts', () => {
  test('newest first, by prefix, with the entry map', async () => {
    const env = scratchEnv();
    expect(listReceipts(env)).toEqual([]);
    const seeds = [1, 2].map((n) => ({
      seed: new Uint8Array(32).fill(n),
      now: new Date(Date.UTC(2026, 0, n)),
    }));
    const results = [];
    for (const seed of seeds) results.push(await applyTransfer(planTransfer(request(env, filed, seed))));
    const [first, second] = results;
    expect(listReceipts(env).map(({ id }) => id)).toEqual([second?.receipt, first?.receipt]);
    const receipt = getReceipt(env, (first?.receipt ?? '').slice(0, 6));
    expect(receipt).toMatchObject({ createdAt: '2026-01-01T00:00:00.000Z', fidelity: first?.fidelity });
    expect(readEntryMap(env, receipt.id)).toEqual([
      ['a', 'a'],
      ['b', 'b'],
      ['c', 'c'],
      ['d', 'd'],
    ]);
    expect(() => getReceipt(env, 'nope')).toThrow('no receipt');
  });

  test('a session is known to be transferred until it grows or the copy is gone', async () => {
    const env = scratchEnv();
    const { ref } = holding(origin, conversation(projectOf(env)));
    expect(alreadyTransferred(env, ref, 'filed')).toBeUndefined();
    const { receipt } = await applyTransfer(planTransfer(request(env, filed)));
    expect(alreadyTransferred(env, ref, 'filed')?.id).toBe(receipt);
    expect(alreadyTransferred(env, ref, 'rowed')).toBeUndefined();
    expect(alreadyTransferred(env, { ...ref, bytes: 2 }, 'filed')).toBeUndefined();
    await undo({ env, loadAgent });
    expect(alreadyTransferred(env, ref, 'filed')).toBeUndefined();
  });
});

describe('refused before anything is written', () => {
  test.each<[string, string, (env: Env) => Partial<TransferRequest>]>([
    ['no-writer', 'the target cannot be written', () => ({ target: { ...filed, writer: undefined } })],
    ['cwd-missing', 'the directory is gone', (env) => ({ session: conversation(join(env.home, 'gone')) })],
    ['cwd-missing', 'the directory is a file', () => ({ cwd: import.meta.filename })],
    [
      'nothing-to-transfer',
      'nothing was said',
      (env) => ({ session: sessionOf('origin', [], projectOf(env)) }),
    ],
  ])('%s: %s', (expected, _why, change) => {
    const env = scratchEnv();
    let thrown: unknown;
    try {
      planTransfer(request(env, filed, change(env)));
    } catch (error) {
      thrown = code(error);
    }
    expect(thrown).toBe(expected);
  });

  test('already-exists: a file of that name is never replaced', async () => {
    const env = scratchEnv();
    const plan = planTransfer(request(env, filed));
    mkdirSync(join(env.home, '.filed', 'sessions', '2026'), { recursive: true });
    writeFileSync(plan.plan.ref.path, 'mine');
    const before = snapshot(env.home);
    expect(await failure(applyTransfer(plan))).toBe('already-exists');
    expect(snapshot(env.home)).toEqual(before);
  });
});

describe('rolled back', () => {
  /** A home in use where something is wrong with the store of `filed`; nothing may change in it. */
  async function attempt(spoil: (env: Env, home: string) => void, target: Agent = filed): Promise<unknown> {
    const env = scratchEnv();
    usedHome(env, 'filed');
    spoil(env, join(env.home, '.filed'));
    const before = snapshot(env.home);
    const outcome = await failure(applyTransfer(planTransfer(request(env, target)), { busyMs: 20 }));
    expect(snapshot(env.home)).toEqual(before);
    expect(leftovers(env)).toEqual([]);
    expect(listReceipts(env)).toEqual([]);
    return outcome;
  }

  test('when the session does not read back as it was meant', async () => {
    const forgetful: Agent = {
      ...filed,
      read(ref, context) {
        const session = filed.read(ref, context);
        return { ...session, entries: () => [...session.entries()].slice(0, -1) };
      },
    };
    const env = scratchEnv();
    const before = snapshot(env.home);
    await expect(applyTransfer(planTransfer(request(env, forgetful)))).rejects.toThrow(
      'part 5 of 5 (assistant text) is missing',
    );
    expect(snapshot(env.home)).toEqual(before);
  });

  test('when an index file is not plain JSON', async () => {
    expect(
      await attempt((_env, home) =>
        writeFileSync(join(home, 'index.json'), '{ // a comment\n "sessions": {} }'),
      ),
    ).toBe('write-failed');
  });

  test('when an index has another form', async () => {
    expect(await attempt((_env, home) => writeFileSync(join(home, 'recent.json'), '{}'))).toBe(
      'write-failed',
    );
  });

  test('when a folder stands where an index should be', async () => {
    expect(
      await attempt((env) => {
        mkdirSync(join(env.home, '.other', 'history.jsonl'), { recursive: true });
      }, toyAt('other')),
    ).toBe('write-failed');
  });

  test('when a row of that key exists', async () => {
    expect(
      await attempt((env, home) => {
        const { plan } = planTransfer(request(env, filed));
        const database = openForeignForInsert(join(home, 'state.db'));
        database.run("INSERT INTO threads VALUES (?, '', '', '')", plan.sessionId);
        database.close();
      }),
    ).toBe('already-exists');
  });

  test('when the database has no such table', async () => {
    expect(
      await attempt((_env, home) => {
        const database = openForeignForInsert(join(home, 'state.db'));
        database.exec('DROP TABLE records; DROP TABLE threads; CREATE TABLE other (id TEXT)');
        database.close();
      }),
    ).toBe('write-failed');
  });

  test('when the database is locked', async () => {
    const env = scratchEnv();
    usedHome(env, 'filed');
    const before = snapshot(env.home);
    const other = openForeignForInsert(join(env.home, '.filed', 'state.db'));
    other.exec('BEGIN IMMEDIATE');
    const outcome = await failure(applyTransfer(planTransfer(request(env, filed)), { busyMs: 20 }));
    other.exec('ROLLBACK');
    other.close();
    expect(outcome).toBe('store-locked');
    expect(snapshot(env.home)).toEqual(before);
    expect(leftovers(env)).toEqual([]);
  });

  test('when the import command fails', async () => {
    const broken = toyAgent({ id: 'imported', store: 'import', importer: '/no/such/importer.mjs' });
    const env = scratchEnv();
    const before = snapshot(env.home);
    expect(await failure(applyTransfer(planTransfer(request(env, broken))))).toBe('import-failed');
    expect(snapshot(env.home)).toEqual(before);
    expect(leftovers(env)).toEqual([]);
  });

  test('when the agent with the import command is not installed', async () => {
    const env = scratchEnv();
    const bare = { ...env, vars: { ...env.vars, PATH: '/nowhere' } };
    expect(await failure(applyTransfer(planTransfer({ ...request(env, imported), env: bare })))).toBe(
      'not-installed',
    );
    expect(leftovers(env)).toEqual([]);
  });

  function toyAt(id: string): Agent {
    return toyAgent({ id, store: 'file' });
  }
});

describe('undo', () => {
  test('refuses when the session was continued, and removes it when forced', async () => {
    const env = scratchEnv();
    usedHome(env, 'filed');
    const before = snapshot(env.home);
    const plan = planTransfer(request(env, filed));
    await applyTransfer(plan);
    appendFileSync(plan.plan.ref.path, '{}\n');
    const continued = snapshot(env.home);
    expect(await failure(undo({ env, loadAgent }))).toBe('changed-since');
    expect(snapshot(env.home)).toEqual(continued);
    await undo({ env, loadAgent, force: true });
    expect(snapshot(env.home)).toEqual(before);
  });

  test('sees it too where the session is rows', async () => {
    const env = scratchEnv();
    usedHome(env, 'rowed');
    const { target } = await applyTransfer(planTransfer(request(env, rowed)));
    const database = openForeignForInsert(join(env.home, '.rowed', 'state.db'));
    const body = { type: 'message', role: 'user', parts: [{ type: 'text', text: 'more' }] };
    database.run('INSERT INTO records VALUES (?, 99, ?)', target.id, JSON.stringify(body));
    database.close();
    expect(await failure(undo({ env, loadAgent }))).toBe('changed-since');
  });

  test('removes only what it added when others have written to the indexes since', async () => {
    const env = scratchEnv();
    usedHome(env, 'filed');
    const home = join(env.home, '.filed');
    const { target } = await applyTransfer(planTransfer(request(env, filed)));
    appendFileSync(join(home, 'history.jsonl'), '{"id":"later"}\n');
    const index = JSON.parse(readFileSync(join(home, 'index.json'), 'utf8')) as { sessions: object };
    writeFileSync(
      join(home, 'index.json'),
      JSON.stringify({ ...index, sessions: { ...index.sessions, later: { path: '/y' } } }),
    );
    writeFileSync(join(home, 'recent.json'), JSON.stringify(['later', target.id, 'one'], null, 1));
    await undo({ env, loadAgent });
    expect(readFileSync(join(home, 'history.jsonl'), 'utf8')).toBe(
      '{"id":"one"}\n{"id":"tor\n{"id":"later"}\n',
    );
    expect(readFileSync(join(home, 'index.json'), 'utf8')).toBe(
      '{"version":1,"sessions":{"é":{"path":"/x"},"later":{"path":"/y"}}}',
    );
    expect(readFileSync(join(home, 'recent.json'), 'utf8')).toBe('[\n "later",\n "one"\n]');
  });

  test('takes the latest first, one after the other, and none twice', async () => {
    const env = scratchEnv();
    const receipts = [];
    for (const n of [1, 2]) {
      const seed = new Uint8Array(32).fill(n);
      receipts.push((await applyTransfer(planTransfer(request(env, filed, { seed })))).receipt);
    }
    expect((await undo({ env, loadAgent })).receipt).toBe(receipts[1]);
    expect((await undo({ env, loadAgent })).receipt).toBe(receipts[0]);
    expect(await failure(undo({ env, loadAgent }))).toBe('receipt-not-found');
    expect(await failure(undo({ env, loadAgent, receipt: receipts[0] ?? '' }))).toBe('receipt-not-found');
  });

  test('does nothing about what is gone already', async () => {
    const env = scratchEnv();
    const { target } = await applyTransfer(planTransfer(request(env, filed)));
    await undo({ env, loadAgent });
    const again = await applyTransfer(
      planTransfer(request(env, filed, { seed: new Uint8Array(32).fill(9) })),
    );
    expect(again.target.id).not.toBe(target.id);
    const { rmSync } = await import('node:fs');
    rmSync(join(env.home, '.filed'), { recursive: true });
    expect((await undo({ env, loadAgent })).problems).toEqual([]);
  });
});

describe('stores in odd places', () => {
  test('a linked store folder and a linked index keep their links', async () => {
    const env = scratchEnv();
    const real = join(env.home, 'elsewhere');
    mkdirSync(real);
    symlinkSync(real, join(env.home, '.filed'));
    writeFileSync(join(env.home, 'real-index.json'), '{"sessions":{}}');
    symlinkSync(join(env.home, 'real-index.json'), join(real, 'index.json'));
    const before = snapshot(env.home);
    const { target } = await applyTransfer(planTransfer(request(env, filed)));
    expect(JSON.parse(readFileSync(join(env.home, 'real-index.json'), 'utf8'))).toMatchObject({
      sessions: { [target.id]: {} },
    });
    await undo({ env, loadAgent });
    expect(snapshot(env.home)).toEqual(before);
  });

  test('nothing to repair costs nothing', async () => {
    const env = scratchEnv();
    expect(await recover(env)).toEqual({ rolledBack: [], completed: [], problems: [] });
    expect(existsSync(env.vars.SEGUE_DATA_DIR ?? '')).toBe(false);
  });
});
