/**
 * Most lines of a transcript are assistant records and results in exactly the form that Claude Code writes (2.1.x, measured).
 * When only the conversation is wanted, their head and what follows the content say enough, and the bytes between are not
 * walked over. Undefined says nothing: the record is walked.
 *
 * This cannot be fooled by what a session says: the head is matched from the line's first byte. The tail of an assistant
 * record is matched to its last one and has no brace, bracket or escape, so nothing in it can lie inside another value of the
 * record. A result's content is passed over as JSON, and what follows is matched from where it ends.
 */
import { memberNames, valueEnd, walkMembers, walkRest } from '../../io/json-scan.ts';
import type { JsonObject } from '../../model/session.ts';

export interface QuickAssistant {
  kind: 'assistant';
  parent: string | null;
  sidechain: boolean;
  messageId: string;
  model: string;
  /** Where `message.content` starts in the buffer. */
  contentStart: number;
  /** Where the record's id starts in the buffer; it has `UUID` bytes. */
  uuidStart: number;
  timestamp: string;
  /**
   * The members after the timestamp, each with a comma before it, and the brace that ends the record; valid as long as the
   * buffer is. Undefined: those that are known.
   */
  rest: Buffer | undefined;
}

export interface QuickResult {
  kind: 'result';
  parent: string;
  sidechain: boolean;
  agentId: string | undefined;
  /** The call that it answers. */
  callId: string;
  /** Where the result's content is in the buffer. */
  contentStart: number;
  contentEnd: number;
  uuidStart: number;
  timestamp: string;
  outcome: QuickOutcome;
}

/** What a record says of a call's outcome beside its output. */
export interface QuickOutcome {
  isError: boolean;
  /** What matters of `toolUseResult`, when that was looked at. */
  details: JsonObject;
}

/** Bytes of an id. */
export const UUID = 36;
const HEAD_BYTES = 320;
const TAIL_BYTES = 640;

