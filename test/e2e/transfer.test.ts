/** `convert`, `undo` and `demo`: what is written, what is said, and that the source stays as it was. */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import type { SessionEnvelope } from '../../src/model/document.ts';
import type { TransferList } from '../../src/transfer/envelope.ts';
import type { TransferResult, UndoResult } from '../../src/transfer/index.ts';
import { addProgram, type Home, json, makeHome, samples, segue, start } from './segue.ts';

/** Content of every file of the agents' stores. */
function stores(home: Home): Map<string, string> {
  const files = readdirSync(home.path, { recursive: true, withFileTypes: true }).filter((item) =>
    item.isFile(),
  );
  return new Map(
    files
      .map((item) => relative(home.path, join(item.parentPath, item.name)))
      .filter((path) => /^\.(?:claude|codex)/.test(path))
      .map((path) => [path, readFileSync(join(home.path, path), 'base64')]),
  );
}

async function convert(home: Home, ...words: string[]): Promise<TransferResult> {
  const said = await segue(home, ['convert', ...words, '--json']);
  expect(said).toMatchObject({ code: 0, stderr: '' });
  return json(said) as TransferResult;
}

test('convert: adds the session, says what was carried, leaves the source as it was', async () => {
  const home = makeHome(samples);
  const before = stores(home);
  const result = await convert(home, 'claude:1b03', '--to', 'codex', '--cwd', '.');
  expect(result).toMatchObject({
    schema: 'segue.transfer/1',
    dryRun: false,
    source: { agent: 'claude', id: '1b03ca69-eec0-4227-88ab-aafc0ec2e6b5' },
    target: { agent: 'codex', cwd: home.project },
    fidelity: { messages: { source: 5, native: 5 }, toolCalls: { source: 3, omitted: 0, text: 0 } },
  });
  expect(result.resume?.argv[0]).toBe('codex');
  expect(result.resume?.argv).toContain(result.target.id);
  expect(result.resume?.display).toContain(`cd ${home.project} && codex`);
  const after = stores(home);
  for (const [path, content] of before) expect(after.get(path), path).toBe(content);
  expect(result.target.paths.every((path) => existsSync(path))).toBe(true);

  const shown = json(await segue(home, ['show', `codex:${result.target.id}`, '--json'])) as SessionEnvelope;
  expect(shown.info).toMatchObject({ agent: 'codex', id: result.target.id, cwd: home.project });
});

test('convert --dry-run: the same report, and nothing is written', async () => {
  const home = makeHome(samples);
  const before = stores(home);
  const planned = await convert(home, 'claude:1b03', '--to', 'codex', '--cwd', '.', '--dry-run');
  expect(planned).toMatchObject({ dryRun: true, receipt: null });
  expect(stores(home)).toEqual(before);
  const done = await convert(home, 'claude:1b03', '--to', 'codex', '--cwd', '.');
  expect(planned.fidelity).toEqual(done.fidelity);
});

test('convert to several agents: side by side, one failure does not hide the others', async () => {
  const home = makeHome(samples);
  const both = await segue(home, ['convert', 'claude:1b03', '--to', 'codex,claude', '--cwd', '.', '--json']);
  expect(both.code).toBe(0);
  const { transfers } = json(both) as TransferList;
  expect(transfers.map(({ target }) => target.agent)).toEqual(['codex', 'claude']);

  const text = await segue(home, [
    'convert',
    'claude:1b03',
    '--to',
    'codex,claude',
    '--cwd',
    '.',
    '--dry-run',
  ]);
  expect(text.stdout).toContain('would become codex:');
  expect(text.stdout).toContain('would become claude:');

  writeFileSync(join(home.path, 'file'), '');
  const vars = { CODEX_HOME: join(home.path, 'file') };
  const partly = await segue(
    home,
    ['convert', 'claude:1b03', '--to', 'codex,claude', '--cwd', '.', '--json'],
    { vars },
  );
  const list = json(partly) as TransferList;
  expect(partly.code).not.toBe(0);
  expect(list.transfers.map(({ target }) => target.agent)).toEqual(['claude']);
  expect(list.errors?.map(({ agent }) => agent)).toEqual(['codex']);
});

test('there and back: the session says the same', async () => {
  const home = makeHome(samples);
  const there = await convert(home, 'claude:1b03', '--to', 'codex', '--cwd', '.');
  const back = await convert(home, `codex:${there.target.id}`, '--to', 'claude');
  const texts = async (ref: string): Promise<unknown[]> => {
    const { entries } = json(await segue(home, ['show', ref, '--json'])) as SessionEnvelope;
    return entries
      .flatMap((entry) => (entry.type === 'message' && entry.origin !== 'harness' ? entry.parts : []))
      .map((part) =>
        part.type === 'tool_call'
          ? [part.tool, part.input]
          : part.type === 'text'
            ? part.text
            : part.type === 'tool_result'
              ? [part.status, part.content]
              : part.type,
      );
  };
  expect(await texts(`claude:${back.target.id}`)).toEqual(await texts('claude:1b03'));
});

