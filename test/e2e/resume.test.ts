/** `resume`: which program is started, where, with what; signals and exit codes. Stand-ins report what they got. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addProgram, type Home, makeHome, samples, segue, start } from './segue.ts';

const EDIT = '1b03ca69-eec0-4227-88ab-aafc0ec2e6b5';

/** Reports its directory, arguments and input as JSON. */
function report(code = 0): string {
  return `#!${process.execPath}
let input = '';
process.stdin.on('data', (data) => (input += data)).on('end', () => {
  process.stdout.write(JSON.stringify({ cwd: process.cwd(), args: process.argv.slice(2), input }) + '\\n');
  process.stderr.write('told\\n');
  process.exit(${code});
});
`;
}

interface Report {
  cwd: string;
  args: string[];
  input: string;
}

async function started(
  home: Home,
  words: string[],
  input = '',
): Promise<Report & { code: number | null; stderr: string }> {
  const said = await segue(home, ['resume', ...words], { input });
  const lines = said.stdout.trimEnd().split('\n');
  return { ...(JSON.parse(lines.at(-1) ?? '') as Report), code: said.code, stderr: said.stderr };
}

test("its own agent: by id, in the session's directory, with the terminal", async () => {
  const home = makeHome(samples);
  addProgram(home, 'claude', report(5));
  const got = await started(
    home,
    ['claude:1b03', '--cwd', '.', '--prompt', 'go on', '--', '--model', 'opus'],
    'typed',
  );
  expect(got).toMatchObject({ code: 5, cwd: home.project, input: 'typed' });
  expect(got.stderr).toContain('told');
  expect(got.args).toEqual(expect.arrayContaining(['--resume', EDIT, 'go on', '--model', 'opus']));
});

test('another agent: transferred, then started there; the second time nothing is written', async () => {
  const home = makeHome(samples);
  addProgram(home, 'codex', report());
  const first = await started(home, ['claude:1b03', '--in', 'codex', '--cwd', '.']);
  expect(first).toMatchObject({ code: 0, cwd: home.project });
  const id = first.args.find((word) => /^[0-9a-f-]{36}$/.test(word)) ?? '';
  expect(first.args).toContain('resume');
  expect(first.stderr).toContain(`claude:${EDIT} became codex:${id}: 5 messages, 3 tool calls`);

  const second = await started(home, ['claude:1b03', '--in', 'codex', '--cwd', '.']);
  expect(second.args).toContain(id);
  expect(second.stderr).toContain(`is codex:${id} already`);

  await segue(home, ['undo']);
  const third = await started(home, ['claude:1b03', '--in', 'codex', '--cwd', '.']);
  expect(third.args).not.toContain(id);
});

test('--headless: one-shot mode, no input, output streamed, exit code returned', async () => {
  const home = makeHome(samples);
  addProgram(home, 'codex', report(3));
  const got = await started(
    home,
    ['claude:1b03', '--in', 'codex', '--cwd', '.', '--headless', '-p', 'run the tests'],
    'not for it',
  );
  expect(got).toMatchObject({ code: 3, cwd: home.project, input: '' });
  expect(got.args[0]).toBe('exec');
  expect(got.args).toContain('run the tests');
});

test('--print: only the command line, and nothing is started', async () => {
  const home = makeHome(samples);
  addProgram(home, 'claude', `#!/bin/sh\ntouch "$HOME/started"\n`);
  const said = await segue(home, ['resume', 'claude:1b03', '--print', '--prompt', "it's on"]);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  expect(said.stdout).toBe(`cd /home/dev/claude/todo-api && claude --resume ${EDIT} 'it'\\''s on'\n`);
  expect(existsSync(join(home.path, 'started'))).toBe(false);

  const transplanted = await segue(home, ['resume', 'claude:1b03', '--in', 'codex', '--cwd', '.', '--print']);
  expect(transplanted.stdout).toMatch(/^cd \S+ && codex resume (?:-- )?[0-9a-f-]{36}\n$/);
});

test('nothing is written when the start cannot work', async () => {
  const home = makeHome(samples);
  const codex = join(home.path, '.codex');
  for (const words of [
    ['claude:1b03', '--in', 'codex', '--cwd', '.'], // not installed
    ['claude:1b03', '--in', 'codex'], // directory is gone
    ['claude:1b03', '--in', 'codex', '--cwd', '/no/such/dir'],
  ]) {
    expect((await segue(home, ['resume', ...words])).code).toBe(4);
    expect(existsSync(join(codex, 'session_index.jsonl'))).toBe(false);
    expect(
      (await segue(home, ['list', '--agent', 'codex', '--jsonl'])).stdout.trimEnd().split('\n'),
    ).toHaveLength(1);
  }
});

test('signals reach the agent, and it decides', async () => {
  const home = makeHome(samples);
  const note = join(home.path, 'note');
  mkdirSync(join(home.path, 'x'));
  addProgram(
    home,
    'claude',
    `#!${process.execPath}
const fs = require('node:fs');
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {
  fs.appendFileSync(${JSON.stringify(note)}, signal + '\\n');
  if (signal === 'SIGTERM') process.exit(9);
});
setInterval(() => {}, 1000);
console.log('ready');
`,
  );
  const child = start(home, ['resume', 'claude:1b03', '--cwd', '.']);
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const noted = async (text: string): Promise<void> => {
    while (!existsSync(note) || readFileSync(note, 'utf8') !== text)
      await new Promise((resolve) => setTimeout(resolve, 20));
  };
  child.kill('SIGHUP');
  await noted('SIGHUP\n');
  child.kill('SIGINT');
  await noted('SIGHUP\nSIGINT\n');
  child.kill('SIGTERM');
  const code = await new Promise((resolve) => child.once('exit', resolve));
  expect(code).toBe(9);
});

test('installed twice: the first on PATH is started, and segue says which; agents and doctor list both', async () => {
  const home = makeHome(samples);
  addProgram(home, 'codex', '#!/bin/sh\necho first 1.2.3\n');
  const other = join(home.path, 'other');
  mkdirSync(other);
  addProgram({ ...home, bin: other }, 'codex', '#!/bin/sh\necho second 4.5.6\n');
  const vars = { PATH: `${home.bin}:${other}:/usr/bin:/bin` };
  const said = await segue(home, ['codex', '1', '--cwd', '.'], { vars });
  expect(said).toMatchObject({ code: 0, stdout: 'first 1.2.3\n' });
  expect(said.stderr).toBe(
    `Codex: starting ${join(home.bin, 'codex')}, the first on PATH; there is also ~/other/codex\n`,
  );
  expect((await segue(home, ['codex', '1', '--cwd', '.'])).stderr).toBe('');

  const agents = JSON.parse((await segue(home, ['agents', 'show', 'codex', '--json'], { vars })).stdout) as {
    agents: { installed: unknown }[];
  };
  expect(agents.agents[0]?.installed).toEqual({
    path: join(home.bin, 'codex'),
    version: '1.2.3',
    others: [{ path: join(other, 'codex'), version: '4.5.6' }],
  });
  expect((await segue(home, ['agents', 'show', 'codex'], { vars })).stdout).toContain(
    '~/other/codex 4.5.6 (not started: later on PATH)',
  );
  expect((await segue(home, ['doctor'], { vars })).stdout).toContain(
    `! Codex is installed 2 times; the first on PATH is started, not ${join(other, 'codex')} (4.5.6)`,
  );
});
