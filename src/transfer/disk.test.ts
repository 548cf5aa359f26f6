import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFile, stepper } from './disk.ts';

const MB = 1 << 20;

test('a file is what its pieces are together, wherever its chunks end', () => {
  const folder = mkdtempSync(join(tmpdir(), 'segue-disk-'));
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 4 }),
    fc.uint8Array({ maxLength: 4 }),
    fc.constantFrom('', new Uint8Array(), '\uD83D', 'a', 'é', '設', '🙂'),
    // whatever follows stands at the end of a chunk
    fc.record({ of: fc.constantFrom('a', 'é', '設', '🙂'), less: fc.nat(5) }).map(({ of, less }) => {
      const text = of.repeat(MB / Buffer.byteLength(of));
      return text.slice(0, text.length - less);
    }),
    fc.nat(5).map((less) => new Uint8Array(MB - less).fill(120)),
  );
  let n = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const path = join(folder, String(n++));
      const mark = createFile(path, pieces, 0o600, stepper(undefined));
      const wanted = Buffer.concat(pieces.map((each) => Buffer.from(each as string)));
      expect(readFileSync(path).equals(wanted)).toBe(true);
      expect(mark).toEqual({ size: wanted.length, crc32: crc32(wanted) });
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }),
    { numRuns: 30 },
  );
});
