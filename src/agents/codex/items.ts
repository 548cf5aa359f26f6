/** Prepared parts → response items (the model's context) and turn items (the transcript that Codex shows). */
import { posix, win32 } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isObject } from '../../model/narrow.ts';
import type {
  JsonObject,
  JsonValue,
  ReasoningPart,
  ResultContent,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';
import type { PatchChange } from '../../model/tools.ts';
import { reasoningText, writeImage } from './content.ts';
import { hasHeader, unwrapOutput } from './output.ts';

/** Codex itself keeps at most about this much of an output for display. */
const SHOWN = 256 << 10;

/** A call: free text is a custom tool call, everything else a function call. */
export function callItem({ callId, native }: ToolCallPart): JsonObject {
  if (typeof native.input === 'string')
    return {
      type: 'custom_tool_call',
      status: 'completed',
      call_id: callId,
      name: native.name,
      input: native.input,
    };
  if (native.name === 'local_shell' && isObject(native.input))
    return { type: 'local_shell_call', call_id: callId, status: 'completed', action: native.input };
  return {
    type: 'function_call',
    name: native.name,
    arguments: JSON.stringify(native.input),
    call_id: callId,
  };
}

/** The output of a call. Text alone is a string, as Codex stores it. */
export function outputItem(call: ToolCallPart, result: ToolResultPart): JsonObject {
  const custom = typeof call.native.input === 'string';
  const onlyText = result.content.every((part) => part.type === 'text');
  return {
    type: custom ? 'custom_tool_call_output' : 'function_call_output',
    call_id: result.callId,
    output: onlyText ? textOf(result.content) : result.content.map(contentItem),
  };
}

function contentItem(part: ResultContent): JsonObject {
  return part.type === 'text' ? { type: 'input_text', text: part.text } : writeImage(part);
}

function textOf(content: ResultContent[]): string {
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

/** A search that ran at the provider: call and outcome in one item. Undefined when there is an output to keep. */
export function webSearchItem(call: ToolCallPart, result: ToolResultPart): JsonObject | undefined {
  if (result.exitCode !== undefined || result.status === 'interrupted') return undefined;
  if (result.content.some((part) => part.type !== 'text' || part.text !== '')) return undefined;
  const status = result.status === 'ok' ? 'completed' : 'failed';
  return { type: 'web_search_call', status, action: call.native.input };
}

/** Whether a call is one that Codex's provider ran: its input is the stored action. */
export function isWebSearch({ native }: ToolCallPart): boolean {
  if (native.name !== 'web_search' || !isObject(native.input)) return false;
  return ['search', 'open_page', 'find_in_page', 'other'].includes(String(native.input.type));
}

/** OpenAI's own reasoning as it was stored; without the stored form its text as a summary. */
export function reasoningItem({ text, opaque }: ReasoningPart): JsonObject {
  const { id, summary, content, encrypted_content } = opaque ?? {};
  const stored = reasoningText(opaque ?? {}) === text;
  return {
    type: 'reasoning',
    ...(id === undefined ? {} : { id }),
    summary: stored ? (summary ?? []) : [{ type: 'summary_text', text }],
    ...(content === undefined ? {} : { content }),
    encrypted_content: encrypted_content ?? null,
  };
}

/** The turn item for a finished call, and what it says of the outcome that the output text does not. */
export function turnItem(call: ToolCallPart, result: ToolResultPart, cwd: string): JsonObject {
  const { name, input } = call.native;
  const output = hasHeader(name)
    ? unwrapOutput(textOf(result.content), call.tool === 'patch').text
    : textOf(result.content);
  const shown = output.length > SHOWN ? `${output.slice(0, SHOWN).toWellFormed()}…` : output;
  const exit: JsonObject = result.exitCode === undefined ? {} : { exit_code: result.exitCode };
  const status = { ok: 'completed', error: 'failed', interrupted: 'declined' }[result.status];
  if (call.tool === 'execute' && hasHeader(name)) {
    const command = call.input.command;
    return {
      type: 'CommandExecution',
      id: call.callId,
      command: ['/bin/bash', '-lc', command],
      cwd: fileUrl(call.input.cwd ?? cwd),
      parsed_cmd: [{ type: 'unknown', cmd: command }],
      source: 'unified_exec_startup',
      status,
      aggregated_output: shown,
      ...exit,
    };
  }
  if (call.tool === 'patch' && hasHeader(name))
    return {
      type: 'FileChange',
      id: call.callId,
      changes: fileChanges(call.input.changes, cwd),
      status,
      stdout: shown,
      stderr: '',
      ...exit,
    };
  // these know no interrupted state: `error` tells it (read back by segue, ignored by Codex)
  const ended = result.status === 'ok' ? 'completed' : 'failed';
  if (call.tool === 'mcp')
    return {
      type: 'McpToolCall',
      id: call.callId,
      server: call.input.server,
      tool: call.input.tool,
      arguments: input,
      status: ended,
      result: { content: [{ type: 'text', text: shown }], isError: result.status !== 'ok' },
      ...(result.status === 'interrupted' ? { error: { message: 'interrupted' } } : {}),
      ...exit,
    };
  return {
    type: 'DynamicToolCall',
    id: call.callId,
    tool: name,
    arguments: input,
    status: ended,
    content_items: [{ type: 'inputText', text: shown }],
    success: result.status === 'ok',
    ...(result.status === 'interrupted' ? { error: 'interrupted' } : {}),
    ...exit,
  };
}

function fileUrl(path: string): string {
  return pathToFileURL(path).href;
}

function fileChanges(changes: PatchChange[], cwd: string): JsonObject {
  const { resolve } = /^[A-Za-z]:[\\/]/.test(cwd) ? win32 : posix;
  const shown: Record<string, JsonValue> = {};
  for (const change of changes) {
    const path = resolve(cwd, change.path);
    if (change.change === 'add') shown[path] = { type: 'add', content: change.content };
    else if (change.change === 'delete') shown[path] = { type: 'delete', content: '' };
    else {
      const move_path = change.moveTo === undefined ? null : resolve(cwd, change.moveTo);
      shown[path] = { type: 'update', unified_diff: unifiedDiff(change.hunks), move_path };
    }
  }
  return shown;
}

/** A patch does not say at which line a hunk stands: the hunks are numbered as if the file held nothing else. */
function unifiedDiff(hunks: { lines: string[] }[]): string {
  let before = 1;
  let after = 1;
  let text = '';
  for (const { lines } of hunks) {
    const removed = lines.filter((line) => !line.startsWith('+')).length;
    const added = lines.filter((line) => !line.startsWith('-')).length;
    text += `@@ -${removed === 0 ? before - 1 : before},${removed} +${added === 0 ? after - 1 : after},${added} @@\n`;
    text += lines.map((line) => `${line}\n`).join('');
    before += removed + 1;
    after += added + 1;
  }
  return text;
}
