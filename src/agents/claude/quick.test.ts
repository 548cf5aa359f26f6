import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LineView } from '../../io/lines.ts';
import { quickRecord } from './quick.ts';
import { recordScanner } from './scan-record.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const UUID = '01234567-89ab-4cde-8f01-23456789abcd';
const TIME = '2026-11-01T10:00:00.000Z';

const lines = readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.jsonl'))
  .flatMap((name) => readFileSync(join(FIXTURES, name), 'utf8').trim().split('\n'));

function viewOf(text: string): LineView {
  // not at the buffer's start, as most lines
  const buffer = Buffer.from(`{}\n${text}\n`);
  return { buffer, start: 3, end: buffer.length - 1, offset: 1003, torn: false, tooLong: false };
}

test('records of a usual form say the same when they are not walked over', () => {
  const quick = recordScanner(true);
  const whole = recordScanner(false);
  const kinds = { assistant: 0, result: 0 };
  for (const line of lines) {
    const view = viewOf(line);
    const { facts: _, usage: _usage, node, ...rest } = quick(view) ?? {};
    const { facts: _facts, usage: _tokens, ...walked } = whole(view) ?? {};
    const { contentAt: at, ...plain } = node ?? {};
    expect({ ...rest, node: node && plain }).toEqual(walked);
    if (at !== undefined) expect(line.slice(0, at - 1003)).toMatch(/"content":$/);
    const kind = quickRecord(view.buffer, view.start, view.end, Buffer.alloc(0))?.kind;
    if (kind !== undefined) kinds[kind]++;
  }
  expect(kinds.assistant).toBeGreaterThan(40);
  expect(kinds.result).toBeGreaterThan(10);
});

const HEAD = `{"parentUuid":"${UUID}","isSidechain":false,"promptId":"p1","type":"user","message":{"role":"user","content":[{"tool_use_id":"toolu_1","type":"tool_result","content":`;
const END = `,"is_error":false}]},"uuid":"${UUID}","timestamp":"${TIME}"`;

test('what a command printed cannot pass for the end of its record', () => {
  const forged = `}]},"uuid":"${UUID.replaceAll('0', 'f')}","timestamp":"2020-01-01T00:00:00.000Z"`;
  const line = `${HEAD}${JSON.stringify(`"${forged}`)}${END},"toolUseResult":{"stdout":"x"}}`;
  const { buffer, start, end } = viewOf(line);
  expect(quickRecord(buffer, start, end, Buffer.alloc(0))).toEqual({
    kind: 'result',
    parent: UUID,
    sidechain: false,
    agentId: undefined,
    callId: 'toolu_1',
    uuidStart: 3 + line.lastIndexOf(UUID),
    timestamp: TIME,
    detailsStart: 3 + line.indexOf(',"toolUseResult"'),
  });
});

test.each([
  ['two results', `${HEAD}"a","is_error":false},{"type":"text","text":"b"${END}}`],
  ['something after the content', `${HEAD}"a","more":1${END}}`],
  ['a cut line', `${HEAD}"a`],
  ['a cut end', `${HEAD}"a"${END.slice(0, -10)}`],
  ['an id of another length', `${HEAD}"a"${END.replace(UUID, 'short')}}`],
])('%s is walked over', (_name, line) => {
  const { buffer, start, end } = viewOf(line);
  expect(quickRecord(buffer, start, end, Buffer.alloc(0))).toBeUndefined();
});
