/** Gemini CLI's tools ⇄ canonical tools. Names and arguments as 0.61.0 offers them to the model. */
import type { NativeCall } from '../../model/session.ts';
import type { ToolCall } from '../../model/tools.ts';
import { wrapResult } from '../_shared/gemini-results.ts';
import { wrapUntrusted } from '../_shared/gemini-shell.ts';
import { mcpName, one, readSharedTool } from '../_shared/gemini-tools.ts';
import { patchSteps } from '../_shared/patch-steps.ts';
import type { ToolTable } from '../contract.ts';

export const tools: ToolTable = {
  read: readSharedTool,
  write: writeTool,
  writeResult: (call, result) =>
    wrapResult(call, result, (text, exitCode) =>
      wrapUntrusted(exitCode === 0 ? `Output: ${text}` : `Output: ${text}\nExit Code: ${exitCode}`),
    ),
};

function writeTool(call: ToolCall): NativeCall[] | undefined {
  switch (call.tool) {
    case 'execute': {
      const { command, description, cwd, background } = call.input;
      return one('run_shell_command', { command, description, dir_path: cwd, is_background: background });
    }
    case 'read': {
      const { path, offset, limit } = call.input;
      const end_line = limit === undefined ? undefined : (offset ?? 1) + limit - 1;
      return one('read_file', { file_path: path, start_line: offset, end_line });
    }
    case 'write':
      return one('write_file', { file_path: call.input.path, content: call.input.content });
    case 'edit':
      return call.input.edits.flatMap(({ oldText, newText, replaceAll }) =>
        one('replace', {
          file_path: call.input.path,
          instruction: 'Replace the given text.',
          old_string: oldText,
          new_string: newText,
          allow_multiple: replaceAll,
        }),
      );
    case 'patch':
      return patchSteps(call.input).flatMap((step) => writeTool(step) ?? []);
    case 'list':
      return one('list_directory', { dir_path: call.input.path });
    case 'glob':
      return one('glob', { pattern: call.input.pattern, dir_path: call.input.path });
    case 'grep': {
      const { pattern, path, glob } = call.input;
      return one('grep_search', { pattern, dir_path: path, include_pattern: glob });
    }
    case 'web_fetch': {
      const { url, prompt } = call.input;
      const told = prompt === undefined ? url : prompt.includes(url) ? prompt : `${prompt} ${url}`;
      return one('web_fetch', { prompt: told });
    }
    case 'web_search':
      return one('google_web_search', { query: call.input.query });
    case 'task': {
      const { prompt, agentType } = call.input;
      return one('invoke_agent', { agent_name: agentType ?? 'generalist', prompt });
    }
    case 'plan':
      return one('write_todos', {
        todos: call.input.items.map(({ text, status }) => ({ description: text, status })),
      });
    case 'mcp':
      return one(mcpName('mcp_', '_', call.input.server, call.input.tool), call.input.arguments);
    case 'other':
      return undefined;
  }
}
