/** What the person asked for: goal, later requests, constraints. */
import type { MessageEntry } from '../../model/session.ts';
import { changesCourse, constraintStrength, isFiller, sentences, withoutBulk } from './sentences.ts';
import type { EntryRef, Quote, Request, Statement } from './types.ts';

const MAX_PROMPT = 6000;
/** Retained over a session of any size: enough for every section at any budget. */
const MAX_REQUESTS = 400;
const MAX_CONSTRAINTS = 300;

export interface RequestCollector {
  add(entry: MessageEntry, ref: EntryRef): void;
  result(): { goal?: Quote; requests: Request[]; constraints: Statement[] };
}

/** Collects from human messages, in order. Each sentence ends up in exactly one of goal, requests, constraints. */
export function collectRequests(): RequestCollector {
  let goal: Quote | undefined;
  const requests: Request[] = [];
  const constraints: Statement[] = [];
  const seen = new Set<string>();

  return {
    add(entry, ref) {
      const text = entry.parts
        .map((part) => (part.type === 'text' ? part.text : ''))
        .join('\n')
        .trim();
      if (text === '') return;
      const lasting: Statement[] = [];
      for (const sentence of sentences(text)) {
        const strength = constraintStrength(sentence);
        const key = sentence.toLowerCase();
        if (strength === 0 || seen.has(key)) continue;
        seen.add(key);
        lasting.push({ text: sentence, ref, strength });
      }
      const rest = withoutSentences(withoutBulk(text, MAX_PROMPT), lasting);
      if (goal === undefined && !isFiller(text)) {
        goal = { text: rest === '' ? withoutBulk(text, MAX_PROMPT) : rest, ref };
      } else if (rest !== '' && !isFiller(rest)) {
        requests.push({ text: rest, ref, changes: changesCourse(rest) });
        // the oldest of very many requests say least about what is wanted now
        if (requests.length > MAX_REQUESTS) requests.splice(1, 1);
      }
      constraints.push(...lasting);
      if (constraints.length > MAX_CONSTRAINTS) constraints.splice(0, constraints.length - MAX_CONSTRAINTS);
    },
    result: () => ({ goal, requests, constraints }),
  };
}

function withoutSentences(text: string, taken: Statement[]): string {
  let rest = text;
  for (const { text: sentence } of taken) rest = rest.replace(sentence, '');
  return rest
    .split('\n')
    .map((line) =>
      line
        .replace(/[ \t]{2,}/g, ' ')
        .replace(/^\s*(?:[-*+•]|\d+[.)])\s*$/, '')
        .trimEnd(),
    )
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}
