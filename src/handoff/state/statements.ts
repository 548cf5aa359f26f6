/** What the assistant said that must not be forgotten: decisions with reasons, failed approaches, open questions. */
import type { MessageEntry } from '../../model/session.ts';
import { isFiller, isNarration, paragraphs, type Reading, readSentence, sentences } from './sentences.ts';
import type { Answer, EntryRef, Quote, Statement } from './types.ts';
import { wordsKey } from './words.ts';

const MAX_STATEMENTS = 400;
const MAX_ANSWERS = 100;
const MAX_OPENINGS = 20_000;
const MAX_SEEN = 5000;
/** A statement takes in the sentences around it up to this length: reasons often stand in the next one. */
const MAX_CHARS = 330;
/** An opening heard this often is a manner of speaking. */
const ROUTINE = 4;

export interface StatementCollector {
  addAssistant(entry: MessageEntry, ref: EntryRef): void;
  /** A person spoke: what was asked before is answered by it. */
  addHuman(entry: MessageEntry, ref: EntryRef): void;
  /** Something was undone, or a check failed: what is said around it tells why. */
  setback(kind: 'undone' | 'failed'): void;
  result(): {
    decisions: Statement[];
    failedApproaches: Statement[];
    /** What else was said beside narration. */
    remarks: Quote[];
    answers: Answer[];
    questions: Quote[];
  };
}

interface Candidate {
  text: string;
  ref: EntryRef;
  reading: Reading;
  /** The one that says most. */
  sentence: string;
}

/** `reasoning`: also look into readable reasoning. */
export function collectStatements(reasoning: boolean): StatementCollector {
  let candidates: Candidate[] = [];
  const answers: Answer[] = [];
  /** How often sentences began with the same words. */
  const openings = new Map<number, number>();
  const seen = new Set<number>();
  let questions: Quote[] = [];
  let lastRef = 0;
  let setback: 'undone' | 'failed' | undefined;

  const scan = (text: string, ref: EntryRef, discount: number): void => {
    let heading: Reading = { decision: 0, failure: 0 };
    for (const own of paragraphs(text)) {
      const first = own[0] ?? '';
      if (own.length === 1 && first.endsWith(':')) {
        heading = readSentence(`${first} list`);
        continue;
      }
      for (const sentence of own) {
        const opening = openingOf(sentence);
        const times = openings.get(opening);
        if (times !== undefined || openings.size < MAX_OPENINGS) openings.set(opening, (times ?? 0) + 1);
      }
      const found = strongest(own, heading);
      if (found === undefined) continue;
      const { index } = found;
      const quote = around(own, index);
      const key = wordsKey(quote);
      if (seen.has(key)) continue;
      const reading = quote === own[index] ? found.reading : withHeading(readSentence(quote), heading);
      if (seen.size > MAX_SEEN) seen.clear();
      seen.add(key);
      candidates.push({
        text: quote,
        ref,
        reading: weigh(reading, setback, discount),
        sentence: own[index] ?? '',
      });
      if (candidates.length >= 2 * MAX_STATEMENTS) candidates = strongestOf(candidates);
    }
    lastRef = ref;
    setback = undefined;
  };

  return {
    addAssistant(entry, ref) {
      for (const part of entry.parts) {
        if (part.type === 'text') {
          scan(part.text, ref, 0);
          if (!/[?？]/.test(part.text)) continue;
          for (const sentence of sentences(part.text))
            if (/[?？]$/.test(sentence)) questions.push({ text: sentence, ref });
        } else if (part.type === 'reasoning' && reasoning) scan(part.text, ref, 0.5);
        // going on with the work means not waiting for an answer
        else if (part.type === 'tool_call') questions = [];
      }
    },
    addHuman(entry, ref) {
      const text = entry.parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
      const asked = questions.at(-1);
      if (asked !== undefined && text.trim() !== '') {
        const own = sentences(text, 300);
        // an answer comes first, unless the first words are only a greeting
        const answer = own.find((sentence) => !isFiller(sentence)) ?? own[0] ?? '';
        answers.push({ question: asked.text, text: isFiller(own[0] ?? '') ? (own[0] ?? '') : answer, ref });
        if (answers.length > MAX_ANSWERS) answers.shift();
      }
      questions = [];
      setback = undefined;
    },
    setback(kind) {
      setback = setback === 'undone' ? 'undone' : kind;
      if (kind !== 'undone') return;
      for (const candidate of candidates)
        if (candidate.ref === lastRef) candidate.reading = weigh(candidate.reading, kind, 0);
    },
    result() {
      const statements = strongestOf(candidates).map((candidate) => {
        const routine = (openings.get(openingOf(candidate.sentence)) ?? 0) >= ROUTINE;
        const { decision, failure } = candidate.reading;
        return {
          failed: failure > 0 && failure >= decision,
          text: candidate.text,
          ref: candidate.ref,
          routine,
          strength: level(Math.max(decision, failure) - (routine ? 1.5 : 0)),
        };
      });
      const remarks = statements
        .filter(({ strength, routine }) => strength === 0 && !routine)
        .map(({ text, ref }) => ({ text, ref }));
      const of = (failed: boolean): Statement[] =>
        statements.flatMap(({ failed: own, text, ref, strength }) =>
          own === failed && strength > 0 ? [{ text, ref, strength: strength as 1 | 2 | 3 }] : [],
        );
      return { decisions: of(false), failedApproaches: of(true), remarks, answers, questions };
    },
  };
}

