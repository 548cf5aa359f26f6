import { expect, test } from 'vitest';
import { wrongInList } from './target.ts';

const now = Date.parse('2026-01-01T12:00:00Z');
const since = '2026-01-01T11:00:00Z';
const wanted = { cwd: '/w', titles: [undefined, 'List the files\nand show the manifest'], now, since };

test('an agent’s list has the session with its title, directory and time', () => {
  const row = { id: 'a', title: 'List the files and sh…', cwd: '/w', updated: '2026-01-01T11:59:00Z' };
  expect(wrongInList(row, wanted)).toBeUndefined();
  expect(wrongInList({ ...row, updated: now - 1000 }, wanted)).toBeUndefined();
  // what a list does not tell cannot be wrong
  expect(wrongInList({ id: 'a' }, wanted)).toBeUndefined();
  expect(wrongInList({ ...row, title: 'New session' }, wanted)).toContain('"New session"');
  expect(wrongInList({ ...row, cwd: '/' }, wanted)).toBe('shows the directory /');
  expect(wrongInList({ ...row, updated: since }, wanted)).toBeUndefined();
  expect(wrongInList({ ...row, updated: 0 }, wanted)).toBe('shows the time 0');
  expect(wrongInList({ ...row, updated: now + 3_600_000 }, wanted)).toContain('the time');
  expect(wrongInList({ ...row, updated: 'yesterday' }, wanted)).toBe('shows the time yesterday');
});
