/**
 * Copilot's tools ⇄ canonical tools. Names and parameters: the tools that 1.0.102 offers to a model, and calls in samples.
 * `web_fetch` and `web_search` are offered only online: from its code.
 */
import { asArray, asNumber, asObject, asString, asText } from '../../model/narrow.ts';
import type { JsonObject, JsonValue, NativeCall } from '../../model/session.ts';
import type { ToolCall } from '../../model/tools.ts';
import { parsePatch } from '../_shared/apply-patch.ts';
import { commandIn, patchSteps } from '../_shared/patch-steps.ts';
import { absolutePath, lean, oneCall } from '../_shared/tool-values.ts';
import type { ToolTable } from '../contract.ts';
import { writeResult } from './results.ts';

export const tools: ToolTable = { read, write, writeResult };

function read(call: NativeCall, cwd?: string): ToolCall {
  const input = asObject(call.input);
  const known = input === undefined ? patchCall(call) : (ownTool(call.name, input, cwd) ?? patchCall(call));
  return known ?? mcpCall(call) ?? { tool: 'other', input: { name: call.name, input: call.input } };
}

function ownTool(name: string, input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  const path = absolutePath(input.path, cwd);
  switch (name) {
    case 'bash':
    case 'powershell': {
      const command = asString(input.command);
      const description = asString(input.description);
      const background = input.mode === 'async' ? true : undefined;
      return command === undefined
        ? undefined
        : { tool: 'execute', input: { command, ...lean({ background, description }) } };
    }
    case 'view':
      return path === undefined ? undefined : { tool: 'read', input: { path, ...range(input.view_range) } };
    case 'create': {
      const content = asString(input.file_text);
      if (path === undefined || content === undefined) return undefined;
      return { tool: 'write', input: { path, content } };
    }
    case 'edit': {
      const oldText = asString(input.old_str);
      if (path === undefined || oldText === undefined) return undefined;
      return {
        tool: 'edit',
        input: { path, edits: [{ oldText, newText: asString(input.new_str) ?? '' }] },
      };
    }
    default:
      return searchTool(name, input, cwd);
  }
}

function searchTool(name: string, input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  const pattern = asString(input.pattern);
  const where = asString(input.paths) ?? onlyOne(input.paths);
  const path = absolutePath(where, cwd);
  // several places have no canonical form
  if (asArray(input.paths) !== undefined && where === undefined) return undefined;
  switch (name) {
    case 'grep': {
      const glob = asString(input.glob);
      const ignoreCase = input['-i'] === true ? true : undefined;
      return pattern === undefined
        ? undefined
        : { tool: 'grep', input: { pattern, ...lean({ path, glob, ignoreCase }) } };
    }
    case 'glob':
      return pattern === undefined ? undefined : { tool: 'glob', input: { pattern, ...lean({ path }) } };
    case 'web_fetch': {
      const url = asString(input.url);
      return url === undefined ? undefined : { tool: 'web_fetch', input: { url } };
    }
    case 'web_search': {
      const query = asString(input.query);
      return query === undefined ? undefined : { tool: 'web_search', input: { query } };
    }
    case 'task': {
      const prompt = asString(input.prompt);
      const description = asString(input.description);
      const agentType = asString(input.agent_type);
      return prompt === undefined
        ? undefined
        : { tool: 'task', input: { prompt, ...lean({ description, agentType }) } };
    }
    default:
      return undefined;
  }
}

/** `[first, last]`, both counted from 1; a last of -1 is the end of the file. */
function range(value: JsonValue | undefined): { offset?: number; limit?: number } {
  const [first, last] = (asArray(value) ?? []).map(asNumber);
  if (first === undefined) return {};
  if (last === undefined || last < first) return { offset: first };
  return { offset: first, limit: last - first + 1 };
}

/** `apply_patch`, as models get it that write patches: free text, or an object with `input` or `patch`. */
function patchCall(call: NativeCall): ToolCall | undefined {
  if (call.name !== 'apply_patch') return undefined;
  const input = asObject(call.input);
  const text = asString(call.input) ?? asString(input?.input) ?? asString(input?.patch);
  const patch = text === undefined ? undefined : parsePatch(text);
  return patch === undefined ? undefined : { tool: 'patch', input: patch };
}

/** Tools of MCP servers are named `server-tool`; no tool of Copilot's own has a hyphen. */
function mcpCall(call: NativeCall): ToolCall | undefined {
  const match = /^(.+)-([^-]+)$/.exec(call.name);
  const args = asObject(call.input);
  const [, server = '', tool = ''] = match ?? [];
  if (server === '' || tool === '' || args === undefined) return undefined;
  return { tool: 'mcp', input: { server, tool, arguments: args } };
}

function write(call: ToolCall): NativeCall[] | undefined {
  switch (call.tool) {
    case 'execute': {
      const { command, cwd, background, description } = call.input;
      const mode = background ? 'async' : undefined;
      return oneCall('bash', { command: commandIn(cwd, command), ...lean({ description, mode }) });
    }
    case 'read': {
      const { path, offset, limit } = call.input;
      if (offset === undefined && limit === undefined) return oneCall('view', { path });
      const first = offset ?? 1;
      return oneCall('view', { path, view_range: [first, limit === undefined ? -1 : first + limit - 1] });
    }
    case 'write':
      return oneCall('create', { path: call.input.path, file_text: call.input.content });
    case 'edit': {
      const { path, edits } = call.input;
      return edits.flatMap(({ oldText, newText }) =>
        oneCall('edit', { path, old_str: oldText, new_str: newText }),
      );
    }
    case 'patch':
      return patchSteps(call.input).flatMap((step) => write(step) ?? []);
    case 'list':
      return oneCall('view', { path: call.input.path });
    case 'grep': {
      const { pattern, path, glob, ignoreCase } = call.input;
      return oneCall('grep', { pattern, ...lean({ paths: path, glob, '-i': ignoreCase }) });
    }
    case 'glob':
      return oneCall('glob', { pattern: call.input.pattern, ...lean({ paths: call.input.path }) });
    case 'web_fetch':
      return oneCall('web_fetch', { url: call.input.url });
    case 'web_search':
      return oneCall('web_search', { query: call.input.query });
    case 'task': {
      const { prompt, description, agentType } = call.input;
      const agent_type = agentType ?? 'general-purpose';
      return oneCall('task', {
        name: 'helper',
        agent_type,
        description: description ?? 'Subtask',
        prompt,
      });
    }
    case 'mcp': {
      const { server, tool, arguments: args } = call.input;
      const name = `${server}-${tool}`;
      return /^[A-Za-z0-9_-]{1,64}$/.test(name) && asText(tool) ? oneCall(name, args) : undefined;
    }
    default:
      return undefined;
  }
}

function onlyOne(value: JsonValue | undefined): string | undefined {
  const list = asArray(value);
  return list?.length === 1 ? asString(list[0]) : undefined;
}
