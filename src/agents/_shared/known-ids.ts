/** Ids of a transcript's earlier records, in few bytes: what is appended must not have one of them again. */
import { checksum } from '../../io/lines.ts';
import { asText } from '../../model/narrow.ts';
import type { JsonValue } from '../../model/session.ts';

/** Checksums of ids. Two ids with the same one only mean that a session is read as a whole. */
export class KnownIds {
  readonly #sums: Set<number>;

  /** `packed` is what `pack` gave. */
  constructor(packed?: JsonValue) {
    const bytes = Buffer.from(asText(packed) ?? '', 'base64');
    this.#sums = new Set(
      Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => bytes.readUInt32LE(4 * i)),
    );
  }

  get size(): number {
    return this.#sums.size;
  }

  has(id: string): boolean {
    return this.#sums.has(checksum(id));
  }

  /** These ids and more. */
  pack(more: readonly string[]): string {
    const sums = [...new Set([...this.#sums, ...more.map(checksum)])];
    const bytes = Buffer.alloc(4 * sums.length);
    for (const [i, sum] of sums.entries()) bytes.writeUInt32LE(sum, 4 * i);
    return bytes.toString('base64');
  }
}
