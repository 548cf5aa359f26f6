import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, it } from 'vitest';
import { loadTokenTable } from './o200k.ts';
import { Pieces } from './o200k-pieces.ts';
import { loadTokenCounter, longRuns } from './tokens.ts';

const table = loadTokenTable();
const plain = { disallowedSpecial: new Set<string>() };

/** The library drops a byte-order mark, and takes JavaScript's white space for Unicode's. */
const isRead = (text: string): boolean => !/[\ufeff\u0085]/.test(text);
const referee = (text: string): number => countTokens(text, plain);

/** What is cut and merged differently, in all mixtures. */
const piece = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
  fc.string({
    unit: fc.constantFrom(...'aAzZéÉǅʰ漢字かな한글\u0301👩🏽0１٣ \t\n\r\u00a0\u3000/\'"<|>_-'),
  }),
  fc.constantFrom(
    '<|endoftext|>',
    '<|im_start|>',
    "it's",
    "WE'LL",
    "I'Ve",
    'camelCaseName',
    'HTTPServer2',
    '12345',
    ' \ufeff',
    '\u0085',
  ),
  fc
    .tuple(fc.constantFrom('a', 'ab', ' ', '\n', '=', 'é', '漢', '\ud83d'), fc.integer({ min: 1, max: 90 }))
    .map(([text, times]) => text.repeat(times)),
);
const texts = fc.array(piece, { maxLength: 12 }).map((own) => own.join(''));

/** OpenAI's, with white space as tiktoken has it. */
const PATTERN = new RegExp(
  [
    String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?`,
    String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])?`,
    String.raw`\p{N}{1,3}`,
    String.raw` ?[^\p{White_Space}\p{L}\p{N}]+[\r\n/]*`,
    String.raw`\p{White_Space}*[\r\n]+`,
    String.raw`\p{White_Space}+(?!\P{White_Space})`,
    String.raw`\p{White_Space}+`,
  ].join('|'),
  'gu',
);

it('pieces are what the pattern matches', () => {
  const walker = new Pieces();
  fc.assert(
    fc.property(texts, (text) => {
      const pieces: string[] = [];
      for (let from = 0; from < text.length; ) {
        const to = walker.end(text, from);
        pieces.push(text.slice(from, to));
        from = to;
      }
      expect(pieces).toEqual(text.match(PATTERN) ?? []);
    }),
    { numRuns: 5000 },
  );
});

describe('the o200k table', () => {
  it('counts every text as the library does', () => {
    fc.assert(
      fc.property(texts.filter(isRead), (text) => {
        expect(table.count(text)).toBe(referee(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('counts code, records and prose as the library does', () => {
    const root = join(import.meta.dirname, '../..');
    for (const [folder, ending] of [
      ['src/handoff', '.ts'],
      ['src/agents', '.jsonl'],
      ['src/agents', '.md'],
    ] as const) {
      for (const name of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
        if (!name.endsWith(ending)) continue;
        const text = readFileSync(join(root, folder, name), 'utf8').slice(0, 60_000);
        if (isRead(text)) expect(table.count(text), name).toBe(referee(text));
      }
    }
  });

  it('counts long words as the library does', () => {
    const letters = fc.string({
      unit: fc.constantFrom(...'abcdeghilmnorst漢字的是'),
      minLength: 200,
      maxLength: 900,
    });
    fc.assert(
      fc.property(letters, (text) => {
        expect(table.count(text)).toBe(referee(text));
      }),
      { numRuns: 60 },
    );
  });

  // as tiktoken 0.14 counts
  it.each([
    ['\ufeff', 1],
    ['\ufeffusing', 1],
    ['  \ufeffx', 3],
    ['\u0085.a', 3],
  ])('reads %j as tiktoken does', (text, tokens) => {
    expect(table.count(text)).toBe(tokens);
  });
});

it('the counter cuts long texts: exact up to there, never too low beyond', async () => {
  const count = await loadTokenCounter();
  const word = 'abcdeghilmnorst'.repeat(270);
  expect(count(word)).toBe(referee(word));
  const long = [
    word.repeat(3),
    'What was said, and done. '.repeat(2000),
    `${'='.repeat(5000)}漢字🙂`.repeat(3),
  ];
  for (const text of long) expect(count(text)).toBeGreaterThanOrEqual(table.count(text));
});

it('long runs are what the pattern for them matches', () => {
  const runs = fc
    .tuple(fc.constantFrom('a', '\n', '漢', '🙂', '\ud83d', '\ude42'), fc.integer({ min: 1, max: 80 }))
    .map(([character, times]) => character.repeat(times));
  fc.assert(
    fc.property(fc.array(runs), (own) => {
      const text = own.join('');
      const found = longRuns(text).map(({ start, end, times }) => [start, text.slice(start, end), times]);
      const matches = Array.from(text.matchAll(/(.)\1{63,}/gsu), (match) => [
        match.index,
        match[0],
        [...match[0]].length,
      ]);
      expect(found).toEqual(matches);
    }),
    { numRuns: 1000 },
  );
});
