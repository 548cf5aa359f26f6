/** Several segues at once, and file systems without hard links. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { leftovers, makeToyDatabase, scratchEnv } from '../../test/scratch.ts';
import { toyAgent, toyHome } from '../../test/toy-agent.ts';
import { isOwnerAlive, ownerToken } from '../io/owner.ts';
import { openForeign } from '../io/sqlite.ts';
import { placeFile, placeWithoutLinks, stepper } from './disk.ts';
import { listReceipts, recover } from './index.ts';

test('two processes add to the same indexes at the same time, and a third repairs meanwhile', async () => {
  const root = mkdtempSync(join(tmpdir(), 'segue-together-'));
  const env = scratchEnv(root);
  makeToyDatabase(join(toyHome(env, 'filed'), 'state.db'));
  const script = join(root, 'worker.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, '../../test/worker.ts')],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  const workers = ['1', '2'].map(
    (n) =>
      new Promise((resolve) => {
        spawn(process.execPath, [script, root, n, '6'], { stdio: 'inherit' }).once('close', resolve);
      }),
  );
  const watch = setInterval(() => void recover(env), 5);
  expect(await Promise.all(workers)).toEqual([0, 0]);
  clearInterval(watch);

  const ids = listReceipts(env).map(({ target }) => target.id);
  expect(new Set(ids).size).toBe(12);
  const home = toyHome(env, 'filed');
  const sorted = (values: Iterable<string>): string[] => [...values].sort();
  expect(
    sorted(
      toyAgent({ id: 'filed', store: 'file' })
        .discover({ env })
        .refs.map(({ id }) => id),
    ),
  ).toEqual(sorted(ids));
  const index = JSON.parse(readFileSync(join(home, 'index.json'), 'utf8')) as { sessions: object };
  expect(sorted(Object.keys(index.sessions))).toEqual(sorted(ids));
  expect(sorted(JSON.parse(readFileSync(join(home, 'recent.json'), 'utf8')) as string[])).toEqual(
    sorted(ids),
  );
  const lines = readFileSync(join(home, 'history.jsonl'), 'utf8').trim().split('\n');
  expect(sorted(lines)).toEqual(sorted(ids.map((id) => JSON.stringify({ id }))));
  const database = openForeign(join(home, 'state.db'));
  expect(database.all('SELECT id FROM threads').length).toBe(13);
  database.close();
  expect(leftovers(env)).toEqual([]);
  rmSync(root, { recursive: true });
});

test.each([
  ['with hard links', placeFile],
  ['without', placeWithoutLinks],
])('a finished file takes a free name and never another one: %s', (_name, place) => {
  const folder = mkdtempSync(join(tmpdir(), 'segue-place-'));
  const step = stepper(undefined);
  writeFileSync(join(folder, 'temp'), 'new');
  place(join(folder, 'temp'), join(folder, 'file'), step);
  expect(readdirSync(folder)).toEqual(['file']);
  writeFileSync(join(folder, 'temp'), 'newer');
  expect(() => place(join(folder, 'temp'), join(folder, 'file'), step)).toThrow('EEXIST');
  expect(readFileSync(join(folder, 'file'), 'utf8')).toBe('new');
  rmSync(folder, { recursive: true });
});

test('a process is told apart from a later one with its number', async () => {
  const own = ownerToken();
  const [pid, start, where] = own.split('-');
  const hour = 60 * 60_000;
  expect(isOwnerAlive(own, 2 * hour)).toBe(true);
  const child = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => child.once('close', resolve));
  expect(isOwnerAlive(`${child.pid}-1-${where}`, 0)).toBe(false);
  expect(isOwnerAlive(`nonsense-${start}-${where}`, 0)).toBe(false);
  if (process.platform === 'linux') expect(isOwnerAlive(`${pid}-1-${where}`, 0)).toBe(false);
  // elsewhere: nobody can tell, so it gets an hour
  expect([isOwnerAlive('1-1-elsewhere', hour / 2), isOwnerAlive('1-1-elsewhere', 2 * hour)]).toEqual([
    true,
    false,
  ]);
});
