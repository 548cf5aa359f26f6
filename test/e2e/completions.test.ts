/** Completions: what is offered, and that bash takes it. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addProgram, bin, type Home, makeHome, samples, segue } from './segue.ts';

async function offered(home: Home, line: string): Promise<string[]> {
  const { stdout } = await segue(home, ['complete', '--', ...line.split(' ')]);
  return stdout.split('\n').filter((text) => text !== '');
}

async function values(home: Home, line: string): Promise<string[]> {
  return (await offered(home, line)).map((text) => text.split('\t')[0] ?? '');
}

test('what is offered follows the command table, agents and the index', async () => {
  const home = makeHome(samples);
  expect(await values(home, 'show ')).toEqual(expect.arrayContaining(['last', 'codex']));
  expect(await values(home, 'show 1b')).toEqual([]); // nothing is looked for outside the index
  await segue(home, ['list']);
  expect(await offered(home, 'show 1b')).toEqual([
    expect.stringMatching(/^1b03ca69-\S+\tclaude Create a config file/),
  ]);
  expect(await values(home, 'resume codex ')).toEqual(['01a2043e-a679-7852-a3d7-9b3318c8293f']);
  expect(await values(home, 'codex 0')).toEqual(['01a2043e-a679-7852-a3d7-9b3318c8293f']);
  expect(await values(home, 'resume claude:1b')).toEqual(['claude:1b03ca69-eec0-4227-88ab-aafc0ec2e6b5']);
  expect(await values(home, 'res')).toEqual(['resume']);
  expect(await values(home, 'clau')).toEqual(['claude']);
  expect(await values(home, 'resume last --in gem')).toEqual(['gemini']);
  expect(await values(home, 'resume last --in=gem')).toEqual(['--in=gemini']);
  expect(await values(home, 'convert last --to codex,gem')).toEqual(['codex,gemini']);
  expect(await values(home, 'handoff last --preset ver')).toEqual(['verbose']);
  expect(await values(home, 'resume last --dry')).toEqual(['--dry-run']);
  expect(await values(home, 'resume last --cwd ')).toEqual([':directories']);
  expect(await values(home, 'dump all ')).toEqual([':directories']);
  expect(await values(home, 'handoff last -o ')).toEqual([':files']);
  expect(await values(home, 'completions z')).toEqual(['zsh']);
  expect(await values(home, 'nonsense ')).toEqual([]);
  expect(await values(home, 'resume --approval')).toEqual([]);
});

test('bash completes with the script', async () => {
  const home = makeHome(samples);
  await segue(home, ['list']);
  addProgram(home, 'segue', `#!/bin/sh\nexec ${process.execPath} ${bin} "$@"\n`);
  const { stdout } = await segue(home, ['completions', 'bash']);
  writeFileSync(join(home.path, 'segue.bash'), stdout);
  const completed = (...words: string[]): string[] => {
    const script = `. "$HOME/segue.bash"; COMP_WORDS=(segue "$@"); COMP_CWORD=$#; compopt() { :; }; _segue; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', script, 'bash', ...words], {
      env: { HOME: home.path, PATH: `${home.bin}:/usr/bin:/bin` },
      cwd: home.path,
      encoding: 'utf8',
    })
      .trim()
      .split('\n');
  };
  expect(completed('conv')).toEqual(['convert']);
  expect(completed('resume', 'claude', ':', '1b')).toEqual(['1b03ca69-eec0-4227-88ab-aafc0ec2e6b5']);
  expect(completed('resume', 'last', '--in', '=', 'gem')).toEqual(['gemini']);
  expect(completed('handoff', 'last', '-o', 'seg')).toEqual(['segue.bash']);
});

test('each shell has a script; an unknown one is refused', async () => {
  const home = makeHome();
  for (const shell of ['bash', 'zsh', 'fish', 'powershell'])
    expect((await segue(home, ['completions', shell])).stdout).toContain('segue complete');
  expect(await segue(home, ['completions', 'csh'])).toMatchObject({ code: 2, stdout: '' });
});
