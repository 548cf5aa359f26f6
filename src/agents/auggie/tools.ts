/** Auggie's tools ⇄ canonical tools. Names and parameters: the schemas that 0.36.0 sends, seen in samples. */
import { asArray, asNumber, asObject, asString } from '../../model/narrow.ts';
import type { JsonObject, JsonValue, NativeCall, PlanItem } from '../../model/session.ts';
import type { Replacement, ToolCall } from '../../model/tools.ts';
import { formatPatch, parsePatch } from '../_shared/apply-patch.ts';
import { patchSteps } from '../_shared/patch-steps.ts';
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
    case 'launch-process':
      return shellCall(input, cwd);
    case 'view':
      return path === undefined ? undefined : viewCall(path, input);
    case 'save-file': {
      const content = asString(input.file_content);
      if (path === undefined || content === undefined) return undefined;
      const newline = input.add_last_line_newline === false ? '' : '\n';
      return { tool: 'write', input: { path, content: content + newline } };
    }
    case 'str-replace-editor': {
      const edits = input.command === 'insert' ? undefined : replacements(input);
      return path === undefined || edits === undefined ? undefined : { tool: 'edit', input: { path, edits } };
    }
    case 'apply_patch': {
      const patch = parsePatch(asString(input.input) ?? '');
      return patch === undefined ? undefined : { tool: 'patch', input: patch };
    }
    case 'remove-files': {
      const paths = asArray(input.file_paths)?.map((file) => absolutePath(file, cwd));
      if (!paths?.every((file) => file !== undefined)) return undefined;
      return { tool: 'patch', input: { changes: paths.map((file) => ({ change: 'delete', path: file })) } };
    }
    case 'grep-search': {
      const pattern = asString(input.query);
      if (pattern === undefined) return undefined;
      const where = absolutePath(input.directory_absolute_path, cwd);
      const glob = asString(input.files_include_glob_pattern);
      const ignoreCase = input.case_sensitive === true ? undefined : true;
      return { tool: 'grep', input: { pattern, ...lean({ path: where, glob, ignoreCase }) } };
    }
    case 'web-fetch': {
      const url = asString(input.url);
      return url === undefined ? undefined : { tool: 'web_fetch', input: { url } };
    }
    case 'web-search': {
      const query = asString(input.query);
      return query === undefined ? undefined : { tool: 'web_search', input: { query } };
    }
    case 'add_tasks': {
      const items = asArray(input.tasks)?.map(planItem);
      return items?.every((item) => item !== undefined) ? { tool: 'plan', input: { items } } : undefined;
    }
    default:
      return undefined;
  }
}

function shellCall(input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  const command = asString(input.command);
  if (command === undefined) return undefined;
  const waits = input.wait !== false;
  const seconds = asNumber(input.max_wait_seconds);
  const dir = absolutePath(input.cwd, cwd);
  const optional = {
    cwd: dir === cwd || dir === '.' ? undefined : dir,
    timeoutMs: waits && seconds !== undefined ? seconds * 1000 : undefined,
    background: waits ? undefined : true,
  };
  return { tool: 'execute', input: { command, ...lean(optional) } };
}

/** A file, a part of it, its lines that match, or a directory. */
function viewCall(path: string, input: JsonObject): ToolCall {
  if (input.type === 'directory') return { tool: 'list', input: { path } };
  const pattern = asString(input.search_query_regex);
  if (pattern !== undefined) {
    const ignoreCase = input.case_sensitive === true ? undefined : true;
    return { tool: 'grep', input: { pattern, path, ...lean({ ignoreCase }) } };
  }
  const [first, last] = (asArray(input.view_range) ?? []).map(asNumber);
  const limit = first !== undefined && last !== undefined && last >= first ? last - first + 1 : undefined;
  return { tool: 'read', input: { path, ...lean({ offset: first, limit }) } };
}

/** `str_replace_entries`, or the flat form of other models: `old_str_1`, `new_str_1`, … */
function replacements(input: JsonObject): Replacement[] | undefined {
  const edits: Replacement[] = [];
  const add = (oldText: JsonValue | undefined, newText: JsonValue | undefined): boolean => {
    if (typeof oldText !== 'string' || typeof newText !== 'string') return false;
    edits.push({ oldText, newText });
    return true;
  };
  const entries = asArray(input.str_replace_entries)?.map(asObject);
  if (entries !== undefined)
    return entries.every((entry) => add(entry?.old_str, entry?.new_str)) ? edits : undefined;
  for (let n = 1; add(input[`old_str_${n}`], input[`new_str_${n}`]); n++);
  return edits.length === 0 ? undefined : edits;
}

const STATES: readonly [string, PlanItem['status']][] = [
  ['NOT_STARTED', 'pending'],
  ['IN_PROGRESS', 'in_progress'],
  ['COMPLETE', 'completed'],
  ['CANCELLED', 'cancelled'],
];

function planItem(value: JsonValue): PlanItem | undefined {
  const task = asObject(value);
  const text = asString(task?.name);
  if (text === undefined) return undefined;
  return { text, status: STATES.find(([state]) => state === task?.state)?.[1] ?? 'pending' };
}

function write(call: ToolCall, cwd?: string): NativeCall[] | undefined {
  switch (call.tool) {
    case 'execute': {
      const { command, cwd: dir, timeoutMs, background } = call.input;
      // the tool asks for a wait; where none is known, none is made up
      const max_wait_seconds = timeoutMs === undefined ? undefined : Math.ceil(timeoutMs / 1000);
      const waits = { wait: background !== true, ...lean({ max_wait_seconds }) };
      return oneCall('launch-process', { command, ...waits, cwd: dir ?? cwd ?? '.' });
    }
    case 'read': {
      const { path, offset, limit } = call.input;
      return oneCall('view', { path, type: 'file', ...viewRange(offset, limit) });
    }
    case 'list':
      return oneCall('view', { path: call.input.path, type: 'directory' });
    case 'write': {
      const { path, content } = call.input;
      return oneCall('save-file', { path, file_content: content, add_last_line_newline: false });
    }
    case 'edit': {
      const entries = call.input.edits.map(({ oldText, newText }) => ({
        old_str: oldText,
        new_str: newText,
      }));
      const input = { command: 'str_replace', path: call.input.path, str_replace_entries: entries };
      return oneCall('str-replace-editor', input);
    }
    case 'patch': {
      const input = formatPatch(call.input);
      if (input !== undefined) return oneCall('apply_patch', { input });
      return patchSteps(call.input).flatMap((step) => write(step, cwd) ?? []);
    }
    case 'grep': {
      const { pattern, path, glob, ignoreCase } = call.input;
      const where = { directory_absolute_path: path ?? cwd, files_include_glob_pattern: glob };
      return oneCall('grep-search', { query: pattern, ...lean(where), case_sensitive: ignoreCase !== true });
    }
    case 'web_fetch':
      return oneCall('web-fetch', { url: call.input.url });
    case 'web_search':
      return oneCall('web-search', { query: call.input.query });
    case 'plan':
      return oneCall('add_tasks', { tasks: call.input.items.map(task) });
    default:
      return undefined;
  }
}

function viewRange(offset: number | undefined, limit: number | undefined): JsonObject {
  if (offset === undefined && limit === undefined) return {};
  const first = offset ?? 1;
  return { view_range: [first, limit === undefined ? -1 : first + limit - 1] };
}

function task({ text, status }: PlanItem): JsonObject {
  const state = STATES.find(([, own]) => own === status)?.[0] ?? 'NOT_STARTED';
  return { name: text, description: '', state };
}
