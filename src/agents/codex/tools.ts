/** Codex's tools ⇄ canonical tools. */
import { posix, win32 } from 'node:path';
import { asArray, asBoolean, asNumber, asObject, asText } from '../../model/narrow.ts';
import type { JsonObject, JsonValue, NativeCall, PlanItem } from '../../model/session.ts';
import type { ExecuteInput, PatchChange, PatchInput, ToolCall } from '../../model/tools.ts';
import { editHunks, formatPatch, parsePatch, patchInCommand } from '../_shared/apply-patch.ts';
import { shellWord } from '../_shared/patch-steps.ts';
import type { ToolTable } from '../contract.ts';
import { writeResult } from './output.ts';

/** Names and arguments measured on 0.169.0, older tools (shell, local_shell, read_file, …) read in source. */
export const tools: ToolTable = { read: readTool, write: writeTool, writeResult };

/** Native call → canonical call; total. */
export function readTool(call: NativeCall, cwd?: string): ToolCall {
  const other: ToolCall = { tool: 'other', input: { name: call.name, input: call.input } };
  if (call.name === 'apply_patch' || call.name === 'applypatch')
    return readPatchTool(call.input, cwd) ?? other;
  const input = asObject(call.input);
  if (input === undefined) return other;
  const plain = call.name.slice(call.name.indexOf('.') + 1);
  return (
    readMcp(call.name, input) ?? readCommand(call.name, input, cwd) ?? readNamed(plain, input, cwd) ?? other
  );
}

function readPatchTool(input: JsonValue, cwd: string | undefined): ToolCall | undefined {
  const text =
    typeof input === 'string' ? input : (asText(asObject(input)?.input) ?? asText(asObject(input)?.patch));
  const patch = text === undefined ? undefined : parsePatch(text);
  return patch === undefined ? undefined : { tool: 'patch', input: absolutePatch(patch, cwd) };
}

/** Command tools: a plain command, or a patch in disguise. */
function readCommand(name: string, input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  const argv = asArray(input.command)?.filter((word) => typeof word === 'string');
  const command = commandOf(name, input, argv);
  if (command === undefined) return undefined;
  const folder = asText(input.workdir) ?? asText(input.working_directory);
  const where = folder === undefined ? cwd : absolute(folder, cwd);
  const direct = argv?.length === 2 && argv[0] === 'apply_patch' ? { text: String(argv[1]) } : undefined;
  const found: { text: string; cwd?: string } | undefined = direct ?? patchInCommand(command);
  if (found !== undefined) {
    const base = found.cwd !== undefined ? absolute(found.cwd, where) : where;
    const patch = parsePatch(found.text);
    if (patch !== undefined) return { tool: 'patch', input: absolutePatch(patch, base) };
  }
  const execute: ExecuteInput = { command };
  if (where !== undefined && where !== cwd) execute.cwd = where;
  const timeoutMs = asNumber(input.timeout_ms);
  if (timeoutMs !== undefined) execute.timeoutMs = timeoutMs;
  const background = asBoolean(input.background);
  if (background !== undefined) execute.background = background;
  const description = asText(input.description);
  if (description !== undefined) execute.description = description;
  return { tool: 'execute', input: execute };
}

function commandOf(name: string, input: JsonObject, argv: string[] | undefined): string | undefined {
  if (name === 'exec_command') return asText(input.cmd);
  if (name === 'shell_command') return asText(input.command);
  if (name !== 'shell' && name !== 'container.exec' && name !== 'local_shell') return undefined;
  return argv === undefined ? asText(input.command) : commandText(argv);
}

/** An argument list as one command line; a shell's own `-c` script as it is. */
function commandText(argv: string[]): string | undefined {
  const [program = '', flag = '', script] = argv;
  if (argv.length === 3 && script !== undefined && /(^|\/)(ba|z|da)?sh$/.test(program) && /^-l?c$/.test(flag))
    return script;
  return argv.length === 0 ? undefined : argv.map(shellWord).join(' ');
}

function readNamed(name: string, input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  switch (name) {
    case 'update_plan':
      return readPlan(input);
    case 'view_image': {
      const path = asText(input.path);
      return path === undefined ? undefined : { tool: 'read', input: { path: absolute(path, cwd) } };
    }
    case 'read_file': {
      const path = asText(input.file_path);
      if (path === undefined) return undefined;
      const [offset, limit] = [asNumber(input.offset), asNumber(input.limit)];
      return {
        tool: 'read',
        input: {
          path: absolute(path, cwd),
          ...(offset === undefined ? {} : { offset }),
          ...(limit === undefined ? {} : { limit }),
        },
      };
    }
    case 'list_dir': {
      const path = asText(input.dir_path);
      return path === undefined ? undefined : { tool: 'list', input: { path: absolute(path, cwd) } };
    }
    case 'grep_files': {
      const [pattern, path, glob] = [asText(input.pattern), asText(input.path), asText(input.include)];
      if (pattern === undefined) return undefined;
      return {
        tool: 'grep',
        input: {
          pattern,
          ...(path === undefined ? {} : { path: absolute(path, cwd) }),
          ...(glob === undefined ? {} : { glob }),
        },
      };
    }
    case 'web_search': {
      const query = asText(input.query) ?? asText(asArray(input.queries)?.[0]);
      if (query !== undefined) return { tool: 'web_search', input: { query } };
      const url = input.type === 'open_page' ? asText(input.url) : undefined;
      return url === undefined ? undefined : { tool: 'web_fetch', input: { url } };
    }
    case 'spawn_agent': {
      const prompt = asText(input.message);
      if (prompt === undefined) return undefined;
      const agentType = asText(input.agent_type);
      return { tool: 'task', input: { prompt, ...(agentType === undefined ? {} : { agentType }) } };
    }
    default:
      return undefined;
  }
}

