import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Clipper } from './clip.ts';

/** Strings with what makes cutting hard: escapes of all kinds, several bytes to a character, surrogate pairs. */
const text = fc
  .array(fc.constantFrom('a', 'word ', '\n', '"', '\\', '\u0001', 'é', '漢', '🙂', '\\n', '\\u'), {
    maxLength: 400,
  })
  .map((pieces) => pieces.join(''));

function clipped(json: string, max: number | undefined): unknown {
  const bytes = Buffer.from(`  ${json}  `);
  return JSON.parse(new Clipper().text(bytes, 2, bytes.length - 2, max));
}

test('long strings keep their beginning and end, everything else stays', () => {
  const long = `${'x'.repeat(600)}${'y'.repeat(5000)}${'z'.repeat(300)}`;
  expect(clipped(JSON.stringify({ a: 'short', b: [long, 1, null], c: { d: long } }), 900)).toEqual({
    a: 'short',
    b: [`${'x'.repeat(600)}\n...\n${'z'.repeat(300)}`, 1, null],
    c: { d: `${'x'.repeat(600)}\n...\n${'z'.repeat(300)}` },
  });
});

test('without a limit, or below it, the bytes are the same', () => {
  const json = JSON.stringify({ a: 'x'.repeat(5000) });
  expect(new Clipper().text(Buffer.from(json), 0, json.length, undefined)).toBe(json);
  expect(new Clipper().text(Buffer.from(json), 0, json.length, 10_000)).toBe(json);
});

test('whatever a string holds, what is left is JSON, and each half is a piece of the string', () => {
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 4 }),
      fc.integer({ min: 30, max: 300 }),
      fc.boolean(),
      (texts, max, escaped) => {
        const plain = JSON.stringify(texts);
        // the same value in ASCII: nothing but escapes
        const json = escaped
          ? plain.replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
          : plain;
        const out = clipped(json, max) as string[];
        expect(out).toHaveLength(texts.length);
        for (const [i, whole] of texts.entries()) {
          const kept = out[i] ?? '';
          if (kept === whole) continue;
          const cuts = Array.from(kept.matchAll(/\n\.\.\.\n/g), (match) => match.index);
          expect(
            cuts.some((cut) => whole.startsWith(kept.slice(0, cut)) && whole.endsWith(kept.slice(cut + 5))),
          ).toBe(true);
          expect(kept).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('what is not JSON comes out as something that is not JSON', () => {
  const torn = `{"a":"${'x'.repeat(500)}`;
  expect(() => JSON.parse(new Clipper().text(Buffer.from(torn), 0, torn.length, 100))).toThrow();
});
