/** Canonical calls and results → tool parts' `state` of OpenCode and its forks. The inverse is in opencode-results.ts. */
import { asText } from '../../model/narrow.ts';
import type { ImagePart, JsonObject, JsonValue, ToolCallPart, ToolResultPart } from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';
import { ABORTED, exitNote, flatten, NO_OUTPUT, ORDER } from './opencode-results.ts';

const TITLE_LENGTH = 100;

export interface StateOptions {
  /** `start` and `end` in milliseconds. */
  time: JsonObject;
  /** Makes a stored file part of an image. */
  attach(image: ImagePart): JsonObject;
  /** Tell the model of exit codes: sessions of other agents did, the agent's own do not. */
  tellExit: boolean;
}

/** State of a call without a result yet: the model is told that it was interrupted. */
export function pendingState(call: ToolCallPart): JsonObject {
  return { status: 'pending', input: callInput(call), raw: '' };
}

/**
 * State of a call with its result. A command that exited non-zero is `completed` with `metadata.exit`, as the program
 * itself files it; `error` is for calls that failed without an exit code, or were cancelled.
 */
export function resultState(
  call: ToolCallPart,
  result: ToolResultPart,
  { time, attach, tellExit }: StateOptions,
): JsonObject {
  const { text, images, order } = flatten(result.content);
  const attachments: JsonValue[] = images.filter((image) => image.data !== undefined).map(attach);
  const metadata: JsonObject = {};
  if (result.exitCode !== undefined) metadata.exit = result.exitCode;
  if (order !== undefined) metadata[ORDER] = order;
  if (result.truncated === true) metadata.truncated = true;
  const exited = result.exitCode !== undefined && result.exitCode !== 0;
  const failed = result.status === 'interrupted' || (result.status === 'error' && !exited);
  const base = { input: callInput(call), metadata, time };
  return failed
    ? failedState(base, result.status === 'interrupted', text, attachments)
    : completedState(base, call, text, attachments, exited && tellExit ? exitNote(result.exitCode ?? 0) : '');
}

interface StateBase {
  input: JsonObject;
  metadata: JsonObject;
  time: JsonObject;
}

/** A failed state has no place for images: they stay in its metadata, where the model does not see them. */
function failedState(
  { input, metadata, time }: StateBase,
  interrupted: boolean,
  text: string,
  attachments: JsonValue[],
): JsonObject {
  metadata.interrupted = interrupted;
  if (interrupted) metadata.output = text;
  if (attachments.length > 0) metadata.attachments = attachments;
  return { status: 'error', input, error: interrupted ? ABORTED : text, metadata, time };
}

function completedState(
  { input, metadata, time }: StateBase,
  call: ToolCallPart,
  text: string,
  attachments: JsonValue[],
  note: string,
): JsonObject {
  const shell = call.native.name === 'bash';
  const empty = shell && text === '' && metadata[ORDER] === undefined;
  const output = empty ? NO_OUTPUT : text;
  // the screen shows `metadata.output`; the mark stands there only when the command really printed nothing
  if (shell) metadata.output = !empty && text === NO_OUTPUT ? '' : output;
  const told = shell ? output + note : output;
  const state: JsonObject = {
    status: 'completed',
    input,
    output: told,
    title: callTitle(call),
    metadata,
    time,
  };
  if (attachments.length > 0) state.attachments = attachments;
  return state;
}

/** The store takes objects only. */
function callInput(call: ToolCallPart): JsonObject {
  const { input } = call.native;
  return typeof input === 'object' && input !== null && !Array.isArray(input) ? input : { input };
}

/** One line for the screen. */
function callTitle(call: ToolCallPart): string {
  const input = callInput(call);
  const named = [input.description, input.command, input.filePath, input.pattern, input.url, input.query];
  return oneLine(named.map(asText).find((name) => name !== undefined) ?? call.native.name, TITLE_LENGTH);
}
