/** Several segues at once over one index. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openIndex } from '../../src/index/store.ts';
import type { Env } from '../../src/io/paths.ts';
import type { WriteDatabase } from '../../src/io/sqlite.ts';
import { makeCorpus } from '../bench/corpus.ts';
import { contents } from '../index-contents.ts';
import { addFile, type Home, json, makeHome, segue, start } from './segue.ts';

test('processes that index, list and search at the same time do not disturb each other', async () => {
  const home = makeHome();
  const { sessions } = makeCorpus(join(home.path, 'corpus'), 30, { bytes: 24e6, shape: 'talk' });
  for (const store of ['.claude', '.codex', '.gemini'])
    cpSync(join(home.path, 'corpus', store), join(home.path, store), { recursive: true });
  const rare = sessions.at(-1)?.rare ?? '';
  const vars = { SEGUE_DATA_DIR: join(home.path, 'together') };
  const run = (...words: string[]) => segue(home, words, { vars });
  const said = await Promise.all([
    run('index'),
    run('list', '--all', '--json'),
    run('search', rare, '--json'),
    run('index'),
    run('scan', '--json'),
  ]);
  expect(said.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    said.map(() => ({ code: 0, stderr: '' })),
  );
  expect((json(said[1] ?? expect.fail('no list')) as { sessions: unknown[] }).sessions).toHaveLength(31);
  expect((json(said[2] ?? expect.fail('no hits')) as { hits: unknown[] }).hits).toHaveLength(1);
  expect((await run('index')).stdout).toBe('0 sessions read\n');
  expect(await contents(env(home, 'together'))).toEqual(await contents(env(home, 'alone')));
});

test('what a killed process was at is done by the next ones', async () => {
  const home = makeHome();
  addLongSession(home);
  const vars = { SEGUE_DATA_DIR: join(home.path, 'killed') };
  const index = openIndex(env(home, 'killed'));
  onTestFinished(() => index.close());
  const killed = start(home, ['index'], { vars });
  const ended = new Promise((resolve) => killed.once('close', (_code, signal) => resolve(signal)));
  while (claimed(index) === 0 && killed.exitCode === null) await setTimeout(1);
  killed.kill('SIGKILL');
  expect(await ended).toBe('SIGKILL');
  // with a part of the session written, and no more
  expect(claimed(index)).toBe(1);
  expect(index.get('SELECT count(*) > 0 AS some, max(last) < ? AS part FROM block', LONG)).toEqual({
    some: 1,
    part: 1,
  });
  // that its process is gone counts at once, not only when nothing was written for long
  index.run('UPDATE session SET claimed = claimed + ?', 3600e3);
  const next = await Promise.all([
    segue(home, ['index'], { vars }),
    segue(home, ['search', `text${LONG - 1}`, '--json'], { vars }),
  ]);
  expect(next.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    next.map(() => ({ code: 0, stderr: '' })),
  );
  expect((json(next[1]) as { hits: unknown[] }).hits).toMatchObject([{ at: LONG, more: 0 }]);
  expect(claimed(index)).toBe(0);
  expect(await contents(env(home, 'killed'))).toEqual(await contents(env(home, 'alone')));
});

function env(home: Home, data: string): Env {
  return { home: home.path, vars: { SEGUE_DATA_DIR: join(home.path, data) }, platform: process.platform };
}

/** Texts of the long session: several transactions' worth. */
const LONG = 2000;

function addLongSession(home: Home): void {
  const id = '01a2043e-a679-7852-a3d7-9b3318c8293f';
  const record = (type: string, payload: object) =>
    `${JSON.stringify({ timestamp: '2026-10-01T00:00:00.000Z', type, payload })}\n`;
  const said = Array.from({ length: LONG }, (_, n) =>
    record('response_item', {
      type: 'message',
      role: 'user',
      content: [{ type: 'input_text', text: `text${n} ${'answer other new '.repeat(600)}` }],
    }),
  );
  addFile(
    home,
    `.codex/sessions/2026/10/01/rollout-2026-10-01T00-00-00-${id}.jsonl`,
    record('session_meta', { id, cwd: home.project }) + said.join(''),
  );
}

/** Sessions that a process is at. */
function claimed(index: WriteDatabase): number {
  return Number(index.get('SELECT count(*) AS n FROM session WHERE claim IS NOT NULL')?.n);
}
