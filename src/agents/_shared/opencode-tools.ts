/**
 * Tools of OpenCode and its forks ⇄ canonical tools. Names and inputs: real sessions of OpenCode 1.18.33, 1.1.65 and
 * Kilo 7.7.7, and the schemas in OpenCode 1.18.33. MCP tools are named `<server>_<tool>`.
 */
import { isAbsolute, resolve } from 'node:path';
import { asArray, asBoolean, asNumber, asObject, asString, asText, defined } from '../../model/narrow.ts';
import type { JsonObject, JsonValue, NativeCall, PlanItem } from '../../model/session.ts';
import type { Replacement, ToolCall } from '../../model/tools.ts';
import type { ToolTable } from '../contract.ts';
import { formatPatch, parsePatch } from './apply-patch.ts';
import { patchSteps } from './patch-steps.ts';

export const tools: ToolTable = { read: readCall, write: writeCall };

/** The program's own tools that have no canonical form; a name with `_` that is none of them is an MCP tool's. */
const OWN = new Set(['apply_patch', 'plan_exit', 'plan_enter']);

/** Native call → canonical call. */
export function readCall(call: NativeCall, cwd?: string): ToolCall {
  const input = asObject(call.input);
  const known = input === undefined ? undefined : (readers[call.name]?.(input, cwd) ?? undefined);
  return known ?? readForeign(call);
}

function readForeign(call: NativeCall): ToolCall {
  const mcp = /^([A-Za-z0-9-]+)_(.+)$/.exec(call.name);
  const input = asObject(call.input);
  if (mcp?.[1] !== undefined && mcp[2] !== undefined && input !== undefined && !OWN.has(call.name))
    return { tool: 'mcp', input: { server: mcp[1], tool: mcp[2], arguments: input } };
  return { tool: 'other', input: { name: call.name, input: call.input } };
}

type Reader = (input: JsonObject, cwd: string | undefined) => ToolCall | undefined;

const readers: Record<string, Reader> = {
  bash(input, cwd) {
    const command = asString(input.command);
    if (command === undefined) return undefined;
    const workdir = place(input.workdir, cwd);
    return {
      tool: 'execute',
      input: defined({
        command,
        cwd: workdir === cwd ? undefined : workdir,
        timeoutMs: asNumber(input.timeout),
        description: asText(input.description),
      }),
    };
  },
  read(input, cwd) {
    const path = place(input.filePath, cwd);
    if (path === undefined) return undefined;
    return {
      tool: 'read',
      input: defined({ path, offset: asNumber(input.offset), limit: asNumber(input.limit) }),
    };
  },
  write(input, cwd) {
    const path = place(input.filePath, cwd);
    const content = asString(input.content);
    return path === undefined || content === undefined
      ? undefined
      : { tool: 'write', input: { path, content } };
  },
  edit(input, cwd) {
    const path = place(input.filePath, cwd);
    const edit = replacement(input);
    return path === undefined || edit === undefined
      ? undefined
      : { tool: 'edit', input: { path, edits: [edit] } };
  },
  multiedit(input, cwd) {
    const path = place(input.filePath, cwd);
    const edits = (asArray(input.edits) ?? []).map((edit) => replacement(asObject(edit) ?? {}));
    const whole = edits.flatMap((edit) => edit ?? []);
    if (path === undefined || whole.length === 0 || whole.length < edits.length) return undefined;
    return { tool: 'edit', input: { path, edits: whole } };
  },
  apply_patch: readPatch,
  patch: readPatch,
  list(input, cwd) {
    const path = place(input.path, cwd) ?? cwd;
    return path === undefined ? undefined : { tool: 'list', input: { path } };
  },
  glob(input, cwd) {
    const pattern = asString(input.pattern);
    if (pattern === undefined) return undefined;
    return { tool: 'glob', input: defined({ pattern, path: place(input.path, cwd) }) };
  },
  grep(input, cwd) {
    const pattern = asString(input.pattern);
    if (pattern === undefined) return undefined;
    const bare = pattern.startsWith(IGNORE_CASE) ? pattern.slice(IGNORE_CASE.length) : undefined;
    const ignoreCase = bare === undefined ? undefined : true;
    const glob = asText(input.include);
    return {
      tool: 'grep',
      input: defined({ pattern: bare ?? pattern, path: place(input.path, cwd), glob, ignoreCase }),
    };
  },
  webfetch(input) {
    const url = asString(input.url);
    return url === undefined ? undefined : { tool: 'web_fetch', input: { url } };
  },
  websearch(input) {
    const query = asString(input.query);
    return query === undefined ? undefined : { tool: 'web_search', input: { query } };
  },
  task(input) {
    const prompt = asString(input.prompt);
    if (prompt === undefined) return undefined;
    const description = asText(input.description);
    return { tool: 'task', input: defined({ prompt, description, agentType: asText(input.subagent_type) }) };
  },
  todowrite(input) {
    const todos = asArray(input.todos);
    if (todos === undefined) return undefined;
    return { tool: 'plan', input: { items: todos.flatMap((todo) => planItem(asObject(todo)) ?? []) } };
  },
};

