/** Messages that stand together as one, for agents that send what they store and APIs that want turns to alternate. */
import type { Entry, MessageEntry } from '../../model/session.ts';

/**
 * Joins consecutive answers, and consecutive results, whatever entries they came in. A joined message has the id, time,
 * model and usage of its first. Messages stay apart where they are not kept by the same compactions.
 */
export function* turns(
  entries: Iterable<Entry>,
  keptBy: ReadonlyMap<string, string>,
): Generator<Entry, void, void> {
  let open: MessageEntry | undefined;
  for (const entry of entries) {
    if (open !== undefined && entry.type === 'message' && joins(open, entry, keptBy)) {
      open.parts.push(...entry.parts);
      continue;
    }
    if (open !== undefined) yield open;
    open = undefined;
    if (entry.type === 'message') open = { ...entry, parts: [...entry.parts] };
    else yield entry;
  }
  if (open !== undefined) yield open;
}

function joins(open: MessageEntry, next: MessageEntry, keptBy: ReadonlyMap<string, string>): boolean {
  if (open.role !== next.role || keptBy.get(open.id) !== keptBy.get(next.id)) return false;
  return open.role === 'assistant' || [open, next].every(isResults);
}

function isResults({ parts }: MessageEntry): boolean {
  return parts.every(({ type }) => type === 'tool_result');
}

/** Entries that compactions keep, each with the ids of those compactions. */
export function keptEntries(entries: Iterable<Entry>): Map<string, string> {
  const keptBy = new Map<string, string>();
  for (const entry of entries) {
    if (entry.type !== 'compaction') continue;
    for (const id of entry.keeps) keptBy.set(id, `${keptBy.get(id) ?? ''} ${entry.id}`);
  }
  return keptBy;
}
