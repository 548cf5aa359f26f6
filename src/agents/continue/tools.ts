/**
 * Continue's tools ⇄ canonical tools. The command line's: names and parameters read in 1.5.47. The extensions' (snake case) are
 * only read: from the public source of 2025 and 2026.
 */
import { isAbsolute, resolve } from 'node:path';
import { asArray, asBoolean, asNumber, asObject, asString } from '../../model/narrow.ts';
import type { JsonObject, JsonValue, NativeCall, PlanItem } from '../../model/session.ts';
import type { Replacement, ToolCall } from '../../model/tools.ts';
import { commandIn, patchSteps } from '../_shared/patch-steps.ts';
import type { ToolTable } from '../contract.ts';
import { writeResult } from './results.ts';

export const tools: ToolTable = { read, write, writeResult };

function read(call: NativeCall, cwd?: string): ToolCall {
  const input = asObject(call.input);
  const known = input === undefined ? undefined : commandLineTool(call.name, input, cwd);
  const meant = known ?? (input === undefined ? undefined : extensionTool(call.name, input, cwd));
  return meant ?? { tool: 'other', input: { name: call.name, input: call.input } };
}

function commandLineTool(name: string, input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  switch (name) {
    case 'Bash': {
      const command = asString(input.command);
      const seconds = asNumber(input.timeout);
      if (command === undefined) return undefined;
      return {
        tool: 'execute',
        input: { command, ...(seconds === undefined ? {} : { timeoutMs: seconds * 1000 }) },
      };
    }
    case 'Read':
      return readCall(pathIn(input.filepath, cwd));
    case 'Write':
      return writeCall(pathIn(input.filepath, cwd), asString(input.content));
    case 'Edit':
      return editCall(pathIn(input.file_path, cwd), [input]);
    case 'MultiEdit':
      return editCall(pathIn(input.file_path, cwd), asArray(input.edits));
    case 'List':
      return listCall(pathIn(input.dirpath, cwd));
    case 'Search':
      return grepCall(input.pattern, pathIn(input.path, cwd), asString(input.file_pattern));
    case 'Fetch':
      return fetchCall(asString(input.url));
    case 'Checklist': {
      const checklist = asString(input.checklist);
      return checklist === undefined ? undefined : { tool: 'plan', input: { items: planItems(checklist) } };
    }
    case 'Subagent': {
      const prompt = asString(input.prompt);
      const description = asString(input.description);
      const agentType = asString(input.subagent_name);
      return prompt === undefined
        ? undefined
        : { tool: 'task', input: { prompt, ...lean({ description, agentType }) } };
    }
    default:
      return undefined;
  }
}

function extensionTool(name: string, input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  switch (name) {
    case 'run_terminal_command': {
      const command = asString(input.command);
      const background = input.waitForCompletion === false ? { background: true } : {};
      return command === undefined ? undefined : { tool: 'execute', input: { command, ...background } };
    }
    case 'read_file':
      return readCall(pathIn(input.filepath, cwd));
    case 'read_file_range': {
      const path = pathIn(input.filepath, cwd);
      const first = asNumber(input.startLine);
      const last = asNumber(input.endLine);
      if (path === undefined || first === undefined || last === undefined) return undefined;
      return { tool: 'read', input: { path, offset: first, limit: last - first + 1 } };
    }
    case 'create_new_file':
      return writeCall(pathIn(input.filepath, cwd), asString(input.contents));
    case 'single_find_and_replace':
      return editCall(pathIn(input.filepath, cwd), [input]);
    case 'multi_edit':
      return editCall(pathIn(input.filepath, cwd), asArray(input.edits));
    case 'ls':
      return listCall(pathIn(input.dirPath, cwd) ?? cwd);
    case 'grep_search':
      return grepCall(input.query, undefined, undefined);
    case 'file_glob_search': {
      const pattern = asString(input.pattern);
      return pattern === undefined ? undefined : { tool: 'glob', input: { pattern } };
    }
    case 'search_web': {
      const query = asString(input.query);
      return query === undefined ? undefined : { tool: 'web_search', input: { query } };
    }
    case 'fetch_url_content':
      return fetchCall(asString(input.url));
    default:
      return undefined;
  }
}

function readCall(path: string | undefined): ToolCall | undefined {
  return path === undefined ? undefined : { tool: 'read', input: { path } };
}

