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
import { hasHeader, type Unwrapped, unwrapBare, unwrapOutput } from './output.ts';
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
    const outcome = this.#outcome(callId);
    const { content, ...told } = unwrapFirst(parts, call, outcome !== undefined);
    result.content = content;
    if (told.truncated) result.truncated = true;
    // -1 stands for a command that was not started
    const recorded = asNumber(outcome?.exit_code);
    const code = told.exitCode ?? (recorded === -1 ? undefined : recorded);
    // a patch is no command: its code only says whether it failed
    const exitCode = call.tool === 'patch' ? recorded : code;
    if (exitCode !== undefined) result.exitCode = exitCode;
    const failed = told.refused || (code !== undefined && code !== 0);
    const status = told.interrupted ? 'interrupted' : statusOf(outcome);
    result.status = known ?? (status === undefined || status === 'ok' ? (failed ? 'error' : 'ok') : status);
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
  call: ToolCallPart,
  recorded: boolean,
): Omit<Unwrapped, 'text'> & { content: ResultContent[] } {
  const [first, ...rest] = parts;
  if (first?.type !== 'text') return { content: parts };
  const headed = hasHeader(call.native.name);
  // any tool's call can be refused or aborted; where the outcome is on record, the text is the tool's own
  if (!headed && recorded) return { content: parts };
  const { text, ...facts } = headed
    ? unwrapOutput(first.text, call.tool === 'patch')
    : unwrapBare(first.text);
  return { content: text === '' ? rest : [{ type: 'text', text }, ...rest], ...facts };
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
