import { expect, test } from 'vitest';
import type { ToolCall } from '../../src/model/tools.ts';
import { meaning } from './meaning.ts';

const edit: ToolCall = {
  tool: 'edit',
  input: { path: '/p/a.js', edits: [{ oldText: 'one\ntwo\nthree', newText: 'one\n2\nthree' }] },
};
const patch: ToolCall = {
  tool: 'patch',
  input: {
    changes: [
      { change: 'update', path: 'a.js', hunks: [{ lines: [' one', '-two', '+2', ' three'] }] },
      { change: 'add', path: 'b.js', content: 'x\n' },
      { change: 'delete', path: 'c.js' },
    ],
  },
};
const write: ToolCall = { tool: 'write', input: { path: '/p/b.js', content: 'x' } };
const run = (command: string, description?: string): ToolCall => ({
  tool: 'execute',
  input: { command, description },
});

test('an edit, and the same change in a patch, mean the same; context does not count', () => {
  expect(meaning(patch, '/p').slice(0, 2)).toEqual([...meaning(edit, '/p'), ...meaning(write, '/p')]);
  expect(meaning(patch, '/p')).toHaveLength(3);
});

test('a description does not change what a command means, a command does', () => {
  expect(meaning(run('ls', 'List'), '/p')).toEqual(meaning(run('ls'), '/p'));
  expect(meaning(run('ls -a'), '/p')).not.toEqual(meaning(run('ls'), '/p'));
});

test('changes to other files, and other changes, mean something else', () => {
  const other: ToolCall = {
    tool: 'edit',
    input: { path: '/p/b.js', edits: [{ oldText: 'two', newText: '2' }] },
  };
  const three: ToolCall = {
    tool: 'edit',
    input: { path: '/p/a.js', edits: [{ oldText: 'two', newText: '3' }] },
  };
  expect(new Set([edit, other, three].flatMap((call) => meaning(call, '/p'))).size).toBe(3);
});

test('a tool without canonical form is known by its acceptable name and its input', () => {
  const named = (name: string, input: Record<string, string>): string[] =>
    meaning({ tool: 'other', input: { name, input } }, '/p');
  expect(named('mcp.do it', { a: 'x' })).toEqual(named('mcp_do_it', { a: 'x' }));
  expect(named('mcp.do it', { a: 'x' })).not.toEqual(named('mcp.do it', { a: 'y' }));
});
