/** A session with what a handoff of it must say, and what it must not. */
import type { Session } from '../../src/model/session.ts';

export const kinds = [
  'goal',
  'change of goal',
  'constraint',
  'decision',
  'failed approach',
  'answer',
  'plan step',
  'file',
  'net change',
  'command',
  'error',
  'end',
  'interrupted call',
  'open question',
  'subagent result',
] as const;
export type Kind = (typeof kinds)[number];

/** Recalled when all the words stand together in one item of the document (case and white space aside). */
export interface Fact {
  kind: Kind;
  words: string[];
}

/** What was true once: wrong in the named section (or in any, when none is named). */
export interface Stale {
  section?: string;
  words: string[];
}

export type Group = 'tuning' | 'held out' | 'real';

export interface Annotated {
  name: string;
  group: Group;
  session: Session;
  facts: Fact[];
  stale: Stale[];
}

/** Lower case, single spaces, typographic quotes and invisible marks made plain: the form in which texts are compared. */
export function plain(text: string): string {
  return text
    .replace(/[\u200B\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}
