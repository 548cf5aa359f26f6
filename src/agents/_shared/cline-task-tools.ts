/**
 * Tools of the Cline extension up to 3.x and of what came from it → canonical tools. They are only read. Names and parameters:
 * public source of 2024 to 2026; no sample of a real session.
 */
import { asObject, asString, parseObject } from '../../model/narrow.ts';
import type { JsonObject, JsonValue, PlanItem } from '../../model/session.ts';
import type { Replacement, ToolCall } from '../../model/tools.ts';
import { absolutePath, lean } from './tool-values.ts';

/** The canonical call; undefined for other tools and for input that cannot be one. */
export function readTaskTool(name: string, input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  const path = absolutePath(input.path, cwd);
  switch (name) {
    case 'execute_command': {
      const command = asString(input.command);
      return command === undefined ? undefined : { tool: 'execute', input: { command } };
    }
    case 'read_file':
      return path === undefined ? undefined : { tool: 'read', input: { path } };
    case 'write_to_file': {
      const content = asString(input.content);
      return path === undefined || content === undefined
        ? undefined
        : { tool: 'write', input: { path, content } };
    }
    case 'replace_in_file': {
      const edits = searchReplace(asString(input.diff) ?? '');
      return path === undefined || edits.length === 0 ? undefined : { tool: 'edit', input: { path, edits } };
    }
    case 'list_files':
      return path === undefined ? undefined : { tool: 'list', input: { path } };
    case 'search_files': {
      const pattern = asString(input.regex);
      const glob = asString(input.file_pattern);
      return pattern === undefined
        ? undefined
        : { tool: 'grep', input: { pattern, ...lean({ path, glob }) } };
    }
    case 'use_mcp_tool': {
      const server = asString(input.server_name);
      const tool = asString(input.tool_name);
      const args = objectOrText(input.arguments);
      return server === undefined || tool === undefined
        ? undefined
        : { tool: 'mcp', input: { server, tool, arguments: args } };
    }
    case 'web_fetch': {
      const url = asString(input.url);
      const prompt = asString(input.prompt);
      return url === undefined ? undefined : { tool: 'web_fetch', input: { url, ...lean({ prompt }) } };
    }
    case 'focus_chain':
    case 'update_todo_list':
      return planCall(asString(input.task_progress) ?? asString(input.todos));
    default:
      return undefined;
  }
}

function objectOrText(value: JsonValue | undefined): JsonObject {
  return asObject(value) ?? parseObject(asString(value) ?? '') ?? {};
}

const BLOCK = /^[-<]{3,} ?SEARCH>?\n([\s\S]*?)\n?^={3,}\n([\s\S]*?)\n?^[+>]{3,} ?REPLACE>?$/gm;

/** Blocks of `SEARCH`, a line of `=`, and `REPLACE`. */
function searchReplace(diff: string): Replacement[] {
  return [...diff.matchAll(BLOCK)].map(([, oldText = '', newText = '']) => ({ oldText, newText }));
}

function planCall(checklist: string | undefined): ToolCall | undefined {
  const items = (checklist ?? '').split('\n').flatMap((line): PlanItem[] => {
    const [, mark, text] = /^\s*(?:[-*] )?\[([ xX-])\] (.*)$/.exec(line) ?? [];
    if (mark === undefined || text === undefined) return [];
    return [{ text, status: mark === ' ' ? 'pending' : mark === '-' ? 'in_progress' : 'completed' }];
  });
  return items.length === 0 ? undefined : { tool: 'plan', input: { items } };
}
