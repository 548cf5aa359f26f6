/**
 * What Claude Code wraps around a tool's result, taken off when reading and put on when writing.
 * `unwrapResult` undoes `wrapResult` exactly.
 */
import { asObject, asString } from '../../model/narrow.ts';
import type { JsonObject, JsonValue, ResultContent, ToolResultPart } from '../../model/session.ts';

const EXIT_CODE = /^Exit code (-?\d+)(?:\n|$)/;
const TOOL_ERROR = /^<tool_use_error>([\s\S]*)<\/tool_use_error>$/;
/** Texts that stand in for the result of a call that a person stopped (2.1.x). */
const STOPPED =
  /^(?:The user doesn't want to (?:proceed with|take) this|\[Request interrupted by user|\[Tool call interrupted)/;
/** The middle of a failed command's long output is cut (2.1.330, measured). */
const CUT = /\n\.\.\. \[\d+ (?:characters|lines) truncated\] \.\.\.\n/;

/** Status, exit code and plain content of a stored result. */
export type Outcome = Pick<ToolResultPart, 'status' | 'content'> & { exitCode?: number; truncated?: boolean };

/**
 * Stored content → outcome. `isError` is the block's `is_error`, `details` the record's `toolUseResult`.
 * A command's exit code is recorded only as text, for failures; a success is known by its structured details.
 */
export function unwrapResult(
  content: ResultContent[],
  isError: boolean,
  details: JsonValue | undefined,
): Outcome {
  const structured = asObject(details);
  const interrupted = structured?.interrupted === true || details === REJECTED;
  const failed = isError || interrupted || asString(details)?.startsWith('Error:') === true;
  if (!failed) {
    const succeeded =
      typeof structured?.stdout === 'string' &&
      structured.returnCodeInterpretation === undefined &&
      structured.backgroundTaskId === undefined;
    return { status: 'ok', content, ...(succeeded ? { exitCode: 0 } : {}) };
  }
  const [first, ...others] = content;
  const text = first?.type === 'text' ? first.text : '';
  const status = interrupted ? 'interrupted' : 'error';
  const wrapped = TOOL_ERROR.exec(text)?.[1];
  if (wrapped !== undefined) return { status, content: [{ type: 'text', text: wrapped }, ...others] };
  const header = EXIT_CODE.exec(text);
  if (header !== null) {
    const said = text.slice(header[0].length);
    return {
      status,
      content: said === '' ? others : [{ type: 'text', text: said }, ...others],
      exitCode: Number(header[1]),
      ...(text.length > 9000 && CUT.test(text) ? { truncated: true } : {}),
    };
  }
  const told = EXIT_CODE.exec(asString(details)?.replace(/^Error: /, '') ?? '')?.[1];
  return {
    status: STOPPED.test(text) ? 'interrupted' : status,
    content,
    ...(told === undefined ? {} : { exitCode: Number(told) }),
  };
}

/** What Claude Code stores as details of a call that was refused. */
const REJECTED = 'User rejected tool use';

/** Canonical result → the content that Claude Code stores for it. */
export function wrapResult(result: ToolResultPart): ResultContent[] {
  if (result.status === 'ok') return result.content;
  const content = isFlagged(result) ? joined(result.content) : result.content;
  const [first, ...others] = content;
  const text = first?.type === 'text' ? first.text : undefined;
  if (result.exitCode !== undefined) {
    const header = `Exit code ${result.exitCode}`;
    if (text === undefined) return [{ type: 'text', text: header }, ...content];
    return [{ type: 'text', text: `${header}\n${text}` }, ...others];
  }
  const mistakable =
    text !== undefined && (TOOL_ERROR.test(text) || EXIT_CODE.test(text) || STOPPED.test(text));
  if (!mistakable) return content;
  return [{ type: 'text', text: `<tool_use_error>${text}</tool_use_error>` }, ...others];
}

/** Several texts as one: Claude Code would put an empty line between the texts of a failed call. */
function joined(content: ResultContent[]): ResultContent[] {
  if (content.length <= 1) return content;
  const text = content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
  return [{ type: 'text', text }];
}

/** Whether a result is flagged as failed. One that holds images is not: Claude Code would not send them (2.1.330, measured). */
export function isFlagged(result: ToolResultPart): boolean {
  return result.status !== 'ok' && !result.content.some((part) => part.type === 'image');
}

/** Longest command output that Claude Code keeps in a result's details, characters (2.1.330, measured). */
const MAX_STDOUT = 30_000;

/**
 * The details (`toolUseResult`) that say what the stored content cannot: that a command succeeded, that a call was stopped,
 * that a result without the flag failed.
 * Undefined when there is nothing to add.
 */
export function resultDetails(result: ToolResultPart, tool: string): JsonValue | undefined {
  if (result.status === 'error') return isFlagged(result) ? undefined : 'Error: see the content';
  if (result.status === 'ok' && result.exitCode !== 0) return undefined;
  const interrupted = result.status === 'interrupted';
  if (interrupted && tool !== 'Bash') return REJECTED;
  const stdout = result.content
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n')
    .slice(0, MAX_STDOUT);
  const details: JsonObject = {
    stdout,
    stderr: '',
    interrupted,
    isImage: false,
    noOutputExpected: false,
  };
  return details;
}
