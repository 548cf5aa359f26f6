/** Completions: what is offered, and that the real shells take it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openPty } from '../pty.ts';
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

/** A home with sessions, `segue` on its PATH, the shell's script in a file, and a file and a folder to complete. */
async function homeWithScript(shell: string): Promise<Home> {
  const home = makeHome(samples);
  await segue(home, ['list']);
  addProgram(home, 'segue', `#!/bin/sh\nexec ${process.execPath} ${bin} "$@"\n`);
  const { stdout } = await segue(home, ['completions', shell]);
  writeFileSync(join(home.path, `segue.${shell}`), stdout);
  writeFileSync(join(home.project, 'notes.md'), '');
  mkdirSync(join(home.project, 'notes-old'));
  return home;
}

function shellVars(home: Home): Record<string, string> {
  return { HOME: home.path, PATH: `${home.bin}:/usr/bin:/bin`, LANG: 'C.UTF-8', TERM: 'xterm-256color' };
}

function isHere(shell: string): boolean {
  return spawnSync(shell, ['-c', 'exit 0'], { env: { PATH: '/usr/bin:/bin' } }).status === 0;
}

const skipped = (shell: string): string => (isHere(shell) ? '' : ` (skipped: ${shell} is not installed)`);

test('bash completes with the script', async () => {
  const home = await homeWithScript('bash');
  const completed = (...words: string[]): string[] => {
    const script = `. "$HOME/segue.bash"; COMP_WORDS=(segue "$@"); COMP_CWORD=$#; compopt() { :; }; _segue; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', script, 'bash', ...words], {
      env: shellVars(home),
      cwd: home.project,
      encoding: 'utf8',
    })
      .trim()
      .split('\n');
  };
  expect(completed('conv')).toEqual(['convert']);
  expect(completed('resume', 'claude', ':', '1b')).toEqual(['1b03ca69-eec0-4227-88ab-aafc0ec2e6b5']);
  expect(completed('resume', 'last', '--in', '=', 'gem')).toEqual(['gemini']);
  expect(completed('handoff', 'last', '-o', 'notes.')).toEqual(['notes.md']);
});

test.skipIf(!isHere('fish'))(`fish completes with the script${skipped('fish')}`, async () => {
  const home = await homeWithScript('fish');
  const completed = (line: string): string[] =>
    execFileSync('fish', ['-c', 'source $HOME/segue.fish; complete -C "$argv[1]"', '--', line], {
      env: shellVars(home),
      cwd: home.project,
      encoding: 'utf8',
    })
      .trim()
      .split('\n');
  expect(completed('segue conv')).toEqual(['convert\twrite a session into the store of another agent']);
  expect(completed('segue resume claude:1b')).toEqual([
    expect.stringMatching(/^claude:1b03ca69-eec0-4227-88ab-aafc0ec2e6b5\tclaude Create a config file/),
  ]);
  expect(completed('segue resume last --in gem')).toEqual(['gemini\tGemini CLI']);
  expect(completed('segue resume last --in=gem')).toEqual(['--in=gemini\tGemini CLI']);
  expect(completed('segue handoff last -o notes')).toEqual(['notes-old/', 'notes.md']);
  expect(completed('segue resume last --cwd notes')).toEqual(['notes-old/\tDirectory']);
  expect(completed('segue ')[0]).toMatch(/^pick\t/);
});

test.skipIf(!isHere('zsh'))(`zsh completes with the script${skipped('zsh')}`, async () => {
  const home = await homeWithScript('zsh');
  const zsh = openPty(['zsh', '-f'], { cwd: home.project, env: shellVars(home), columns: 100, rows: 20 });
  onTestFinished(() => {
    if (!zsh.isOver()) zsh.kill('SIGKILL');
    zsh.emulator.dispose();
  });
  zsh.keys(
    "PS1='%% '; autoload -Uz compinit && compinit -u -D && source ~/segue.zsh && clear && echo ready\r",
  );
  await zsh.until(/^ready\n%$/m);
  const completes = async (typed: string, line: RegExp): Promise<void> => {
    zsh.keys(`${typed}\t`);
    await zsh.until(line);
    // another line for the next one
    zsh.keys('\u0015\fclear; echo again\r');
    await zsh.until(/^again\n%$/m);
  };
  await completes('segue conv', /^% segue convert$/m);
  await completes('segue resume 1b', /^% segue resume 1b03ca69-eec0-4227-88ab-aafc0ec2e6b5$/m);
  await completes('segue resume claude:1b', /^% segue resume claude:1b03ca69-eec0-4227-88ab-aafc0ec2e6b5$/m);
  await completes('segue resume last --in gem', /^% segue resume last --in gemini$/m);
  await completes('segue resume last --in=gem', /^% segue resume last --in=gemini$/m);
  await completes('segue handoff last -o notes.', /^% segue handoff last -o notes\.md$/m);
  await completes('segue resume last --cwd notes', /^% segue resume last --cwd notes-old\/$/m);
  // several: a list with what each is, in the order that segue gives
  await completes('segue re', /^resume +r? *-- go on with a session/m);
});

test('each shell has a script; an unknown one is refused', async () => {
  const home = makeHome();
  for (const shell of ['bash', 'zsh', 'fish', 'powershell'])
    expect((await segue(home, ['completions', shell])).stdout).toContain('segue complete');
  expect(await segue(home, ['completions', 'csh'])).toMatchObject({ code: 2, stdout: '' });
});
