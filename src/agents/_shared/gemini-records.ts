/** Prepared messages on their way into records of the Gemini API's form. */
import { asText, isObject } from '../../model/narrow.ts';
import type {
  Entry,
  JsonObject,
  MessageEntry,
  Part,
  ReasoningPart,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';
import { apiPart } from './gemini-parts.ts';

/** An entry with what stands elsewhere: the results of its calls (further on), the calls that its results answer. */
export interface Answered {
  entry: Entry;
  results: Map<string, ToolResultPart>;
  calls: Map<string, ToolCallPart>;
}

/** Entries that are held back at most while a result is awaited. */
const LOOK_AHEAD = 500;

/** Looks ahead for the results of each entry's calls; prepared sessions have them before the next answer. */
export function* answered(entries: Iterable<Entry>): Generator<Answered, void, void> {
  let held: Answered[] = [];
  const waiting = new Map<string, { item: Answered; call: ToolCallPart }>();
  for (const entry of entries) {
    const item: Answered = { entry, results: new Map(), calls: new Map() };
    held.push(item);
    for (const part of entry.type === 'message' ? entry.parts : []) {
      if (part.type === 'tool_call') waiting.set(part.callId, { item, call: part });
      if (part.type !== 'tool_result') continue;
      const asked = waiting.get(part.callId);
      if (asked === undefined) continue;
      asked.item.results.set(part.callId, part);
      item.calls.set(part.callId, asked.call);
      waiting.delete(part.callId);
    }
    if (waiting.size > 0 && held.length < LOOK_AHEAD) continue;
    yield* held;
    held = [];
  }
  yield* held;
}

/** Parts of one message that go into one record. */
export interface Run {
  kind: 'model' | 'results' | 'said';
  parts: Part[];
}

/** The records of one message: each run of model parts, of results, and of what a person said. `split` starts a record anew. */
export function runs(entry: MessageEntry, split: (part: Part, before: Part[]) => boolean): Run[] {
  const made: Run[] = [];
  for (const part of entry.parts) {
    const kind = part.type === 'tool_result' ? 'results' : entry.role === 'assistant' ? 'model' : 'said';
    const last = made.at(-1);
    if (last?.kind === kind && !split(part, last.parts)) last.parts.push(part);
    else made.push({ kind, parts: [part] });
  }
  return made;
}

/** What a model said, as parts of the API. Reasoning is inline; a bare signature is put on the part that follows it. */
export function apiModelParts(parts: Part[]): JsonObject[] {
  const content: JsonObject[] = [];
  let signature: JsonObject = {};
  for (const part of parts) {
    if (part.type === 'reasoning' && part.text === '' && signatureIn(part).thoughtSignature !== undefined) {
      signature = signatureIn(part);
      continue;
    }
    const made = apiModelPart(part);
    if (made === undefined) continue;
    content.push({ ...made, ...signature });
    signature = {};
  }
  if (signature.thoughtSignature !== undefined) content.push({ text: '', thought: true, ...signature });
  return content;
}

function apiModelPart(part: Part): JsonObject | undefined {
  if (part.type === 'text') return { text: part.text };
  if (part.type === 'reasoning') return { text: part.text, thought: true, ...signatureIn(part) };
  if (part.type !== 'tool_call') return undefined;
  return { functionCall: { id: part.callId, name: part.native.name, args: callArgs(part) } };
}

function signatureIn({ opaque }: ReasoningPart): JsonObject {
  const thoughtSignature = asText(opaque?.thoughtSignature);
  return thoughtSignature === undefined ? {} : { thoughtSignature };
}

/** A call's arguments; the API takes objects only. */
export function callArgs({ native }: ToolCallPart): JsonObject {
  return isObject(native.input) ? native.input : { input: native.input };
}

/** What a person said, as parts of the API. */
export function apiSaidParts(parts: Part[]): JsonObject[] {
  return parts.flatMap((part): JsonObject[] => {
    if (part.type === 'text' || part.type === 'image') return [apiPart(part)];
    return part.type === 'file' ? [{ text: part.text ?? `[file: ${part.path ?? part.name ?? ''}]` }] : [];
  });
}
