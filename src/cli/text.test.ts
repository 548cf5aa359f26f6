import { expect, test } from 'vitest';
import { style, wantsColour } from '../terminal/style.ts';
import { cut, displayWidth, pad, wrap } from '../terminal/width.ts';
import { ago, size } from './format.ts';
import { jsonText } from './json.ts';
import { table } from './table.ts';

test('width counts columns, not characters', () => {
  const simple = ['…', '«»›·│─', 'naïve café', 'Привет', '→ ½'].map(displayWidth);
  expect(simple).toEqual([1, 6, 10, 6, 3]);
  const widths = ['', 'abc', '日本語', 'e\u0301', '👩‍👩‍👧', '🇩🇪', '한글', 'a\u200Bb', '❤️'].map(displayWidth);
  expect(widths).toEqual([0, 3, 6, 1, 2, 2, 4, 2, 2]);
});

test('cutting keeps within the columns and never splits a character', () => {
  expect(cut('hello world', 8)).toBe('hello w…');
  expect(cut('日本語テキスト', 8)).toBe('日本語…');
  expect(cut('👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧', 4)).toBe('👩‍👩‍👧…');
  expect(cut('short', 5)).toBe('short');
  expect(cut('anything', 0)).toBe('');
});

test('lines are broken between words, keep their indent, and hold whole characters', () => {
  expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
  expect(wrap('  - one two three', 12)).toEqual(['  - one two', '  three']);
  expect(wrap('» one two three', 12, 2)).toEqual(['» one two', '  three']);
  expect(wrap('abcdefghijkl xy', 5)).toEqual(['abcde', 'fghij', 'kl xy']);
  expect(wrap('日本語テキスト', 5)).toEqual(['日本', '語テ', 'キス', 'ト']);
  expect(wrap('👩‍👩‍👧👩‍👩‍👧', 2)).toEqual(['👩‍👩‍👧', '👩‍👩‍👧']);
  expect(wrap('', 5)).toEqual(['']);
  for (const columns of [1, 2, 3, 9])
    expect(wrap('  日本 abc  defghi', columns, 2).join('').replaceAll(' ', '')).toBe('日本abcdefghi');
});

test('padding fills columns', () => {
  expect(pad('日本', 6)).toBe('日本  ');
  expect(pad('7', 3, 'right')).toBe('  7');
});

test('a table is as wide as its content and its last column is cut to the terminal', () => {
  const columns = [{ head: 'A' }, { head: 'N', align: 'right' as const }, { head: 'TITLE' }];
  const rows = [
    ['日本', '1', 'a title that does not fit'],
    ['x', '20', ''],
  ];
  expect(table(columns, rows, 24, style(false))).toEqual([
    'A      N  TITLE',
    '日本   1  a title that …',
    'x     20',
  ]);
  expect(table(columns, rows, undefined, style(false))[1]).toBe('日本   1  a title that does not fit');
});

test('colour: FORCE_COLOR, then NO_COLOR, then the terminal', () => {
  const cases: [boolean, Record<string, string>, boolean][] = [
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
  ];
  for (const [isTty, vars, expected] of cases)
    expect(wantsColour(isTty, vars), JSON.stringify([isTty, vars])).toBe(expected);
});

test('JSON is safe for terminals and says the same', () => {
  const value = { text: 'a\u001b[31m\u009b1m\u2028\u202e\u007f\ud800é' };
  const text = jsonText(value);
  expect(text).toBe('{"text":"a\\u001b[31m\\u009b1m\\u2028\\u202e\\u007f\\ud800é"}');
  expect(JSON.parse(text)).toEqual(value);
});

test('times and sizes', () => {
  const now = Date.UTC(2026, 10, 22, 12);
  const spans = [5, 90, 7200, 3 * 86_400, 40 * 86_400].map((seconds) => ago(now - seconds * 1000, now));
  expect(spans).toEqual(['just now', '1m ago', '2h ago', '3d ago', '2026-10-13']);
  expect([0, 999, 1000, 34_567, 5_600_000, 7e12].map(size)).toEqual([
    '0 B',
    '999 B',
    '1.0 KB',
    '35 KB',
    '5.6 MB',
    '7000 GB',
  ]);
});
