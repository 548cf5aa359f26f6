/** What a scenario of the benchmark is made of. In texts, «…» marks the words that a handoff must keep. */

/** A choice between two ways; the phrasings put the parts together. */
export interface Choice {
  pick: string;
  over: string;
  /** Clause: why `pick`. */
  why: string;
}

/** Something tried in vain. */
export interface Attempt {
  /** Gerund phrase. */
  tried: string;
  /** Clause: what happened. */
  outcome: string;
}

export interface ScenarioFile {
  path: string;
  how: 'changed' | 'created' | 'deleted' | 'moved';
  /** A line before and after; steps in between are made up. For `moved`, `after` is the new path. */
  before: string;
  after: string;
}

/** A check of the project: what it prints when it fails, and when it passes. */
export interface Check {
  command: string;
  /** A narrower form of it, as one runs while working on one thing. */
  narrow: string;
  failure: string;
  /** The line of `failure` that says what is wrong, whole. */
  message: string;
  success: string;
}

export interface Scenario {
  name: string;
  agent: string;
  cwd: string;
  branch: string;
  goal: string;
  changes: string[];
  constraints: string[];
  decisions: Choice[];
  failures: Attempt[];
  /** Decisions and failures in a person's or agent's own sentences rather than by phrasings. */
  free: { kind: 'decision' | 'failed'; text: string }[];
  plan: string[];
  files: ScenarioFile[];
  checks: Check[];
  /** Other commands that matter: what they print when they worked. */
  actions: { command: string; output: string }[];
  /** Asked by the agent in the middle, with the person's answer. */
  asked: { question: string; answer: string };
  openQuestion: string;
  subagents: { task: string; prompt: string; report: string }[];
  /** Last words of the agent. */
  end: string;
  /** Small things that a person asks for on the way; nothing to remember. */
  routine: string[];
  nouns: string[];
  functions: string[];
}

/** Text without marks, and the marked words. */
export function marked(text: string): { text: string; keys: string[] } {
  return {
    text: text.replace(/[«»]/g, ''),
    keys: [...text.matchAll(/«([^»]*)»/g)].map((match) => match[1] ?? ''),
  };
}
