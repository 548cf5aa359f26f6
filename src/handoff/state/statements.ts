/** What the assistant said that must not be forgotten: decisions, failed approaches, open questions. */
import type { MessageEntry } from '../../model/session.ts';
import { decisionStrength, failureStrength, sentences } from './sentences.ts';
import type { EntryRef, Quote, Statement } from './types.ts';

const MAX_STATEMENTS = 400;

export interface StatementCollector {
  addAssistant(entry: MessageEntry, ref: EntryRef): void;
  /** A person spoke: what was asked before counts as answered; their own decisions are kept. */
  addHuman(entry: MessageEntry, ref: EntryRef): void;
  result(): { decisions: Statement[]; failedApproaches: Statement[]; questions: Quote[] };
}

/** `reasoning`: also look into readable reasoning. */
export function collectStatements(reasoning: boolean): StatementCollector {
  const decisions: Statement[] = [];
  const failedApproaches: Statement[] = [];
  let questions: Quote[] = [];
  const seen = new Set<string>();

  const take = (list: Statement[], text: string, ref: EntryRef, strength: 0 | 1 | 2 | 3): void => {
    if (strength === 0) return;
    list.push({ text, ref, strength });
    if (list.length > MAX_STATEMENTS) dropWeakest(list);
  };

  const scan = (text: string, ref: EntryRef, discount: 0 | 1): void => {
    for (const sentence of sentences(text)) {
      const key = gist(sentence);
      if (sentence.length < 12 || sentence.endsWith('?') || seen.has(key)) continue;
      const failure = failureStrength(sentence);
      const decision = decisionStrength(sentence);
      if (failure === 0 && decision === 0) continue;
      seen.add(key);
      if (failure > 0 && failure >= decision)
        take(failedApproaches, sentence, ref, weaken(failure, discount));
      else take(decisions, sentence, ref, weaken(decision, discount));
    }
  };

  return {
    addAssistant(entry, ref) {
      for (const part of entry.parts) {
        if (part.type === 'text') {
          scan(part.text, ref, 0);
          const asked = sentences(part.text).filter((sentence) => /[?？]$/.test(sentence));
          // a message without a question means that the work went on
          questions = asked.map((text) => ({ text, ref }));
        } else if (part.type === 'reasoning' && reasoning) scan(part.text, ref, 1);
        else if (part.type === 'tool_call') questions = [];
      }
    },
    addHuman(entry, ref) {
      questions = [];
      for (const part of entry.parts) {
        if (part.type !== 'text') continue;
        for (const sentence of sentences(part.text)) {
          if (decisionStrength(sentence) === 3 && !seen.has(gist(sentence))) {
            seen.add(gist(sentence));
            take(decisions, sentence, ref, 3);
          }
        }
      }
    },
    result: () => ({ decisions, failedApproaches, questions }),
  };
}

/** Sentences that differ only in numbers, case or marks say the same again. */
function gist(sentence: string): string {
  return sentence
    .toLowerCase()
    .replace(/[^\p{L}]+/gu, ' ')
    .trim();
}

function weaken(strength: 0 | 1 | 2 | 3, discount: 0 | 1): 0 | 1 | 2 | 3 {
  return discount === 0 ? strength : strength === 3 ? 2 : strength === 2 ? 1 : 0;
}

function dropWeakest(list: Statement[]): void {
  let index = 0;
  for (let i = 1; i < list.length; i++)
    if ((list[i]?.strength ?? 0) < (list[index]?.strength ?? 0)) index = i;
  list.splice(index, 1);
}
