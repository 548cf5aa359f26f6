/** The file tools of pi, which OpenClaw has too ⇄ canonical tools. Read in pi 0.87.1 (`dist/core/tools`), seen in samples of both. */
import { asArray, asBoolean, asNumber, asObject, asString } from '../../model/narrow.ts';
import type { JsonObject, NativeCall } from '../../model/session.ts';
import type { Replacement, ToolCall } from '../../model/tools.ts';
import { absolutePath, lean, oneCall } from './tool-values.ts';

/** The canonical call of a file tool; undefined for other tools and for input that cannot be one. */
export function readFileTool(name: string, input: JsonObject, cwd: string | undefined): ToolCall | undefined {
  const path = absolutePath(input.path, cwd);
  switch (name) {
    case 'read':
      if (path === undefined) return undefined;
      return {
        tool: 'read',
        input: { path, ...lean({ offset: asNumber(input.offset), limit: asNumber(input.limit) }) },
      };
    case 'write': {
      const content = asString(input.content);
      if (path === undefined || content === undefined) return undefined;
      return { tool: 'write', input: { path, content } };
    }
    case 'edit': {
      const edits = replacements(input);
      return path === undefined || edits === undefined ? undefined : { tool: 'edit', input: { path, edits } };
    }
    case 'ls':
      return { tool: 'list', input: { path: path ?? cwd ?? '.' } };
    case 'find': {
      const pattern = asString(input.pattern);
      return pattern === undefined ? undefined : { tool: 'glob', input: { pattern, ...lean({ path }) } };
    }
    case 'grep': {
      const pattern = asString(input.pattern);
      if (pattern === undefined) return undefined;
      const glob = asString(input.glob);
      const ignoreCase = asBoolean(input.ignoreCase);
      return { tool: 'grep', input: { pattern, ...lean({ path, glob, ignoreCase }) } };
    }
    default:
      return undefined;
  }
}

/** `edits`, or the single `oldText` and `newText` of early versions. */
function replacements(input: JsonObject): Replacement[] | undefined {
  const edits: Replacement[] = [];
  for (const item of asArray(input.edits) ?? [input]) {
    const edit = asObject(item);
    const oldText = asString(edit?.oldText);
    const newText = asString(edit?.newText);
    if (oldText === undefined || newText === undefined) return undefined;
    edits.push({ oldText, newText });
  }
  return edits;
}

/** The native call of a canonical file tool; undefined for other tools. */
export function writeFileTool(call: ToolCall): NativeCall[] | undefined {
  switch (call.tool) {
    case 'read': {
      const { path, offset, limit } = call.input;
      return oneCall('read', { path, ...lean({ offset, limit }) });
    }
    case 'write':
      return oneCall('write', { path: call.input.path, content: call.input.content });
    case 'edit': {
      const edits = call.input.edits.map(({ oldText, newText }) => ({ oldText, newText }));
      return oneCall('edit', { path: call.input.path, edits });
    }
    case 'list':
      return oneCall('ls', { path: call.input.path });
    case 'glob':
      return oneCall('find', { pattern: call.input.pattern, ...lean({ path: call.input.path }) });
    case 'grep': {
      const { pattern, path, glob, ignoreCase } = call.input;
      return oneCall('grep', { pattern, ...lean({ path, glob, ignoreCase }) });
    }
    default:
      return undefined;
  }
}
