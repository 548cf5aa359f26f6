/** Text as the index holds it: clean, without encoded data, ideographs apart. */
import { stripControls } from '../model/text.ts';

/** A longer run of printable ASCII is encoded data. */
const LONGEST_WORD = 120;

/** Text as it is indexed: cut to `max` characters, without controls and encoded blobs; ideographs stand alone, each findable. */
export function searchable(text: string, max: number): string {
  const short = text.length > max ? text.slice(0, max) : text;
  // most texts need no more than these two looks
  if (PLAIN.test(short)) return hasLongWord(short) ? withoutBlobs(short) : short;
  const clean = stripControls(short);
  return separateIdeographs(hasLongWord(clean) ? withoutBlobs(clean) : clean);
}

const PLAIN = /^[\t\n -~]*$/;

/** A longer word covers one of the places that are looked at: few characters are. */
function hasLongWord(text: string): boolean {
  for (let place = LONGEST_WORD; place < text.length; place += LONGEST_WORD) {
    let start = place;
    while (start >= 0 && isInWord(text.charCodeAt(start))) start--;
    let end = place + 1;
    while (end < text.length && isInWord(text.charCodeAt(end))) end++;
    if (end - start - 1 > LONGEST_WORD) return true;
  }
  return false;
}

function isInWord(code: number): boolean {
  return code > 32 && code < 127;
}

/** By hand: an expression for long words takes time that grows with the square of a word. */
function withoutBlobs(text: string): string {
  let kept = '';
  let from = 0;
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    if (at < text.length && isInWord(text.charCodeAt(at))) continue;
    if (at - start > LONGEST_WORD) {
      kept += text.slice(from, start);
      from = at;
    }
    start = at + 1;
  }
  return from === 0 ? text : kept + text.slice(from);
}

/** The tokenizer takes a run of ideographs for one word: a space between them makes each one findable. */
export function separateIdeographs(text: string): string {
  return BEYOND_GREEK.test(text) ? text.replace(IDEOGRAPH, ' $& ') : text;
}

const BEYOND_GREEK = /[\u0E00-\u0E7F\u2E80-\uFFFF]/;
const IDEOGRAPH = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu;

/** A tool's name as one word of the index: `mcp__files__read` is found as itself, not by its pieces. */
export function toolWord(name: string): string {
  return name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');
}