const ASSISTANT =
  /^\{"parentUuid":(?:null|"([\w-]{36})"),"isSidechain":(true|false),"message":\{(?:"model":"([\w.:/@-]+)",)?"id":"([\w-]+)","type":"message","role":"assistant",(?:"model":"([\w.:/@-]+)",)?"content":\[/;
const RESULT =
  /^\{"parentUuid":"([\w-]{36})","isSidechain":(true|false),"promptId":"[\w-]+",(?:"agentId":"([\w-]+)",)?"type":"user","message":\{"role":"user","content":\[\{"tool_use_id":"([\w-]+)","type":"tool_result","content":/;
const TYPE = ',"type":"assistant","uuid":"';
const BETWEEN = '","timestamp":"';
const TIMESTAMP = 24;
/** From the type to the end of the timestamp. */
const IDS_BYTES = TYPE.length + UUID + BETWEEN.length + TIMESTAMP + 1;
const NOT_PLAIN = /[{}[\]\\]/;
const ERROR_FLAG = /^,"is_error":(true|false)/;
const RESULT_END = '}]},"uuid":"';

/**
 * Reads the record in `buffer` from `start` to `end`, if it has a usual form. `known`: a `rest` that was seen. `textsOnly`: a
 * result's details are not looked at.
 */
export function quickRecord(
  buffer: Buffer,
  start: number,
  end: number,
  known: Buffer,
  textsOnly: boolean,
): QuickAssistant | QuickResult | undefined {
  const head = buffer.toString('latin1', start, Math.min(start + HEAD_BYTES, end));
  const assistant = ASSISTANT.exec(head);
  if (assistant !== null) return quickAssistant(buffer, start, end, assistant, known);
  const result = RESULT.exec(head);
  return result === null ? undefined : quickResult(buffer, start, end, result, textsOnly);
}

function quickAssistant(
  buffer: Buffer,
  start: number,
  end: number,
  [head, parent, sidechain, modelBefore, messageId, modelAfter]: RegExpExecArray,
  known: Buffer,
): QuickAssistant | undefined {
  const isKnown = endsWith(buffer, start, end, known);
  const restStart = isKnown ? end - known.length : plainRest(buffer, start, end);
  if (restStart === undefined || restStart - start < head.length + IDS_BYTES) return undefined;
  const ids = buffer.toString('latin1', restStart - IDS_BYTES, restStart);
  if (!ids.startsWith(TYPE) || !ids.startsWith(BETWEEN, TYPE.length + UUID) || !ids.endsWith('"'))
    return undefined;
  const model = modelBefore ?? modelAfter;
  if (messageId === undefined || model === undefined) return undefined;
  return {
    kind: 'assistant',
    parent: parent ?? null,
    sidechain: sidechain === 'true',
    messageId,
    model,
    contentStart: start + head.length - 1,
    uuidStart: restStart - IDS_BYTES + TYPE.length,
    // a text of its own: a part would keep the whole in memory
    timestamp: buffer.toString('latin1', restStart - 1 - TIMESTAMP, restStart - 1),
    rest: isKnown ? undefined : buffer.subarray(restStart, end),
  };
}

/** A record of one result; the call's id may stand after the content in others. */
function quickResult(
  buffer: Buffer,
  start: number,
  end: number,
  [head, parent, sidechain, agentId, callId]: RegExpExecArray,
  textsOnly: boolean,
): QuickResult | undefined {
  const contentStart = start + head.length;
  const contentEnd = valueEnd(buffer, contentStart, end);
  if (contentEnd < 0 || parent === undefined || callId === undefined) return undefined;
  const after = buffer.toString('latin1', contentEnd, Math.min(contentEnd + AFTER_BYTES, end));
  const flag = ERROR_FLAG.exec(after);
  const uuid = (flag?.[0].length ?? 0) + RESULT_END.length;
  const time = uuid + UUID + BETWEEN.length;
  const done = time + TIMESTAMP + 1;
  if (!after.startsWith(RESULT_END, uuid - RESULT_END.length) || !after.startsWith(BETWEEN, uuid + UUID))
    return undefined;
  if (after[done - 1] !== '"') return undefined;
  const details = textsOnly ? NOTHING : detailsAt(buffer, contentEnd + done, end);
  if (details === undefined) return undefined;
  return {
    kind: 'result',
    parent,
    sidechain: sidechain === 'true',
    agentId,
    callId,
    contentStart,
    contentEnd,
    uuidStart: contentEnd + uuid,
    timestamp: buffer.toString('latin1', contentEnd + time, contentEnd + done - 1),
    outcome: { isError: flag?.[1] === 'true', details },
  };
}

const AFTER_BYTES = 160;
const RECORD = memberNames('toolUseResult');
const DETAILS = memberNames('stdout', 'interrupted', 'returnCodeInterpretation', 'backgroundTaskId');
const NOTHING: JsonObject = {};
const INTERRUPTED: JsonObject = { interrupted: true };
const SUCCEEDED: JsonObject = { stdout: '' };

/** What `unwrapResult` looks at in the details among the members from `at` on; undefined where they are a text, or damaged. */
function detailsAt(buffer: Buffer, at: number, end: number): JsonObject | undefined {
  let told = false;
  let printed = false;
  let interrupted = false;
  let open = false;
  const walked = walkRest(buffer, at, end, RECORD, (_name, details) => {
    told = buffer[details] === QUOTE;
    if (buffer[details] !== BRACE) return valueEnd(buffer, details, end);
    return walkMembers(buffer, details, end, DETAILS, (name, from) => {
      if (name === 'stdout') printed = buffer[from] === QUOTE;
      else if (name === 'interrupted') interrupted = buffer[from] === TRUE;
      else open = true;
      return valueEnd(buffer, from, end);
    });
  });
  if (walked < 0 || told) return undefined;
  if (interrupted) return INTERRUPTED;
  return printed && !open ? SUCCEEDED : NOTHING;
}

const QUOTE = 0x22;
const BRACE = 0x7b;
/** First letter of `true`. */
const TRUE = 0x74;

function endsWith(buffer: Buffer, start: number, end: number, bytes: Buffer): boolean {
  const { length } = bytes;
  return length > 0 && end - length > start && buffer.compare(bytes, 0, length, end - length, end) === 0;
}

/** Where the members after the timestamp start, when they have plain values only and are not those of an error. */
function plainRest(buffer: Buffer, start: number, end: number): number | undefined {
  const from = Math.max(start, end - TAIL_BYTES);
  const tail = buffer.toString('latin1', from, end - 1);
  const type = tail.lastIndexOf(TYPE);
  if (type < 0) return undefined;
  const rest = tail.slice(type + IDS_BYTES);
  return isPlain(rest) ? from + type + IDS_BYTES : undefined;
}

/** Members with plain values only, and not those of an error that the agent wrote itself. */
function isPlain(rest: string): boolean {
  return (
    (rest === '' || rest.startsWith(',"')) && !NOT_PLAIN.test(rest) && !rest.includes('"isApiErrorMessage"')
  );
}
