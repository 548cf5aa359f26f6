/** Droid's tools ⇄ canonical tools. Names and parameters: the schemas that 0.225.2 sends, seen in samples. */
import { asArray, asBoolean, asNumber, asObject, asString } from '../../model/narrow.ts';
import type { JsonObject, NativeCall, PlanItem } from '../../model/session.ts';
import type { Replacement, ToolCall } from '../../model/tools.ts';
import { parsePatch } from '../_shared/apply-patch.ts';
import { commandIn, patchSteps } from '../_shared/patch-steps.ts';
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
  const file = absolutePath(input.file_path, cwd);
  switch (name) {
    case 'Execute':
      return shellCall(input);
    case 'Read':
      if (file === undefined) return undefined;
      return {
        tool: 'read',
        input: { path: file, ...lean({ offset: asNumber(input.offset), limit: asNumber(input.limit) }) },
      };
    case 'Create': {
      const content = asString(input.content);
      if (file === undefined || content === undefined) return undefined;
      return { tool: 'write', input: { path: file, content } };
    }
    case 'Edit':
      return editCall(file, [input]);
    case 'MultiEdit':
      return editCall(file, (asArray(input.changes) ?? asArray(input.edits))?.map(asObject));
    case 'ApplyPatch': {
      const patch = asString(input.input) ?? asString(input.patch);
      const changes = patch === undefined ? undefined : parsePatch(patch);
      return changes === undefined ? undefined : { tool: 'patch', input: changes };
    }
    case 'LS': {
      const path = absolutePath(input.directory_path, cwd) ?? cwd;
      return path === undefined ? undefined : { tool: 'list', input: { path } };
    }
    case 'Glob':
      return globCall(input, absolutePath(input.folder, cwd));
    case 'Grep': {
      const pattern = asString(input.pattern);
      if (pattern === undefined) return undefined;
      const path = absolutePath(input.path, cwd);
      const glob = asString(input.glob_pattern);
      const ignoreCase = asBoolean(input.case_insensitive) || undefined;
      return { tool: 'grep', input: { pattern, ...lean({ path, glob, ignoreCase }) } };
    }
    case 'FetchUrl': {
      const url = asString(input.url);
      return url === undefined ? undefined : { tool: 'web_fetch', input: { url } };
    }
    case 'WebSearch': {
      const query = asString(input.query);
      return query === undefined ? undefined : { tool: 'web_search', input: { query } };
    }
    case 'TodoWrite': {
      const items = planItems(input);
      return items === undefined ? undefined : { tool: 'plan', input: { items } };
    }
    case 'Task': {
      const prompt = asString(input.prompt);
      if (prompt === undefined) return undefined;
      const description = asString(input.description);
      const agentType = asString(input.subagent_type);
      return { tool: 'task', input: { prompt, ...lean({ description, agentType }) } };
    }
    default:
      return undefined;
  }
}

function shellCall(input: JsonObject): ToolCall | undefined {
  const command = asString(input.command);
  if (command === undefined) return undefined;
  const seconds = asNumber(input.timeout);
  const optional = {
    timeoutMs: seconds === undefined ? undefined : seconds * 1000,
    background: input.fireAndForget === true ? true : undefined,
    description: asString(input.summary),
  };
  return { tool: 'execute', input: { command, ...lean(optional) } };
}

function editCall(
  path: string | undefined,
  list: (JsonObject | undefined)[] | undefined,
): ToolCall | undefined {
  if (path === undefined || list === undefined) return undefined;
  const edits: Replacement[] = [];
  for (const item of list) {
    const oldText = asString(item?.old_str);
    const newText = asString(item?.new_str);
    if (oldText === undefined || newText === undefined) return undefined;
    edits.push(item?.change_all === true ? { oldText, newText, replaceAll: true } : { oldText, newText });
  }
  return { tool: 'edit', input: { path, edits } };
}

/** Several patterns in one call have no canonical form. */
function globCall(input: JsonObject, path: string | undefined): ToolCall | undefined {
  const patterns = asArray(input.patterns) ?? [input.patterns];
  const pattern = patterns.length === 1 ? asString(patterns[0]) : undefined;
  return pattern === undefined ? undefined : { tool: 'glob', input: { pattern, ...lean({ path }) } };
}

const STATUSES: Readonly<Record<string, PlanItem['status']>> = {
  pending: 'pending',
  in_progress: 'in_progress',
  completed: 'completed',
  cancelled: 'cancelled',
};

/** `1. [in_progress] text`, a line each. */
function planItems(input: JsonObject): PlanItem[] | undefined {
  const todos = asString(input.todos);
  if (todos === undefined) return undefined;
  return todos.split('\n').flatMap((line): PlanItem[] => {
    const [, mark = '', text = ''] = /^\s*\d+\.\s*\[(\w+)\]\s*(.*)$/.exec(line) ?? [];
    const status = Object.hasOwn(STATUSES, mark) ? STATUSES[mark] : undefined;
    return status === undefined ? [] : [{ text, status }];
  });
}

function write(call: ToolCall): NativeCall[] | undefined {
  switch (call.tool) {
    case 'execute': {
      const { command, cwd, timeoutMs, background, description } = call.input;
      const timeout = timeoutMs === undefined ? undefined : Math.ceil(timeoutMs / 1000);
      const optional = lean({ summary: description, timeout, fireAndForget: background });
      return oneCall('Execute', { command: commandIn(cwd, command), ...optional });
    }
    case 'read': {
      const { path, offset, limit } = call.input;
      return oneCall('Read', { file_path: path, ...lean({ offset, limit }) });
    }
    case 'write':
      return oneCall('Create', { file_path: call.input.path, content: call.input.content });
    case 'edit':
      return call.input.edits.map((edit) => ({ name: 'Edit', input: editInput(call.input.path, edit) }));
    case 'patch':
      return patchSteps(call.input).flatMap((step) => write(step) ?? []);
    case 'list':
      return oneCall('LS', { directory_path: call.input.path });
    case 'glob':
      return oneCall('Glob', { patterns: [call.input.pattern], ...lean({ folder: call.input.path }) });
    case 'grep': {
      const { pattern, path, glob, ignoreCase } = call.input;
      return oneCall('Grep', {
        pattern,
        ...lean({ path, glob_pattern: glob, case_insensitive: ignoreCase }),
      });
    }
    case 'web_fetch':
      return oneCall('FetchUrl', { url: call.input.url });
    case 'web_search':
      return oneCall('WebSearch', { query: call.input.query });
    case 'plan':
      return oneCall('TodoWrite', { todos: call.input.items.map(todoLine).join('\n') });
    case 'task': {
      const { prompt, description = 'Subtask', agentType = 'worker' } = call.input;
      return oneCall('Task', { subagent_type: agentType, description, prompt });
    }
    default:
      return undefined;
  }
}

function editInput(path: string, { oldText, newText, replaceAll }: Replacement): JsonObject {
  return { file_path: path, old_str: oldText, new_str: newText, ...lean({ change_all: replaceAll }) };
}

function todoLine({ text, status }: PlanItem, n: number): string {
  return `${n + 1}. [${status}] ${text.replace(/\s*\n\s*/g, ' ')}`;
}
