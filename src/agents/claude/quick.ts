/**
 * Most lines of a transcript are assistant records in exactly the form that Claude Code writes (2.1.x, measured). When only the
 * conversation is wanted, their head and their tail say enough, and the bytes between are not walked over.
 * Undefined says nothing: the record is walked.
 *
 * This cannot be fooled by what a session says: the head is matched from the line's first byte. The tail is matched to its
 * last one and has no brace, bracket or escape, so nothing in it can lie inside another value of the record.
 */
export interface QuickRecord {
  parent: string | null;
  sidechain: boolean;
  messageId: string;
  model: string;
  /** Where `message.content` starts in the buffer. */
  contentStart: number;
  /** Where the record's id starts in the buffer; it has `UUID` bytes. */
  uuidStart: number;
  timestamp: string;
  /** The members after the timestamp, each with a comma before it, as JSON text; Latin-1 for UTF-8 bytes. */
  rest: string;
}

/** Bytes of an id. */
export const UUID = 36;
const HEAD_BYTES = 320;
const TAIL_BYTES = 640;

const HEAD =
  /^\{"parentUuid":(?:null|"([\w-]{36})"),"isSidechain":(true|false),"message":\{(?:"model":"([\w.:/@-]+)",)?"id":"([\w-]+)","type":"message","role":"assistant",(?:"model":"([\w.:/@-]+)",)?"content":\[/;
const TYPE = ',"type":"assistant","uuid":"';
const BETWEEN = '","timestamp":"';
const TIMESTAMP = 24;
const NOT_PLAIN = /[{}[\]\\]/;

/** Reads the assistant record in `buffer` from `start` to `end`, if it has the usual form. `known`: a `rest` that was seen. */
export function quickAssistant(
  buffer: Buffer,
  start: number,
  end: number,
  known: string,
): QuickRecord | undefined {
  const tailStart = Math.max(start, end - TAIL_BYTES);
  const tail = buffer.toString('latin1', tailStart, end - 1);
  const type = tail.lastIndexOf(TYPE);
  if (type < 0) return undefined;
  const uuid = type + TYPE.length;
  const time = uuid + UUID + BETWEEN.length;
  const after = time + TIMESTAMP + 1;
  if (!tail.startsWith(BETWEEN, uuid + UUID) || tail[after - 1] !== '"') return undefined;
  const rest = tail.slice(after);
  if (rest !== known && !isPlain(rest)) return undefined;
  const head = HEAD.exec(buffer.toString('latin1', start, Math.min(start + HEAD_BYTES, end)));
  if (head === null) return undefined;
  const [matched, parent, sidechain, modelBefore, messageId, modelAfter] = head;
  const model = modelBefore ?? modelAfter;
  if (messageId === undefined || model === undefined) return undefined;
  return {
    parent: parent ?? null,
    sidechain: sidechain === 'true',
    messageId,
    model,
    contentStart: start + matched.length - 1,
    uuidStart: tailStart + uuid,
    timestamp: tail.slice(time, time + TIMESTAMP),
    rest,
  };
}

/** Members with plain values only, and not those of an error that the agent wrote itself. */
function isPlain(rest: string): boolean {
  return (
    (rest === '' || rest.startsWith(',"')) && !NOT_PLAIN.test(rest) && !rest.includes('"isApiErrorMessage"')
  );
}
