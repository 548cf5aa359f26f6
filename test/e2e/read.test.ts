/** `list`, `show` and `agents` on real sessions, in text and JSON. */
import { mkdirSync, readFileSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addFile, addProgram, json, makeHome, samples, segue } from './segue.ts';

const EDIT = '1b03ca69-eec0-4227-88ab-aafc0ec2e6b5';
const THINK = '9c8a9bbd-b28c-4aba-a855-1628ad339a8a';
const ERROR = '2069a38e-86da-472c-889a-6f12813bc99a';
const CODEX = '01a2043e-a679-7852-a3d7-9b3318c8293f';

interface List {
  sessions: { agent: string; id: string; cwd: string | null; title: string | null; updatedAt: string }[];
}

async function ids(home: ReturnType<typeof makeHome>, ...words: string[]): Promise<string[]> {
  return (json(await segue(home, ['list', '--json', ...words])) as List).sessions.map(({ id }) => id);
}

test('list: newest first by what the records say, whatever the files say', async () => {
  const home = makeHome(samples);
  expect(await ids(home)).toEqual([CODEX, EDIT, THINK, ERROR]);
  const file = join(home.path, '.claude/projects/-home-dev-claude-todo-api', `${ERROR}.jsonl`);
  utimesSync(file, new Date(), new Date(Date.now() + 60_000));
  expect(await ids(home)).toEqual([CODEX, EDIT, THINK, ERROR]);
});

test('list: filters', async () => {
  const home = makeHome(samples);
  expect(await ids(home, '--agent', 'codex')).toEqual([CODEX]);
  expect(await ids(home, '-a', 'cc,codex', '-n', '2')).toEqual([CODEX, EDIT]);
  expect(await ids(home, '--cwd', '/home/dev/claude')).toEqual([EDIT, THINK, ERROR]);
  expect(await ids(home, '--cwd', '/home/dev/claude/todo-api')).toEqual([EDIT, THINK, ERROR]);
  expect(await ids(home, '--cwd', '/home/dev/claude/todo')).toEqual([]);
});

test('list: JSON lines are the sessions of the envelope', async () => {
  const home = makeHome(samples);
  const { sessions } = json(await segue(home, ['list', '--json'])) as List;
  const lines = (await segue(home, ['list', '--jsonl'])).stdout.trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(sessions);
});

test('list: as a table', async () => {
  const home = makeHome(samples);
  const { stdout } = await segue(home, ['list']);
  const rows = stdout.trimEnd().split('\n');
  expect(rows[0]).toMatch(/^AGENT +ID +CHANGED +MSGS +DIRECTORY +TITLE$/);
  expect(rows.slice(1).map((row) => row.split(/ +/).slice(0, 2).join(':'))).toEqual([
    'codex:01a2043e',
    'claude:1b03ca69',
    'claude:9c8a9bbd',
    'claude:2069a38e',
  ]);
  const cut = await segue(home, ['list', '-n', '1']);
  expect(cut).toMatchObject({ code: 0, stderr: 'there are more: -n N or --all\n' });
});

test('list: nothing there is not a failure', async () => {
  const home = makeHome();
  expect(await segue(home, ['list'])).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringContaining('no sessions found'),
  });
  expect(await segue(home, ['list', '--since', '1d', '--grep', 'x'])).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'no session matches --since --grep\n',
  });
  expect(json(await segue(home, ['list', '--json']))).toEqual({ schema: 'segue.list/1', sessions: [] });
});

test('list: one bad store does not hide the others', async () => {
  const home = makeHome(samples);
  const project = join(home.path, '.claude/projects/-bad');
  mkdirSync(project);
  mkdirSync(join(project, '0b0b0b0b-0000-4000-8000-000000000000.jsonl'));
  addFile(home, '.claude/projects/-bad/0c0c0c0c-0000-4000-8000-000000000000.jsonl', '');
  addFile(home, '.claude/projects/-bad/0d0d0d0d-0000-4000-8000-000000000000.jsonl', Buffer.alloc(4096));
  symlinkSync(project, join(project, 'loop'));
  const said = await segue(home, ['list', '--json']);
  expect(said.code).toBe(0);
  const listed = (json(said) as List).sessions.map(({ id }) => id);
  for (const id of [CODEX, EDIT, THINK, ERROR]) expect(listed).toContain(id);
});

