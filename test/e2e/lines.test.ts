/** Every command line that people of such tools type, each doing what it says. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addProgram, type Home, json, makeHome, samples, segue } from './segue.ts';

const EDIT = '1b03ca69-eec0-4227-88ab-aafc0ec2e6b5';
const THINK = '9c8a9bbd-b28c-4aba-a855-1628ad339a8a';
const CODEX = '01a2043e-a679-7852-a3d7-9b3318c8293f';
const ID = /^[0-9a-f-]{36}$/;

/** A home with stand-ins of agents that print their words, one a line, after their own name. */
function home(): Home {
  const made = makeHome(samples);
  for (const name of ['claude', 'codex', 'gemini', 'opencode'])
    addProgram(
      made,
      name,
      `#!/bin/sh\n[ "$1" = --version ] && echo 9.9.9 && exit\nprintf '%s\\n' ${name} "$@"\n`,
    );
  return made;
}

interface Line {
  line: string;
  /** Words of the program that is started; an id that is new each time is written ID. */
  starts?: string[];
  prints?: RegExp;
  tells?: RegExp;
}

const lines: Line[] = [
  // quick resume: the agent's own session
  { line: 'claude --cwd .', starts: ['claude', '--resume', EDIT] },
  { line: 'claude 2 --cwd .', starts: ['claude', '--resume', THINK] },
  { line: 'claude 9c8a --cwd .', starts: ['claude', '--resume', THINK] },
  { line: 'claude:2 --cwd .', starts: ['claude', '--resume', THINK] },
  { line: 'codex --cwd .', starts: ['codex', 'resume', '--', CODEX] },
  { line: 'cc 2 --cwd .', starts: ['claude', '--resume', THINK] },
  { line: 'resume claude 2 --cwd .', starts: ['claude', '--resume', THINK] },
  { line: 'r claude:2 --cwd .', starts: ['claude', '--resume', THINK] },
  { line: `resume ${THINK} --in claude --cwd .`, starts: ['claude', '--resume', THINK] },
  // in another agent
  { line: 'codex 1 --in claude --cwd .', starts: ['claude', '--resume', 'ID'], tells: /became claude:/ },
  { line: 'claude 1 --in codex --cwd .', starts: ['codex', 'resume', '--', 'ID'], tells: /became codex:/ },
  {
    line: `claude resume ${CODEX} --source codex --cwd .`,
    starts: ['claude', '--resume', 'ID'],
    tells: /became claude:/,
  },
  { line: 'claude r 01a2 --cwd .', starts: ['claude', '--resume', 'ID'], tells: /became claude:/ },
  { line: 'claude resume 2 --cwd .', starts: ['claude', '--resume', THINK] },
  { line: 'resume 1 --source codex --in claude --cwd .', starts: ['claude', '--resume', 'ID'] },
  {
    line: `resume ${CODEX} --in claude --preset verbose --debug-prompt`,
    prints: /cat package\.json/,
  },
  { line: 'codex 1 --in claude --as handoff --debug-prompt', prints: /cat package\.json/ },
  { line: 'codex 1 --in claude --cwd . --print', prints: /^cd \S+ && claude --resume \S+\n$/ },
  {
    line: 'claude 2 --in codex --cwd . --dry-run',
    prints: /claude:9c8a\S+ would become codex:[\s\S]*nothing was written/,
  },
  {
    line: 'claude 2 --cwd . --dry-run',
    prints: new RegExp(`^would run: cd \\S+ && claude --resume ${THINK}\n$`),
  },
  // flags
  {
    line: 'claude 2 --cwd . --model opus --plan --add-dir /tmp --add-dir /var -- --verbose',
    starts: [
      ...['claude', '--resume', THINK, '--model', 'opus', '--permission-mode', 'plan'],
      ...['--add-dir', '/tmp', '--add-dir', '/var', '--verbose'],
    ],
  },
  {
    line: 'claude 2 --cwd . -m gpt-5 --yolo',
    starts: ['claude', '--resume', THINK, '--dangerously-skip-permissions'],
    tells: /^gpt-5 is no model of Claude Code/m,
  },
  {
    line: 'codex 1 --cwd . --sandbox --dangerously-skip-permissions',
    starts: [
      ...['codex', 'resume', '-c', 'approval_policy="never"', '-c', 'sandbox_mode="workspace-write"'],
      ...['--', CODEX],
    ],
  },
  {
    line: 'codex 1 --cwd . --permission-mode acceptEdits',
    starts: ['codex', 'resume', '-c', 'sandbox_mode="workspace-write"', '--', CODEX],
  },
  // looking
  { line: 'list --tool codex', prints: /^AGENT.*\ncodex +01a2043e[^\n]*\n$/ },
  { line: 'ls -n 1', prints: /^AGENT.*\ncodex +01a2043e/, tells: /there are more/ },
  { line: `info ${THINK}`, prints: /^claude:9c8a9bbd/ },
  { line: 'inspect codex 1', prints: /cat package\.json/ },
  { line: 'inspect codex:1 --write-md handoff.md', prints: /^$/, tells: /, in handoff\.md/ },
  { line: 'search port', prints: /claude:1b03ca69/ },
  { line: 'scan', prints: /^AGENT[\s\S]*Claude Code +3/ },
  { line: 'rebuild', prints: /^4 sessions read\n$/ },
  // no terminal: the list, and why
  { line: '', prints: /^ 1 {2}codex[^\n]*\n 2 {2}claude/, tells: /^segue: no terminal to draw on/ },
  { line: '--no-tui', prints: /^ 1 {2}codex[^\n]*\n 2 {2}claude/, tells: /^$/ },
  { line: 'pick --no-tui', prints: /^ 1 {2}codex/, tells: /^$/ },
];