function writeCall(path: string | undefined, content: string | undefined): ToolCall | undefined {
  return path === undefined || content === undefined
    ? undefined
    : { tool: 'write', input: { path, content } };
}

function listCall(path: string | undefined): ToolCall | undefined {
  return path === undefined ? undefined : { tool: 'list', input: { path } };
}

function fetchCall(url: string | undefined): ToolCall | undefined {
  return url === undefined ? undefined : { tool: 'web_fetch', input: { url } };
}

function grepCall(
  pattern: JsonValue | undefined,
  path: string | undefined,
  glob: string | undefined,
): ToolCall | undefined {
  return typeof pattern === 'string'
    ? { tool: 'grep', input: { pattern, ...lean({ path, glob }) } }
    : undefined;
}

function editCall(path: string | undefined, list: JsonValue[] | undefined): ToolCall | undefined {
  if (path === undefined || list === undefined) return undefined;
  const edits: Replacement[] = [];
  for (const item of list) {
    const edit = asObject(item);
    const oldText = asString(edit?.old_string);
    const newText = asString(edit?.new_string);
    if (oldText === undefined || newText === undefined) return undefined;
    const all = asBoolean(edit?.replace_all);
    edits.push(all ? { oldText, newText, replaceAll: true } : { oldText, newText });
  }
  return { tool: 'edit', input: { path, edits } };
}

/** `- [ ] text` and `- [x] text`; other lines group them. */
function planItems(checklist: string): PlanItem[] {
  return checklist.split('\n').flatMap((line): PlanItem[] => {
    const match = /^\s*[-*] \[([ xX])\] (.*)$/.exec(line);
    if (match === null) return [];
    return [{ text: match[2] ?? '', status: match[1] === ' ' ? 'pending' : 'completed' }];
  });
}

function write(call: ToolCall): NativeCall[] | undefined {
  switch (call.tool) {
    case 'execute': {
      const { command, cwd, timeoutMs } = call.input;
      const timeout = timeoutMs === undefined ? undefined : Math.ceil(timeoutMs / 1000);
      return one('Bash', { command: commandIn(cwd, command), ...lean({ timeout }) });
    }
    case 'read':
      return one('Read', { filepath: call.input.path });
    case 'write':
      return one('Write', { filepath: call.input.path, content: call.input.content });
    case 'edit': {
      const edits = call.input.edits.map(nativeEdit);
      const file = { file_path: call.input.path };
      const [first] = edits;
      if (edits.length === 1 && first !== undefined) return one('Edit', { ...file, ...first });
      return one('MultiEdit', { ...file, edits });
    }
    case 'patch':
      return patchSteps(call.input).flatMap((step) => write(step) ?? []);
    case 'list':
      return one('List', { dirpath: call.input.path });
    case 'grep': {
      const { pattern, path, glob } = call.input;
      return one('Search', { pattern, ...lean({ path, file_pattern: glob }) });
    }
    case 'web_fetch':
      return one('Fetch', { url: call.input.url });
    case 'plan':
      return one('Checklist', { checklist: call.input.items.map(checklistLine).join('\n') });
    case 'task': {
      const { prompt, description, agentType } = call.input;
      const subagent = { description: description ?? 'Subtask', subagent_name: agentType ?? 'general' };
      return one('Subagent', { ...subagent, prompt });
    }
    default:
      return undefined;
  }
}

function nativeEdit({ oldText, newText, replaceAll }: Replacement): JsonObject {
  const edit: JsonObject = { old_string: oldText, new_string: newText };
  if (replaceAll === true) edit.replace_all = true;
  return edit;
}

function checklistLine({ text, status }: PlanItem): string {
  return `- [${status === 'completed' ? 'x' : ' '}] ${text.replace(/\s*\n\s*/g, ' ')}`;
}

function one(name: string, input: JsonObject): NativeCall[] {
  return [{ name, input }];
}

function pathIn(value: JsonValue | undefined, cwd: string | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  return cwd === undefined || isAbsolute(value) || value.startsWith('~') ? value : resolve(cwd, value);
}

/** Without undefined members. */
function lean<T extends Record<string, string | number | undefined>>(values: T) {
  return Object.fromEntries(
    Object.entries(values).filter((item): item is [string, string | number] => item[1] !== undefined),
  );
}
