/**
 * Canonical tools: one typed vocabulary that every agent's tools map to and from.
 * Kinds follow the Agent Client Protocol.
 */
import type { JsonObject, JsonValue, PlanItem } from './session.ts';

/** Run a shell command. */
export interface ExecuteInput {
  command: string;
  /** Directory, when it is not the session's. */
  cwd?: string;
  timeoutMs?: number;
  background?: boolean;
  description?: string;
}

/** Read a file; `offset` is the first line (1-based), `limit` a number of lines. */
export interface ReadInput {
  path: string;
  offset?: number;
  limit?: number;
}

/** Write a whole file. */
export interface WriteInput {
  path: string;
  content: string;
}

/** One replacement in a file. */
export interface Replacement {
  oldText: string;
  newText: string;
  replaceAll?: boolean;
}

/** Replace text in one file. */
export interface EditInput {
  path: string;
  edits: Replacement[];
}

/** One file of a patch. A hunk's lines start with ` `, `-` or `+`, as in a unified diff without line numbers. */
export type PatchChange =
  | { change: 'add'; path: string; content: string }
  | { change: 'delete'; path: string }
  | { change: 'update'; path: string; moveTo?: string; hunks: PatchHunk[] };

/** `context` is the line after `@@`, where one was given. */
export interface PatchHunk {
  context?: string;
  lines: string[];
}

/** Change several files at once. */
export interface PatchInput {
  changes: PatchChange[];
}

/** List a directory. */
export interface ListInput {
  path: string;
}

/** Find files by name pattern. */
export interface GlobInput {
  pattern: string;
  path?: string;
}

/** Search file contents. */
export interface GrepInput {
  pattern: string;
  path?: string;
  /** Only files that match this name pattern. */
  glob?: string;
  ignoreCase?: boolean;
}

/** Fetch a page; `prompt` is what to extract from it. */
export interface WebFetchInput {
  url: string;
  prompt?: string;
}

/** Search the web. */
export interface WebSearchInput {
  query: string;
}

/** Start a subagent. */
export interface TaskInput {
  prompt: string;
  description?: string;
  agentType?: string;
}

/** Set the plan (todo list). */
export interface PlanInput {
  items: PlanItem[];
  explanation?: string;
}

/** Call a tool of an MCP server. */
export interface McpInput {
  server: string;
  tool: string;
  arguments: JsonObject;
}

/** A tool with no canonical form. */
export interface OtherInput {
  name: string;
  input: JsonValue;
}

export type ToolCall =
  | { tool: 'execute'; input: ExecuteInput }
  | { tool: 'read'; input: ReadInput }
  | { tool: 'write'; input: WriteInput }
  | { tool: 'edit'; input: EditInput }
  | { tool: 'patch'; input: PatchInput }
  | { tool: 'list'; input: ListInput }
  | { tool: 'glob'; input: GlobInput }
  | { tool: 'grep'; input: GrepInput }
  | { tool: 'web_fetch'; input: WebFetchInput }
  | { tool: 'web_search'; input: WebSearchInput }
  | { tool: 'task'; input: TaskInput }
  | { tool: 'plan'; input: PlanInput }
  | { tool: 'mcp'; input: McpInput }
  | { tool: 'other'; input: OtherInput };

export type ToolName = ToolCall['tool'];

/** Agent Client Protocol kinds. */
export type ToolKind =
  | 'read'
  | 'edit'
  | 'delete'
  | 'move'
  | 'search'
  | 'execute'
  | 'think'
  | 'fetch'
  | 'other';

const kinds: Record<ToolName, ToolKind> = {
  execute: 'execute',
  read: 'read',
  write: 'edit',
  edit: 'edit',
  patch: 'edit',
  list: 'search',
  glob: 'search',
  grep: 'search',
  web_fetch: 'fetch',
  web_search: 'fetch',
  task: 'think',
  plan: 'think',
  mcp: 'other',
  other: 'other',
};

/** The Agent Client Protocol kind of a canonical tool. */
export function toolKind(tool: ToolName): ToolKind {
  return kinds[tool];
}
