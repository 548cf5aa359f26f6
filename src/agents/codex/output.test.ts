import { expect, test } from 'vitest';
import { isPlainOutput } from './output.ts';

function record(payload: object, type = 'response_item'): Buffer {
  return Buffer.from(JSON.stringify({ timestamp: '2026-11-01T10:00:00.000Z', ordinal: 7, type, payload }));
}

const output = (text: string): Buffer =>
  record({ type: 'function_call_output', call_id: 'call_1', output: text });

test.each([
  ['exec_command', output('Chunk ID: a1\nWall time: 0.1 seconds\nProcess exited with code 0\nOutput:\nok')],
  ['shell', output('Exit code: 0\nWall time: 0.1 seconds\nOutput:\nok')],
  [
    'a list of items',
    record({
      type: 'custom_tool_call_output',
      call_id: 'call_1',
      output: [{ type: 'input_text', text: 'Exit code: 0\nWall time: 0 seconds\nOutput:\nok' }],
    }),
  ],
])('an output that succeeded: %s', (_name, bytes) => {
  expect(isPlainOutput(bytes, false)).toBe(true);
});

test.each([
  ['failed', output('Wall time: 0.1 seconds\nProcess exited with code 1\nOutput:\nExit code: 0\n')],
  [
    'failed inside',
    output('Wall time: 0 seconds\nProcess exited with code 0\nOutput:\nExit code: 1\nOutput:\n'),
  ],
  ['nothing said', output('Wall time: 0.1 seconds\nOutput:\nok')],
])('an output of which that is not known: %s', (_name, bytes) => {
  expect(isPlainOutput(bytes, false)).toBe(false);
  expect(isPlainOutput(bytes, true)).toBe(true);
});

test('a message that quotes an output is none', () => {
  const text = '"type":"function_call_output","output":"Exit code: 0\\n';
  const said = record({ type: 'message', role: 'user', content: [{ type: 'input_text', text }] });
  expect(isPlainOutput(said, true)).toBe(false);
});
