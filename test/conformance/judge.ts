/** Compares what a target sent to the model with what the source session says. */
import { stable } from '../../src/model/compare.ts';
import type { Called, Piece, Result, Said } from './account.ts';
import { plainName } from './meaning.ts';
import type { Scenario } from './recipe.ts';

/** A piece of the source session and the scenario that it belongs to. */
export interface Labelled {
  scenario: Scenario;
  piece: Piece;
}

export interface Problem {
  scenario: Scenario;
  message: string;
}

export interface JudgeOptions {
  /** Source and target are one agent: its own reasoning may be sent. */
  sameAgent: boolean;
  /** Where the target takes images; others are told as text, which the fidelity report says. */
  images: { prompt: boolean; result: boolean };
  /** Whether the target has no tool of its own for a call, so that the source's may stand. */
  foreign(called: Called): boolean;
}

/** Everything in `expected` must be in `actual`, in order, and nothing else. Each problem names the scenario it is in. */
export function judge(expected: Labelled[], actual: Piece[], options: JudgeOptions): Problem[] {
  const problems: Problem[] = [];
  const walk = newWalk(actual, options);
  for (let i = 0; i < expected.length; i++) {
    const { scenario, piece } = expected[i] as Labelled;
    const message =
      piece.kind === 'said' ? walk.said(piece) : piece.kind === 'called' ? walk.called(piece) : undefined;
    if (message === undefined) continue;
    problems.push({ scenario, message });
    // go on at the next prompt that can be found, so that one scenario's failure says nothing about the others
    const next = expected.findIndex(
      (later, k) =>
        k > i && later.piece.kind === 'said' && later.piece.role === 'user' && walk.skipTo(later.piece.text),
    );
    if (next < 0) break;
    i = next - 1;
  }
  const first = expected[0]?.scenario ?? 'text';
  const last = expected.at(-1)?.scenario ?? first;
  const extra = problems.length === 0 ? walk.rest() : undefined;
  if (extra !== undefined) problems.push({ scenario: last, message: `the request also holds ${extra}` });
  problems.push(...judgeImages(expected, actual, options), ...judgeReasoning(expected, actual, options));
  return problems;
}

function judgeImages(expected: Labelled[], actual: Piece[], options: JudgeOptions): Problem[] {
  const sent = new Set(actual.flatMap((piece) => (piece.kind === 'shown' ? piece.data : [])));
  return expected.flatMap(({ scenario, piece }) =>
    piece.kind === 'shown' && options.images[piece.place] && !sent.has(piece.data)
      ? [{ scenario, message: `the image is missing (${piece.data.length} characters of base64)` }]
      : [],
  );
}

function judgeReasoning(expected: Labelled[], actual: Piece[], options: JudgeOptions): Problem[] {
  if (options.sameAgent) return [];
  const thought = actual.find((piece) => piece.kind === 'thought');
  const told = expected.find(
    ({ piece }) =>
      piece.kind === 'thought' &&
      piece.text !== '' &&
      actual.some((sent) => sent.kind === 'said' && sent.text.includes(piece.text)),
  );
  if (thought === undefined && told === undefined) return [];
  const scenario = expected.find(({ piece }) => piece.kind === 'thought')?.scenario ?? 'reasoning';
  return [
    { scenario, message: thought === undefined ? 'foreign reasoning is told as text' : 'reasoning is sent' },
  ];
}

interface Walk {
  /** Consumes a text, or says what is there instead. */
  said(piece: Said): string | undefined;
  called(piece: Called): string | undefined;
  /** Moves on to the prompt with this text; false (and no move) when there is none. */
  skipTo(text: string): boolean;
  /** What has not been consumed, or undefined. */
  rest(): string | undefined;
}

