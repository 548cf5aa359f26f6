/** Results of tool calls in the Gemini API's form (`functionResponse`) ⇄ canonical results. */
import { asArray, asObject, asString, isObject } from '../../model/narrow.ts';
import type {
  JsonObject,
  JsonValue,
  ResultContent,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';
import {
  exactOutput,
  readShellOutput,
  stripUntrusted,
  wrapUntrusted,
  writeShellOutput,
} from './gemini-shell.ts';

/** What the agent recorded about a call beside its response. */
export type RecordedStatus = ToolResultPart['status'] | undefined;

/** What both agents put before the reason of a call that the person stopped. Read in the source of both. */
const CANCELLED = '[Operation Cancelled] Reason: ';
/** What both say when a result holds nothing but media. */
const MEDIA_ONLY = /^Binary content provided \(\d+ item\(s\)\)\.$/;

/** `success`, `error` or `cancelled` → status; undefined for states of a running call and anything else. */
export function recordedStatus(value: JsonValue | undefined): RecordedStatus {
  if (value === 'success') return 'ok';
  if (value === 'error') return 'error';
  return value === 'cancelled' ? 'interrupted' : undefined;
}

/**
 * One `functionResponse` → result. `media` are the parts that follow it and belong to it.
 * `recorded` is the status that was stored beside it, if any.
 */
export function readResult(
  call: ToolCallPart,
  response: JsonValue | undefined,
  media: ResultContent[],
  recorded: RecordedStatus,
): ToolResultPart {
  const stored = responseText(response);
  let { text } = stored;
  let interrupted = recorded === 'interrupted';
  if ((interrupted || (recorded === undefined && stored.failed)) && text.startsWith(CANCELLED)) {
    text = text.slice(CANCELLED.length);
    interrupted = true;
  }
  const shell = call.tool === 'execute' ? readShellOutput(text, commandOf(call)) : undefined;
  text = shell?.text ?? (call.tool === 'execute' ? text : stripUntrusted(text));
  if (media.length > 0 && MEDIA_ONLY.test(text)) text = '';
  const { exitCode } = shell ?? {};
  const failed = recorded === 'error' || stored.failed || (exitCode !== undefined && exitCode !== 0);
  return {
    type: 'tool_result',
    callId: call.callId,
    status: interrupted || shell?.interrupted === true ? 'interrupted' : failed ? 'error' : 'ok',
    content: text === '' && media.length > 0 ? media : [{ type: 'text', text }, ...media],
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}

/** The text of a response: `output` or `error`, MCP content, or the whole object as JSON. */
function responseText(response: JsonValue | undefined): { text: string; failed: boolean } {
  if (!isObject(response)) return { text: plain(response), failed: false };
  if (response.error !== undefined && response.output === undefined)
    return { text: plain(response.error), failed: true };
  const rest = Object.keys(response).filter((key) => key !== 'output');
  if (response.output !== undefined && rest.length === 0)
    return { text: plain(response.output), failed: false };
  const blocks = asArray(response.content)?.map((block) => asString(asObject(block)?.text));
  if (blocks?.every((block) => block !== undefined))
    return { text: blocks.join('\n'), failed: response.isError === true };
  return { text: Object.keys(response).length === 0 ? '' : JSON.stringify(response), failed: false };
}

function plain(value: JsonValue | undefined): string {
  return typeof value === 'string'
    ? value
    : value === undefined || value === null
      ? ''
      : JSON.stringify(value);
}

function commandOf(call: ToolCallPart): string | undefined {
  return asString(asObject(call.native.input)?.command);
}

/**
 * Canonical result → the content that is stored: for commands with the agent's `natural` lines around the first text.
 * `readResult` undoes it exactly.
 */
export function wrapResult(
  call: ToolCallPart,
  result: ToolResultPart,
  natural: (text: string, exitCode: number, command: string) => string,
): ResultContent[] {
  const { text, rest } = leadingText(result.content);
  const command = commandOf(call);
  let stored = text;
  if (call.tool === 'execute') {
    if (result.exitCode !== undefined)
      stored = writeShellOutput({ text, exitCode: result.exitCode }, command, (output, code) =>
        natural(output, code, command ?? ''),
      );
    else if (readShellOutput(text, command) !== undefined) stored = exactOutput(text, undefined);
  } else if (stripUntrusted(text) !== text) {
    stored = wrapUntrusted(text);
  }
  if (result.status === 'interrupted') stored = `${CANCELLED}${stored}`;
  return stored === '' && rest.length > 0 ? rest : [{ type: 'text', text: stored }, ...rest];
}

/** Texts before the first image as one, and what follows. */
function leadingText(content: ResultContent[]): { text: string; rest: ResultContent[] } {
  const first = content.findIndex((part) => part.type === 'image');
  const end = first < 0 ? content.length : first;
  const texts = content.slice(0, end).flatMap((part) => (part.type === 'text' ? part.text : []));
  return { text: texts.join('\n'), rest: content.slice(end) };
}

/** A wrapped result as the API's `response` object, and the media that goes with it. */
export function writeResponse(
  result: ToolResultPart,
  errorKey: boolean,
): { response: JsonObject; media: ResultContent[] } {
  const { text, rest } = leadingText(result.content);
  return { response: errorKey ? { error: text } : { output: text }, media: rest };
}