test('undo: takes away exactly what was added', async () => {
  const home = makeHome(samples);
  const before = stores(home);
  const result = await convert(home, 'codex:1', '--to', 'claude', '--cwd', '.');
  const said = await segue(home, ['undo', '--json']);
  expect(said.code).toBe(0);
  expect(json(said) as UndoResult).toMatchObject({
    schema: 'segue.undo/1',
    receipt: result.receipt,
    target: { agent: 'claude', id: result.target.id },
    problems: [],
  });
  expect(stores(home)).toEqual(before);
  expect((await segue(home, ['undo'])).code).toBe(3);
});

test('undo --list: what was transferred, and what was taken back', async () => {
  const home = makeHome(samples);
  expect(await segue(home, ['undo', '--list'])).toMatchObject({
    code: 0,
    stdout: '',
    stderr: 'no transfers yet\n',
  });
  const first = await convert(home, 'codex:1', '--to', 'claude', '--cwd', '.');
  const second = await convert(home, 'claude:1b03', '--to', 'codex', '--cwd', '.');
  await segue(home, ['undo']);
  const rows = (await segue(home, ['undo', '--list'])).stdout.trimEnd().split('\n').slice(1);
  expect(rows.map((row) => row.trimEnd().split(/ {2,}/))).toEqual([
    [second.receipt, 'just now', `claude:${second.source.id}`, `codex:${second.target.id}`, 'undone'],
    [first.receipt, 'just now', `codex:${first.source.id}`, `claude:${first.target.id}`],
  ]);
});

test('damage in the source is in the report', async () => {
  const home = makeHome(samples);
  const path = join(
    home.path,
    '.claude/projects/-home-dev-claude-todo-api/2069a38e-86da-472c-889a-6f12813bc99a.jsonl',
  );
  const lines = readFileSync(path, 'utf8').split('\n');
  writeFileSync(
    path,
    [...lines.slice(0, 3), 'not json', ...lines.slice(3, 5), '{"type":', ...lines.slice(5)].join('\n'),
  );
  for (const words of [['--dry-run'], []]) {
    const { fidelity } = await convert(home, 'claude:2069', '--to', 'codex', '--cwd', '.', ...words);
    expect(fidelity.notes).toContainEqual(expect.objectContaining({ code: 'source-bad-record', count: 2 }));
  }
});

test('undo: a session that was continued is not taken away, unless forced', async () => {
  const home = makeHome(samples);
  const result = await convert(home, 'codex:1', '--to', 'claude', '--cwd', '.');
  const [path = ''] = result.target.paths;
  appendFileSync(path, `${readFileSync(path, 'utf8').trimEnd().split('\n').at(-1)}\n`);
  const refused = await segue(home, ['undo', result.receipt ?? '', '--json']);
  expect(refused.code).toBe(4);
  expect((json(refused) as { error: { code: string } }).error.code).toBe('changed-since');
  expect(existsSync(path)).toBe(true);
  expect((await segue(home, ['undo', result.receipt ?? '', '--force'])).code).toBe(0);
  expect(existsSync(path)).toBe(false);
});

test.skipIf(process.getuid?.() === 0)('a store that cannot be written: nothing is left behind', async () => {
  const home = makeHome(samples);
  const before = stores(home);
  chmodSync(join(home.path, '.codex/sessions'), 0o500);
  const said = await segue(home, ['convert', 'claude:1b03', '--to', 'codex', '--cwd', '.', '--json']);
  chmodSync(join(home.path, '.codex/sessions'), 0o700);
  expect(said.code).toBe(1);
  expect(stores(home)).toEqual(before);
});

test('demo: runs through, leaves nothing behind, and touches nothing of the user', async () => {
  const home = makeHome();
  const temporary = join(home.path, 'tmp');
  mkdirSync(temporary);
  addProgram(home, 'claude', '#!/bin/sh\necho started >> "$HOME/started"\n');
  addProgram(home, 'codex', '#!/bin/sh\necho started >> "$HOME/started"\n');
  const said = await segue(home, ['demo'], { vars: { TMPDIR: temporary } });
  expect(said.stderr).toBe('');
  expect(said.code).toBe(0);
  for (const text of [
    'Claude Code → Codex',
    'became codex:',
    'Codex → Claude Code',
    'became claude:',
    'codex resume',
    'claude --resume',
    'byte for byte',
  ])
    expect(said.stdout).toContain(text);
  const equal = /^(\d+) of (\d+) parts/m.exec(said.stdout);
  expect(equal?.[1]).toBe(equal?.[2]);
  expect(readdirSync(home.path)).toEqual(['tmp']);
  expect(readdirSync(temporary).filter((name) => name.startsWith('segue'))).toEqual([]);

  const kept = await segue(home, ['demo', '--keep'], { vars: { TMPDIR: temporary } });
  const folder = /^kept: (.+)$/m.exec(kept.stdout)?.[1] ?? '';
  expect(statSync(join(folder, 'home')).isDirectory()).toBe(true);
});

test('demo: interrupted, it leaves nothing behind', async () => {
  const home = makeHome();
  const temporary = join(home.path, 'tmp');
  mkdirSync(temporary);
  const child = start(home, ['demo'], { vars: { TMPDIR: temporary } });
  // the first thing that it says comes after the scratch home is made
  child.stdout.once('data', () => child.kill('SIGINT'));
  const signal = await new Promise((resolve) => child.once('exit', (_code, by) => resolve(by)));
  expect(signal).toBe('SIGINT');
  expect(readdirSync(temporary).filter((name) => name.startsWith('segue'))).toEqual([]);
});