/** `mcp__server__tool`, or with the namespace apart (0.169.0): `mcp__server.tool`. */
function readMcp(name: string, input: JsonObject): ToolCall | undefined {
  const [, server, tool] = /^mcp__(.+?)(?:__|\.)(.+)$/s.exec(name) ?? [];
  if (server === undefined || tool === undefined) return undefined;
  return { tool: 'mcp', input: { server, tool, arguments: input } };
}

function readPlan(input: JsonObject): ToolCall | undefined {
  const items: PlanItem[] = [];
  for (const step of asArray(input.plan) ?? [undefined]) {
    const item = asObject(step);
    const [text, status] = [asText(item?.step), item?.status];
    if (text === undefined) return undefined;
    if (status !== 'pending' && status !== 'in_progress' && status !== 'completed') return undefined;
    items.push({ text, status });
  }
  const explanation = asText(input.explanation);
  return { tool: 'plan', input: { items, ...(explanation === undefined ? {} : { explanation }) } };
}

/**
 * Codex has a shell, a patch tool, a plan and MCP tools. Everything else keeps its source's name and input (undefined):
 * Codex resumes with calls to tools that it does not have, and the way back is exact.
 */
export function writeTool(call: ToolCall, cwd?: string): NativeCall[] | undefined {
  switch (call.tool) {
    case 'execute':
      return [{ name: 'exec_command', input: writeExecute(call.input) }];
    case 'write': {
      // `Add File` overwrites (read in source), as a write does
      const { path, content } = call.input;
      return writePatch({ changes: [{ change: 'add', path, content }] }, cwd);
    }
    case 'edit': {
      const hunks = editHunks(call.input.edits);
      if (hunks === undefined) return undefined;
      return writePatch({ changes: [{ change: 'update', path: call.input.path, hunks }] }, cwd);
    }
    case 'patch':
      return writePatch(call.input, cwd);
    case 'plan': {
      const { items, explanation } = call.input;
      if (items.some((item) => item.status === 'cancelled' || item.text === '')) return undefined;
      const plan = items.map(({ text, status }) => ({ step: text, status }));
      return [{ name: 'update_plan', input: explanation ? { explanation, plan } : { plan } }];
    }
    case 'mcp': {
      const { server, tool, arguments: input } = call.input;
      // the flat name of older versions: a namespace would have to be one that the resumed Codex offers
      const name = `mcp__${server}__${tool}`;
      const back = readMcp(name, input);
      return back?.tool === 'mcp' && back.input.server === server ? [{ name, input }] : undefined;
    }
    default:
      return undefined;
  }
}

/** exec_command has no timeout, background or description: extra arguments keep them (Codex ignores unknown ones). */
function writeExecute(input: ExecuteInput): JsonObject {
  return {
    cmd: input.command,
    ...(input.cwd === undefined ? {} : { workdir: input.cwd }),
    ...(input.timeoutMs === undefined ? {} : { timeout_ms: input.timeoutMs }),
    ...(input.background === undefined ? {} : { background: input.background }),
    ...(input.description === undefined ? {} : { description: input.description }),
  };
}

function writePatch(patch: PatchInput, cwd: string | undefined): NativeCall[] | undefined {
  const text = formatPatch(mapPaths(patch, (path) => relative(path, cwd)));
  return text === undefined ? undefined : [{ name: 'apply_patch', input: text }];
}

function absolutePatch(patch: PatchInput, cwd: string | undefined): PatchInput {
  return mapPaths(patch, (path) => absolute(path, cwd));
}

function mapPaths(patch: PatchInput, map: (path: string) => string): PatchInput {
  const changes = patch.changes.map((change): PatchChange => {
    if (change.change !== 'update' || change.moveTo === undefined)
      return { ...change, path: map(change.path) };
    return { ...change, path: map(change.path), moveTo: map(change.moveTo) };
  });
  return { changes };
}

/** A path of the session's own platform, whichever this one is. */
function pathOf(cwd: string) {
  return /^[A-Za-z]:[\\/]|^\\\\/.test(cwd) ? win32 : posix;
}

function absolute(path: string, cwd: string | undefined): string {
  return cwd === undefined ? path : pathOf(cwd).resolve(cwd, path);
}

/** Relative where the path lies below the directory (what Codex asks its model for), else as it is. */
function relative(path: string, cwd: string | undefined): string {
  if (cwd === undefined) return path;
  const { relative: from, isAbsolute, resolve } = pathOf(cwd);
  if (!isAbsolute(path) || !isAbsolute(cwd)) return path;
  const short = from(cwd, path);
  return short === '' || short.startsWith('..') || isAbsolute(short) || resolve(cwd, short) !== path
    ? path
    : short;
}
