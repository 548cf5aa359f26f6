/** Calls that wait for their outcome, and what is known of it from output text and from turn items. */
import { asArray, asBoolean, asNumber, asObject, asString, asText } from '../../model/narrow.ts';
import type {
  JsonObject,
  JsonValue,
  NativeCall,
  ResultContent,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';
import { readContent } from './content.ts';
import { hasHeader, unwrapOutput } from './output.ts';
import { tools } from './tools.ts';

type Status = ToolResultPart['status'];

/** Pairs calls with outputs in the order in which they come; a call id that was used before gets a suffix. */
export class CallBook {
  readonly #cwd: string | undefined;
  readonly #outcome: (callId: string) => JsonObject | undefined;
  readonly #open = new Map<string, ToolCallPart[]>();
  readonly #uses = new Map<string, number>();

  /** `outcome` gives the turn item (or old event) that tells how a call ended. */
  constructor(cwd: string | undefined, outcome: (callId: string) => JsonObject | undefined) {
    this.#cwd = cwd;
    this.#outcome = outcome;
  }

  open(callId: string, native: NativeCall): ToolCallPart {
    const uses = (this.#uses.get(callId) ?? 0) + 1;
    this.#uses.set(callId, uses);
    const unique = uses === 1 ? callId : `${callId}~${uses}`;
    const part: ToolCallPart = {
      type: 'tool_call',
      callId: unique,
      ...tools.read(native, this.#cwd),
      native,
    };
    this.#open.set(callId, [...(this.#open.get(callId) ?? []), part]);
    return part;
  }

  /** The result for the oldest open call of this id; no part when there is none. */
  close(
    callId: string,
    output: JsonValue | undefined,
    known?: Status,
  ): { part?: ToolResultPart; unknown: number } {
    const [call, ...others] = this.#open.get(callId) ?? [];
    if (call === undefined) return { unknown: 0 };
    if (others.length > 0) this.#open.set(callId, others);
    else this.#open.delete(callId);
    const { parts, unknown } = readContent(outputContent(output));
    const result: ToolResultPart = { type: 'tool_result', callId: call.callId, status: 'ok', content: parts };
    let interrupted = false;
    let code: number | undefined;
    if (hasHeader(call.native.name)) {
      const unwrapped = unwrapFirst(parts, call.tool === 'patch');
      result.content = unwrapped.content;
      interrupted = unwrapped.interrupted;
      code = unwrapped.exitCode;
      if (unwrapped.truncated) result.truncated = true;
      if (code !== undefined && call.tool !== 'patch') result.exitCode = code;
    }
    const outcome = this.#outcome(callId);
    // a patch is no command: its code only says whether it failed
    const recorded = asNumber(outcome?.exit_code);
    if (recorded !== undefined) result.exitCode ??= recorded;
    code ??= recorded;
    const failed = code !== undefined && code !== 0;
    result.status = known ?? (interrupted ? 'interrupted' : (statusOf(outcome) ?? (failed ? 'error' : 'ok')));
    if (result.status === 'ok' && failed) result.status = 'error';
    return { part: result, unknown };
  }

  /** The call that a turn item tells, for files without response items. */
  nativeOf(item: JsonObject): NativeCall | undefined {
    switch (item.type) {
      case 'CommandExecution': {
        const words = asArray(item.command)?.filter((word) => typeof word === 'string') ?? [];
        const script = words.length === 3 && /^-l?c$/.test(words[1] ?? '') ? words[2] : undefined;
        return script === undefined
          ? { name: 'shell', input: { command: words } }
          : { name: 'exec_command', input: { cmd: script } };
      }
      case 'FileChange':
        return { name: 'file_change', input: asObject(item.changes) ?? {} };
      case 'McpToolCall':
        return {
          name: `mcp__${asText(item.server) ?? ''}__${asText(item.tool) ?? ''}`,
          input: item.arguments ?? {},
        };
      case 'DynamicToolCall':
        return { name: asText(item.tool) ?? 'tool', input: item.arguments ?? {} };
      default:
        return undefined;
    }
  }

  /** What a turn item tells of the output. */
  contentOf(item: JsonObject): JsonValue {
    const blocks = asArray(item.content_items) ?? asArray(asObject(item.result)?.content);
    return blocks ?? asString(item.aggregated_output) ?? asString(item.stdout) ?? '';
  }
}

/** Output as stored: text, a list of items, or (old) an object with `content`. */
function outputContent(output: JsonValue | undefined): JsonValue | undefined {
  const object = asObject(output);
  return object === undefined ? output : (object.content ?? object.content_items ?? JSON.stringify(object));
}

function unwrapFirst(
  parts: ResultContent[],
  patch: boolean,
): { content: ResultContent[]; interrupted: boolean; exitCode?: number; truncated?: boolean } {
  const [first, ...rest] = parts;
  if (first?.type !== 'text') return { content: parts, interrupted: false };
  const { text, exitCode, interrupted, truncated } = unwrapOutput(first.text, patch);
  const content: ResultContent[] = text === '' ? rest : [{ type: 'text', text }, ...rest];
  return { content, interrupted: interrupted === true, exitCode, truncated };
}

/** How a turn item or an old end event says that a call ended; undefined when it says nothing. */
function statusOf(outcome: JsonObject | undefined): Status | undefined {
  if (outcome === undefined) return undefined;
  const error = asText(outcome.error) ?? asText(asObject(outcome.error)?.message);
  if (outcome.status === 'declined' || error === 'interrupted') return 'interrupted';
  const result = asObject(outcome.result);
  const success = asBoolean(outcome.success);
  const flagged =
    result?.is_error === true || result?.isError === true || asObject(result?.Ok)?.is_error === true;
  if (outcome.status === 'failed' || success === false || flagged || result?.Err !== undefined)
    return 'error';
  return outcome.status === 'completed' || success === true ? 'ok' : undefined;
}
