/** Facts for lists, for agents that keep a session in a file. */

import { startLines } from '../../io/ends.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { defined, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, Entry, JsonObject, Session } from '../../model/session.ts';
import { Tally } from '../../model/tally.ts';
import { oneLine } from '../../model/text.ts';
import type { SessionRef, SessionSummary } from '../contract.ts';

/** A file up to this size is read whole; of a bigger one, this much of head and tail together is looked at. */
export const SMALL = 64 << 10;
export const EDGE = 64 << 10;

/** Longest title in a list. */
const TITLE = 120;

/** A summary that `fill` completes; damage is said in it and never thrown. */
export function summaryOf(ref: SessionRef, fill: (summary: SessionSummary) => void): SessionSummary {
  const { agent, id, bytes, path, parent, archived } = ref;
  const summary: SessionSummary = { agent, id, bytes, path };
  if (parent !== undefined) summary.parent = parent;
  if (archived !== undefined) summary.archived = archived;
  try {
    fill(summary);
  } catch (error) {
    if (!(error instanceof SegueError) && systemCode(error) === undefined) throw error;
    summary.damaged = error instanceof SegueError ? error.code : 'unreadable';
  }
  return summary;
}

/** The file's first record that this is told of; further on than the head, where long records keep it out of that. */
export function firstOf<T>(path: string, tell: (record: JsonObject) => T | undefined): T | undefined {
  for (const line of startLines(path)) {
    const record = parseObject(line);
    const told = record === undefined ? undefined : tell(record);
    if (told !== undefined) return told;
  }
  return undefined;
}

/** Takes everything from a session that was read whole. */
export function fillFromSession(summary: SessionSummary, session: Session): void {
  const { info } = session;
  const tally = new Tally();
  let prompt: string | undefined;
  let last: Entry | undefined;
  let { updatedAt } = info;
  for (const entry of session.entries()) {
    tally.add(entry);
    if (entry.time !== undefined && (updatedAt === undefined || entry.time > updatedAt))
      updatedAt = entry.time;
    if (entry.type === 'message' || (entry.type === 'event' && entry.limit !== undefined)) last = entry;
    if (entry.type !== 'message') continue;
    if (entry.origin === 'human') prompt ??= entry.parts.find((part) => part.type === 'text')?.text;
  }
  setFacts(summary, {
    id: info.id,
    title: info.title ?? prompt,
    cwd: info.cwd,
    branch: info.git?.branch,
    model: info.models.at(-1),
    createdAt: info.createdAt,
    updatedAt,
  });
  Object.assign(summary, tally.counts);
  if (info.usage !== undefined)
    summary.tokens = Object.values(info.usage).reduce((sum: number, count: number) => sum + count, 0);
  if (last?.type === 'event' && last.limit !== undefined) summary.limit = last.limit;
  const damage = session.diagnostics.find((each) => DAMAGE.has(each.code));
  if (damage !== undefined) summary.damaged = damage.message;
}

const DAMAGE = new Set<Diagnostic['code']>(['bad-record', 'torn-record', 'too-large', 'unreadable']);

/** Sets what is known; the title is made one clean line. */
export function setFacts(
  summary: SessionSummary,
  facts: Partial<
    Pick<SessionSummary, 'id' | 'title' | 'cwd' | 'branch' | 'model' | 'createdAt' | 'updatedAt'>
  >,
): void {
  const { title, ...rest } = facts;
  const line = title === undefined ? '' : oneLine(title, TITLE);
  if (line !== '') summary.title = line;
  Object.assign(summary, defined(rest));
}
