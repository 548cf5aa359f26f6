/** Chat messages → parts. A call stands in `content` or in `toolCalls`, a response there or in a message of its own. */
import { asArray, asObject, asText, isObject } from '../../model/narrow.ts';
import type {
  Diagnostic,
  JsonObject,
  JsonValue,
  Part,
  ReasoningPart,
  ToolResultPart,
  Usage,
} from '../../model/session.ts';
import { modelParts, splitResponses } from '../_shared/gemini-messages.ts';
import { type CallBook, contentParts } from '../_shared/gemini-parts.ts';
import { type RecordedStatus, recordedStatus } from '../_shared/gemini-results.ts';
import { readUsage, type Slot } from './slots.ts';

/** Signed reasoning in Gemini's records is Google's. */
export const VENDOR = 'google';

/** What one pass over a session knows of its calls. */
export interface Reading {
  book: CallBook;
  /** What `toolCalls` records say of calls, by id. */
  states: Map<string, RecordedStatus>;
  diagnostics: Diagnostic[];
}

/** Usage of a message, as a member to spread. */
export function usageOf(record: JsonObject): { usage?: Usage } {
  const usage = readUsage(record.tokens);
  return usage === undefined ? {} : { usage };
}

/** Parts of a `gemini` message. `rich` is an earlier form of it, where calls still have their states. */
export function assistantParts(record: JsonObject, rich: JsonObject, { book, states }: Reading): Part[] {
  for (const call of [...toolCalls(rich), ...toolCalls(record)]) {
    const status = recordedStatus(call.status);
    const id = asText(call.id);
    if (id === undefined || status === undefined) continue;
    states.set(id, status);
    // our own records for the interface, beside the call in `content`
    if (id.startsWith('ui-')) states.set(id.slice(3), status);
  }
  const stored = contentParts(record.content);
  const parts: Part[] = stored.some((part) => part.thought === true) ? [] : thoughts(record.thoughts);
  parts.push(...modelParts(stored, book, VENDOR));
  if (!stored.some((part) => part.functionCall !== undefined)) {
    for (const call of toolCalls(record))
      parts.push(book.open(asText(call.id), asText(call.name) ?? 'unknown', call.args ?? {}));
  }
  return parts;
}

function toolCalls(record: JsonObject): JsonObject[] {
  return (asArray(record.toolCalls) ?? []).filter(isObject);
}

/** Thoughts that are shown to the person; the agent does not give them back to the model. */
function thoughts(value: JsonValue | undefined): ReasoningPart[] {
  return (asArray(value) ?? []).flatMap((item): ReasoningPart[] => {
    const thought = asObject(item);
    const subject = asText(thought?.subject) ?? '';
    const description = asText(thought?.description) ?? '';
    if (subject === '' && description === '') return [];
    const text = subject === '' ? description : `**${subject}** ${description}`;
    return [{ type: 'reasoning', text, vendor: VENDOR, opaque: { subject } }];
  });
}

/** Results that a `gemini` message holds itself, in `toolCalls[].result`. */
export function recordResults(record: JsonObject, slot: Slot, reading: Reading): ToolResultPart[] {
  return toolCalls(record).flatMap(({ id = null, name = null, result }) => {
    if (result === undefined || result === null) return [];
    const parts =
      typeof result === 'string'
        ? [{ functionResponse: { id, name, response: { output: result } } }]
        : contentParts(result);
    return responses(parts, slot, reading).results;
  });
}

/** Parts of a `user` message: results of calls, and what was said. */
export function userParts(
  record: JsonObject,
  slot: Slot,
  reading: Reading,
): { results: ToolResultPart[]; said: Part[] } {
  return responses(contentParts(record.content), slot, reading);
}

function responses(parts: JsonObject[], slot: Slot, { book, states, diagnostics }: Reading) {
  return splitResponses(parts, {
    book,
    vendor: VENDOR,
    recorded: (id) => states.get(id ?? ''),
    orphan: () =>
      diagnostics.push({
        code: 'orphan-result',
        message: 'a result without a call',
        path: slot.path,
        at: slot.start,
      }),
  });
}
