import { expect, test } from 'vitest';
import { commandIn, patchSteps } from './patch-steps.ts';

test('a patch becomes writes, edits and shell commands in its order', () => {
  const steps = patchSteps({
    changes: [
      { change: 'add', path: 'a.txt', content: 'one\n' },
      {
        change: 'update',
        path: 'b c.txt',
        moveTo: "d'.txt",
        hunks: [{ context: 'f()', lines: [' keep', '-old', '+new', '+', ' end'] }],
      },
      { change: 'delete', path: 'e.txt' },
    ],
  });
  expect(steps).toEqual([
    { tool: 'write', input: { path: 'a.txt', content: 'one\n' } },
    {
      tool: 'edit',
      input: { path: 'b c.txt', edits: [{ oldText: 'keep\nold\nend', newText: 'keep\nnew\n\nend' }] },
    },
    { tool: 'execute', input: { command: "mv -- 'b c.txt' 'd'\\''.txt'" } },
    { tool: 'execute', input: { command: 'rm -- e.txt' } },
  ]);
});

test('a directory is put in front of a command', () => {
  expect(commandIn(undefined, 'ls')).toBe('ls');
  expect(commandIn('/a b', 'ls')).toBe("cd '/a b' && ls");
});
