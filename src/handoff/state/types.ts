/** The work state of a session: what the next agent has to know, each piece with a reference to the entry that says it. */
import type { PlanItem, SessionInfo, Timestamp } from '../../model/session.ts';
import type { ToolName } from '../../model/tools.ts';

/** Position of an entry on the session's path, from 1; `segue show REF --at N` prints it. */
export type EntryRef = number;

/** Words taken from the session. */
export interface Quote {
  text: string;
  ref: EntryRef;
}

/** One thing that a person asked for after the first, without what stands under `constraints`. */
export interface Request extends Quote {
  /** Says that earlier wishes changed. */
  changes: boolean;
}

/** Why a sentence counts as what it is listed as; higher means clearer. */
export interface Statement extends Quote {
  /** 1 (hint) to 3 (plain). */
  strength: 1 | 2 | 3;
}

/** What a person replied to a question of the assistant. */
export interface Answer extends Quote {
  question: string;
}

/** One place in a file: its first known text and its last. */
export interface NetEdit {
  before: string;
  after: string;
}

/** What happened to one file over the whole session. */
export interface FileState {
  path: string;
  change: 'created' | 'changed' | 'deleted' | 'moved';
  movedTo?: string;
  /** Content after the last full write and the edits since, for files written in the session. */
  content?: string;
  edits: NetEdit[];
  /** How many calls changed it. */
  touches: number;
  ref: EntryRef;
}

/** A command by its last run. */
export interface CommandState {
  command: string;
  runs: number;
  failures: number;
  exitCode?: number;
  status: 'ok' | 'error' | 'interrupted';
  /** The lines of the last output that say most. */
  tellingLines: string[];
  /** `verify`: tests, builds, checks; `change`: alters the project or the machine; `look`: only shows things. */
  purpose: 'verify' | 'change' | 'look' | 'other';
  /** A later run says the same or more: of the same check, on the same or more of the project. */
  superseded: boolean;
  ref: EntryRef;
}

/** A failure that nothing later repaired. */
export interface OpenError {
  what: string;
  message: string;
  ref: EntryRef;
}

/** One piece of the end of the session. */
export interface TailItem {
  who: 'person' | 'assistant' | 'call';
  text: string;
  /** Of a call: how it ended, and what it said that matters. */
  outcome?: { failed: boolean; label: string; lines: string[] };
  ref: EntryRef;
}

/** What a subagent reported. */
export interface SubagentResult {
  task: string;
  result: string;
  ref: EntryRef;
}

/** Calls of one tool. */
export interface ToolActivity {
  tool: ToolName;
  /** Name in the source agent. */
  name: string;
  calls: number;
  failures: number;
  /** Latest first. */
  samples: { text: string; outcome: string; ref: EntryRef }[];
}

export interface WorkState {
  info: SessionInfo;
  goal?: Quote;
  requests: Request[];
  constraints: Statement[];
  decisions: Statement[];
  failedApproaches: Statement[];
  /** What else the assistant said, apart from telling its next step: for documents with room. */
  remarks: Quote[];
  /** Questions that the person answered. */
  answers: Answer[];
  plan?: { items: PlanItem[]; ref: EntryRef };
  files: FileState[];
  commands: CommandState[];
  errors: OpenError[];
  /** From the last prompt on. */
  tail: TailItem[];
  /** Calls without a result at the end. */
  interrupted: Quote[];
  questions: Quote[];
  subagents: SubagentResult[];
  activity: ToolActivity[];
  /** Summaries that the source agent made when it compacted. */
  summaries: Quote[];
  limit?: { text: string; resetsAt?: Timestamp; ref: EntryRef };
  entries: number;
}
