/** Turn items: the transcript that Codex shows, and what is known of a call's outcome beside its output. */
import { posix, win32 } from 'node:path';
import { pathToFileURL } from 'node:url';
import type {
  ImagePart,
  JsonObject,
  JsonValue,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';
import type { PatchChange } from '../../model/tools.ts';
import { textOf } from './items.ts';
import { hasHeader, unwrapOutput } from './output.ts';

/** Codex itself keeps at most about this much of an output for display. */
const SHOWN = 256 << 10;

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

/** A prompt's part as a turn item holds it. */
export function inputBlock(part: TextPart | ImagePart): JsonObject {
  if (part.type === 'text') return { type: 'text', text: part.text, text_elements: [] };
  if (part.path !== undefined) return { type: 'local_image', path: part.path };
  return { type: 'image', image_url: `data:${part.mediaType};base64,${part.data ?? ''}` };
}
