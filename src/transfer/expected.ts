/** What a written session must read back as: a fingerprint that is taken while the session streams by. */
import { crc32 } from 'node:zlib';
import { comparable } from '../model/compare.ts';
import type { Entry } from '../model/session.ts';

/** Fingerprint of a session's comparable lines, in order. Small: no content is held. */
export interface Fingerprint {
  /** CRC-32 of each line. */
  sums: number[];
  /** What each line is, e.g. `assistant call`. */
  kinds: string[];
  /** The entry that each line belongs to. */
  entryIds: string[];
}

export function emptyFingerprint(): Fingerprint {
  return { sums: [], kinds: [], entryIds: [] };
}

/** Passes entries through and adds their lines to the fingerprint. */
export function* recordLines(entries: Iterable<Entry>, into: Fingerprint): Generator<Entry, void, void> {
  const held: Entry[] = [];
  function* pulled(): Generator<Entry, void, void> {
    for (const entry of entries) {
      held.push(entry);
      yield entry;
    }
  }
  for (const line of comparable(pulled(), { tools: 'native' })) {
    // the line is of the entry pulled last; those before it are done
    into.sums.push(crc32(line));
    into.kinds.push(lineKind(line));
    into.entryIds.push(held.at(-1)?.id ?? '');
    while (held.length > 1) {
      const done = held.shift();
      if (done !== undefined) yield done;
    }
  }
  yield* held;
}

/** One number for the whole fingerprint. */
export function fingerprintSum(fingerprint: Fingerprint): number {
  return crc32(Buffer.from(Uint32Array.from(fingerprint.sums).buffer));
}

/** `["assistant","call",0,…]` → `assistant call`. */
function lineKind(line: string): string {
  if (line.startsWith('["compaction"')) return 'compaction';
  const [, role = '', type = ''] = /^\["(\w+)","(\w+)"/.exec(line) ?? [];
  return `${role} ${type}`;
}
