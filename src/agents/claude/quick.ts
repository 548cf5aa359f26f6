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
  /**
   * The members after the timestamp, each with a comma before it, and the brace that ends the record; valid as long as the
   * buffer is. Undefined: those that are known.
   */
  rest: Buffer | undefined;
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
/** From the type to the end of the timestamp. */
const IDS_BYTES = TYPE.length + UUID + BETWEEN.length + TIMESTAMP + 1;
const NOT_PLAIN = /[{}[\]\\]/;

/** Reads the assistant record in `buffer` from `start` to `end`, if it has the usual form. `known`: a `rest` that was seen. */
export function quickAssistant(
  buffer: Buffer,
  start: number,
  end: number,
  known: Buffer,
): QuickRecord | undefined {
  const isKnown = endsWith(buffer, start, end, known);
  const restStart = isKnown ? end - known.length : plainRest(buffer, start, end);
  if (restStart === undefined || restStart - start < IDS_BYTES) return undefined;
  const ids = buffer.toString('latin1', restStart - IDS_BYTES, restStart);
  if (!ids.startsWith(TYPE) || !ids.startsWith(BETWEEN, TYPE.length + UUID) || !ids.endsWith('"'))
    return undefined;
  const head = HEAD.exec(buffer.toString('latin1', start, Math.min(start + HEAD_BYTES, restStart)));
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
    uuidStart: restStart - IDS_BYTES + TYPE.length,
    // a text of its own: a part would keep the whole in memory
    timestamp: buffer.toString('latin1', restStart - 1 - TIMESTAMP, restStart - 1),
    rest: isKnown ? undefined : buffer.subarray(restStart, end),
  };
}

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
