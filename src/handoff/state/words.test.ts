import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wordsKey } from './words.ts';

test.each([
  ['We took option 2.', 'we took option 3!'],
  ['It’s “done”, really', "it's done really"],
  ['Größe: 4 MB', 'größe 7 mb'],
  ['日本語の説明 1', '日本語の説明 2'],
])('the same words: %s', (one, other) => {
  expect(wordsKey(one)).toBe(wordsKey(other));
});

test.each([
  ['we took it', 'we look it'],
  ['a bc', 'ab c'],
  ['größe', 'grösse'],
  ['', 'a'],
])('other words: %s', (one, other) => {
  expect(wordsKey(one)).not.toBe(wordsKey(other));
});

test('only the first words count when only they are asked for', () => {
  expect(wordsKey('Let me look at that', 3)).toBe(wordsKey('let me look into this', 3));
  expect(wordsKey('Let me look at that', 4)).not.toBe(wordsKey('let me look into this', 4));
});

test('two texts have the same key when they have the same letters in the same words, and only then', () => {
  const text = fc
    .array(fc.constantFrom('a', 'B', 'é', 'É', '字', ' ', '-', '’', '1', '𝒜', '🙂'), { maxLength: 6 })
    .map((chars) => chars.join(''));
  const words = (value: string): string => (value.toLowerCase().match(/\p{L}+/gu) ?? []).join(' ');
  fc.assert(
    fc.property(text, text, (one, other) => {
      expect(wordsKey(one) === wordsKey(other)).toBe(words(one) === words(other));
    }),
    { numRuns: 3000 },
  );
});
