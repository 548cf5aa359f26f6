/** Claude Code's tools ⇄ the canonical tools. */
import { isAbsolute, posix, win32 } from 'node:path';
import { asArray, asBoolean, asNumber, asObject, asString, asText, defined } from '../../model/narrow.ts';
import type { JsonObject, JsonValue, NativeCall, PlanItem } from '../../model/session.ts';
import type { EditInput, ExecuteInput, PatchInput, Replacement, ToolCall } from '../../model/tools.ts';
import { commandIn, patchSteps, shellWord } from '../_shared/patch-steps.ts';
import type { ToolTable } from '../contract.ts';
import { wrapResult } from './results.ts';

/** The canonical form of a stored call; `other` when the tool is unknown or its input is not as it should be. */
export function readCall(call: NativeCall, cwd?: string): ToolCall {
  const input = asObject(call.input);
  const known = input === undefined ? undefined : readKnown(call.name, input, cwd);
  return known ?? { tool: 'other', input: { name: call.name, input: call.input } };
}

function readKnown(name: string, input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  switch (name) {
    case 'Bash':
      return readBash(input, cwd);
    case 'Read': {
      const path = asText(input.file_path);
      if (path === undefined) return undefined;
      return {
        tool: 'read',
        input: defined({ path, offset: asNumber(input.offset), limit: asNumber(input.limit) }),
      };
    }
    case 'Write': {
      const path = asText(input.file_path);
      const content = asString(input.content);
      return path === undefined || content === undefined
        ? undefined
        : { tool: 'write', input: { path, content } };
    }
    case 'Edit':
      return readEdit(input);
    case 'MultiEdit': {
      const path = asText(input.file_path);
      const edits = asArray(input.edits)?.map((edit) => replacement(asObject(edit)));
      if (path === undefined || edits === undefined || !edits.every((edit) => edit !== undefined))
        return undefined;
      return { tool: 'edit', input: { path, edits } };
    }
    case 'LS': {
      const path = asText(input.path);
      return path === undefined ? undefined : { tool: 'list', input: { path } };
    }
    case 'Glob': {
      const pattern = asText(input.pattern);
      return pattern === undefined
        ? undefined
        : { tool: 'glob', input: defined({ pattern, path: asText(input.path) }) };
    }
    case 'Grep':
      return readGrep(input);
    case 'WebFetch': {
      const url = asText(input.url);
      return url === undefined
        ? undefined
        : { tool: 'web_fetch', input: defined({ url, prompt: asText(input.prompt) }) };
    }
    case 'WebSearch': {
      const query = asText(input.query);
      return query === undefined ? undefined : { tool: 'web_search', input: { query } };
    }
    case 'Agent':
    case 'Task': {
      const prompt = asText(input.prompt);
      if (prompt === undefined) return undefined;
      const description = asText(input.description);
      return {
        tool: 'task',
        input: defined({ prompt, description, agentType: asText(input.subagent_type) }),
      };
    }
    case 'TodoWrite':
      return readTodos(input);
    default:
      return readMcp(name, input);
  }
}

