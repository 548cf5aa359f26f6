/** Transfers in bad environments: a clear error, and nothing half-written. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { holding, leftovers, projectOf, scratchEnv, snapshot } from '../../test/scratch.ts';
import { sessionOf } from '../../test/session-of.ts';
import { toyAgent } from '../../test/toy-agent.ts';
import type { Env } from '../io/paths.ts';
import type { Entry } from '../model/session.ts';
import { applyTransfer, planTransfer } from './index.ts';

const origin = toyAgent({ id: 'origin', store: 'file' });
const filed = toyAgent({ id: 'filed', store: 'file' });
const rowed = toyAgent({ id: 'rowed', store: 'rows' });

function planFor(env: Env, target = filed, said = 'hello') {
  const entry: Entry = {
    id: 'a',
    parentId: null,
    evidence: [],
    type: 'message',
    role: 'user',
    origin: 'human',
    parts: [{ type: 'text', text: said }],
  };
  return planTransfer({ env, ...holding(origin, sessionOf('origin', [entry], projectOf(env))), target });
}

async function outcome(work: Promise<unknown>): Promise<{ code: unknown; message: string }> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) return { code: 'none', message: 'it went through' };
  return { code: 'code' in error ? error.code : error.stack, message: error.message };
}

const isRoot = process.getuid?.() === 0;
const NOBODY = 65534;

/** Runs as an ordinary user: for root nothing is read-only. */
async function asUser<T>(root: string, work: () => Promise<T>): Promise<T> {
  if (!isRoot) return await work();
  for (const name of ['.', ...readdirSync(root, { recursive: true, encoding: 'utf8' })])
    chownSync(join(root, name), NOBODY, NOBODY);
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

describe.skipIf(process.platform === 'win32')('without permission', () => {
  test('to write the store', async () => {
    const env = scratchEnv();
    const home = join(env.home, '.filed', 'sessions');
    mkdirSync(home, { recursive: true });
    chmodSync(home, 0o555);
    const before = snapshot(env.home);
    const { code, message } = await asUser(join(env.home, '..'), () => outcome(applyTransfer(planFor(env))));
    expect([code, message]).toEqual([
      'write-failed',
      expect.stringMatching(/^cannot write .*sessions.*: no permission$/),
    ]);
    expect(snapshot(env.home)).toEqual(before);
    expect(leftovers(env)).toEqual([]);
  });

  test('to write an index', async () => {
    const env = scratchEnv();
    mkdirSync(join(env.home, '.filed'));
    writeFileSync(join(env.home, '.filed', 'history.jsonl'), '{}\n');
    chmodSync(join(env.home, '.filed', 'history.jsonl'), 0o444);
    const before = snapshot(env.home);
    const { code } = await asUser(join(env.home, '..'), () => outcome(applyTransfer(planFor(env))));
    expect(code).toBe('write-failed');
    expect(snapshot(env.home)).toEqual(before);
  });

  test("to write segue's own folder", async () => {
    const env = scratchEnv();
    const data = env.vars.SEGUE_DATA_DIR ?? '';
    mkdirSync(data);
    chmodSync(data, 0o555);
    const { code } = await asUser(join(env.home, '..'), () => outcome(applyTransfer(planFor(env))));
    expect(code).toBe('write-failed');
    expect(snapshot(env.home)).toEqual({ 'project/': 'folder' });
  });
});

function mountSmall(folder: string, kilobytes: number): boolean {
  return (
    process.platform === 'linux' &&
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder]).status === 0
  );
}

const disk = realpathSync(mkdtempSync(join(tmpdir(), 'segue-disk-')));
const mounted = isRoot && mountSmall(disk, 512);

describe.skipIf(!mounted)(
  `on a full disk${mounted ? '' : ' (skipped: a small file system cannot be mounted here)'}`,
  () => {
    let env: Env;
    beforeAll(() => {
      const own = scratchEnv();
      env = { ...scratchEnv(disk), vars: own.vars };
    });
    afterAll(() => {
      execFileSync('umount', [disk]);
      rmSync(disk, { recursive: true });
    });

    test('while the session file is written', async () => {
      const before = snapshot(env.home);
      const result = await outcome(applyTransfer(planFor(env, filed, 'x'.repeat(600_000))));
      expect([result.code, result.message]).toEqual([
        'write-failed',
        expect.stringContaining('the disk is full'),
      ]);
      expect(snapshot(env.home)).toEqual(before);
      expect(leftovers(env)).toEqual([]);
    });

    test('while an index is added to', async () => {
      mkdirSync(join(env.home, '.filed'));
      writeFileSync(
        join(env.home, '.filed', 'index.json'),
        JSON.stringify({ pad: 'x'.repeat(150_000), sessions: {} }),
      );
      const before = snapshot(env.home);
      const result = await outcome(applyTransfer(planFor(env, filed, 'y'.repeat(300_000))));
      expect([result.code, result.message]).toEqual([
        'write-failed',
        expect.stringContaining('the disk is full'),
      ]);
      expect(snapshot(env.home)).toEqual(before);
      expect(leftovers(env)).toEqual([]);
    });

    test('while rows are inserted', async () => {
      const { makeToyDatabase } = await import('../../test/scratch.ts');
      makeToyDatabase(join(env.home, '.rowed', 'state.db'));
      const before = snapshot(env.home);
      const result = await outcome(applyTransfer(planFor(env, rowed, 'z'.repeat(500_000))));
      expect([result.code, result.message]).toEqual(['write-failed', expect.stringMatching(/full/)]);
      expect(snapshot(env.home)).toEqual(before);
      expect(leftovers(env)).toEqual([]);
    });
  },
);
