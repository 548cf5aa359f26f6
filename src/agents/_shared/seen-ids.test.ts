import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SeenIds } from './seen-ids.ts';

test('an id is new once', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.uuid(), fc.constantFrom('', 'a', 'msg_1', 'toolu_2'))), (ids) => {
      const seen = new SeenIds();
      const known = new Set<string>();
      for (const id of ids) {
        expect(seen.add(id)).toBe(!known.has(id));
        known.add(id);
      }
    }),
  );
});

test('very many ids are told apart', () => {
  const seen = new SeenIds();
  const ids = Array.from(
    { length: 200_000 },
    (_, i) => `9f3a51c2-77aa-4c1e-8000-${i.toString(16).padStart(12, '0')}`,
  );
  expect(ids.filter((id) => !seen.add(id))).toEqual([]);
  expect(ids.filter((id) => seen.add(id))).toEqual([]);
});
