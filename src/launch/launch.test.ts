import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Env } from '../io/paths.ts';
import { capture, findBinaries, findBinary, startable } from '../io/process.ts';
import { shellLine } from './quote.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'segue-launch-'));
  for (const name of ['first', 'second', 'tool.d']) mkdirSync(join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function env(vars: Record<string, string>, platform: NodeJS.Platform = 'linux'): Env {
  return { home: folder, vars, platform };
}

function script(path: string, text = '#!/bin/sh\n'): string {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
  return path;
}

test('the first program on PATH that can be started', () => {
  const PATH = ['/does/not/exist', join(folder, 'first'), '', join(folder, 'second')].join(':');
  writeFileSync(join(folder, 'first', 'tool'), 'not executable');
  const tool = script(join(folder, 'second', 'tool'));
  mkdirSync(join(folder, 'first', 'dir'));
  symlinkSync(tool, join(folder, 'first', 'linked'));
  expect(findBinary('tool', env({ PATH }))).toBe(tool);
  expect(findBinary('linked', env({ PATH }))).toBe(join(folder, 'first', 'linked'));
  expect(findBinary('dir', env({ PATH }))).toBeUndefined();
  expect(findBinary('absent', env({ PATH }))).toBeUndefined();
  expect(findBinary(tool, env({}))).toBe(tool);
});

test('every program on PATH: a link to one that is known, and a folder named twice, count once', () => {
  const folders = ['many-a', 'many-b', 'many-c'].map((name) => join(folder, name));
  for (const each of folders) mkdirSync(each);
  const [a = '', b = '', c = ''] = folders.map((each) => join(each, 'several'));
  script(a);
  symlinkSync(a, b);
  script(c);
  const PATH = [...folders, ...folders].join(':');
  expect(findBinaries('several', env({ PATH }))).toEqual([a, c]);
  expect(findBinaries('several', env({ PATH: folders.toReversed().join(':') }))).toEqual([c, b]);
  expect(findBinaries('absent', env({ PATH }))).toEqual([]);
});

test('on Windows the extensions of PATHEXT are tried, and npm batch files are seen through', () => {
  const windows = env({ Path: join(folder, 'first'), PATHEXT: '.EXE;.CMD' }, 'win32');
  script(join(folder, 'first', 'agent')); // npm puts a shell script there, which Windows cannot start
  const batch = script(
    join(folder, 'first', 'agent.cmd'),
    '@ECHO off\r\nIF EXIST "%dp0%\\node.exe" (\r\n  SET "_prog=%dp0%\\node.exe"\r\n)\r\n"%_prog%"  "%dp0%\\node_modules\\agent\\cli.js" %*\r\n',
  );
  expect(findBinary('agent', windows)).toBe(batch);
  expect(startable(batch, ['a\nb'], windows)).toEqual([
    process.execPath,
    join(folder, 'first', 'node_modules', 'agent', 'cli.js'),
    'a\nb',
  ]);
  const odd = script(join(folder, 'first', 'odd.cmd'), '@echo hello\r\n');
  expect(startable(odd, [], windows)).toBeUndefined();
  expect(startable('/bin/tool', ['x'], env({}))).toEqual(['/bin/tool', 'x']);
});

test('a quoted line means the same words to a shell', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary' }).map(printable), { minLength: 1, maxLength: 4 }),
      (words) => {
        const line = shellLine(['printf', '%s\\0', ...words], '/', 'linux');
        const said = execFileSync('bash', ['-c', line], { encoding: 'utf8' });
        expect(said.split('\0').slice(0, -1)).toEqual(words);
      },
    ),
    { numRuns: 60 },
  );
});

/** No program can be given a zero byte or half a surrogate pair. */
function printable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed();
}

test('a quoted line shows no control characters', () => {
  const line = shellLine(['run', "it's\u001b[31m", 'a b'], "/tmp/x'y", 'linux');
  expect(line).toBe(`cd '/tmp/x'\\''y' && run $'it\\x27s\\x1b[31m' 'a b'`);
  expect(shellLine(['run', "it's"], 'C:\\a b', 'win32')).toBe(`cd 'C:\\a b'; run 'it''s'`);
});

test('capture: output, exit code, signals, and a limit in time', async () => {
  const run = (code: string, timeoutMs = 20_000) =>
    capture([process.execPath, '-e', code], { vars: process.env, timeoutMs });
  expect(await run('console.log("out"); console.error("err"); process.exitCode = 7')).toEqual({
    code: 7,
    stdout: 'out\n',
    stderr: 'err\n',
    timedOut: false,
  });
  expect((await run('process.kill(process.pid, "SIGTERM"); setTimeout(() => {}, 5000)')).code).toBe(143);
  expect((await run('setTimeout(() => {}, 60000)', 300)).timedOut).toBe(true);
  await expect(capture([join(folder, 'absent')], { vars: {}, timeoutMs: 1000 })).rejects.toThrow('ENOENT');
});
