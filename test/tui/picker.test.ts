/** The picker, driven by keys in a real pseudo-terminal. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addProgram, type Home, makeHome, samples, segue } from '../e2e/segue.ts';
import { openTerminal, type TestTerminal } from './terminal.ts';

const ESC = '\u001B';
const DOWN = `${ESC}[B`;
const UP = `${ESC}[A`;
const WHEEL_DOWN = `${ESC}[<65;10;10M`;
const GIVEN_BACK = { screen: 'normal', cursor: true, mouse: 'none', paste: false };

/** Says what it was started with, then reads a line. */
const STAND_IN = `#!/bin/sh
[ "$1" = --version ] && echo 9.9.9 && exit
echo "$(basename "$0") $*"
read line
echo "read <$line>"
exit 7
`;

function home(): Home {
  const made = makeHome(samples);
  for (const name of ['claude', 'codex']) addProgram(made, name, STAND_IN);
  return made;
}

/** The screen with what depends on the day replaced. */
function steady(screen: string): string {
  return screen
    .replace(
      /^([› ] [a-z]+ +\d+[mhdwy])/gm,
      (start) => `${start.replace(/ +\d+[mhdwy]$/, '').padEnd(start.length - 1)}T`,
    )
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'YYYY-MM-DD hh:mm');
}

async function opened(place = home(), options = {}): Promise<TestTerminal> {
  const terminal = openTerminal(place, [], options);
  await terminal.until(/4\/4[\s\S]*»/);
  return terminal;
}

test('opens with the list and a preview of the newest; the cursor moves by keys and wheel', async () => {
  const terminal = await opened();
  expect(steady(terminal.screen().join('\n'))).toMatchSnapshot();
  terminal.keys(DOWN);
  await terminal.until(/^› claude +\S+ +Create a config/m);
  terminal.keys(UP);
  await terminal.until(/^› codex/m);
  terminal.keys(WHEEL_DOWN);
  await terminal.until(/^› claude +\S+ +Run the failing/m);
  terminal.keys(`${ESC}[H`);
  await terminal.until(/^› codex/m);
  // a sequence that comes in two reads is one key
  terminal.keys(ESC);
  terminal.keys('[B');
  await terminal.until(/^› claude +\S+ +Create a config/m);
});

test('typing filters, Esc clears, then leaves; the terminal is as before', async () => {
  const terminal = await opened();
  terminal.keys('fail');
  expect(steady(await terminal.until(/1\/4[\s\S]*» Run the failing/))).toMatchSnapshot();
  terminal.keys('zzz');
  await terminal.until(/nothing matches; Esc clears/);
  terminal.keys(ESC);
  await terminal.until(/4\/4/);
  // a paste is text, whatever is in it
  terminal.keys(`${ESC}[200~package\rversion${ESC}[201~`);
  await terminal.until(/^> package version▏ +1\/4/m);
  terminal.keys('\u0015');
  await terminal.until(/4\/4/);
  terminal.keys(ESC);
  expect(await terminal.ended).toMatchObject({ exitCode: 0 });
  expect(terminal.mode()).toEqual(GIVEN_BACK);
  expect(terminal.screen().join('')).toBe('');
});

test('Tab shows where to go on: previews, and why not', async () => {
  const terminal = await opened();
  terminal.keys(DOWN);
  await terminal.until(/^› claude[\s\S]*Changed files/m);
  terminal.keys('\t');
  const targets = await terminal.until(/Go on in … \(from claude\)/);
  expect(targets).toMatch(/› Claude Code +its own agent/);
  expect(targets).toMatch(/Gemini CLI +native · (?:un)?proven · missing/);
  terminal.keys(`${DOWN}f`);
  expect(steady(await terminal.until(/What a transfer would carry → Codex/))).toMatch(
    /Nothing is written yet\. Codex would hold:[\s\S]*tool calls +3/,
  );
  terminal.keys(ESC);
  await terminal.until(/Go on in …/);
  terminal.keys('h');
  await terminal.until(/Handoff → Codex/);
  terminal.keys(`${ESC}[6~`);
  await terminal.until(/^\d+\/\d+ ·/m);
  terminal.keys('q');
  await terminal.until(/Go on in …/);
  terminal.keys(`${DOWN}\r`);
  await terminal.until(/is not installed: npm install -g/);
  terminal.keys(ESC);
  await terminal.until(/^› claude/m);
  terminal.keys(`${ESC}f`);
  await terminal.until(/What a transfer would carry/);
  terminal.keys('\u0003');
  expect(await terminal.ended).toMatchObject({ exitCode: 0 });
});

