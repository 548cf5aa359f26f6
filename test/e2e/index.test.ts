/** Several segues at once over one index. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeCorpus } from '../bench/corpus.ts';
import { contents } from '../index-contents.ts';
import { json, makeHome, segue } from './segue.ts';

test('processes that index, list and search at the same time do not disturb each other', async () => {
  const home = makeHome();
  const { sessions } = makeCorpus(join(home.path, 'corpus'), 30, 24e6, 7, 'talk');
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
  const env = (folder: string) => ({
    home: home.path,
    vars: { SEGUE_DATA_DIR: join(home.path, folder) },
    platform: process.platform,
  });
  expect(await contents(env('together'))).toEqual(await contents(env('alone')));
});
