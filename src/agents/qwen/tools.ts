/** Qwen Code's tools ⇄ canonical tools. Names and arguments as 0.15.10 and 0.24.4 offer them to the model. */
import type { NativeCall } from '../../model/session.ts';
import type { ToolCall } from '../../model/tools.ts';
import { wrapResult } from '../_shared/gemini-results.ts';
import { mcpName, one, readSharedTool } from '../_shared/gemini-tools.ts';
import { patchSteps } from '../_shared/patch-steps.ts';
import type { ToolTable } from '../contract.ts';

export const tools: ToolTable = {
  read: readSharedTool,
  write: writeTool,
  writeResult: (call, result) => wrapResult(call, result, commandReport),
};

function commandReport(text: string, exitCode: number, command: string): string {
  return [
    `Command: ${command}`,
    'Directory: (root)',
    `Output: ${text}`,
    'Error: (none)',
    `Exit Code: ${exitCode}`,
    'Signal: (none)',
    'Process Group PGID: (none)',
  ].join('\n');
}

function writeTool(call: ToolCall): NativeCall[] | undefined {
  switch (call.tool) {
    case 'execute': {
      const { command, cwd, timeoutMs, background, description } = call.input;
      return one('run_shell_command', {
        command,
        is_background: background,
        timeout: timeoutMs,
        description,
        directory: cwd,
      });
    }
    case 'read': {
      const { path, offset, limit } = call.input;
      return one('read_file', {
        file_path: path,
        offset: offset === undefined ? undefined : Math.max(0, offset - 1),
        limit,
      });
    }
    case 'write':
      return one('write_file', { file_path: call.input.path, content: call.input.content });
    case 'edit':
      return call.input.edits.flatMap(({ oldText, newText, replaceAll }) =>
        one('edit', {
          file_path: call.input.path,
          old_string: oldText,
          new_string: newText,
          replace_all: replaceAll,
        }),
      );
    case 'patch':
      return patchSteps(call.input).flatMap((step) => writeTool(step) ?? []);
    case 'list':
      return one('list_directory', { path: call.input.path });
    case 'glob':
      return one('glob', { pattern: call.input.pattern, path: call.input.path });
    case 'grep': {
      const { pattern, path, glob } = call.input;
      return one('grep_search', { pattern, path, glob });
    }
    case 'web_fetch': {
      const { url, prompt } = call.input;
      return one('web_fetch', { url, prompt: prompt ?? 'Show the content of the page.' });
    }
    case 'web_search':
      return one('web_search', { query: call.input.query });
    case 'task': {
      const { prompt, description, agentType } = call.input;
      return one('agent', { description: description ?? 'Task', prompt, subagent_type: agentType });
    }
    case 'plan':
      return one('todo_write', {
        todos: call.input.items.map(({ text, status }, n) => ({
          id: String(n + 1),
          content: text,
          status: status === 'cancelled' ? 'completed' : status,
        })),
      });
    case 'mcp':
      return one(mcpName('mcp__', '__', call.input.server, call.input.tool), call.input.arguments);
    case 'other':
      return undefined;
  }
}
