/** Which entries of a session go to the target, and in which order. */
import type { Acceptance } from '../agents/contract.ts';
import type { CompactionEntry, Entry, MessageEntry, Part, Session } from '../model/session.ts';
import type { FidelityKind, Ledger } from './fidelity.ts';

export type Selected = MessageEntry | CompactionEntry;

/** Where a session's history is cut: its own last compaction (for targets that cannot record one), or one made to fit. */
export interface HistoryCut {
  entry: CompactionEntry;
  /** Ordinal of the compaction among the session's entries; of a made one, of the first entry that stays. */
  index: number;
  keeps: Set<string>;
  /** Not in the session: made so that it fits the target. */
  made: boolean;
}

/** A cut asked for: `summary` stands for the entries before ordinal `before` (from 0). */
export interface WantedCut {
  before: number;
  summary: CompactionEntry;
}

export function madeCut({ before, summary }: WantedCut): HistoryCut {
  return { entry: summary, index: before, keeps: new Set(), made: true };
}

/** Finds the cut; undefined when there is none. One pass over the session. */
export function findCut(session: Session): HistoryCut | undefined {
  let cut: HistoryCut | undefined;
  let index = 0;
  for (const entry of session.entries()) {
    if (entry.type === 'compaction' && entry.summary.trim() !== '')
      cut = { entry, index, keeps: new Set(entry.keeps), made: false };
    index++;
  }
  return cut;
}

/**
 * The messages and compactions that are carried. With a `cut`, its summary comes first, then the entries that it kept,
 * then what followed it. Everything left out is counted here; nothing else is.
 */
export function* selectEntries(
  session: Session,
  accepts: Acceptance,
  cut: HistoryCut | undefined,
  ledger: Ledger,
): Generator<Selected, void, void> {
  if (cut !== undefined) yield cut.entry;
  let index = 0;
  for (const entry of session.entries()) {
    const covered = cut !== undefined && index < cut.index && !cut.keeps.has(entry.id);
    const isCut = cut?.made === false && index === cut.index;
    index++;
    countRecords(entry, (kind, count) => ledger.met(kind, count));
    if (isCut) continue;
    const reason = covered ? coveredReason(entry, cut?.made === true) : reasonToLeaveOut(entry, accepts);
    if (reason !== undefined) leaveOut(entry, reason, ledger);
    else if (entry.type === 'message' || entry.type === 'compaction') yield entry;
  }
  countRest(session, ledger);
}

interface Reason {
  code: string;
  detail: string;
}

function coveredReason(entry: Entry, made: boolean): Reason {
  return (
    ownReason(entry) ?? {
      code: 'covered-by-compaction',
      detail: made
        ? "told by the handoff that stands for the oldest part, so that the session fits the target's context"
        : 'covered by the summary; the target has no record for a cut history',
    }
  );
}

function reasonToLeaveOut(entry: Entry, accepts: Acceptance): Reason | undefined {
  const own = ownReason(entry);
  if (own !== undefined) return own;
  if (entry.type !== 'compaction') return undefined;
  if (entry.summary.trim() === '') {
    return {
      code: 'opaque-compaction',
      detail: 'the summary is stored in a form only its vendor can read; the full history is carried instead',
    };
  }
  // without a record of its own for it, only the cut is told: an earlier summary is covered by it
  return accepts.compaction ? undefined : { code: 'covered-by-compaction', detail: 'an earlier summary' };
}

/** Reasons that hold wherever the entry stands. */
function ownReason(entry: Entry): Reason | undefined {
  switch (entry.type) {
    case 'plan':
      return { code: 'plan-entry', detail: 'a plan that the agent kept beside the conversation' };
    case 'event':
      return entry.event === 'title'
        ? { code: 'title-event', detail: "the title is given to the target's session" }
        : { code: 'event', detail: entry.event };
    case 'message':
      if (entry.origin === 'harness')
        return {
          code: 'harness-message',
          detail: 'injected by the source agent, not part of the conversation',
        };
      if (entry.role === 'system')
        return { code: 'system-message', detail: 'instructions of the source agent' };
      return undefined;
    case 'compaction':
      return undefined;
  }
}

function leaveOut(entry: Entry, reason: Reason, ledger: Ledger): void {
  const outcome = reason.code === 'title-event' ? 'translated' : 'omitted';
  countRecords(entry, (kind, count) => ledger.became(kind, outcome, count));
  ledger.note(reason.code, reason.detail);
}

function countRest(session: Session, ledger: Ledger): void {
  const rest = { subagents: session.subagents.length, branches: session.branches.length };
  for (const kind of ['subagents', 'branches'] as const) {
    if (rest[kind] === 0) continue;
    ledger.met(kind, rest[kind]);
    ledger.became(kind, 'omitted', rest[kind]);
    ledger.note(
      kind,
      `only the ${kind === 'branches' ? 'active path' : 'main session'} is carried`,
      rest[kind],
    );
  }
}

/** Reports each record that an entry holds, by kind. */
export function countRecords(entry: Entry, count: (kind: FidelityKind, n: number) => void): void {
  if (entry.type !== 'message') {
    count(entry.type === 'compaction' ? 'compactions' : entry.type === 'plan' ? 'plans' : 'events', 1);
    return;
  }
  if (entry.parts.length === 0 || entry.parts.some((part) => part.type === 'text')) count('messages', 1);
  for (const part of entry.parts) countPart(part, count);
}

const kindOfPart: Partial<Record<Part['type'], FidelityKind>> = {
  reasoning: 'reasoning',
  image: 'images',
  file: 'files',
  tool_call: 'toolCalls',
  tool_result: 'toolResults',
};

function countPart(part: Part, count: (kind: FidelityKind, n: number) => void): void {
  const kind = kindOfPart[part.type];
  if (kind !== undefined) count(kind, 1);
  if (part.type !== 'tool_result') return;
  const images = part.content.filter((content) => content.type === 'image').length;
  if (images > 0) count('images', images);
}
