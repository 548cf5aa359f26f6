import { expect, test } from 'vitest';
import type { Entry, Part } from '../../model/session.ts';
import { keptEntries, turns } from './turns.ts';

const text = (said: string): Part => ({ type: 'text', text: said });
const call = (callId: string): Part => ({
  type: 'tool_call',
  callId,
  native: { name: 'n', input: {} },
  tool: 'other',
  input: { name: 'n', input: {} },
});
const result = (callId: string): Part => ({ type: 'tool_result', callId, status: 'ok', content: [] });
const base = (id: string) => ({ id, parentId: null, evidence: [] });
const message = (id: string, role: 'user' | 'assistant', ...parts: Part[]): Entry => ({
  ...base(id),
  type: 'message',
  role,
  origin: 'agent',
  parts,
});
const compaction = (id: string, ...keeps: string[]): Entry => ({
  ...base(id),
  type: 'compaction',
  summary: 's',
  keeps,
});

function joined(entries: Entry[]): unknown[] {
  return [...turns(entries, keptEntries(entries))].map((entry) =>
    entry.type === 'message' ? [entry.id, entry.parts] : entry.id,
  );
}

test('answers and results are joined, prompts and results are not', () => {
  const entries = [
    message('1', 'user', text('a')),
    message('2', 'user', text('b')),
    message('3', 'assistant', text('c')),
    message('4', 'assistant', text('d')),
    message('5', 'assistant', call('x'), call('y')),
    message('6', 'user', result('x')),
    message('7', 'user', result('y')),
    message('8', 'user', text('e')),
    message('9', 'assistant', text('f')),
  ];
  expect(joined(entries)).toEqual([
    ['1', [text('a')]],
    ['2', [text('b')]],
    ['3', [text('c'), text('d'), call('x'), call('y')]],
    ['6', [result('x'), result('y')]],
    ['8', [text('e')]],
    ['9', [text('f')]],
  ]);
});

test('what not the same compactions keep stays apart', () => {
  const entries = [
    message('1', 'assistant', text('a')),
    message('2', 'assistant', text('b')),
    message('3', 'assistant', text('c')),
    compaction('4', '2', '3'),
    compaction('5', '3'),
    message('6', 'assistant', text('d')),
    message('7', 'assistant', text('e')),
  ];
  expect(joined(entries)).toEqual([
    ['1', [text('a')]],
    ['2', [text('b')]],
    ['3', [text('c')]],
    '4',
    '5',
    ['6', [text('d'), text('e')]],
  ]);
});