test('each command line does what it says', async () => {
  for (const { line, starts, prints, tells } of lines) {
    const place = home();
    const said = await segue(place, line === '' ? [] : line.split(' '));
    expect(said.code, `${line}: ${said.stderr}`).toBe(0);
    if (starts !== undefined) {
      const started = said.stdout.trimEnd().split('\n');
      const words = started.map((word, i) => (starts[i] === 'ID' && ID.test(word) ? 'ID' : word));
      expect(words, line).toEqual(starts);
    }
    if (prints !== undefined) expect(said.stdout, line).toMatch(prints);
    if (tells !== undefined) expect(said.stderr, line).toMatch(tells);
  }
});

test('a document in a file is private', async () => {
  const place = home();
  await segue(place, ['inspect', 'codex:1', '--write-md', 'handoff.md']);
  const file = join(place.project, 'handoff.md');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).toContain('cat package.json');
});

test('--dry-run writes nothing and says in JSON what would be done', async () => {
  const place = home();
  const stores = () => readdirSync(place.path, { recursive: true, encoding: 'utf8' }).filter(isStore).sort();
  const before = stores();
  const native = json(
    await segue(place, ['claude', '1', '--in', 'codex', '--cwd', '.', '--dry-run', '--json']),
  );
  expect(native).toMatchObject({
    schema: 'segue.launch/1',
    source: { agent: 'claude', id: EDIT },
    agent: 'codex',
    how: 'native',
    command: { cwd: place.project },
    transfer: { dryRun: true, fidelity: { messages: { source: 5 } } },
    handoff: null,
  });
  const handoff = [
    'claude',
    '1',
    '--in',
    'codex',
    '--cwd',
    '.',
    '--preset',
    'minimal',
    '--dry-run',
    '--json',
  ];
  expect(json(await segue(place, handoff))).toMatchObject({ how: 'handoff', transfer: null });
  expect(json(await segue(place, ['claude', '1', '--cwd', '.', '--dry-run', '--json']))).toMatchObject({
    how: 'own',
    command: { argv: ['claude', '--resume', EDIT] },
  });
  expect(stores()).toEqual(before);
  expect((await segue(place, ['claude', '1', '--json'])).code).toBe(2);
});

function isStore(name: string): boolean {
  return !name.startsWith('.local');
}

test('permissions never rise: what takes rights away and does not exist at the agent is refused', async () => {
  const place = home();
  const refusals: [string, number, RegExp][] = [
    ['claude 1 --cwd . --sandbox', 4, /Claude Code has no sandbox: it could do more than was asked/],
    ['codex 1 --cwd . --plan --yolo', 2, /--plan and --yolo contradict each other/],
    ['codex 1 --cwd . --sandbox danger-full-access', 2, /never translated/],
    ['codex 1 --cwd . --permission-mode nonsense', 2, /Allowed choices/],
  ];
  for (const [line, code, tells] of refusals) {
    const said = await segue(place, line.split(' '));
    expect([said.code, said.stdout], line).toEqual([code, '']);
    expect(said.stderr, line).toMatch(tells);
  }
});

test('dump: every session, as Markdown and as JSON, masked and private', async () => {
  const place = home();
  const secret = `ghp_${'a1B2c3D4e5F6'.repeat(3)}`;
  const project = join(place.path, '.claude/projects/-home-dev-claude-todo-api');
  const record = readFileSync(join(project, `${THINK}.jsonl`), 'utf8').replaceAll(
    'How should we',
    `My token is ${secret}. How should we`,
  );
  const other = '9c8a9bbd-0000-4000-8000-000000000000';
  mkdirSync(join(place.path, '.claude/projects/-x'));
  writeFileSync(join(place.path, '.claude/projects/-x', `${other}.jsonl`), record.replaceAll(THINK, other));

  const markdown = await segue(place, ['dump', 'all', 'out']);
  expect(markdown.stderr).toMatch(/^5 sessions in /m);
  const names = readdirSync(join(place.project, 'out')).sort();
  expect(names).toHaveLength(5);
  expect(names).toContain(`codex-${CODEX}.md`);
  expect(statSync(join(place.project, 'out')).mode & 0o777).toBe(0o700);
  for (const name of names) {
    expect(statSync(join(place.project, 'out', name)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(place.project, 'out', name), 'utf8')).not.toContain(secret);
  }

  expect((await segue(place, ['dump', 'claude', 'json', '--json'])).code).toBe(0);
  expect(readdirSync(join(place.project, 'json'))).toHaveLength(4);
  const text = readFileSync(join(place.project, 'json', `claude-${other}.json`), 'utf8');
  expect(text).not.toContain(secret);
  expect(text).toContain('[REDACTED:');
  expect(JSON.parse(text)).toMatchObject({ schema: 'segue.session/1', info: { id: other } });

  await segue(place, ['dump', 'claude', 'json', '--json', '--no-redact']);
  expect(readFileSync(join(place.project, 'json', `claude-${other}.json`), 'utf8')).toContain(secret);
  expect((await segue(place, ['dump', 'codex', 'one', '-n', '1'])).code).toBe(0);
  expect(readdirSync(join(place.project, 'one'))).toEqual([`codex-${CODEX}.md`]);

  // the same holds for the document on the screen
  expect((await segue(place, ['handoff', other])).stdout).not.toContain(secret);
  expect((await segue(place, ['handoff', other, '--no-redact'])).stdout).toContain(secret);
});

test('no session anywhere: where was looked, and the demo', async () => {
  const said = await segue(makeHome(), []);
  expect(said).toMatchObject({ code: 0, stdout: '' });
  expect(said.stderr).toMatch(/no sessions found\. Looked for:\n[\s\S]*Claude Code: ~\/\.claude/);
  expect(said.stderr).toContain('segue demo');
});