const IN_FOLDER = /^cd ('(?:[^']|'\\'')+'|[^\s'"$`;&|<>()]+) && ([\s\S]+)$/;

/** `cd <absolute> && command` is a command with a directory: the shell tool has no parameter for it. */
function readBash(input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  const stored = asText(input.command);
  if (stored === undefined) return undefined;
  const [, word, rest] = IN_FOLDER.exec(stored) ?? [];
  const folder = word?.startsWith("'") ? word.slice(1, -1).replaceAll("'\\''", "'") : word;
  // only what `writeCall` writes the same way again
  const split = folder !== undefined && isAbsolute(folder) && shellWord(folder) === word;
  return {
    tool: 'execute',
    input: defined({
      command: split ? rest : stored,
      cwd: split && folder !== cwd ? folder : undefined,
      timeoutMs: asNumber(input.timeout),
      background: asBoolean(input.run_in_background),
      description: asText(input.description),
    }) as ExecuteInput,
  };
}

function readEdit(input: JsonObject): ToolCall | undefined {
  const path = asText(input.file_path);
  const edit = replacement(input);
  if (path === undefined || edit === undefined) return undefined;
  // an empty old text makes a new file
  if (edit.oldText === '') return { tool: 'write', input: { path, content: edit.newText } };
  return { tool: 'edit', input: { path, edits: [edit] } };
}

function replacement(input: JsonObject | undefined): Replacement | undefined {
  const oldText = asString(input?.old_string);
  const newText = asString(input?.new_string);
  if (oldText === undefined || newText === undefined) return undefined;
  return input?.replace_all === true ? { oldText, newText, replaceAll: true } : { oldText, newText };
}

function readGrep(input: JsonObject): ToolCall | undefined {
  const pattern = asText(input.pattern);
  if (pattern === undefined) return undefined;
  const ignoreCase = asBoolean(input['-i']);
  return {
    tool: 'grep',
    input: defined({ pattern, path: asText(input.path), glob: asText(input.glob), ignoreCase }),
  };
}

const CANCELLED = ' (cancelled)';

function readTodos(input: JsonObject): ToolCall | undefined {
  const items = asArray(input.todos)?.map((todo): PlanItem | undefined => {
    const text = asString(asObject(todo)?.content);
    const status = asString(asObject(todo)?.status);
    if (text === undefined) return undefined;
    if (status === 'completed' && text.endsWith(CANCELLED))
      return { text: text.slice(0, -CANCELLED.length), status: 'cancelled' };
    return { text, status: status === 'completed' || status === 'in_progress' ? status : 'pending' };
  });
  if (items === undefined || !items.every((item) => item !== undefined)) return undefined;
  return { tool: 'plan', input: { items } };
}

function readMcp(name: string, input: JsonObject): ToolCall | undefined {
  const [, server, tool] = /^mcp__(.+?)__(.+)$/.exec(name) ?? [];
  if (server === undefined || tool === undefined) return undefined;
  return { tool: 'mcp', input: { server, tool, arguments: input } };
}

/** The calls that Claude Code would have made; undefined for `other` and for patches that change nothing. */
export function writeCall(call: ToolCall, cwd?: string): NativeCall[] | undefined {
  switch (call.tool) {
    case 'execute': {
      const { command, timeoutMs, background, description } = call.input;
      const folder = call.input.cwd === cwd ? undefined : call.input.cwd;
      return native('Bash', {
        command: commandIn(folder, command),
        timeout: timeoutMs,
        description,
        run_in_background: background,
      });
    }
    case 'read': {
      const { path, offset, limit } = call.input;
      return native('Read', { file_path: absolute(path, cwd), offset, limit });
    }
    case 'write':
      return native('Write', { file_path: absolute(call.input.path, cwd), content: call.input.content });
    case 'edit':
      return writeEdits({ ...call.input, path: absolute(call.input.path, cwd) });
    case 'patch':
      return writePatch(call.input, cwd);
    case 'list':
      // Claude Code lists with its shell: the LS tool is gone since 2.x
      return native('Bash', { command: `ls -la ${shellWord(absolute(call.input.path, cwd))}` });
    case 'glob':
      return native('Glob', { pattern: call.input.pattern, path: call.input.path });
    case 'grep': {
      const { pattern, path, glob, ignoreCase } = call.input;
      return native('Grep', { pattern, path, glob, output_mode: 'content', '-i': ignoreCase });
    }
    case 'web_fetch':
      return native('WebFetch', { url: call.input.url, prompt: call.input.prompt });
    case 'web_search':
      return native('WebSearch', { query: call.input.query });
    case 'task': {
      const { description, prompt, agentType } = call.input;
      return native('Agent', { description, prompt, subagent_type: agentType });
    }
    case 'plan':
      return native('TodoWrite', { todos: call.input.items.map(writeTodo) });
    case 'mcp':
      return native(mcpName(call.input.server, call.input.tool), call.input.arguments);
    case 'other':
      return undefined;
  }
}

function native(name: string, input: Record<string, JsonValue | undefined>): NativeCall[] {
  return [{ name, input: defined(input) as JsonObject }];
}

/** One Edit call for each replacement: Claude Code has no call for several any more. */
function writeEdits({ path, edits }: EditInput): NativeCall[] | undefined {
  if (edits.length === 0) return undefined;
  return edits.flatMap((edit) =>
    native('Edit', {
      file_path: path,
      old_string: edit.oldText,
      new_string: edit.newText,
      replace_all: edit.replaceAll,
    }),
  );
}

/** A patch as single calls, its paths made absolute. */
function writePatch(patch: PatchInput, cwd: string | undefined): NativeCall[] | undefined {
  const changes = patch.changes.map((change) => ({
    ...change,
    path: absolute(change.path, cwd),
    ...('moveTo' in change && change.moveTo !== undefined ? { moveTo: absolute(change.moveTo, cwd) } : {}),
  }));
  const calls = patchSteps({ changes }).flatMap((step) =>
    step.tool === 'edit'
      ? step.input.edits.flatMap((edit) => hunkCall(step.input.path, edit))
      : (writeCall(step) ?? []),
  );
  return calls.length === 0 ? undefined : calls;
}

/** An Edit with an empty old text would make a new file: lines that are only added go to the end of the old one. */
function hunkCall(path: string, edit: Replacement): NativeCall[] {
  if (edit.oldText !== '') return writeEdits({ path, edits: [edit] }) ?? [];
  const end = edit.newText.split('\n').includes('EOF') ? 'END_OF_TEXT' : 'EOF';
  return native('Bash', { command: `cat >> ${shellWord(path)} <<'${end}'\n${edit.newText}\n${end}` });
}

function writeTodo(item: PlanItem): JsonObject {
  const content = item.status === 'cancelled' ? item.text + CANCELLED : item.text;
  const status = item.status === 'cancelled' ? 'completed' : item.status;
  return { content, status, activeForm: item.text };
}

/** Longest tool name that the API takes. */
export const MAX_TOOL_NAME = 128;

function mcpName(server: string, tool: string): string {
  const clean = (part: string): string => part.replace(/[^a-zA-Z0-9_-]/g, '_');
  return `mcp__${clean(server)}__${clean(tool)}`.slice(0, MAX_TOOL_NAME);
}

/** Claude Code's file tools want absolute paths. The session may come from another platform than this one. */
function absolute(path: string, cwd: string | undefined): string {
  if (cwd === undefined || isAbsolute(path) || win32.isAbsolute(path) || path.startsWith('~')) return path;
  return /^[a-zA-Z]:[\\/]|^\\\\/.test(cwd) ? win32.join(cwd, path) : posix.join(cwd, path);
}

export const tools: ToolTable = {
  read: readCall,
  write: writeCall,
  writeResult: (_call, result) => wrapResult(result),
};
