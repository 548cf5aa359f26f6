import { expect, test } from 'vitest';
import { closest } from './closest.ts';

test('a typing error finds its word, anything else finds nothing', () => {
  const names = ['list', 'show', 'convert', 'resume', 'undo', 'codex', 'claude'];
  const meant = ['lst', 'lsit', 'SHOW', 'covnert', 'resum', 'undoo', 'codx', 'cluade', 'xyzzy', '', 'l'].map(
    (word) => closest(word, names),
  );
  expect(meant).toEqual([
    'list',
    'list',
    'show',
    'convert',
    'resume',
    'undo',
    'codex',
    'claude',
    undefined,
    undefined,
    undefined,
  ]);
});
