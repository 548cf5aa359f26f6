import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Block, BlockWriter, unpackShown } from './blocks.ts';
import type { Doc } from './extract.ts';
import { BLOCK_DOCS } from './store.ts';

test('texts come out of their blocks as they went in, also halves of characters', () => {
  const text = fc.string({
    unit: fc.constantFrom('a', 'ß', '設', '\ud83d', '\ude42', '🙂', ' '),
    maxLength: 300,
  });
  const doc = fc.record<Doc>({ ref: fc.nat(), role: fc.constantFrom('user', 'assistant', 'tool'), text });
  fc.assert(
    fc.property(fc.array(doc, { maxLength: 300 }), (docs) => {
      const blocks: Block[] = [];
      const writer = new BlockWriter((block) => blocks.push(block));
      for (const each of docs) writer.add(each);
      writer.end();
      const texts = blocks.flatMap(({ bytes, ends }) =>
        ends.map((end, i) => Buffer.from(bytes.subarray(ends[i - 1] ?? 0, end)).toString()),
      );
      expect(texts).toEqual(docs.map((each) => each.text.toWellFormed()));
      expect(blocks.map(({ roles }) => roles).join('')).toBe(docs.map(({ role }) => role[0]).join(''));
      expect(blocks.flatMap(({ shown }) => unpackShown(shown)).map(([ref]) => ref)).toEqual(
        docs.map(({ ref }) => ref),
      );
      for (const { roles, sizes, ends } of blocks) {
        expect([sizes.length, ends.length]).toEqual([roles.length, roles.length]);
        expect(roles.length).toBeLessThanOrEqual(BLOCK_DOCS);
      }
    }),
  );
});
