/**
 * Exact counts of o200k tokens. Own code, because a handoff needs nothing but a count: a tokenizer that fills maps with
 * 200,000 tokens first takes more time and memory for it than all the rest of a short handoff.
 *
 * The table is one file that is used as it is (scripts/generate-tokens.ts makes it): SLOTS slots, then the tokens in the
 * order of their ranks, each with a byte for its length before it. A slot holds in three bytes, the lowest first, where
 * in the file a token stands, or 0; a token has the first free slot from `slotOf` on. Places stand for ranks.
 */
import { readBytes } from '../io/files.ts';
import { Pieces } from './o200k-pieces.ts';

export const SLOTS = 2 ** 19;

/** Bytes of the longest token. */
const LONGEST = 128;
/** The rank of what is no token. */
const NO_TOKEN = 2 ** 31 - 1;
/** Of so many ranks the lowest is remembered: else a long word would be looked through for every merge. */
const BLOCK = 64;

/** Reads the table. It stands beside this file in the sources, at the top of the bundle. */
export function loadTokenTable(): TokenTable {
  const { url } = import.meta;
  return new TokenTable(
    readBytes(new URL(url.endsWith('.ts') ? './o200k.generated.bin' : '../o200k.bin', url)),
  );
}

/** Slot of the table from which on some bytes are looked for (FNV-1a). */
export function slotOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return (hash ^ (hash >>> 15)) & (SLOTS - 1);
}

/** Counts tokens with a table. Names of special tokens are counted as the text that they are. */
class TokenTable {
  readonly #table: Uint8Array;
  readonly #pieces = new Pieces();
  readonly #encoder = new TextEncoder();
  /** Bytes of the piece at hand. It consists of parts, each known by the place of its first byte. */
  #bytes = new Uint8Array(0);
  #next = new Int32Array(0);
  #previous = new Int32Array(0);
  /** Ranks of a part and the next one together. */
  #ranks = new Int32Array(0);
  /** Places of the lowest rank in each block. */
  #lowest = new Int32Array(0);

  constructor(table: Uint8Array) {
    this.#table = table;
  }

  count(text: string): number {
    let total = 0;
    for (let from = 0; from < text.length; ) {
      const to = this.#pieces.end(text, from);
      const length = this.#encode(text, from, to);
      total += this.#rank(0, length) === NO_TOKEN ? this.#merge(length) : 1;
      from = to;
    }
    return total;
  }

  /** Puts the bytes of a piece in place; returns how many they are. */
  #encode(text: string, from: number, to: number): number {
    const characters = to - from;
    if (3 * characters > this.#bytes.length) this.#makeRoom(Math.max(6 * characters, BLOCK));
    for (let i = 0; i < characters; i++) {
      const code = text.charCodeAt(from + i);
      if (code > 0x7f) return this.#encoder.encodeInto(text.slice(from, to), this.#bytes).written;
      this.#bytes[i] = code;
    }
    return characters;
  }

  #makeRoom(bytes: number): void {
    this.#bytes = new Uint8Array(bytes);
    this.#next = new Int32Array(bytes);
    this.#previous = new Int32Array(bytes + 1);
    this.#ranks = new Int32Array(bytes);
    this.#lowest = new Int32Array(Math.ceil(bytes / BLOCK));
  }

  /** The rank of some bytes of the piece. */
  #rank(from: number, to: number): number {
    const table = this.#table;
    const bytes = this.#bytes;
    const length = to - from;
    if (length > LONGEST) return NO_TOKEN;
    for (let slot = slotOf(bytes, from, to); ; slot = (slot + 1) & (SLOTS - 1)) {
      const at =
        (table[3 * slot] ?? 0) | ((table[3 * slot + 1] ?? 0) << 8) | ((table[3 * slot + 2] ?? 0) << 16);
      if (at === 0) return NO_TOKEN;
      if (table[at] !== length) continue;
      let same = 0;
      while (same < length && table[at + 1 + same] === bytes[from + same]) same++;
      if (same === length) return at;
    }
  }

  /**
   * Tokens that the piece becomes: of its parts, at first one for each byte, two that make a token are joined until none
   * do; always those with the lowest rank, of equal ones the first.
   */
  #merge(length: number): number {
    for (let at = 0; at < length; at++) {
      this.#next[at] = at + 1;
      this.#previous[at + 1] = at;
    }
    for (let at = 0; at < length; at++) this.#ranks[at] = this.#rankWithNext(at, length);
    for (let at = 0; at < length; at += BLOCK) this.#noteLowest(at, length);
    for (let parts = length; ; parts--) {
      const at = this.#lowestOfAll(length);
      if (this.#ranks[at] === NO_TOKEN) return parts;
      const joined = this.#next[at] ?? 0;
      const after = this.#next[joined] ?? 0;
      this.#next[at] = after;
      this.#previous[after] = at;
      this.#ranks[joined] = NO_TOKEN;
      this.#noteLowest(joined, length);
      this.#updateRank(at, length);
      if (at > 0) this.#updateRank(this.#previous[at] ?? 0, length);
    }
  }

  #updateRank(at: number, length: number): void {
    this.#ranks[at] = this.#rankWithNext(at, length);
    this.#noteLowest(at, length);
  }

  #rankWithNext(at: number, length: number): number {
    const next = this.#next[at] ?? 0;
    return next < length ? this.#rank(at, this.#next[next] ?? 0) : NO_TOKEN;
  }

  /** Looks for the lowest rank in the block of a place. */
  #noteLowest(place: number, length: number): void {
    const block = Math.floor(place / BLOCK);
    const end = Math.min((block + 1) * BLOCK, length);
    let lowest = block * BLOCK;
    for (let at = lowest + 1; at < end; at++)
      if ((this.#ranks[at] ?? 0) < (this.#ranks[lowest] ?? 0)) lowest = at;
    this.#lowest[block] = lowest;
  }

  #lowestOfAll(length: number): number {
    let lowest = this.#lowest[0] ?? 0;
    for (let block = 1; block * BLOCK < length; block++) {
      const at = this.#lowest[block] ?? 0;
      if ((this.#ranks[at] ?? 0) < (this.#ranks[lowest] ?? 0)) lowest = at;
    }
    return lowest;
  }
}
