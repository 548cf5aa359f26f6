/** Prepared messages → message records: parts inline, which is what the agent gives the model whenever it resumes. */
import { asString, asText } from '../../model/narrow.ts';
import type {
  JsonObject,
  MessageEntry,
  Part,
  ReasoningPart,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';
import { apiPart } from '../_shared/gemini-parts.ts';
import { type Answered, apiModelParts, apiSaidParts, callArgs, runs } from '../_shared/gemini-records.ts';
import { writeResponse } from '../_shared/gemini-results.ts';
import { readShellOutput, stripUntrusted } from '../_shared/gemini-shell.ts';

/** The records of one message: each run of model parts, of results, and of what a person said is one. */
export function messageRecords(
  entry: MessageEntry,
  answers: Pick<Answered, 'results' | 'calls'>,
  time: string,
  newId: () => string,
): JsonObject[] {
  return runs(entry, startsRecord).map(({ kind, parts }) => {
    const head = { id: newId(), timestamp: time };
    if (kind === 'model') return { ...head, ...modelRecord(parts, answers.results, time, entry.model) };
    if (kind === 'said') return { ...head, type: 'user', content: apiSaidParts(parts) };
    // a blank hides the row: the call's own row shows the result
    const content = parts.flatMap((part) => responseParts(part, answers.calls));
    return { ...head, type: 'user', displayContent: ' ', content };
  });
}

/** Thoughts for the person stand before everything else in a record, and not beside inline reasoning. */
function startsRecord(part: Part, before: Part[]): boolean {
  if (part.type !== 'reasoning') return false;
  return isShownThought(part) ? !before.every(isShownThought) : before.some(isShownThought);
}

/** Reasoning that was stored for the person only: not signed, not a part of the content. */
function isShownThought(part: Part): part is ReasoningPart {
  return (
    part.type === 'reasoning' &&
    asText(part.opaque?.thoughtSignature) === undefined &&
    part.opaque?.thought !== true
  );
}

function modelRecord(
  parts: Part[],
  results: Map<string, ToolResultPart>,
  timestamp: string,
  model: string | undefined,
): JsonObject {
  const content = apiModelParts(parts.filter((part) => !isShownThought(part)));
  const thoughts = parts.filter(isShownThought).map((part) => ({ ...thought(part), timestamp }));
  const calls = parts.filter((part): part is ToolCallPart => part.type === 'tool_call');
  const record: JsonObject = { type: 'gemini', content };
  if (calls.length > 0) {
    const texts = content.filter((part) => part.text !== undefined && part.thought !== true);
    // without it the interface shows the call as text
    record.displayContent = texts.length > 0 ? texts : ' ';
    record.toolCalls = calls.map((call) => shownCall(call, results.get(call.callId), timestamp));
  }
  if (thoughts.length > 0) record.thoughts = thoughts;
  if (model !== undefined) record.model = model;
  return record;
}

/** The inverse of how thoughts are read: `**subject** description`. */
function thought({ text, opaque }: ReasoningPart): JsonObject {
  const subject = asString(opaque?.subject) ?? '';
  const head = `**${subject}** `;
  return subject !== '' && text.startsWith(head)
    ? { subject, description: text.slice(head.length) }
    : { subject: '', description: text };
}

/**
 * The call as the interface shows it. Its id is not the call's and it holds no result: with either, the agent would send
 * every result twice after the second resume (measured on 0.61.0).
 */
function shownCall(call: ToolCallPart, result: ToolResultPart | undefined, timestamp: string): JsonObject {
  const { name } = call.native;
  const args = callArgs(call);
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
