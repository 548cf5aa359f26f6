/** From the shell to the command: guards, help, streams. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { addFile, bin, makeHome, root, samples, segue, start } from './segue.ts';

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

test('--version and --help', async () => {
  const home = makeHome();
  const version = await segue(home, ['--version']);
  expect(version).toMatchObject({ code: 0, stdout: `${manifest.version}\n`, stderr: '' });
  const help = await segue(home, ['--help']);
  expect(help.code).toBe(0);
  for (const name of ['list', 'show', 'convert', 'resume', 'undo', 'agents', 'demo'])
    expect(help.stdout).toContain(`\n  ${name} `);
  expect((await segue(home, ['help', 'convert'])).stdout).toBe(
    (await segue(home, ['convert', '--help'])).stdout,
  );
});

test('an old Node gets one clear line', async () => {
  const pretend = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`;
  const said = await segue(makeHome(), ['list'], { nodeFlags: ['--import', pretend] });
  expect(said).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'segue needs Node 22.16 or newer, this is 20.20.2: https://nodejs.org\n',
  });
});

test('a clone that was not built says what to run', async () => {
  const home = makeHome();
  const copy = join(home.path, 'clone/bin/cli.mjs');
  mkdirSync(dirname(copy), { recursive: true });
  cpSync(bin, copy);
  const said = await segue(home, [copy, 'list'], { nodeFlags: ['--eval', 'import(process.argv[2])'] });
  expect(said).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'segue is not built yet: npm ci && npm run build\n',
  });
});

test('help loads nothing that it does not need', () => {
  const loaded = new Set<string>();
  const visit = (path: string): void => {
    if (loaded.has(path)) return;
    loaded.add(path);
    const text = readFileSync(path, 'utf8');
    for (const match of text.matchAll(/(?:from|import)\s*"(\.[^"]+)"/g))
      visit(join(dirname(path), match[1] ?? ''));
  };
  const entry = join(root, 'dist/cli.js');
  visit(entry);
  const help = /import\("(\.\/chunks\/help-[^"]+)"\)/.exec(readFileSync(entry, 'utf8'))?.[1];
  visit(join(root, 'dist', help ?? 'no chunk for help'));
  const bytes = [...loaded].reduce((sum, path) => sum + statSync(path).size, 0);
  expect(bytes).toBeLessThan(24_000);
});

test('a reader that goes away ends the command silently', async () => {
  const home = makeHome(samples);
  const lines = Array.from({ length: 20_000 }, (_, i) =>
    JSON.stringify({
      type: 'user',
      uuid: `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
      parentUuid: i === 0 ? null : `00000000-0000-4000-8000-${String(i - 1).padStart(12, '0')}`,
      sessionId: '0a0a0a0a-0000-4000-8000-000000000000',
      timestamp: '2026-11-20T10:00:00.000Z',
      cwd: '/tmp',
      message: { role: 'user', content: `prompt ${i} ${'x'.repeat(200)}` },
    }),
  );
  addFile(home, '.claude/projects/-tmp/0a0a0a0a-0000-4000-8000-000000000000.jsonl', `${lines.join('\n')}\n`);
  for (const words of [
    ['show', 'claude:0a0a0a0a'],
    ['show', 'claude:0a0a0a0a', '--json'],
  ]) {
    const child = start(home, words);
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.stdout.once('data', () => child.stdout.destroy());
    const code = await new Promise((resolve) => child.once('exit', resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  }
});

test.skipIf(!existsSync('/dev/full'))('an output that cannot be written is told in one line', async () => {
  const home = makeHome(samples);
  const script = 'exec "$0" "$1" list > /dev/full';
  const child = spawnSync('/bin/sh', ['-c', script, process.execPath, bin], {
    env: { HOME: home.path },
    encoding: 'utf8',
  });
  expect([child.status, child.stderr]).toEqual([1, 'segue: the output cannot be written (ENOSPC)\n']);
});

test('colour only when asked for or on a terminal', async () => {
  const home = makeHome(samples);
  const sequence = '\u001b[';
  expect((await segue(home, ['list'])).stdout).not.toContain(sequence);
  expect((await segue(home, ['list'], { vars: { FORCE_COLOR: '1' } })).stdout).toContain(sequence);
  expect((await segue(home, ['list'], { vars: { FORCE_COLOR: '0' } })).stdout).not.toContain(sequence);
  expect((await segue(home, ['list', '--color'])).stdout).toContain(sequence);
  const never = await segue(home, ['--color=never', 'list'], { vars: { FORCE_COLOR: '1' } });
  expect([never.code, never.stdout.includes(sequence)]).toEqual([0, false]);
});

test('what only reads writes nothing but its own data', async () => {
  const home = makeHome(samples);
  const files = () =>
    readdirSync(home.path, { recursive: true, encoding: 'utf8' })
      .filter((name) => !name.startsWith('.local'))
      .sort();
  const before = files();
  for (const words of [['list'], ['--help'], ['show', 'last'], ['agents']])
    expect((await segue(home, words)).code).toBe(0);
  expect(files()).toEqual(before);
  expect(
    existsSync(join(home.path, '.local/share')) ? readdirSync(join(home.path, '.local/share')) : ['segue'],
  ).toEqual(['segue']);
});
