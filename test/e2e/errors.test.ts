/** Every documented exit code, in text and JSON, and that no failure shows a stack. */
import { expect, test } from 'vitest';
import { exitCodes, SegueError } from '../../src/model/errors.ts';
import { addFile, addProgram, json, makeHome, samples, segue } from './segue.ts';

interface Case {
  words: string[];
  code: number;
  error: string;
  message?: RegExp;
  hint?: RegExp;
}

const cases: Case[] = [
  {
    words: ['lst'],
    code: 2,
    error: 'bad-usage',
    message: /unknown command "lst"/,
    hint: /did you mean list\?/,
  },
  { words: ['cluade'], code: 2, error: 'bad-usage', hint: /did you mean claude\?/ },
  { words: ['--nope'], code: 2, error: 'bad-usage' },
  { words: ['list', '--nope'], code: 2, error: 'bad-usage', hint: /segue list --help/ },
  { words: ['list', '-n', 'x'], code: 2, error: 'bad-usage' },
  { words: ['list', '--agent', 'codx'], code: 2, error: 'unknown-agent', hint: /did you mean codex\?/ },
  { words: ['show'], code: 2, error: 'bad-usage' },
  { words: ['show', 'a', 'b', 'c'], code: 2, error: 'bad-usage', hint: /agent:N/ },
  { words: ['show', 'clade', '3'], code: 2, error: 'unknown-agent', hint: /did you mean claude\?/ },
  { words: ['convert', 'last'], code: 2, error: 'bad-usage', message: /--to/ },
  { words: ['convert', 'last', '--to', 'nobody'], code: 2, error: 'unknown-agent' },
  { words: ['resume', 'last', '--headless'], code: 2, error: 'bad-usage', message: /--prompt/ },
  { words: ['agents', 'foo'], code: 2, error: 'unknown-agent' },
  { words: ['agents', 'codex', 'foo'], code: 2, error: 'bad-usage' },
  { words: ['show', 'zzzz'], code: 3, error: 'session-not-found' },
  {
    words: ['show', '9c9a9bbd'],
    code: 3,
    error: 'session-not-found',
    hint: /did you mean claude:9c8a9bbd-b28c-4aba-a855-1628ad339a8a\?/,
  },
  { words: ['show', '1b'], code: 3, error: 'session-not-found', hint: /4 characters/ },
  { words: ['show', 'claude:99'], code: 3, error: 'session-not-found', message: /there are only 3/ },
  { words: ['show', '/no/such/file.jsonl'], code: 3, error: 'session-not-found' },
  { words: ['show', 'last', '--at', '9999'], code: 3, error: 'session-not-found' },
  { words: ['undo', 'zzzz'], code: 3, error: 'receipt-not-found' },
  { words: ['undo'], code: 3, error: 'receipt-not-found' },
  {
    words: ['resume', 'claude:1', '--cwd', '.'],
    code: 4,
    error: 'not-installed',
    hint: /npm install -g|npm i -g/,
  },
  { words: ['resume', 'claude:1'], code: 4, error: 'cwd-missing', hint: /--cwd/ },
  { words: ['convert', 'claude:1', '--to', 'codex'], code: 4, error: 'cwd-missing', hint: /--cwd/ },
];

test('each failure has its code, a clear line and a hint; JSON says the same', async () => {
  const home = makeHome(samples);
  for (const { words, code, error, message, hint } of cases) {
    const label = words.join(' ');
    const text = await segue(home, words);
    expect(text.code, label).toBe(code);
    expect(text.stdout, label).toBe('');
    expect(text.stderr, label).toMatch(/^segue: \S/);
    expect(text.stderr, label).not.toMatch(/\n\s+at /);
    const said = await segue(home, [...words, '--json']);
    if (words[0] === 'resume') continue; // starts a program: has no JSON form
    expect(said.code, label).toBe(code);
    const envelope = json(said) as {
      schema: string;
      error: { code: string; message: string; hint?: string };
    };
    expect(envelope.schema, label).toBe('segue.error/1');
    expect(envelope.error.code, label).toBe(error);
    if (message) expect(envelope.error.message, label).toMatch(message);
    if (hint) expect(envelope.error.hint, label).toMatch(hint);
  }
});

test('what is meant is named once', async () => {
  const said = await segue(makeHome(samples), ['lst']);
  expect(said).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'segue: unknown command "lst"\n  did you mean list?\n',
  });
});

test('an ambiguous reference names what it may mean', async () => {
  const home = makeHome(samples);
  addFile(home, '.claude/projects/-x/1b03ca69-0000-4000-8000-000000000000.jsonl', '{}\n');
  const text = await segue(home, ['show', '1b03']);
  expect(text.code).toBe(3);
  expect(text.stderr).toContain('    claude:1b03ca69-eec0-4227-88ab-aafc0ec2e6b5\n');
  const { error } = json(await segue(home, ['show', '1b03', '--json'])) as {
    error: { code: string; candidates: string[] };
  };
  expect(error.code).toBe('session-ambiguous');
  expect([...error.candidates].sort()).toEqual([
    'claude:1b03ca69-0000-4000-8000-000000000000',
    'claude:1b03ca69-eec0-4227-88ab-aafc0ec2e6b5',
  ]);
});

test('bad files fail with a line, not with a crash', async () => {
  const home = makeHome(samples);
  const files = {
    'empty.jsonl': '',
    'junk.jsonl': Buffer.from([0, 255, 254, 1, 2, 3, 10, 0, 0]),
    'null.jsonl': 'null\nnull\n',
    'text.txt': 'hello\n',
  };
  for (const [name, content] of Object.entries(files)) {
    const path = addFile(home, name, content);
    const said = await segue(home, ['show', path, '--json']);
    expect(said.code, name).toBe(exitCodes.failed);
    expect((json(said) as { error: { code: string } }).error.code, name).toMatch(
      /^(?:not-a-session|unreadable)$/,
    );
    expect(said.stderr, name).toBe('');
  }
});

test('exit code of an agent: its own, 128 + n after a signal', async () => {
  const home = makeHome(samples);
  addProgram(home, 'claude', '#!/bin/sh\nexit 7\n');
  expect((await segue(home, ['resume', 'claude:1', '--cwd', '.'])).code).toBe(7);
  addProgram(home, 'claude', '#!/bin/sh\nkill -TERM $$\n');
  expect((await segue(home, ['resume', 'claude:1', '--cwd', '.'])).code).toBe(143);
  addProgram(home, 'claude', '#!/bin/sh\nkill -INT $$\n');
  expect((await segue(home, ['resume', 'claude:1', '--cwd', '.'])).code).toBe(exitCodes.interrupted);
});

test('codes that the foundation cannot reach from outside belong to their exit codes all the same', () => {
  const exits = (['limit-reached', 'interrupted', 'write-failed', 'no-writer'] as const).map(
    (code) => new SegueError(code, '').exitCode,
  );
  expect(exits).toEqual([exitCodes.limit, exitCodes.interrupted, exitCodes.failed, exitCodes.refused]);
});
