/** What the person asked for: goal, later requests, and what they said that stays true. */
import type { MessageEntry } from '../../model/session.ts';
import { changesCourse, isFiller, paragraphs, ruleStrength, withoutBulk } from './sentences.ts';
import type { EntryRef, Quote, Request, Statement } from './types.ts';

const MAX_PROMPT = 6000;
/** Retained over a session of any size: enough for every section at any budget. */
const MAX_REQUESTS = 400;
const MAX_CONSTRAINTS = 300;

export interface RequestCollector {
  add(entry: MessageEntry, ref: EntryRef): void;
  result(): { goal?: Quote; requests: Request[]; constraints: Statement[] };
}

/**
 * Collects from human messages, in order. The first prompt is the goal, whole. Of later ones, sentences that state
 * something lasting become constraints; a message that changes the course stays whole, since its parts explain each other.
 */
export function collectRequests(): RequestCollector {
  let goal: Quote | undefined;
  const requests: Request[] = [];
  const constraints: Statement[] = [];
  const seen = new Set<string>();

  const addRules = (text: string, ref: EntryRef): string[] => {
    const rest: string[] = [];
    for (const own of paragraphs(text)) {
      // sentences of one paragraph explain each other: the reason for a rule stands beside it
      const rules = own.map(ruleStrength);
      const strongest = Math.max(...rules) as 0 | 1 | 2 | 3;
      const said = own.filter((sentence) => !isFiller(sentence)).join(' ');
      if (said === '' || seen.has(said.toLowerCase())) continue;
      seen.add(said.toLowerCase());
      if (strongest === 0 || said.length > 600) rest.push(said);
      else constraints.push({ text: said, ref, strength: strongest });
    }
    if (constraints.length > MAX_CONSTRAINTS) dropWeakest(constraints);
    return rest;
  };

  return {
    add(entry, ref) {
      const text = entry.parts
        .map((part) => (part.type === 'text' ? part.text : ''))
        .join('\n')
        .trim();
      if (text === '' || isFiller(text)) return;
      const said = withoutBulk(text, MAX_PROMPT);
      if (goal === undefined) {
        const [first = '', ...more] = said.split('\n');
        const rest = addRules(more.join('\n'), ref);
        goal = { text: constraints.length === 0 ? said : [first, ...rest].join('\n'), ref };
        return;
      }
      const rest = changesCourse(said) ? [said] : addRules(said, ref);
      for (const words of rest) {
        requests.push({ text: words, ref, changes: changesCourse(words) });
        // the oldest of very many requests say least about what is wanted now
        if (requests.length > MAX_REQUESTS) requests.splice(0, 1);
      }
    },
    result: () => ({ goal, requests, constraints }),
  };
}

function dropWeakest(list: Statement[]): void {
  let index = 0;
  for (let i = 1; i < list.length; i++)
    if ((list[i]?.strength ?? 0) < (list[index]?.strength ?? 0)) index = i;
  list.splice(index, 1);
}
