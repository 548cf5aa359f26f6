/** Kimi Code's tools ⇄ canonical tools. Names and parameters: read in 2.1.0 (the schemas that it sends), seen in samples. */
import { asArray, asBoolean, asNumber, asObject, asString } from '../../model/narrow.ts';
import type { JsonObject, JsonValue, NativeCall, PlanItem } from '../../model/session.ts';
import type { Replacement, ToolCall } from '../../model/tools.ts';
import { mcpName } from '../_shared/gemini-tools.ts';
import { patchSteps, shellWord } from '../_shared/patch-steps.ts';
import { absolutePath, lean, oneCall } from '../_shared/tool-values.ts';
import type { ToolTable } from '../contract.ts';
import { writeResult } from './results.ts';

export const tools: ToolTable = { read, write, writeResult };

function read(call: NativeCall, cwd?: string): ToolCall {
  const input = asObject(call.input);
  const known = input === undefined ? undefined : knownCall(call.name, input, cwd);
  return known ?? { tool: 'other', input: { name: call.name, input: call.input } };
}

function knownCall(name: string, input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  const path = absolutePath(input.path, cwd);
  switch (name) {
    case 'Bash':
      return shellCall(input, cwd);
    case 'Read':
      return path === undefined ? undefined : { tool: 'read', input: { path, ...lineRange(input) } };
    case 'ReadMediaFile':
      return path === undefined ? undefined : { tool: 'read', input: { path } };
    case 'Write': {
      const content = asString(input.content);
      // appending is no canonical tool
      if (path === undefined || content === undefined || input.mode === 'append') return undefined;
      return { tool: 'write', input: { path, content } };
    }
    case 'Edit':
      return editCall(path, input);
    case 'Glob': {
      const pattern = asString(input.pattern);
      return pattern === undefined ? undefined : { tool: 'glob', input: { pattern, ...lean({ path }) } };
    }
    case 'Grep': {
      const pattern = asString(input.pattern);
      if (pattern === undefined) return undefined;
      const glob = asString(input.glob);
      const ignoreCase = asBoolean(input['-i']);
      return { tool: 'grep', input: { pattern, ...lean({ path, glob, ignoreCase }) } };
    }
    case 'FetchURL': {
      const url = asString(input.url);
      return url === undefined ? undefined : { tool: 'web_fetch', input: { url } };
    }
    case 'WebSearch': {
      const query = asString(input.query);
      return query === undefined ? undefined : { tool: 'web_search', input: { query } };
    }
    case 'TodoList': {
      const items = asArray(input.todos)?.map(planItem);
      return items?.every((item) => item !== undefined) ? { tool: 'plan', input: { items } } : undefined;
    }
    case 'Agent': {
      const prompt = asString(input.prompt);
      if (prompt === undefined) return undefined;
      const description = asString(input.description);
      const agentType = asString(input.subagent_type);
      return { tool: 'task', input: { prompt, ...lean({ description, agentType }) } };
    }
    default:
      return mcpCall(name, input);
  }
}

function shellCall(input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  const command = asString(input.command);
  if (command === undefined) return undefined;
  const seconds = asNumber(input.timeout);
  const optional = {
    cwd: absolutePath(input.cwd, cwd),
    timeoutMs: seconds === undefined ? undefined : seconds * 1000,
    background: input.run_in_background === true ? true : undefined,
    description: asString(input.description),
  };
  return { tool: 'execute', input: { command, ...lean(optional) } };
}

/** A negative `line_offset` counts from the end, which `read` cannot say. */
function lineRange(input: JsonObject) {
  const first = asNumber(input.line_offset);
  const offset = first !== undefined && first > 0 ? first : undefined;
  return lean({ offset, limit: asNumber(input.n_lines) });
}

function editCall(path: string | undefined, input: JsonObject): ToolCall | undefined {
  const oldText = asString(input.old_string);
  const newText = asString(input.new_string);
  if (path === undefined || oldText === undefined || newText === undefined) return undefined;
  const all = input.replace_all === true ? { replaceAll: true } : {};
  return { tool: 'edit', input: { path, edits: [{ oldText, newText, ...all }] } };
}

function planItem(value: JsonValue): PlanItem | undefined {
  const item = asObject(value);
  const text = asString(item?.title);
  if (text === undefined) return undefined;
  const { status } = item ?? {};
  if (status === 'done') return { text, status: 'completed' };
  return { text, status: status === 'in_progress' ? 'in_progress' : 'pending' };
}

function mcpCall(name: string, input: JsonObject): ToolCall | undefined {
  const [, server, tool] = /^mcp__(.+?)__(.+)$/s.exec(name) ?? [];
  if (server === undefined || tool === undefined) return undefined;
  return { tool: 'mcp', input: { server, tool, arguments: input } };
}

function write(call: ToolCall): NativeCall[] | undefined {
  switch (call.tool) {
    case 'execute': {
      const { command, cwd, timeoutMs, background, description } = call.input;
      const timeout = timeoutMs === undefined ? undefined : Math.ceil(timeoutMs / 1000);
      return oneCall('Bash', {
        command,
        ...lean({ cwd, timeout, description, run_in_background: background }),
      });
    }
    case 'read': {
      const { path, offset, limit } = call.input;
      return oneCall('Read', { path, ...lean({ line_offset: offset, n_lines: limit }) });
    }
    case 'write':
      return oneCall('Write', { path: call.input.path, content: call.input.content });
    case 'edit':
      return call.input.edits.map((edit) => ({ name: 'Edit', input: editInput(call.input.path, edit) }));
    case 'patch':
      return patchSteps(call.input).flatMap((step) => write(step) ?? []);
    case 'list':
      // the agent has no tool for it and tells the model to use the shell
      return oneCall('Bash', { command: `ls -la ${shellWord(call.input.path)}` });
    case 'glob':
      return oneCall('Glob', { pattern: call.input.pattern, ...lean({ path: call.input.path }) });
    case 'grep': {
      const { pattern, path, glob, ignoreCase } = call.input;
      return oneCall('Grep', { pattern, ...lean({ path, glob, '-i': ignoreCase }) });
    }
    case 'web_fetch':
      return oneCall('FetchURL', { url: call.input.url });
    case 'web_search':
      return oneCall('WebSearch', { query: call.input.query });
    case 'plan':
      return oneCall('TodoList', { todos: call.input.items.map(todo) });
    case 'task': {
      const { prompt, description, agentType } = call.input;
      return oneCall('Agent', {
        description: description ?? 'Subtask',
        prompt,
        ...lean({ subagent_type: agentType }),
      });
    }
    case 'mcp': {
      const { server, tool, arguments: input } = call.input;
      return oneCall(mcpName('mcp__', '__', server, tool), input);
    }
    case 'other':
      return undefined;
  }
}

function editInput(path: string, { oldText, newText, replaceAll }: Replacement): JsonObject {
  return { path, old_string: oldText, new_string: newText, ...lean({ replace_all: replaceAll }) };
}

/** What was cancelled is off the list, too. */
function todo({ text, status }: PlanItem): JsonObject {
  return { title: text, status: status === 'completed' || status === 'cancelled' ? 'done' : status };
}
