/**
 * Token counts. The vendors' tokenizers are not all public: o200k (OpenAI's, public) stands for all of them, and the
 * documents say so. `estimateTokens` is cheap and close; `countTokens` is exact for o200k and never too low.
 */

/** Loaded once by the caller. */
export type TokenCounter = (text: string) => number;

const PIECE = 4096;
/** Runs of one character that are so long say nothing, and are counted by rule. */
const LONG_RUN = 64;

/** Loads the o200k counter. */
export async function loadTokenCounter(): Promise<TokenCounter> {
  const { loadTokenTable } = await import('./o200k.ts');
  const table = loadTokenTable();
  return (text) => countInPieces(text, (piece) => table.count(piece));
}

/** Counts piece by piece: a cut can only split a token, so the sum is never below the whole. */
function countInPieces(text: string, count: TokenCounter): number {
  let total = 0;
  let rest = 0;
  for (const { start, end } of longRuns(text)) {
    total += countPlain(text.slice(rest, start), count);
    // no vocabulary entry is cheaper than one token for two bytes of a repeated character
    total += Math.ceil(Buffer.byteLength(text.slice(start, end)) / 2);
    rest = end;
  }
  return total + countPlain(text.slice(rest), count);
}

function countPlain(text: string, count: TokenCounter): number {
  let total = 0;
  for (let at = 0; at < text.length; ) {
    let end = Math.min(at + PIECE, text.length);
    if (end < text.length) {
      const space = text.lastIndexOf(' ', end);
      if (space > at + PIECE / 2) end = space;
      // never inside a surrogate pair
      else if ((text.charCodeAt(end - 1) & 0xfc00) === 0xd800) end--;
    }
    total += count(text.slice(at, end));
    at = end;
  }
  return total;
}

/** Where one character stands many times in a row, and how often; in order. */
export function longRuns(text: string): { start: number; end: number; times: number }[] {
  const runs: { start: number; end: number; times: number }[] = [];
  let start = 0;
  let times = 0;
  let character: number | undefined;
  for (let at = 0; at <= text.length; at += (character ?? 0) > 0xffff ? 2 : 1) {
    const next = text.codePointAt(at);
    if (next !== character) {
      if (times >= LONG_RUN) runs.push({ start, end: at, times });
      start = at;
      times = 0;
      character = next;
    }
    times++;
  }
  return runs;
}

/** Rough and very fast: bytes by 3.2, a little high for prose and code, right for CJK. For sizes of whole sessions. */
export function quickTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / 3.2);
}

/**
 * Estimate from character classes, 20 MB/s. Measured against o200k on code, JSON, logs and prose; see docs/handoff.md.
 * Words of letters cost by length, digits by three, symbols one by one, CJK about one each, base64 and hex runs by two.
 */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const match of text.matchAll(CLASSES)) {
    const piece = match[0];
    const first = piece.charCodeAt(0);
    if (piece.length >= 24 && /\d/.test(piece) && /[a-zA-Z]/.test(piece)) tokens += piece.length / 1.45;
    else if ((first >= 65 && first <= 90) || (first >= 97 && first <= 122))
      tokens += piece.length <= 7 ? 1 : piece.length / 5.2;
    else if (first >= 48 && first <= 57) tokens += Math.ceil(piece.length / 3);
    else if (first === 32 || first === 9) tokens += piece.length > 1 ? 0.6 : 0;
    else if (first === 10 || first === 13) tokens += 0.7;
    else if (first < 128) tokens += 0.3 + piece.length * 0.42;
    else tokens += piece.length * 0.72;
  }
  return Math.ceil(tokens);
}

const CLASSES =
  /[A-Za-z0-9+/_=-]{24,}|[A-Za-z]+|\d+|[ \t]+|[\r\n]+|[!-/:-@[-`{-~]+|[^\u0000-\u007f]+|[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;
