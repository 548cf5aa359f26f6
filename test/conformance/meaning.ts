/** What a canonical tool call does, independent of how an agent puts it: lines that are equal when calls mean the same. */
import { resolve } from 'node:path';
import { stable } from '../../src/model/compare.ts';
import type { PatchChange, Replacement, ToolCall } from '../../src/model/tools.ts';

/** One line for most calls; one line for each file of an edit or patch. Descriptions and time limits do not count. */
export function meaning(call: ToolCall, cwd: string): string[] {
  const at = (path: string): string => resolve(cwd, path);
  switch (call.tool) {
    case 'execute':
      return [line('execute', call.input.command.trim())];
    case 'read':
      return [line('read', at(call.input.path))];
    case 'write':
      return [line('write', at(call.input.path), call.input.content.trimEnd())];
    case 'edit':
      return [edited(at(call.input.path), call.input.edits)];
    case 'patch':
      return call.input.changes.map((change) => patched(change, at));
    case 'list':
      return [line('list', at(call.input.path))];
    case 'glob':
      return [line('glob', call.input.pattern)];
    case 'grep':
      return [line('grep', call.input.pattern)];
    case 'web_fetch':
      return [line('web_fetch', call.input.url)];
    case 'web_search':
      return [line('web_search', call.input.query)];
    case 'task':
      return [line('task', call.input.prompt)];
    case 'plan':
      return [line('plan', stable(call.input.items))];
    case 'mcp':
      return [line('mcp', call.input.server, call.input.tool, stable(call.input.arguments))];
    case 'other':
      return [line('other', plainName(call.input.name), stable(call.input.input))];
  }
}

/** A tool name as it may look after it was made acceptable for an API. */
export function plainName(name: string): string {
  return name.replace(/[^a-zA-Z0-9]+/g, '_').slice(0, 60);
}

function line(...words: string[]): string {
  return JSON.stringify(words);
}

function edited(path: string, edits: Replacement[]): string {
  const removed = edits.flatMap((edit) => edit.oldText.split('\n'));
  const added = edits.flatMap((edit) => edit.newText.split('\n'));
  return change(path, removed, added);
}

function patched(patch: PatchChange, at: (path: string) => string): string {
  const path = at(patch.path);
  if (patch.change === 'add') return line('write', path, patch.content.trimEnd());
  if (patch.change === 'delete') return line('delete', path);
  const lines = patch.hunks.flatMap((hunk) => hunk.lines);
  const of = (sign: string): string[] => lines.filter((l) => l.startsWith(sign)).map((l) => l.slice(1));
  return change(patch.moveTo === undefined ? path : `${path} → ${at(patch.moveTo)}`, of('-'), of('+'));
}

/** Lines that stand on both sides are context. */
function change(path: string, removed: string[], added: string[]): string {
  const kept = new Set(removed.filter((text) => added.includes(text)));
  const clean = (lines: string[]): string =>
    lines.filter((text) => !kept.has(text) && text !== '').join('\n');
  return line('edit', path, clean(removed), clean(added));
}