/** The sentence that says most; undefined when all only tell what is being done. */
function strongest(own: string[], heading: Reading): { index: number; reading: Reading } | undefined {
  let most = -1;
  let best: { index: number; reading: Reading } | undefined;
  own.forEach((sentence, index) => {
    const reading = withHeading(readSentence(sentence), heading);
    const weight = value(reading);
    if (weight <= most) return;
    const telling =
      weight > 0 || (sentence.length >= 25 && !isNarration(sentence) && !/[?？]$/.test(sentence));
    if (telling) [most, best] = [weight, { index, reading }];
  });
  return best;
}

/** A list under "Decisions:" holds decisions. */
function withHeading(reading: Reading, heading: Reading): Reading {
  return {
    decision: reading.decision + (heading.decision >= 1.5 ? 1 : 0),
    failure: reading.failure + (heading.failure >= 1.5 ? 1 : 0),
  };
}

/** The sentence with its neighbours, as far as they belong to it and are not mere narration. */
function around(own: string[], index: number): string {
  let from = index;
  let to = index + 1;
  let size = (own[index] ?? '').length;
  const take = (sentence: string | undefined): boolean => {
    if (sentence === undefined || sentence.length < 25 || isNarration(sentence) || /[?？]$/.test(sentence))
      return false;
    if (size + sentence.length > MAX_CHARS) return false;
    size += sentence.length + 1;
    return true;
  };
  if (take(own[to])) to++;
  if (take(own[from - 1])) from--;
  return own.slice(from, to).join(' ');
}

function weigh(reading: Reading, setback: 'undone' | 'failed' | undefined, discount: number): Reading {
  const after = setback === 'undone' ? 1.5 : setback === 'failed' ? 0.5 : 0;
  const failure = reading.failure > 0 || setback === 'undone' ? reading.failure + after : reading.failure;
  return {
    decision: Math.max(reading.decision - discount, 0),
    failure: Math.max((failure === after && after > 0 ? reading.decision + after : failure) - discount, 0),
  };
}

function value({ decision, failure }: Reading): number {
  return Math.max(decision, failure);
}

function level(weight: number): 0 | 1 | 2 | 3 {
  return weight >= 2.5 ? 3 : weight >= 1.5 ? 2 : weight >= 0.5 ? 1 : 0;
}

/** A sentence's first words. */
function openingOf(sentence: string): number {
  return wordsKey(sentence.slice(0, 60), 3);
}

/** The strongest, in their order; of equal ones the later. */
function strongestOf(candidates: Candidate[]): Candidate[] {
  if (candidates.length <= MAX_STATEMENTS) return candidates;
  const byValue = candidates.map((candidate, at) => ({ value: value(candidate.reading), at }));
  byValue.sort((a, b) => b.value - a.value || b.at - a.at);
  const kept = new Set(byValue.slice(0, MAX_STATEMENTS).map(({ at }) => at));
  return candidates.filter((_, at) => kept.has(at));
}