/** ripgrep's inline flag: the grep tool has no parameter for it. */
const IGNORE_CASE = '(?i)';

function readPatch(input: JsonObject): ToolCall | undefined {
  const text = asString(input.patchText);
  const patch = text === undefined ? undefined : parsePatch(text);
  return patch === undefined ? undefined : { tool: 'patch', input: patch };
}

function replacement(edit: JsonObject): Replacement | undefined {
  const oldText = asString(edit.oldString);
  const newText = asString(edit.newString);
  if (oldText === undefined || newText === undefined) return undefined;
  return defined({ oldText, newText, replaceAll: asBoolean(edit.replaceAll) === true ? true : undefined });
}

function planItem(todo: JsonObject | undefined): PlanItem | undefined {
  const text = asString(todo?.content);
  if (text === undefined) return undefined;
  return { text, status: STATUSES.find((status) => status === todo?.status) ?? 'pending' };
}

const STATUSES = ['pending', 'in_progress', 'completed', 'cancelled'] as const;

/** An absolute path; relative ones are the session directory's. */
function place(value: unknown, cwd: string | undefined): string | undefined {
  const path = asText(value);
  return path === undefined || cwd === undefined || isAbsolute(path) ? path : resolve(cwd, path);
}

/** Canonical call → native calls; undefined where only the foreign call itself can be kept. */
export function writeCall(call: ToolCall, cwd?: string): NativeCall[] | undefined {
  switch (call.tool) {
    case 'execute': {
      const { command, timeoutMs, description } = call.input;
      return one('bash', { command, timeout: timeoutMs, workdir: call.input.cwd, description });
    }
    case 'read':
      return one('read', { filePath: call.input.path, offset: call.input.offset, limit: call.input.limit });
    case 'write':
      return one('write', { filePath: call.input.path, content: call.input.content });
    case 'edit':
      return call.input.edits.map((edit) => editCall(call.input.path, edit));
    case 'patch':
      return patchCalls(call, cwd);
    case 'list':
      // the read tool lists directories
      return one('read', { filePath: call.input.path });
    case 'glob':
      return one('glob', { pattern: call.input.pattern, path: call.input.path });
    case 'grep': {
      const { pattern, path, glob, ignoreCase } = call.input;
      return one('grep', {
        pattern: ignoreCase === true ? IGNORE_CASE + pattern : pattern,
        path,
        include: glob,
      });
    }
    case 'web_fetch':
      return one('webfetch', { url: call.input.url, format: 'markdown' });
    case 'web_search':
      return one('websearch', { query: call.input.query });
    case 'task': {
      const { prompt, description, agentType } = call.input;
      const title = description ?? prompt.trim().split(/\s+/).slice(0, 5).join(' ');
      return one('task', { description: title, prompt, subagent_type: agentType ?? 'general' });
    }
    case 'plan':
      return one('todowrite', {
        todos: call.input.items.map(({ text, status }) => ({ content: text, status, priority: 'medium' })),
      });
    case 'mcp':
      return one(`${plainName(call.input.server)}_${plainName(call.input.tool)}`, call.input.arguments);
    case 'other':
      return undefined;
  }
}

function patchCalls(call: ToolCall & { tool: 'patch' }, cwd: string | undefined): NativeCall[] | undefined {
  const patchText = formatPatch(call.input);
  if (patchText !== undefined) return one('apply_patch', { patchText });
  const calls = patchSteps(call.input).map((step) => writeCall(step, cwd));
  return calls.every((step) => step !== undefined) ? calls.flat() : undefined;
}

function editCall(path: string, edit: Replacement): NativeCall {
  const input: JsonObject = { filePath: path, oldString: edit.oldText, newString: edit.newText };
  return { name: 'edit', input: edit.replaceAll === true ? { ...input, replaceAll: true } : input };
}

function one(name: string, input: Record<string, JsonValue | undefined>): NativeCall[] {
  return [{ name, input: defined(input) as JsonObject }];
}

/** As the program itself makes MCP names fit. */
function plainName(name: string): string {
  return name.replace(/[^A-Za-z0-9_-]/g, '_');
}
