/** pi's built-in tools ⇄ canonical tools. Names and parameters: read in 0.87.1 (`dist/core/tools`), seen in samples. */
import { asNumber, asObject, asString } from '../../model/narrow.ts';
import type { JsonObject, NativeCall } from '../../model/session.ts';
import type { ToolCall } from '../../model/tools.ts';
import { commandIn, patchSteps } from '../_shared/patch-steps.ts';
import { readFileTool, writeFileTool } from '../_shared/pi-tools.ts';
import { lean, oneCall } from '../_shared/tool-values.ts';
import type { ToolTable } from '../contract.ts';
import { writeResult } from './results.ts';

export const tools: ToolTable = { read, write, writeResult };

function read(call: NativeCall, cwd?: string): ToolCall {
  const input = asObject(call.input);
  const known = input && (shellCall(call.name, input) ?? readFileTool(call.name, input, cwd));
  return known ?? { tool: 'other', input: { name: call.name, input: call.input } };
}

function shellCall(name: string, input: JsonObject): ToolCall | undefined {
  const command = asString(input.command);
  if ((name !== 'bash' && name !== 'powershell') || command === undefined) return undefined;
  const seconds = asNumber(input.timeout);
  const timeoutMs = seconds === undefined ? undefined : seconds * 1000;
  return { tool: 'execute', input: { command, ...lean({ timeoutMs }) } };
}

function write(call: ToolCall): NativeCall[] | undefined {
  if (call.tool === 'patch') return patchSteps(call.input).flatMap((step) => write(step) ?? []);
  if (call.tool !== 'execute') return writeFileTool(call);
  const { command, cwd, timeoutMs } = call.input;
  const timeout = timeoutMs === undefined ? undefined : Math.ceil(timeoutMs / 1000);
  return oneCall('bash', { command: commandIn(cwd, command), ...lean({ timeout }) });
}
