/** The list of a generated corpus is true, before and after its text was read. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { json, makeHome, segue } from '../e2e/segue.ts';
import { makeCorpus } from './corpus.ts';
import { type Listed, wrongs } from './exact.ts';

test('every session is found; titles, directories, times and counts are right', async () => {
  const home = makeHome();
  const { sessions } = makeCorpus(join(home.path, 'corpus'), 40);
  for (const store of ['.claude', '.codex', '.gemini'])
    cpSync(join(home.path, 'corpus', store), join(home.path, store), {
      recursive: true,
      preserveTimestamps: true,
    });
  const list = async (): Promise<Listed[]> =>
    (json(await segue(home, ['list', '--all', '--json'])) as { sessions: Listed[] }).sessions;
  expect(wrongs(sessions, await list(), false)).toEqual([]);
  expect((await segue(home, ['index'])).stdout).toBe('40 sessions read\n');
  expect(wrongs(sessions, await list(), true)).toEqual([]);
  const [first] = sessions;
  const found = json(await segue(home, ['search', first?.rare ?? '', '--json'])) as {
    hits: { id: string }[];
  };
  expect(found.hits.map(({ id }) => id)).toEqual([first?.id]);
});
