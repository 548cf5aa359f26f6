/** The tools that Gemini CLI and Qwen Code share, under the names and arguments of each. */
import { posix, win32 } from 'node:path';
import { asArray, asBoolean, asNumber, asObject, asString, asText, defined } from '../../model/narrow.ts';
import type { JsonObject, JsonValue, NativeCall, PlanItem } from '../../model/session.ts';
import type { ExecuteInput, GrepInput, ReadInput, Replacement, ToolCall } from '../../model/tools.ts';

/**
 * Native call → canonical call; both agents' names are known, so that what one took over from the other is understood.
 * A call whose required arguments are missing is `other`.
 */
export function readSharedTool(call: NativeCall, cwd: string | undefined): ToolCall {
  const input = asObject(call.input);
  const found =
    input === undefined ? undefined : (readNamed(call.name, input, cwd) ?? readMcp(call.name, input));
  return found ?? { tool: 'other', input: { name: call.name, input: call.input } };
}

function readNamed(name: string, input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  switch (name) {
    case 'run_shell_command':
      return readExecute(input, cwd);
    case 'read_file':
      return readRead(input, cwd);
    case 'write_file': {
      const [path, content] = [pathOf(input.file_path, cwd), asString(input.content)];
      return path === undefined || content === undefined
        ? undefined
        : { tool: 'write', input: { path, content } };
    }
    case 'replace':
    case 'edit':
      return readEdit(input, cwd);
    case 'list_directory': {
      const path = pathOf(input.dir_path ?? input.path, cwd);
      return path === undefined ? undefined : { tool: 'list', input: { path } };
    }
    case 'glob': {
      const [pattern, path] = [asText(input.pattern), pathOf(input.dir_path ?? input.path, cwd)];
      return pattern === undefined ? undefined : { tool: 'glob', input: { pattern, ...defined({ path }) } };
    }
    case 'grep_search':
    case 'search_file_content':
      return readGrep(input, cwd);
    case 'web_fetch':
      return readFetch(input);
    case 'google_web_search':
    case 'web_search': {
      const query = asText(input.query);
      return query === undefined ? undefined : { tool: 'web_search', input: { query } };
    }
    case 'invoke_agent':
    case 'agent':
    case 'task':
      return readTask(input);
    case 'write_todos':
    case 'todo_write':
      return readPlan(input);
    default:
      return undefined;
  }
}

function readExecute(input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  const command = asText(input.command);
  if (command === undefined) return undefined;
  const folder = pathOf(input.dir_path ?? input.directory, cwd);
  const execute: ExecuteInput = {
    command,
    ...defined({
      cwd: folder === cwd ? undefined : folder,
      timeoutMs: asNumber(input.timeout),
      background: asBoolean(input.is_background),
      description: asText(input.description),
    }),
  };
  return { tool: 'execute', input: execute };
}

/** `start_line` counts from 1; `offset` (Qwen Code, and Gemini CLI before it) from 0. */
function readRead(input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  const path = pathOf(input.file_path ?? input.absolute_path ?? input.path, cwd);
  if (path === undefined) return undefined;
  const [start, end, skip] = [asNumber(input.start_line), asNumber(input.end_line), asNumber(input.offset)];
  const offset = start ?? (skip === undefined ? undefined : skip + 1);
  const limit = end === undefined ? asNumber(input.limit) : end - (start ?? 1) + 1;
  const read: ReadInput = { path, ...defined({ offset, limit }) };
  return { tool: 'read', input: read };
}

function readEdit(input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  const path = pathOf(input.file_path, cwd);
  const [oldText, newText] = [asString(input.old_string), asString(input.new_string)];
  if (path === undefined || oldText === undefined || newText === undefined) return undefined;
  const all =
    asBoolean(input.allow_multiple) ??
    asBoolean(input.replace_all) ??
    ((asNumber(input.expected_replacements) ?? 1) > 1 ? true : undefined);
  const edit: Replacement = { oldText, newText, ...defined({ replaceAll: all }) };
  return { tool: 'edit', input: { path, edits: [edit] } };
}

function readGrep(input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  const pattern = asText(input.pattern);
  if (pattern === undefined) return undefined;
  const grep: GrepInput = {
    pattern,
    ...defined({
      path: pathOf(input.dir_path ?? input.path, cwd),
      glob: asText(input.include_pattern ?? input.include ?? input.glob),
      ignoreCase: input.case_sensitive === false ? true : undefined,
    }),
  };
  return { tool: 'grep', input: grep };
}

/** Gemini CLI names the page inside the prompt. */
function readFetch(input: JsonObject): ToolCall | undefined {
  const prompt = asText(input.prompt);
  const url = asText(input.url) ?? /https?:\/\/[^\s"'<>)\]]+/.exec(prompt ?? '')?.[0];
  if (url === undefined) return undefined;
  return { tool: 'web_fetch', input: { url, ...defined({ prompt: prompt === url ? undefined : prompt }) } };
}

function readTask(input: JsonObject): ToolCall | undefined {
  const prompt = asText(input.prompt);
  if (prompt === undefined) return undefined;
  const description = asText(input.description);
  const agentType = asText(input.agent_name) ?? asText(input.subagent_type);
  return { tool: 'task', input: { prompt, ...defined({ description, agentType }) } };
}

function readPlan(input: JsonObject): ToolCall | undefined {
  const items: PlanItem[] = [];
  for (const value of asArray(input.todos) ?? [undefined]) {
    const item = asObject(value);
    const text = asText(item?.description) ?? asText(item?.content);
    const status = planStatus(item?.status);
    if (text === undefined || status === undefined) return undefined;
    items.push({ text, status });
  }
  return { tool: 'plan', input: { items } };
}

function planStatus(value: unknown): PlanItem['status'] | undefined {
  if (value === 'blocked') return 'pending';
  return value === 'pending' || value === 'in_progress' || value === 'completed' || value === 'cancelled'
    ? value
    : undefined;
}

/** `mcp__server__tool` (Qwen Code) and `mcp_server_tool` (Gemini CLI, where a server's name ends at the first `_`). */
function readMcp(name: string, input: JsonObject): ToolCall | undefined {
  const found = /^mcp__(.+?)__(.+)$/s.exec(name) ?? /^mcp_([^_]+)_(.+)$/s.exec(name);
  if (found === null) return undefined;
  return { tool: 'mcp', input: { server: found[1] ?? '', tool: found[2] ?? '', arguments: input } };
}

/** An MCP tool's name with what the agents do to characters that the model APIs refuse. */
export function mcpName(prefix: string, separator: string, server: string, tool: string): string {
  const name = `${prefix}${server}${separator}${tool}`.replace(/[^a-zA-Z0-9_-]/g, '_');
  return name.length <= 63 ? name : `${name.slice(0, 28)}___${name.slice(-32)}`;
}

/** A path argument, absolute where the session's directory is known. */
function pathOf(value: unknown, cwd: string | undefined): string | undefined {
  const path = asText(value);
  if (path === undefined || cwd === undefined || posix.isAbsolute(path) || win32.isAbsolute(path))
    return path;
  return (cwd.startsWith('/') ? posix : win32).join(cwd, path);
}

/** One native call; members without a value are left out. */
export function one(name: string, input: { [key: string]: JsonValue | undefined }): NativeCall[] {
  return [{ name, input: defined(input) as JsonObject }];
}