function newWalk(actual: Piece[], options: JudgeOptions): Walk {
  const pieces = actual.filter((piece) => piece.kind === 'said' || piece.kind === 'called');
  let at = 0;
  /** What is left of a text that was joined from several. */
  let rest: string | undefined;

  const current = (): string => {
    const piece = pieces[at];
    if (piece === undefined) return 'nothing more';
    if (piece.kind === 'called') return `a call ${piece.name} ${excerpt(stable(piece.input))}`;
    return `${piece.role}: ${excerpt(rest ?? piece.text)}`;
  };
  const advance = (left: string): void => {
    if (left.trim() === '') {
      at += 1;
      rest = undefined;
    } else rest = left.replace(/^[ \n\r]+/, '');
  };

  return {
    said(wanted) {
      const piece = pieces[at];
      const text = wanted.text.toWellFormed();
      const there = piece?.kind === 'said' && piece.role === wanted.role ? (rest ?? piece.text) : undefined;
      if (there?.startsWith(text)) advance(there.slice(text.length));
      else if (there?.trimStart().startsWith(text.trim()))
        advance(there.trimStart().slice(text.trim().length));
      else
        return `expected ${wanted.role}: ${excerpt(text)}, got ${current()}${firstDifference(text, there)}`;
      return undefined;
    },
    called(wanted) {
      if (rest !== undefined) return `expected a call ${wanted.name}, got ${current()}`;
      let missing = [...wanted.meaning];
      const results: Result[] = [];
      do {
        const piece = pieces[at];
        if (piece?.kind !== 'called') return `expected a call ${wanted.name}, got ${current()}`;
        if (options.foreign(wanted) && same(piece, wanted)) missing = [];
        else if (piece.meaning.every((line) => missing.includes(line)))
          missing = missing.filter((line) => !piece.meaning.includes(line));
        else
          return `expected ${excerpt(missing.join(' '))}, got ${current()} = ${excerpt(piece.meaning.join(' '))}`;
        if (piece.result !== undefined) results.push(piece.result);
        at += 1;
      } while (missing.length > 0);
      return wanted.result === undefined ? undefined : judgeResult(wanted.result, results, options);
    },
    skipTo(text) {
      const wanted = text.trim().toWellFormed();
      const found = pieces.findIndex(
        (piece, i) =>
          i >= at && piece.kind === 'said' && piece.role === 'user' && piece.text.includes(wanted),
      );
      if (found < 0) return false;
      at = found;
      const piece = pieces[found];
      const all = piece?.kind === 'said' ? piece.text : '';
      rest = all.slice(all.indexOf(wanted));
      return true;
    },
    rest: () => (at < pieces.length ? current() : undefined),
  };
}

/** The same call under a name made acceptable, for tools that the target does not have. */
function same(piece: Called, wanted: Called): boolean {
  return plainName(piece.name) === plainName(wanted.name) && stable(piece.input) === stable(wanted.input);
}

/** Targets cut what is longer when they send it; head and tail must be there. */
const LONG_RESULT = 8_000;
const ENDS = 100;

function judgeResult(wanted: Result, sent: Result[], options: JudgeOptions): string | undefined {
  if (sent.length === 0) return 'the call has no result';
  const text = sent.map((result) => result.text).join('\n');
  const content = wanted.text.trim().toWellFormed();
  const whole = text.includes(content);
  const ends =
    content.length > LONG_RESULT &&
    text.includes(content.slice(0, ENDS)) &&
    text.includes(content.slice(-ENDS));
  if (!whole && !ends)
    return `expected the result ${excerpt(content)}, got ${excerpt(text)}${firstDifference(content, text)}`;
  const tells =
    sent.some((result) => result.failed) ||
    /error|fail|exit|status|denied|cannot|no such|not found/i.test(text);
  if (wanted.failed && !tells) return `the result does not tell that the call failed: ${excerpt(text)}`;
  // some agents keep the exit code from their own model
  if (
    !options.sameAgent &&
    wanted.exitCode !== undefined &&
    wanted.exitCode !== 0 &&
    !new RegExp(`\\b${wanted.exitCode}\\b`).test(text)
  )
    return `the result does not tell the exit code ${wanted.exitCode}: ${excerpt(text)}`;
  return undefined;
}

/** A piece of text for a message: one line, control characters visible. */
export function excerpt(text: string, max = 90): string {
  const cut = text.length > max ? `${text.slice(0, max)}… (${text.length})` : text;
  return JSON.stringify(cut.toWellFormed()).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

function firstDifference(wanted: string, there: string | undefined): string {
  if (there === undefined || wanted.length < 60) return '';
  let i = 0;
  while (i < wanted.length && wanted[i] === there[i]) i += 1;
  return i < 20
    ? ''
    : ` (they differ at character ${i}: ${excerpt(wanted.slice(i, i + 20))} and ${excerpt(there.slice(i, i + 20))})`;
}
