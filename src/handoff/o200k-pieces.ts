/**
 * The pieces of a text whose tokens are looked for one by one, as o200k's pattern cuts it:
 *
 *   mark? upper* lower+ contraction? | mark? upper+ lower* contraction? | number{1,3} | blank? symbol+ [newline/]*
 *   | space* newline+ | space+, without the last before anything but a space | space
 *
 * Walked by hand: to compile the pattern, with its classes of Unicode, takes as long as to count a short handoff.
 */

const UPPER = 1;
const LOWER = 2;
/** What has no case stands in words for either. */
const LETTER = UPPER | LOWER;
const NUMBER = 4;
const NEWLINE = 8;
const SPACE = 16;
const SYMBOL = 32;

/** The first that matches counts; the rest is symbols. */
const KINDS: [kind: number, RegExp][] = [
  [UPPER, /[\p{Lu}\p{Lt}]/u],
  [LOWER, /\p{Ll}/u],
  [LETTER, /[\p{Lm}\p{Lo}]/u],
  // combining marks: in words like letters, elsewhere like symbols
  [LETTER | SYMBOL, /\p{M}/u],
  [NUMBER, /\p{N}/u],
  [NEWLINE, /[\r\n]/],
  // Unicode's, as tiktoken has it: JavaScript's \s takes U+FEFF for U+0085
  [SPACE, /\p{White_Space}/u],
];

const CONTRACTION = /'(?:[sdmt]|ll|ve|re)/iy;
const LINE_END = /[\r\n/]*/y;

/** Finds pieces; remembers the kinds of characters. */
export class Pieces {
  readonly #kinds = new Uint8Array(0x10000);

  /** Where the piece that starts at `from` ends. */
  end(text: string, from: number): number {
    const kind = this.#kindAt(text, from);
    if ((kind & LETTER) !== 0) return this.#wordEnd(text, from);
    const next = from + width(text, from);
    if (kind === NUMBER) return this.#runEnd(text, next, NUMBER, 2);
    const kindOfNext = this.#kindAt(text, next);
    if (kind !== NEWLINE && (kindOfNext & LETTER) !== 0) return this.#wordEnd(text, next);
    if (kind === SYMBOL || (text[from] === ' ' && kindOfNext === SYMBOL))
      return matchEnd(LINE_END, text, this.#runEnd(text, next, SYMBOL));
    return this.#spaceEnd(text, from);
  }

  /** Upper, then lower case: a letter without case ends a word before upper case that nothing lower follows. */
  #wordEnd(text: string, from: number): number {
    let end = from;
    let uncased = -1;
    for (let kind = this.#kindAt(text, end); (kind & UPPER) !== 0; kind = this.#kindAt(text, end)) {
      end += width(text, end);
      if ((kind & LOWER) !== 0) uncased = end;
    }
    const lowerEnd = this.#runEnd(text, end, LOWER);
    if (lowerEnd === end && uncased >= 0) return matchEnd(CONTRACTION, text, uncased);
    return matchEnd(CONTRACTION, text, lowerEnd);
  }

  /** Up to the last newline among white space, else without its last character, which goes with what follows. */
  #spaceEnd(text: string, from: number): number {
    const end = this.#runEnd(text, from, SPACE | NEWLINE);
    for (let last = end - 1; last >= from; last--) if (this.#kindAt(text, last) === NEWLINE) return last + 1;
    return end === text.length || end === from + 1 ? end : end - 1;
  }

  #runEnd(text: string, from: number, kinds: number, most = Number.POSITIVE_INFINITY): number {
    let end = from;
    for (let n = 0; n < most && (this.#kindAt(text, end) & kinds) !== 0; n++) end += width(text, end);
    return end;
  }

  /** 0 after the end. */
  #kindAt(text: string, at: number): number {
    const code = text.codePointAt(at);
    if (code === undefined) return 0;
    if (code >= this.#kinds.length) return kindOf(code);
    const known = this.#kinds[code] ?? 0;
    if (known !== 0) return known;
    const kind = kindOf(code);
    this.#kinds[code] = kind;
    return kind;
  }
}

function kindOf(code: number): number {
  const character = String.fromCodePoint(code);
  return KINDS.find(([, pattern]) => pattern.test(character))?.[0] ?? SYMBOL;
}

function width(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/** Where a match of a sticky pattern at this place ends; the place itself without one. */
function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
