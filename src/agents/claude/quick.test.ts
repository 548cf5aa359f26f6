import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Session } from '../../model/session.ts';
import { agent } from './index.ts';
import { quickRecord } from './quick.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const UUID = '01234567-89ab-4cde-8f01-23456789abcd';
const TIME = '2026-11-01T10:00:00.000Z';

function viewOf(text: string): { buffer: Buffer; start: number; end: number } {
  // not at the buffer's start, as most lines
  const buffer = Buffer.from(`{}\n${text}\n`);
  return { buffer, start: 3, end: buffer.length - 1 };
}

function quick(text: string, textsOnly = false): ReturnType<typeof quickRecord> {
  const { buffer, start, end } = viewOf(text);
  return quickRecord(buffer, start, end, Buffer.alloc(0), textsOnly);
}

/** Without what clipped reading may leave out. */
function told(session: Session): unknown {
  const { usage: _, ...info } = session.info;
  const entries = [...session.entries()].map((entry) => ({
    ...entry,
    usage: undefined,
    evidence: entry.evidence.map((each) => ({ ...each, crc32: undefined })),
  }));
  return { info, entries, branches: session.branches };
}

test.each(readdirSync(FIXTURES))('what is read quickly is what is read: %s', (scenario) => {
  const context = { env: { home: join(FIXTURES, scenario), vars: {}, platform: 'linux' as const } };
  for (const ref of agent.discover(context).refs)
    expect(told(agent.read(ref, context, { clip: 1 << 30 }))).toEqual(told(agent.read(ref, context)));
});

test('most records have a usual form', () => {
  const kinds = { assistant: 0, result: 0 };
  for (const name of readdirSync(FIXTURES, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.jsonl'))
      for (const line of readFileSync(join(FIXTURES, name), 'utf8').trim().split('\n')) {
        const kind = quick(line)?.kind;
        if (kind !== undefined) kinds[kind]++;
      }
  expect(kinds.assistant).toBeGreaterThan(40);
  expect(kinds.result).toBeGreaterThan(10);
});

const HEAD = `{"parentUuid":"${UUID}","isSidechain":false,"promptId":"p1","type":"user","message":{"role":"user","content":[{"tool_use_id":"toolu_1","type":"tool_result","content":`;
const END = `,"is_error":false}]},"uuid":"${UUID}","timestamp":"${TIME}"`;

test('what a command printed cannot pass for the end of its record', () => {
  const forged = `}]},"uuid":"${UUID.replaceAll('0', 'f')}","timestamp":"2020-01-01T00:00:00.000Z"`;
  const content = JSON.stringify(`"${forged}`);
  const line = `${HEAD}${content}${END},"toolUseResult":{"stdout":"x"}}`;
  expect(quick(line)).toEqual({
    kind: 'result',
    parent: UUID,
    sidechain: false,
    agentId: undefined,
    callId: 'toolu_1',
    contentStart: 3 + HEAD.length,
    contentEnd: 3 + HEAD.length + content.length,
    uuidStart: 3 + line.lastIndexOf(UUID),
    timestamp: TIME,
    outcome: { isError: false, details: { stdout: '' } },
  });
});

test.each([
  ['none', '', {}],
  ['of another tool', ',"toolUseResult":{"filePath":"a","interrupted":false}', {}],
  [
    'of a command',
    ',"sandboxed":false,"toolUseResult":{"stdout":"a \\" b","stderr":"","interrupted":false}',
    { stdout: '' },
  ],
  [
    'of a command that was stopped',
    ',"toolUseResult":{"stdout":"a","interrupted":true}',
    { interrupted: true },
  ],
  ['of one in the background', ',"toolUseResult":{"stdout":"","backgroundTaskId":"b1"}', {}],
  [
    'of one with an unusual exit code',
    ',"toolUseResult":{"stdout":"","returnCodeInterpretation":"No matches"}',
    {},
  ],
  ['not an object', ',"toolUseResult":["a"]', {}],
])('details: %s', (_name, details, wanted) => {
  expect(quick(`${HEAD}"a"${END}${details}}`)).toMatchObject({ outcome: { details: wanted } });
  // where only texts are wanted they are not looked at
  expect(quick(`${HEAD}"a"${END}${details}}`, true)).toMatchObject({ outcome: { details: {} } });
});

test.each([
  ['two results', `${HEAD}"a","is_error":false},{"type":"text","text":"b"${END}}`],
  ['something after the content', `${HEAD}"a","more":1${END}}`],
  ['a cut line', `${HEAD}"a`],
  ['a cut end', `${HEAD}"a"${END.slice(0, -10)}`],
  ['cut details', `${HEAD}"a"${END},"toolUseResult":{"stdout":"`],
  ['an id of another length', `${HEAD}"a"${END.replace(UUID, 'short')}}`],
  ['an error told in its details', `${HEAD}"a"${END},"toolUseResult":"Error: Exit code 1"}`],
])('%s is walked over', (_name, line) => {
  expect(quick(line)).toBeUndefined();
});
