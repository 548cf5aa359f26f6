import { expect, test } from 'vitest';
import type { Entry, Part } from '../../model/session.ts';
import { answers } from './answers.ts';

const text = (said: string): Part => ({ type: 'text', text: said });
const why: Part = { type: 'reasoning', text: 'why' };
const call = (callId: string): Part => ({
  type: 'tool_call',
  callId,
  native: { name: 'n', input: {} },
  tool: 'other',
  input: { name: 'n', input: {} },
});
const entry = (id: string, role: 'user' | 'assistant', ...parts: Part[]): Entry => ({
  id,
  parentId: null,
  evidence: [],
  type: 'message',
  role,
  origin: 'agent',
  parts,
});

test('calls stand together, texts apart, users between', () => {
  const entries = [
    entry('1', 'assistant', why),
    entry('2', 'assistant', text('a'), text('b')),
    entry('3', 'assistant', call('x')),
    entry('4', 'assistant', call('y')),
    entry('5', 'user', text('u')),
    entry('6', 'assistant', text('c')),
    entry('7', 'assistant', why, text('d')),
  ];
  const grouped = [...answers(entries)].map((item) =>
    item.type === 'answer' ? [item.entry.id, item.ids, item.parts] : item.id,
  );
  expect(grouped).toEqual([
    ['1', ['1', '2'], [why, text('a')]],
    ['2', ['2', '3', '4'], [text('b'), call('x'), call('y')]],
    '5',
    ['6', ['6'], [text('c')]],
    ['7', ['7'], [why, text('d')]],
  ]);
});
