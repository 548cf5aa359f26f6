/** Text as the index holds it: clean, without encoded data, ideographs apart. */
import { stripControls } from '../model/text.ts';

/** A longer run of printable ASCII is encoded data. */
const LONGEST_WORD = 120;

/** Text as it is indexed: cut to `max` characters, without controls and encoded blobs; ideographs stand alone, each findable. */
export function searchable(text: string, max: number): string {
  const short = text.length > max ? text.slice(0, max) : text;
  switch (kindOf(short)) {
    case 'plain':
      return short;
    case 'wide':
      return separateIdeographs(short);
    default:
      return separateIdeographs(withoutBlobs(stripControls(short)));
  }
}

/** One look at every character, because most texts need nothing done. By hand: it runs over everything that is indexed. */
function kindOf(text: string): 'plain' | 'wide' | 'unclean' {
  let start = 0; // of the run of printable ASCII
  let wide = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 32 && code < 127) continue;
    if (at - start > LONGEST_WORD) return 'unclean';
    start = at + 1;
    if (code === 32 || code === 10 || code === 9) continue;
    // what stripControls looks for lies in these ranges
    if (code < 160 || code === 0x061c || (code >= 0x200e && code <= 0x2069)) return 'unclean';
    if (code >= 0x0e00) wide = true;
  }
  if (text.length - start > LONGEST_WORD) return 'unclean';
  return wide ? 'wide' : 'plain';
}

/** By hand: an expression for long words takes time that grows with the square of a word. */
function withoutBlobs(text: string): string {
  let kept = '';
  let from = 0;
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : 32;
    if (code > 32 && code < 127) continue;
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
