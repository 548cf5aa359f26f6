/** JSON text with its long strings cut in the middle, so that megabytes of output are neither decoded nor parsed. */
import { stringEnd } from './json-scan.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** What stands where a string was cut: a line of its own. Escaped: text that is all ASCII is decoded and parsed much faster. */
const CUT = Buffer.from('\\n\\u2026\\n');
/** How far back a place is looked for at which a string can be cut. */
const REACH = 512;
/** The longest escape of one character is that of a surrogate pair, twelve bytes. */
const ESCAPE = 12;

/**
 * The JSON text in `buffer` from `start` to `end`; without `max` as it is. Of strings longer than `max` bytes only the first
 * two thirds and the last third of `max` are kept, with a line "…" between. What is not JSON comes out as something that is
 * not JSON. The result may share memory with `buffer`.
 */
export function clipJson(buffer: Buffer, start: number, end: number, max: number | undefined): Buffer {
  if (max === undefined || end - start <= max) return buffer.subarray(start, end);
  const pieces: Buffer[] = [];
  let from = start;
  let at = start;
  for (;;) {
    const open = buffer.indexOf(QUOTE, at);
    if (open < 0 || open >= end) break;
    const close = stringEnd(buffer, open, end);
    if (close < 0) break;
    if (close - open > max) {
      const head = boundary(buffer, open + 1, open + 1 + Math.floor((max * 2) / 3));
      const tail = boundary(buffer, open + 1, close - 1 - Math.floor(max / 3));
      if (head > 0 && tail > head) {
        pieces.push(buffer.subarray(from, head), CUT);
        from = tail;
      }
    }
    at = close;
  }
  const rest = buffer.subarray(from, end);
  return pieces.length === 0 ? rest : Buffer.concat([...pieces, rest]);
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
