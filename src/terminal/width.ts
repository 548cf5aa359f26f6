/** Text by the columns that it takes in a terminal. */

/** Characters that take one column each and join with nothing: Latin, Greek, Cyrillic, punctuation, arrows, frames. */
const SIMPLE =
  /^[\u0020-\u007E\u00A1-\u00AC\u00AE-\u02FF\u0370-\u0482\u048A-\u0556\u2010-\u2027\u2030-\u205E\u2190-\u21FF\u2500-\u25FC]*$/;
const EMOJI = /\p{Emoji_Presentation}|\uFE0F/u;
const INVISIBLE = /^[\p{Mark}\u200B-\u200D\u2060\uFEFF]+$/u;

/** East Asian wide and fullwidth ranges (Unicode, EastAsianWidth W and F), in rising order. */
const WIDE: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18cff],
  [0x1b000, 0x1b2ff],
  [0x1f200, 0x1f2ff],
  [0x20000, 0x3fffd],
];

/** Columns of a text without control characters. */
export function displayWidth(text: string): number {
  if (SIMPLE.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes(text)) width += graphemeWidth(segment);
  return width;
}

/** Making a segmenter takes tens of milliseconds when the process is new: only texts that need one pay for it. */
function graphemes(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}
let segmenter: Intl.Segmenter | undefined;

function graphemeWidth(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0;
  if (EMOJI.test(grapheme)) return 2;
  const point = grapheme.codePointAt(0) ?? 0;
  return WIDE.some(([from, to]) => point >= from && point <= to) ? 2 : 1;
}

/** The text cut to `columns`, with an ellipsis when something was cut. */
export function cut(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  return columns > 0 ? `${beginning(text, columns - 1)}…` : '';
}

/** As much of the text as fits. */
function beginning(text: string, columns: number): string {
  if (SIMPLE.test(text)) return text.slice(0, Math.max(columns, 0));
  let width = 0;
  let kept = '';
  for (const { segment } of graphemes(text)) {
    width += graphemeWidth(segment);
    if (width > columns) break;
    kept += segment;
  }
  return kept;
}

/**
 * The text in lines of at most `columns`, broken between words, or inside those that are longer than a line. Lines after the
 * first are indented as the first one is, and by `hang` more.
 */
export function wrap(text: string, columns: number, hang = 0): string[] {
  const indent = ' '.repeat(Math.min(/^ */.exec(text)?.[0].length ?? 0, Math.max(columns - 8, 0)));
  const further = indent + ' '.repeat(Math.min(hang, Math.max(columns - 8 - indent.length, 0)));
  const lines: string[] = [];
  let line = indent;
  for (const word of text.trimStart().split(' ')) {
    const start = lines.length === 0 ? indent : further;
    const longer = line === start ? line + word : `${line} ${word}`;
    if (displayWidth(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== start) {
      lines.push(line);
      line = further;
    }
    line += word;
    while (displayWidth(line) > columns) {
      // at least one character a line, however narrow
      const part = beginning(line, columns) || line.slice(0, 1);
      lines.push(part);
      line = further + line.slice(part.length);
    }
  }
  return [...lines, line];
}

/** The text filled up with spaces to `columns`. */
export function pad(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const fill = ' '.repeat(Math.max(columns - displayWidth(text), 0));
  return side === 'left' ? text + fill : fill + text;
}
