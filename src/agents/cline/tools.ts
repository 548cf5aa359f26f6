/**
 * Cline's tools ⇄ canonical tools. Names and parameters: the tools that 3.0.65 offers to a model, and calls in samples.
 * Tools of the extension up to 3.x are only read.
 */
import { asArray, asNumber, asObject, asString } from '../../model/narrow.ts';
import type { JsonObject, NativeCall } from '../../model/session.ts';
import type { ToolCall } from '../../model/tools.ts';
import { readTaskTool } from '../_shared/cline-task-tools.ts';
import { commandIn, patchSteps } from '../_shared/patch-steps.ts';
import { absolutePath, lean, oneCall } from '../_shared/tool-values.ts';
import type { ToolTable } from '../contract.ts';
import { writeResult } from './results.ts';

export const tools: ToolTable = { read, write, writeResult };

function read(call: NativeCall, cwd?: string): ToolCall {
  const input = asObject(call.input);
  const known =
    input === undefined
      ? undefined
      : (ownTool(call.name, input, cwd) ?? readTaskTool(call.name, input, cwd) ?? mcpTool(call.name, input));
  return known ?? { tool: 'other', input: { name: call.name, input: call.input } };
}

function ownTool(name: string, input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  switch (name) {
    case 'run_commands': {
      const commands = asArray(input.commands)?.map(asString);
      if (commands === undefined || commands.length === 0) return undefined;
      // they run one after the other, each in a shell of its own
      const texts = commands.filter((command) => command !== undefined);
      return texts.length === commands.length
        ? { tool: 'execute', input: { command: texts.join('\n') } }
        : undefined;
    }
    case 'read_files': {
      const file = asObject(onlyOne(input.files));
      const path = absolutePath(file?.path, cwd);
      if (path === undefined) return undefined;
      const first = asNumber(file?.start_line);
      const last = asNumber(file?.end_line);
      const limit = last === undefined || last < (first ?? 1) ? undefined : last - (first ?? 1) + 1;
      return { tool: 'read', input: { path, ...lean({ offset: first, limit }) } };
    }
    case 'search_codebase': {
      const pattern = asString(onlyOne(input.queries));
      return pattern === undefined ? undefined : { tool: 'grep', input: { pattern } };
    }
    case 'editor':
      return editorCall(input, cwd);
    case 'fetch_web_content': {
      const request = asObject(onlyOne(input.requests));
      const url = asString(request?.url);
      const prompt = asString(request?.prompt);
      return url === undefined ? undefined : { tool: 'web_fetch', input: { url, ...lean({ prompt }) } };
    }
    case 'web_search': {
      const query = asString(input.query);
      return query === undefined ? undefined : { tool: 'web_search', input: { query } };
    }
    case 'spawn_agent': {
      const prompt = asString(input.task);
      return prompt === undefined ? undefined : { tool: 'task', input: { prompt } };
    }
    default:
      return undefined;
  }
}

/** Without an old text the editor writes a new file; inserting at a line has no canonical form. */
function editorCall(input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  const path = absolutePath(input.path, cwd);
  const newText = asString(input.new_text);
  if (path === undefined || newText === undefined || asNumber(input.insert_line) !== undefined)
    return undefined;
  const oldText = asString(input.old_text);
  return oldText === undefined
    ? { tool: 'write', input: { path, content: newText } }
    : { tool: 'edit', input: { path, edits: [{ oldText, newText }] } };
}

/** Tools of MCP servers are named `server__tool` (read in 3.0.65). */
function mcpTool(name: string, args: JsonObject): ToolCall | undefined {
  const [, server = '', tool = ''] = /^(.+?)__(.+)$/.exec(name) ?? [];
  return server === '' ? undefined : { tool: 'mcp', input: { server, tool, arguments: args } };
}

function write(call: ToolCall): NativeCall[] | undefined {
  switch (call.tool) {
    case 'execute':
      return oneCall('run_commands', { commands: [commandIn(call.input.cwd, call.input.command)] });
    case 'read': {
      const { path, offset, limit } = call.input;
      const end_line = limit === undefined ? undefined : (offset ?? 1) + limit - 1;
      return oneCall('read_files', { files: [{ path, ...lean({ start_line: offset, end_line }) }] });
    }
    case 'write':
      return oneCall('editor', { path: call.input.path, new_text: call.input.content });
    case 'edit': {
      const { path, edits } = call.input;
      return edits.flatMap(({ oldText, newText }) =>
        oneCall('editor', { path, old_text: oldText, new_text: newText }),
      );
    }
    case 'patch':
      return patchSteps(call.input).flatMap((step) => write(step) ?? []);
    case 'grep':
      return oneCall('search_codebase', { queries: [call.input.pattern] });
    case 'web_fetch': {
      const { url, prompt } = call.input;
      return oneCall('fetch_web_content', { requests: [{ url, prompt: prompt ?? 'Show the content.' }] });
    }
    case 'web_search':
      return oneCall('web_search', { query: call.input.query });
    case 'task': {
      const { prompt, agentType } = call.input;
      const role = agentType === undefined ? 'a helpful subagent' : `the subagent "${agentType}"`;
      return oneCall('spawn_agent', { systemPrompt: `You are ${role}.`, task: prompt });
    }
    case 'mcp': {
      const name = `${call.input.server}__${call.input.tool}`;
      return /^[A-Za-z0-9_-]{1,64}$/.test(name) ? oneCall(name, call.input.arguments) : undefined;
    }
    default:
      return undefined;
  }
}

/** The only element; several have no canonical form. */
function onlyOne(value: JsonObject[string] | undefined): JsonObject[string] | undefined {
  const list = asArray(value);
  return list?.length === 1 ? list[0] : undefined;
}
