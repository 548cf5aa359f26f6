/** JSON text with its long strings cut in the middle, so that megabytes of output are neither decoded nor parsed. */
import { stringEnd } from './json-scan.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * What stands where a string was cut: a line of its own. ASCII, as most texts are then: with one other character in it, a text
 * takes twice the memory and everything that looks through it longer.
 */
const CUT = Buffer.from('\\n...\\n');
/** How far back a place is looked for at which a string can be cut. */
const REACH = 512;
/** The longest escape of one character is that of a surrogate pair, twelve bytes. */
const ESCAPE = 12;

/** A part of a buffer that is wanted; `max`: bytes of its longest string. */
export type Part = readonly [start: number, end: number, max: number | undefined];

/** Takes JSON text from buffers. One for all texts of a file: it uses its memory again. */
export class Clipper {
  #joined = Buffer.alloc(0);

  /**
   * The JSON text in `buffer` from `start` to `end`; without `max` as it is. Of strings longer than `max` bytes only the
   * first two thirds and the last third of `max` are kept, with a line "..." between. What is not JSON comes out as something
   * that is not JSON.
   */
  text(buffer: Buffer, start: number, end: number, max: number | undefined): string {
    return this.parts(buffer, [[start, end, max]]);
  }

  /** The same of parts that together, with `ending` after them, are one JSON text. Decoded as one: two would take twice as long. */
  parts(buffer: Buffer, parts: readonly Part[], ending = NOTHING): string {
    const ranges: number[] = [];
    for (const [start, end, max] of parts) addRanges(ranges, buffer, start, end, max);
    if (ranges.length === 2 && ending.length === 0) return buffer.toString('utf8', ranges[0], ranges[1]);
    let length = ending.length;
    for (let i = 0; i < ranges.length; i += 2) length += (ranges[i + 1] ?? 0) - (ranges[i] ?? 0) + CUT.length;
    if (this.#joined.length < length) this.#joined = Buffer.allocUnsafe(2 * length);
    const joined = this.#joined;
    let filled = 0;
    for (let i = 0; i < ranges.length; i += 2) {
      const from = ranges[i] ?? 0;
      if (i > 0 && from !== ranges[i - 1]) filled += CUT.copy(joined, filled);
      filled += buffer.copy(joined, filled, from, ranges[i + 1]);
    }
    filled += ending.copy(joined, filled);
    return joined.toString('utf8', 0, filled);
  }
}

const NOTHING = Buffer.alloc(0);

/** Adds the ranges (start, end) that are kept of a part; between two of them something was cut. */
function addRanges(
  ranges: number[],
  buffer: Buffer,
  start: number,
  end: number,
  max: number | undefined,
): void {
  let from = start;
  for (let at = start; max !== undefined && end - start > max; ) {
    const open = buffer.indexOf(QUOTE, at);
    if (open < 0 || open >= end) break;
    at = stringEnd(buffer, open, end);
    if (at < 0) break;
    if (at - open <= max) continue;
    const head = boundary(buffer, open + 1, open + 1 + Math.floor((max * 2) / 3));
    const tail = boundary(buffer, open + 1, at - 1 - Math.floor(max / 3));
    if (head <= 0 || tail <= head) continue;
    ranges.push(from, head);
    from = tail;
  }
  ranges.push(from, end);
}

/**
 * The last place at or before `at` that stands between two characters of a string that starts at `start`; -1 when there is
 * none in reach, as among nothing but escapes.
 */
function boundary(buffer: Buffer, start: number, at: number): number {
  let clear = 0;
  for (let i = at; i > start && i > at - REACH; i--) {
    // no backslash in the bytes before: this byte cannot belong to an escape
    while (clear < ESCAPE && i - clear > start && buffer[i - 1 - clear] !== BACKSLASH) clear++;
    const byte = buffer[i] ?? 0;
    const inCharacter = byte >= 0x80 && byte < 0xc0;
    if ((clear === ESCAPE || i - clear === start) && !inCharacter) return i;
    clear = Math.max(clear - 1, 0);
  }
  return -1;
}
