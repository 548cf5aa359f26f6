/**
 * OpenClaw's tools ⇄ canonical tools. Names and parameters: seen in a request of 2026.9.6 (shell, file and patch tools); web and
 * subagent tools, which it offers through `tool_call`, read in its documentation.
 */
import { asBoolean, asNumber, asObject, asString } from '../../model/narrow.ts';
import type { JsonObject, NativeCall } from '../../model/session.ts';
import type { ToolCall } from '../../model/tools.ts';
import { formatPatch, parsePatch } from '../_shared/apply-patch.ts';
import { patchSteps } from '../_shared/patch-steps.ts';
import { readFileTool, writeFileTool } from '../_shared/pi-tools.ts';
import { absolutePath, lean, oneCall } from '../_shared/tool-values.ts';
import type { ToolTable } from '../contract.ts';
import { writeResult } from './results.ts';

export const tools: ToolTable = { read, write, writeResult };

function read(call: NativeCall, cwd?: string): ToolCall {
  const input = asObject(call.input);
  const known = input && (readFileTool(call.name, input, cwd) ?? ownTool(call.name, input, cwd));
  return known ?? { tool: 'other', input: { name: call.name, input: call.input } };
}

function ownTool(name: string, input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  switch (name) {
    case 'exec':
    case 'bash':
      return shellCall(input, cwd);
    case 'apply_patch': {
      const patch = parsePatch(asString(input.input) ?? '');
      return patch === undefined ? undefined : { tool: 'patch', input: patch };
    }
    case 'web_search': {
      const query = asString(input.query);
      return query === undefined ? undefined : { tool: 'web_search', input: { query } };
    }
    case 'web_fetch': {
      const url = asString(input.url);
      return url === undefined ? undefined : { tool: 'web_fetch', input: { url } };
    }
    case 'sessions_spawn': {
      const prompt = asString(input.task);
      const about = { description: asString(input.label), agentType: asString(input.agentId) };
      return prompt === undefined ? undefined : { tool: 'task', input: { prompt, ...lean(about) } };
    }
    case 'tool_call': {
      // a tool of the catalogue, called by its id
      const id = asString(input.id);
      const args = asObject(input.args);
      if (id === undefined || args === undefined || id === 'tool_call') return undefined;
      return readFileTool(id, args, cwd) ?? ownTool(id, args, cwd);
    }
    default:
      return undefined;
  }
}

function shellCall(input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  const command = asString(input.command);
  if (command === undefined) return undefined;
  const seconds = asNumber(input.timeoutSeconds) ?? asNumber(input.timeout);
  const optional = {
    cwd: absolutePath(input.workdir, cwd),
    timeoutMs: seconds === undefined ? undefined : seconds * 1000,
    background: asBoolean(input.background),
    description: asString(input.title),
  };
  return { tool: 'execute', input: { command, ...lean(optional) } };
}

function write(call: ToolCall): NativeCall[] | undefined {
  switch (call.tool) {
    case 'execute': {
      const { command, cwd, timeoutMs, background, description } = call.input;
      const timeoutSeconds = timeoutMs === undefined ? undefined : Math.ceil(timeoutMs / 1000);
      const optional = { title: description, workdir: cwd, timeoutSeconds, background };
      return oneCall('exec', { command, ...lean(optional) });
    }
    case 'patch': {
      const text = formatPatch(call.input);
      if (text !== undefined) return oneCall('apply_patch', { input: text });
      return patchSteps(call.input).flatMap((step) => write(step) ?? []);
    }
    case 'web_search':
      return oneCall('web_search', { query: call.input.query });
    case 'web_fetch':
      return oneCall('web_fetch', { url: call.input.url });
    case 'task': {
      const { prompt, description, agentType } = call.input;
      return oneCall('sessions_spawn', { task: prompt, ...lean({ label: description, agentId: agentType }) });
    }
    default:
      return writeFileTool(call);
  }
}
