/** The package as it is published: packed, checked, installed without a network, used from TypeScript. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root, samples } from '../e2e/segue.ts';

let scratch = '';
let tarball = '';
let unpacked = '';

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'segue-package-'));
  const copy = join(scratch, 'copy');
  mkdirSync(join(copy, 'scripts'), { recursive: true });
  for (const name of [
    'bin',
    'dist',
    'demo',
    'schema',
    'README.md',
    'LICENSE',
    'CHANGELOG.md',
    'package.json',
    'scripts/pack.ts',
  ])
    cpSync(join(root, name), join(copy, name), { recursive: true });
  run(process.execPath, ['scripts/pack.ts', 'before'], copy);
  const [packed] = JSON.parse(run('npm', ['pack', '--ignore-scripts', '--json'], copy)) as {
    filename: string;
  }[];
  tarball = join(copy, packed?.filename ?? '');
  run('tar', ['xzf', tarball, '-C', scratch], scratch);
  unpacked = join(scratch, 'package');
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function run(program: string, args: string[], cwd: string, vars: Record<string, string> = {}): string {
  try {
    return execFileSync(program, args, {
      cwd,
      encoding: 'utf8',
      stdio: 'pipe',
      env: { ...process.env, ...vars },
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${args.join(' ')} failed\n${stdout}\n${stderr}`);
  }
}

test('small, and nothing of the development in it', () => {
  const table = gzipSync(readFileSync(join(unpacked, 'dist/o200k.bin'))).length;
  // the table of tokens, laid out so that it needs no loading, is most of it
  expect(statSync(tarball).size - table).toBeLessThan(600_000);
  expect(table).toBeLessThan(1_900_000);
  const names = run('tar', ['tzf', tarball], scratch).trimEnd().split('\n');
  const strangers = names.filter(
    (name) =>
      !/^package\/(?:bin|dist|demo|schema)\/|^package\/(?:package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(
        name,
      ),
  );
  expect(strangers).toEqual([]);
  expect(names).toContain('package/dist/THIRD-PARTY-LICENSES.txt');
  const licences = readFileSync(join(unpacked, 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8');
  expect(licences).toContain('yaml');
  expect(licences).toContain('Copyright (c) 2022 OpenAI, Shantanu Jain');
  const manifest = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  for (const key of ['workspaces', 'dependencies', 'optionalDependencies', 'devDependencies', 'scripts'])
    expect(manifest, key).not.toHaveProperty(key);
});

test('pack.ts puts the package.json of the repository back', () => {
  const copy = join(scratch, 'copy');
  run(process.execPath, ['scripts/pack.ts', 'after'], copy);
  expect(readFileSync(join(copy, 'package.json'), 'utf8')).toBe(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  expect(existsSync(join(copy, 'package.json.orig'))).toBe(false);
});

test('publint and attw have nothing to say', async () => {
  const { messages, pkg } = await publint({ pkgDir: unpacked, strict: true, pack: false });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  const attw = join(root, 'node_modules/.bin/attw');
  run(
    attw,
    [tarball, '--profile', 'esm-only', '--exclude-entrypoints', './schema/*.json', './package.json'],
    scratch,
  );
});

test('installed globally from the tarball without a network, it runs', () => {
  const prefix = join(scratch, 'global');
  const home = join(scratch, 'home');
  mkdirSync(home);
  const vars = { HOME: home, npm_config_cache: join(scratch, 'cache'), npm_config_update_notifier: 'false' };
  run('npm', ['install', '--global', '--offline', '--prefix', prefix, tarball], scratch, vars);
  const segue = join(prefix, 'bin/segue');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect(run(segue, ['--version'], home, vars)).toBe(`${version}\n`);
  expect(run(segue, ['demo'], home, vars)).toContain('byte for byte');
});

test('the declarations resolve and hold: nodenext and bundler', () => {
  const consumer = consumerProject();
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    const options = {
      module,
      moduleResolution,
      target: 'es2024',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      types: ['node'],
    };
    writeFileSync(
      join(consumer, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, include: ['examples'] }),
    );
    expect(
      run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', consumer], consumer),
    ).toBe('');
  }
});

test('the examples do what they say', () => {
  const consumer = consumerProject();
  const home = join(scratch, 'samples');
  cpSync(samples, home, { recursive: true });
  const example = (name: string, ...args: string[]): string =>
    run(process.execPath, [join(consumer, 'examples', name), ...args], consumer, { HOME: home });
  expect(example('list.ts').split('\n')[0]).toMatch(
    /^2026-11-22T\S+ codex:01a2043e-\S+ Show me the package version/,
  );
  expect(example('failures.ts', 'claude:2069')).toBe('exit 2: ls /does-not-exist\n');
  const lines = example('transfer.ts', 'claude:1b03', 'codex', consumer).split('\n');
  expect(lines[0]).toBe('3 of 3 tool calls stay tool calls');
  expect(lines[1]).toMatch(/^written: codex:[0-9a-f-]{36}$/);
  expect(lines[2]).toMatch(/^go on with: cd \S+ && codex resume /);
  expect(lines[3]).toBe('taken back');
});

/** A project that depends on the unpacked package. */
function consumerProject(): string {
  const consumer = mkdtempSync(join(scratch, 'consumer-'));
  mkdirSync(join(consumer, 'node_modules/@types'), { recursive: true });
  cpSync(unpacked, join(consumer, 'node_modules/segue-cli'), { recursive: true });
  for (const name of ['@types/node', 'undici-types'])
    symlinkSync(join(root, 'node_modules', name), join(consumer, 'node_modules', name));
  cpSync(join(root, 'examples'), join(consumer, 'examples'), { recursive: true });
  writeFileSync(join(consumer, 'package.json'), '{ "type": "module" }');
  return consumer;
}
