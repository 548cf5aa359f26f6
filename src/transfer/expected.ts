/** What a written session must read back as: a fingerprint that is taken while the session streams by. */
import { crc32 } from 'node:zlib';
import { comparableValues } from '../model/compare.ts';
import type { Entry, JsonValue } from '../model/session.ts';

/** Fingerprint of a session's comparable lines, in order. Small: no content is held. */
export interface Fingerprint {
  /** A checksum of each line (see `lineSum`). */
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
  for (const line of comparableValues(pulled(), { tools: 'native' })) {
    // the line is of the entry pulled last; those before it are done
    into.sums.push(lineSum(line));
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

/** CRC-32 of a line: of its text as it is, because to escape it takes longer than all the rest. */
function lineSum(line: readonly JsonValue[]): number {
  const text = line.at(-1);
  // in UTF-8, a lone surrogate would be the same as U+FFFD
  if (typeof text !== 'string' || !text.isWellFormed()) return crc32(JSON.stringify(line));
  return crc32(text, crc32(JSON.stringify(line.slice(0, -1))));
}

/** `assistant call`, for instance. */
function lineKind([role, type]: readonly JsonValue[]): string {
  return role === 'compaction' ? role : `${role} ${type}`;
}