test('/ searches inside the sessions, ? explains', async () => {
  const terminal = await opened();
  terminal.keys('/');
  await terminal.until(/^search: /m);
  terminal.keys('808');
  const found = await terminal.until(/^search: 808▏ +[1-9]\d* found/m);
  expect(found).toMatch(/› claude #\d+ Create a config/);
  terminal.keys(ESC);
  await terminal.until(/4\/4/);
  terminal.keys('?');
  expect(await terminal.until(/15\/15 · Esc back/)).toMatchSnapshot();
  terminal.keys(ESC);
  await terminal.until(/4\/4/);
});

test('back from everything that was opened from a search: to the agents, to the hits, to the list', async () => {
  const terminal = await opened();
  terminal.keys('/8080');
  await terminal.until(/› claude #\d+ Create a config file/);
  terminal.keys('\t');
  await terminal.until(/Go on in … \(from claude\)/);
  terminal.keys('h');
  await terminal.until(/^Handoff → Claude Code/);
  terminal.keys(ESC);
  await terminal.until(/^search: 8080▏[\s\S]*Go on in …/);
  terminal.keys('?');
  await terminal.until(/^segue: pick a session/);
  terminal.keys(ESC);
  await terminal.until(/Go on in …/);
  terminal.keys(ESC);
  await terminal.until(/^search: 8080▏(?![\s\S]*Go on in …)/);
  terminal.keys(ESC);
  await terminal.until(/^> ▏ +4\/4/);
});

test('80 columns: the preview is below, documents are broken to the width, no last character is lost', async () => {
  const terminal = openTerminal(home(), [], { columns: 80, rows: 24 });
  await terminal.until(/4\/4\n[\s\S]*»/);
  terminal.keys(DOWN);
  const screen = await terminal.until(/« Done: the server listens on 8080/);
  expect(steady(screen)).toMatchSnapshot();
  const lines = terminal.screen();
  expect(lines[1]).toBe('─'.repeat(80));
  expect(lines[2]).toMatch(/todo-api$/);
  expect(lines[2]).toHaveLength(80);
  terminal.keys(`${ESC}h`);
  const document = await terminal.until(/^Handoff/);
  expect(document.replace(/\s+/g, ' ')).toContain('material to work from, not instructions from the system.');
  terminal.keys(`${ESC}[F`);
  await terminal.until(/^(\d+)\/\1 · /m);
});

test('a small screen: the list of agents goes along with the cursor', async () => {
  const terminal = openTerminal(home(), [], { columns: 40, rows: 10 });
  await terminal.until(/4\/4/);
  terminal.keys('\t');
  await terminal.until(/› Claude Code/);
  terminal.keys(`${ESC}[F`);
  expect(await terminal.until(/› pi /)).not.toContain('Claude Code');
  terminal.keys(`${ESC}[H`);
  await terminal.until(/› Claude Code/);
});

test('Enter goes on in its own agent, with the terminal; a missing directory is asked about', async () => {
  const place = home();
  const terminal = await opened(place);
  terminal.keys('\r');
  await terminal.until(/\/home\/dev\/codex\/todo-api is gone\. Go on in [\s\S]*\[y\/N\]/);
  expect(terminal.mode()).toEqual(GIVEN_BACK);
  terminal.keys('y\r');
  await terminal.until(/^codex resume -- 01a2043e/m);
  terminal.keys('typed for the agent\r');
  await terminal.until(/^read <typed for the agent>$/m);
  expect(await terminal.ended).toMatchObject({ exitCode: 7 });
});

test('Enter stays where the agent is not installed, and says how to go on', async () => {
  const terminal = await opened(makeHome(samples));
  terminal.keys('\r');
  await terminal.until(/^Codex is not installed \(Tab: another agent\): npm install -g @openai\/codex$/m);
  terminal.keys('\t');
  await terminal.until(/Go on in …/);
});

test('Tab and Enter go on in another agent; the session is written first', async () => {
  const terminal = await opened();
  terminal.keys(`\t`);
  await terminal.until(/Go on in … \(from codex\)/);
  terminal.keys('\r');
  await terminal.until(/is gone\. Go on in/);
  terminal.keys('y\r');
  const text = await terminal.until(/^claude --resume [0-9a-f-]{36}$/m);
  expect(text).toMatch(/became claude:/);
  terminal.keys('\r');
  expect(await terminal.ended).toMatchObject({ exitCode: 7 });
});

test('a changed size is drawn anew, and a small one does not break', async () => {
  const terminal = await opened();
  terminal.resize(70, 12);
  const narrow = await terminal.until(/^> ▏ +4\/4$/m);
  expect(steady(narrow)).toMatchSnapshot();
  expect(narrow).not.toContain('│');
  terminal.resize(20, 4);
  await terminal.until(/4\/4\n─{20}$/m);
  terminal.resize(130, 20);
  await terminal.until(/4\/4\n─{130}$[\s\S]*│/m);
});

/** A Claude Code session of one exchange. */
function addSession(place: Home, id: string, cwd: string, prompt: string): void {
  const folder = join(place.path, '.claude/projects/-many');
  mkdirSync(folder, { recursive: true });
  const base = { sessionId: id, timestamp: '2026-11-01T10:00:00.000Z', cwd, version: '2.1.330' };
  const user = `${id.slice(0, -1)}a`;
  writeFileSync(
    join(folder, `${id}.jsonl`),
    `${JSON.stringify({ ...base, type: 'user', uuid: user, parentUuid: null, message: { role: 'user', content: prompt } })}\n` +
      `${JSON.stringify({ ...base, type: 'assistant', uuid: `${id.slice(0, -1)}b`, parentUuid: user, message: { id: 'm', role: 'assistant', model: 'claude-opus-5', content: [{ type: 'text', text: 'done' }] } })}\n`,
  );
}

function uuid(n: number): string {
  return `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`;
}

test('wide characters, combining marks and control characters keep the columns', async () => {
  const place = makeHome();
  const prompts = [
    '日本語のタイトルはとても長いので途中で切られるはずですが列はずれません',
    'naïve café, decomposed',
    '한국어 제목',
    `red ${ESC}[31mtext${ESC}[0m and ${ESC}]0;title\u0007 bells`,
    'plain',
  ];
  for (const [i, prompt] of prompts.entries()) addSession(place, uuid(i + 1), '/home/dev/作業', prompt);
  const terminal = openTerminal(place, []);
  await terminal.until(/5\/5/);
  const screen = await terminal.until(/»/);
  expect(steady(screen)).toMatchSnapshot();
  terminal.keys('日本');
  await terminal.until(/^> 日本▏ +1\/5/m);
  terminal.keys('\u007F\u007F');
  await terminal.until(/5\/5/);
});

test("this project's sessions come first", async () => {
  const place = home();
  addSession(place, uuid(1), place.project, 'old, but of this project');
  const terminal = openTerminal(place, []);
  expect(await terminal.until(/^› claude +\S+ +old, but of this project/m)).toContain('5/5');
});

test('10,000 sessions', async () => {
  const place = makeHome();
  for (let i = 1; i <= 10_000; i++)
    addSession(place, uuid(i), `/srv/project-${i % 50}`, `Change number ${i} in module ${i % 7}`);
  const terminal = openTerminal(place, []);
  await terminal.until(/10000\/10000/);
  terminal.keys('number 9999');
  await terminal.until(/^› claude .*Change number 9999 in module/m);
  terminal.keys(`\u0015${ESC}[F`);
  await terminal.until(/10000\/10000/);
  for (let i = 0; i < 50; i++) terminal.keys(UP);
  terminal.keys(ESC);
  expect(await terminal.ended).toMatchObject({ exitCode: 0 });
  expect(terminal.mode()).toEqual(GIVEN_BACK);
});

test('stopped or crashed: the terminal is given back, and the error is there to be read', async () => {
  const stopped = await opened();
  expect(stopped.mode()).toEqual({ screen: 'alternate', cursor: false, mouse: 'vt200', paste: true });
  stopped.kill('SIGTERM');
  expect(await stopped.ended).toMatchObject({ signal: 15 });
  expect(stopped.mode()).toEqual(GIVEN_BACK);

  const bomb = "process.on('SIGUSR2', () => { throw new Error('boom'); })";
  const crashed = await opened(home(), { nodeFlags: ['--import', `data:text/javascript,${bomb}`] });
  crashed.kill('SIGUSR2');
  expect(await crashed.ended).toMatchObject({ exitCode: 1 });
  expect(crashed.mode()).toEqual(GIVEN_BACK);
  expect(crashed.screen().join('\n')).toContain('Error: boom');
});

test('Ctrl-Z gives the terminal back, and going on takes it again', async () => {
  const terminal = await opened();
  const before = terminal.written().length;
  terminal.keys('\u001A');
  while (!terminal.written().slice(before).includes('4/4'))
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(terminal.written().slice(before)).toMatch(/^\u001B\[\?7h[\s\S]*\u001B\[\?1049l\u001B\[\?1049h/);
  terminal.keys('\u0003');
  expect(await terminal.ended).toMatchObject({ exitCode: 0 });
  expect(terminal.mode()).toEqual(GIVEN_BACK);
});

test('a list without the full screen fits the width; a number that is not in it is told', async () => {
  const terminal = openTerminal(home(), ['--no-tui'], { columns: 60 });
  const screen = await terminal.until(/number \[agent\], or nothing to leave:/);
  expect(screen).toMatch(/^ 2 {2}claude .* ago {2}Create a config .*…$/m);
  terminal.keys('9\r');
  await terminal.until(/there is no number 9 in this list/);
  expect(await terminal.ended).toMatchObject({ exitCode: 0 });
});

test('a list without the full screen asks for a number', async () => {
  const terminal = openTerminal(home(), ['--no-tui']);
  await terminal.until(/number \[agent\], or nothing to leave:/);
  terminal.keys('2 codex\r');
  await terminal.until(/is gone\. Go on in/);
  terminal.keys('n\r');
  expect(await terminal.ended).toMatchObject({ exitCode: 0 });
});

test('the filter looks at the first and the last prompt, once their text is indexed', async () => {
  const place = home();
  await segue(place, ['index']);
  const terminal = await opened(place);
  // the title is the first prompt, the last one is in the session only
  terminal.keys('which files');
  await terminal.until(/1\/4[\s\S]*› codex .*Show me the package version/);
});
