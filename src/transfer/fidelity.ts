/** The fidelity report: what became of every record of the source. */

/** What became of the source's records of one kind; `source` is the sum of the others. */
export interface FidelityCounts {
  source: number;
  /** Carried as the same thing. */
  native: number;
  /** Carried as the target's own, different tool or record. */
  translated: number;
  /** Told as labelled text. */
  text: number;
  /** Left out; a note says why. */
  omitted: number;
}

export type FidelityOutcome = 'native' | 'translated' | 'text' | 'omitted';

/** One reason, with how often it applied. Never holds session content. */
export interface FidelityNote {
  /** Stable, kebab-case. */
  code: string;
  count: number;
  detail: string;
}

/** Kinds of source records. `messages` are entries with text; the parts of an entry are counted under their own kinds. */
export const fidelityKinds = [
  'messages',
  'toolCalls',
  'toolResults',
  'reasoning',
  'images',
  'files',
  'compactions',
  'plans',
  'events',
  'subagents',
  'branches',
] as const;

export type FidelityKind = (typeof fidelityKinds)[number];

export type FidelityReport = Record<FidelityKind, FidelityCounts> & { notes: FidelityNote[] };

/** Notes on what is no part of the conversation, or on what keeps its meaning. */
const HARMLESS = new Set([
  'harness-message',
  'system-message',
  'event',
  'title-event',
  'plan-entry',
  'call-id-changed',
  'opaque-compaction',
  'empty-message',
  'subagents',
  'branches',
]);

/**
 * The declared differences between the conversation that was read (`comparable`, with canonical tools) and the one that
 * was written. None: the two are equal. What could not be read of the source (`source-…`) is no such difference.
 */
export function declaredLosses(report: FidelityReport): FidelityNote[] {
  return report.notes.filter(({ code }) => !HARMLESS.has(code) && !code.startsWith('source-'));
}

/** Collects the report while a session streams through `prepare`. */
export interface Ledger {
  /** A record was met in the source. */
  met(kind: FidelityKind, count?: number): void;
  /** What became of it: exactly once for each record met. */
  became(kind: FidelityKind, outcome: FidelityOutcome, count?: number): void;
  /** A reason or a declared change. Equal code and detail add up. */
  note(code: string, detail: string, count?: number): void;
  report(): FidelityReport;
}

export function newLedger(): Ledger {
  const counts = emptyCounts();
  const notes = new Map<string, FidelityNote>();
  return {
    met(kind, count = 1) {
      counts[kind].source += count;
    },
    became(kind, outcome, count = 1) {
      counts[kind][outcome] += count;
    },
    note(code, detail, count = 1) {
      const known = notes.get(`${code}\n${detail}`);
      if (known === undefined) notes.set(`${code}\n${detail}`, { code, count, detail });
      else known.count += count;
    },
    report: () => ({
      ...structuredClone(counts),
      notes: [...notes.values()].map((note) => ({ ...note })).sort(byCode),
    }),
  };
}

function emptyCounts(): Record<FidelityKind, FidelityCounts> {
  const zero = (): FidelityCounts => ({ source: 0, native: 0, translated: 0, text: 0, omitted: 0 });
  return {
    messages: zero(),
    toolCalls: zero(),
    toolResults: zero(),
    reasoning: zero(),
    images: zero(),
    files: zero(),
    compactions: zero(),
    plans: zero(),
    events: zero(),
    subagents: zero(),
    branches: zero(),
  };
}

function byCode(a: FidelityNote, b: FidelityNote): number {
  return compareText(a.code, b.code) || compareText(a.detail, b.detail);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
