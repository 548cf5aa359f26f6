/** One tool call as one line. */
import type { ToolCallPart } from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';

const MAX = 160;

/** `$ npm test`, `edit src/a.ts (2 replacements)`: what a call does, by its canonical form. */
export function callLine(call: ToolCallPart): string {
  return oneLine(describe(call), MAX);
}

function describe(call: ToolCallPart): string {
  switch (call.tool) {
    case 'execute':
      return `$ ${call.input.command}`;
    case 'read':
    case 'list':
      return `${call.tool} ${call.input.path}`;
    case 'write':
      return `write ${call.input.path} (${count(call.input.content.split('\n').length, 'line')})`;
    case 'edit':
      return `edit ${call.input.path} (${count(call.input.edits.length, 'replacement')})`;
    case 'patch':
      return `patch ${call.input.changes.map((change) => `${change.change} ${change.path}`).join(', ')}`;
    case 'glob':
      return `glob ${call.input.pattern}${inPath(call.input.path)}`;
    case 'grep':
      return `grep ${call.input.pattern}${inPath(call.input.path)}`;
    case 'web_fetch':
      return `fetch ${call.input.url}`;
    case 'web_search':
      return `search the web: ${call.input.query}`;
    case 'task':
      return `subagent: ${call.input.description ?? call.input.prompt}`;
    case 'plan':
      return `plan: ${call.input.items.map((item) => `${mark(item.status)} ${item.text}`).join('; ')}`;
    case 'mcp':
      return `${call.input.server}/${call.input.tool} ${JSON.stringify(call.input.arguments)}`;
    case 'other':
      return `${call.input.name} ${JSON.stringify(call.input.input)}`;
  }
}

/** The sign of a plan step's state. */
export function mark(status: string): string {
  if (status === 'completed') return '[x]';
  if (status === 'in_progress') return '[>]';
  return status === 'cancelled' ? '[-]' : '[ ]';
}

function inPath(path: string | undefined): string {
  return path === undefined ? '' : ` in ${path}`;
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