test('references: every form finds the session', async () => {
  const home = makeHome(samples);
  const path = join(home.path, '.claude/projects/-home-dev-claude-todo-api', `${EDIT}.jsonl`);
  const forms: [string[], string][] = [
    [['last'], CODEX],
    [[EDIT], EDIT],
    [['1b03'], EDIT],
    [['1B03CA69'], EDIT],
    [[`claude:${EDIT}`], EDIT],
    [['cc:1b03'], EDIT],
    [['claude:1'], EDIT],
    [['claude', '2'], THINK],
    [['claude:last'], EDIT],
    [['codex', '1'], CODEX],
    [[path], EDIT],
    [[`claude:${path}`], EDIT],
    [['~/.claude/projects/-home-dev-claude-todo-api/1b03ca69-eec0-4227-88ab-aafc0ec2e6b5.jsonl'], EDIT],
  ];
  for (const [words, id] of forms) {
    const said = await segue(home, ['show', ...words, '--json', '--at', '1']);
    expect((json(said) as { info: { id: string } }).info?.id, words.join(' ')).toBe(id);
  }
});

test('show: text, one entry whole, and damage told on standard error', async () => {
  const home = makeHome(samples);
  const { stdout, stderr } = await segue(home, ['show', 'claude:2069']);
  expect(stdout.split('\n')[0]).toMatch(
    /^claude:2069a38e-86da-472c-889a-6f12813bc99a {2}Run the failing check/,
  );
  expect(stdout).toContain('→ $ ls /does-not-exist');
  expect(stdout).toContain('← error exit 2');
  expect(stderr).toBe('');

  const one = await segue(home, ['show', 'claude:2069', '--at', '2']);
  expect(one.stdout).toMatch(/^#2 assistant/);
  expect(one.stdout).not.toContain('#3');

  const file = join(home.path, '.claude/projects/-home-dev-claude-todo-api', `${ERROR}.jsonl`);
  addFile(
    home,
    `.claude/projects/-x/0e0e0e0e-0000-4000-8000-000000000000.jsonl`,
    `${readFileSync(file, 'utf8')}not json\n`,
  );
  const damaged = await segue(home, ['show', 'claude:0e0e0e0e']);
  expect(damaged.code).toBe(0);
  expect(damaged.stderr).toContain('bad-record');
  expect(damaged.stderr).not.toContain('not json');
});

test('show: a session cannot act on the terminal', async () => {
  const home = makeHome();
  const hostile = 'red \u001b[31m title \u001b]0;owned\u0007 \u009b2J \u202e evil \u2028 end';
  const id = '0f0f0f0f-0000-4000-8000-000000000000';
  const record = {
    type: 'user',
    uuid: '00000000-0000-4000-8000-000000000001',
    parentUuid: null,
    sessionId: id,
    timestamp: '2026-11-20T10:00:00.000Z',
    cwd: `/tmp/\u001b[1mbold`,
    gitBranch: '\u001b[5mblink',
    version: '\u001b[7m1',
    message: { role: 'user', content: hostile },
  };
  addFile(home, `.claude/projects/-tmp/${id}.jsonl`, `${JSON.stringify(record)}\n`);
  for (const words of [
    ['list'],
    ['list', '--json'],
    ['show', 'last'],
    ['show', 'last', '--at', '1'],
    ['show', 'last', '--json'],
    ['show', '\u001b[31mx'],
  ]) {
    const { stdout, stderr } = await segue(home, words);
    expect(stdout + stderr, words.join(' ')).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
  const { entries } = json(await segue(home, ['show', 'last', '--json'])) as {
    entries: { parts: { text: string }[] }[];
  };
  expect(entries[0]?.parts[0]?.text).toBe(hostile);
});

test('agents: what is installed, where, and how many sessions', async () => {
  const home = makeHome(samples);
  addProgram(home, 'codex', '#!/bin/sh\necho "codex-cli 9.8.7"\n');
  const { stdout } = await segue(home, ['agents']);
  expect(stdout).toMatch(/^codex +Codex.* 9\.8\.7 +1 +read, write/m);
  expect(stdout).toMatch(/^claude +Claude Code +no +3 +read, write/m);
  const detail = await segue(home, ['agents', 'show', 'codex']);
  expect((await segue(home, ['agents', 'codex'])).stdout).toBe(detail.stdout);
  expect(detail.stdout).toContain(join(home.bin, 'codex'));
  expect(detail.stdout).toContain('~/.codex');
  const { agents } = json(await segue(home, ['agents', '--json'])) as {
    agents: { id: string; installed: unknown; sessions: number }[];
  };
  expect(agents.find(({ id }) => id === 'codex')).toMatchObject({
    installed: { path: join(home.bin, 'codex'), version: '9.8.7' },
    sessions: 1,
  });
  expect(agents.find(({ id }) => id === 'claude')).toMatchObject({ installed: null, sessions: 3 });
});
