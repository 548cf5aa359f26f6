/** Prepared messages → message records: parts inline, which is what the agent gives the model whenever it resumes. */
import { asString, asText, isObject } from '../../model/narrow.ts';
import type {
  Entry,
  JsonObject,
  MessageEntry,
  Part,
  ReasoningPart,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';
import { apiPart } from '../_shared/gemini-parts.ts';
import { writeResponse } from '../_shared/gemini-results.ts';
import { readShellOutput, stripUntrusted } from '../_shared/gemini-shell.ts';

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

type Run = { kind: 'model' | 'results' | 'said'; parts: Part[] };

/** The records of one message: each run of model parts, of results, and of what a person said is one. */
export function messageRecords(
  entry: MessageEntry,
  answers: Pick<Answered, 'results' | 'calls'>,
  time: string,
  newId: () => string,
): JsonObject[] {
  return runs(entry).map(({ kind, parts }) => {
    const head = { id: newId(), timestamp: time };
    if (kind === 'model') return { ...head, ...modelRecord(parts, answers.results, time, entry.model) };
    if (kind === 'said') return { ...head, type: 'user', content: parts.flatMap(saidParts) };
    // a blank hides the row: the call's own row shows the result
    const content = parts.flatMap((part) => responseParts(part, answers.calls));
    return { ...head, type: 'user', displayContent: ' ', content };
  });
}

function runs(entry: MessageEntry): Run[] {
  const made: Run[] = [];
  for (const part of entry.parts) {
    const kind = part.type === 'tool_result' ? 'results' : entry.role === 'assistant' ? 'model' : 'said';
    const last = made.at(-1);
    if (last?.kind === kind && !startsRecord(part, last.parts)) last.parts.push(part);
    else made.push({ kind, parts: [part] });
  }
  return made;
}

/** Thoughts for the person stand before everything else in a record, and not beside inline reasoning. */
function startsRecord(part: Part, before: Part[]): boolean {
  if (part.type !== 'reasoning') return false;
  return isShownThought(part)
    ? !before.every((each) => each.type === 'reasoning' && isShownThought(each))
    : before.some((each) => each.type === 'reasoning' && isShownThought(each));
}

function isShownThought({ opaque }: ReasoningPart): boolean {
  return asText(opaque?.thoughtSignature) === undefined && opaque?.thought !== true;
}

function modelRecord(
  parts: Part[],
  results: Map<string, ToolResultPart>,
  timestamp: string,
  model: string | undefined,
): JsonObject {
  const content: JsonObject[] = [];
  const thoughts: JsonObject[] = [];
  const calls: ToolCallPart[] = [];
  let signature: JsonObject = {};
  const add = (part: JsonObject): void => {
    content.push({ ...part, ...signature });
    signature = {};
  };
  for (const part of parts) {
    if (part.type === 'text') add({ text: part.text });
    else if (part.type === 'tool_call') {
      add({ functionCall: { id: part.callId, name: part.native.name, args: argsOf(part) } });
      calls.push(part);
    } else if (part.type === 'reasoning') {
      if (isShownThought(part)) thoughts.push({ ...thought(part), timestamp });
      else if (part.text === '' && part.opaque?.thought !== true) signature = part.opaque ?? {};
      else add({ text: part.text, thought: true, ...signatureIn(part) });
    }
  }
  if (signature.thoughtSignature !== undefined) add({ text: '', thought: true });
  const record: JsonObject = { type: 'gemini', content };
  if (calls.length > 0) {
    const texts = content.filter((part) => part.text !== undefined && part.thought !== true);
    record.displayContent = texts.length > 0 ? texts : ' ';
    record.toolCalls = calls.map((call) => shownCall(call, results.get(call.callId), timestamp));
  }
  if (thoughts.length > 0) record.thoughts = thoughts;
  if (model !== undefined) record.model = model;
  return record;
}

function signatureIn({ opaque }: ReasoningPart): JsonObject {
  const thoughtSignature = asText(opaque?.thoughtSignature);
  return thoughtSignature === undefined ? {} : { thoughtSignature };
}

/** The inverse of how thoughts are read: `**subject** description`. */
function thought({ text, opaque }: ReasoningPart): JsonObject {
  const subject = asString(opaque?.subject) ?? '';
  const head = `**${subject}** `;
  return subject !== '' && text.startsWith(head)
    ? { subject, description: text.slice(head.length) }
    : { subject: '', description: text };
}

function argsOf({ native }: ToolCallPart): JsonObject {
  return isObject(native.input) ? native.input : { input: native.input };
}

/**
 * The call as the interface shows it. Its id is not the call's and it holds no result: with either, the agent would send
 * every result twice after the second resume (measured on 0.61.0).
 */
function shownCall(call: ToolCallPart, result: ToolResultPart | undefined, timestamp: string): JsonObject {
  const { name } = call.native;
  const args = argsOf(call);
  const shown: JsonObject = {
    id: `ui-${call.callId}`,
    name,
    args,
    status: result === undefined ? 'success' : shownStatus(result),
    timestamp,
    displayName: name,
    description: asText(args.command) ?? asText(args.file_path) ?? '',
  };
  if (result !== undefined) shown.resultDisplay = shownText(result, asText(args.command));
  return shown;
}

function shownStatus(result: ToolResultPart): string {
  if (result.status === 'interrupted') return 'cancelled';
  return isErrorResponse(result) ? 'error' : 'success';
}

/** A command that exited non-zero is a success to the agent: its output says the exit code. */
function isErrorResponse({ status, exitCode }: ToolResultPart): boolean {
  return status === 'interrupted' || (status === 'error' && (exitCode === undefined || exitCode === 0));
}

/** The first lines are enough for a row in the interface. */
function shownText(result: ToolResultPart, command: string | undefined): string {
  const text = result.content.flatMap((part) => (part.type === 'text' ? part.text : [])).join('\n');
  return (readShellOutput(text, command)?.text ?? stripUntrusted(text)).slice(0, 2000);
}

function responseParts(part: Part, calls: Map<string, ToolCallPart>): JsonObject[] {
  if (part.type !== 'tool_result') return [];
  const { response, media } = writeResponse(part, isErrorResponse(part));
  const name = calls.get(part.callId)?.native.name ?? 'unknown';
  return [{ functionResponse: { id: part.callId, name, response } }, ...media.map(apiPart)];
}

function saidParts(part: Part): JsonObject[] {
  if (part.type === 'text' || part.type === 'image') return [apiPart(part)];
  return part.type === 'file' ? [{ text: part.text ?? `[file: ${part.path ?? part.name ?? ''}]` }] : [];
}
