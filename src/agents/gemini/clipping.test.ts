import { expect, test } from 'vitest';
import { Clipper } from '../../io/clip.ts';
import { parseRecord } from './clipping.ts';

const LONG = `begin\n${'output of the command\n'.repeat(500)}end`;
const CLIPPING = { clip: 1 << 20, clipOutput: 600 };

function record(response: object, type = 'user', more: object[] = []): Buffer {
  const part = { functionResponse: { id: 'c1', name: 'run_shell_command', response } };
  const message = { id: 'm1', timestamp: '2026-11-01T10:00:00.000Z', type, content: [part, ...more] };
  return Buffer.from(JSON.stringify(message));
}

function length(bytes: Buffer, clipping: object = CLIPPING): number {
  return JSON.stringify(parseRecord(bytes, clipping, new Clipper())).length;
}

test.each([
  ['of a command', { output: `Output: ${LONG}\nProcess Group PGID: 7` }],
  ['of a command, with its exit code', { output: `Output: ${LONG}\nExit Code: 0\nSignal: (none)` }],
  ['of another tool', { output: LONG }],
])('a result %s is cut', (_name, response) => {
  expect(length(record(response))).toBeLessThan(1000);
});

test.each([
  ['that is an error', { error: LONG }],
  ['of a command that failed', { output: `Output: ${LONG}\nExit Code: 2\nProcess Group PGID: 7` }],
  ['of a command that was killed', { output: `Output: ${LONG}\nSignal: SIGKILL\nProcess Group PGID: 7` }],
])('a result %s is whole, unless only texts are wanted', (_name, response) => {
  const bytes = record(response);
  expect(length(bytes)).toBe(bytes.length);
  expect(length(bytes, { ...CLIPPING, textsOnly: true })).toBeLessThan(1000);
});

test('one failure among several results keeps all of them whole', () => {
  const failed = { functionResponse: { id: 'c2', name: 'read_file', response: { error: 'no such file' } } };
  const bytes = record({ output: LONG }, 'user', [failed]);
  expect(length(bytes)).toBe(bytes.length);
});

test('what was said is not cut, nor anything without a limit', () => {
  const said = Buffer.from(
    JSON.stringify({ id: 'm1', timestamp: 't', type: 'user', content: [{ text: LONG }] }),
  );
  expect(length(said)).toBe(said.length);
  expect(length(record({ output: LONG }, 'gemini'))).toBeGreaterThan(10_000);
  expect(length(record({ output: LONG }), {})).toBeGreaterThan(10_000);
});
