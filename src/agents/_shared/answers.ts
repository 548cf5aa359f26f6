/** Assistant entries as the API messages that an encoder writes: calls that belong together, texts that stay apart. */
import type { Entry, MessageEntry, Part } from '../../model/session.ts';

/** One assistant message to write. */
export interface Answer {
  type: 'answer';
  /** The entry that it starts with: its time, model and usage. */
  entry: MessageEntry;
  /** Every entry that has a part in it. */
  ids: string[];
  parts: Part[];
}

/**
 * Regroups consecutive assistant entries. Calls that wait for their results have to stand in one message, whatever
 * entries they came in. A text after a text starts a new message: APIs with one text for each message run them together.
 */
export function* answers(entries: Iterable<Entry>): Generator<Answer | Entry, void, void> {
  let open: Answer | undefined;
  for (const entry of entries) {
    if (entry.type !== 'message' || entry.role !== 'assistant') {
      if (open !== undefined) yield open;
      open = undefined;
      yield entry;
      continue;
    }
    for (const part of entry.parts) {
      if (open !== undefined && startsNew(open.parts, part)) {
        yield open;
        open = undefined;
      }
      open ??= { type: 'answer', entry, ids: [], parts: [] };
      open.parts.push(part);
      if (open.ids.at(-1) !== entry.id) open.ids.push(entry.id);
    }
  }
  if (open !== undefined) yield open;
}

function startsNew(parts: Part[], next: Part): boolean {
  if (next.type === 'tool_call') return false;
  const has = (type: Part['type']): boolean => parts.some((part) => part.type === type);
  return has('text') && !has('tool_call');
}
