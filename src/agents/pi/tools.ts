/** pi's built-in tools ⇄ canonical tools. Names and parameters: read in 0.87.1 (`dist/core/tools`), seen in samples. */
import { isAbsolute, resolve } from 'node:path';
import { asArray, asBoolean, asNumber, asObject, asString } from '../../model/narrow.ts';
import type { JsonObject, NativeCall } from '../../model/session.ts';
import type { Replacement, ToolCall } from '../../model/tools.ts';
import { commandIn, patchSteps } from '../_shared/patch-steps.ts';
import type { ToolTable } from '../contract.ts';
import { writeResult } from './results.ts';

export const tools: ToolTable = { read, write, writeResult };

function read(call: NativeCall, cwd?: string): ToolCall {
  return known(call, cwd) ?? { tool: 'other', input: { name: call.name, input: call.input } };
}

function known(call: NativeCall, cwd: string | undefined): ToolCall | undefined {
  const input = asObject(call.input);
  if (input === undefined) return undefined;
  const given = asString(input.path);
  const path = given === undefined ? undefined : absolute(given, cwd);
  switch (call.name) {
    case 'bash':
    case 'powershell': {
      const command = asString(input.command);
      const seconds = asNumber(input.timeout);
      if (command === undefined) return undefined;
      return {
        tool: 'execute',
        input: { command, ...(seconds === undefined ? {} : { timeoutMs: seconds * 1000 }) },
      };
    }
    case 'read':
      if (path === undefined) return undefined;
      return { tool: 'read', input: { path, ...numbers(input, 'offset', 'limit') } };
    case 'write': {
      const content = asString(input.content);
      if (path === undefined || content === undefined) return undefined;
      return { tool: 'write', input: { path, content } };
    }
    case 'edit': {
      const edits = replacements(input);
      return path === undefined || edits === undefined ? undefined : { tool: 'edit', input: { path, edits } };
    }
    case 'ls':
      return { tool: 'list', input: { path: path ?? cwd ?? '.' } };
    case 'find': {
      const pattern = asString(input.pattern);
      return pattern === undefined ? undefined : { tool: 'glob', input: { pattern, ...maybe({ path }) } };
    }
    case 'grep': {
      const pattern = asString(input.pattern);
      if (pattern === undefined) return undefined;
      const glob = asString(input.glob);
      const ignoreCase = asBoolean(input.ignoreCase);
      return { tool: 'grep', input: { pattern, ...maybe({ path, glob, ignoreCase }) } };
    }
    default:
      return undefined;
  }
}

/** `edits`, or the single `oldText` and `newText` of early versions. */
function replacements(input: JsonObject): Replacement[] | undefined {
  const list = asArray(input.edits) ?? [input];
  const edits: Replacement[] = [];
  for (const item of list) {
    const edit = asObject(item);
    const oldText = asString(edit?.oldText);
    const newText = asString(edit?.newText);
    if (oldText === undefined || newText === undefined) return undefined;
    edits.push({ oldText, newText });
  }
  return edits;
}

function write(call: ToolCall): NativeCall[] | undefined {
  switch (call.tool) {
    case 'execute': {
      const { command, cwd, timeoutMs } = call.input;
      const timeout = timeoutMs === undefined ? undefined : Math.ceil(timeoutMs / 1000);
      return one('bash', { command: commandIn(cwd, command), ...maybe({ timeout }) });
    }
    case 'read':
      return one('read', {
        path: call.input.path,
        ...maybe({ offset: call.input.offset, limit: call.input.limit }),
      });
    case 'write':
      return one('write', { path: call.input.path, content: call.input.content });
    case 'edit': {
      const edits = call.input.edits.map(({ oldText, newText }) => ({ oldText, newText }));
      return one('edit', { path: call.input.path, edits });
    }
    case 'patch':
      return patchSteps(call.input).flatMap((step) => write(step) ?? []);
    case 'list':
      return one('ls', { path: call.input.path });
    case 'glob':
      return one('find', { pattern: call.input.pattern, ...maybe({ path: call.input.path }) });
    case 'grep': {
      const { pattern, path, glob, ignoreCase } = call.input;
      return one('grep', { pattern, ...maybe({ path, glob, ignoreCase }) });
    }
    default:
      return undefined;
  }
}

function one(name: string, input: JsonObject): NativeCall[] {
  return [{ name, input }];
}

function absolute(path: string, cwd: string | undefined): string {
  return cwd === undefined || isAbsolute(path) || path.startsWith('~') ? path : resolve(cwd, path);
}

/** Without undefined members. */
function maybe<T extends Record<string, string | number | boolean | undefined>>(values: T) {
  return Object.fromEntries(
    Object.entries(values).filter(
      (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
    ),
  );
}

function numbers(input: JsonObject, ...keys: string[]): Record<string, number> {
  const found: Record<string, number> = {};
  for (const key of keys) {
    const value = asNumber(input[key]);
    if (value !== undefined) found[key] = value;
  }
  return found;
}
