import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitrarySession } from '../../../test/arbitrary-session.ts';
import { fail, lines, nativeLines, roundTrip, workbench } from '../../../test/workbench.ts';
import { agent } from './index.ts';

const CWD = '/home/dev/project';
const bench = workbench(agent, import.meta.dirname);
const { scratch, context, fixture } = bench;

test('a session that the agent wrote', () => {
  const { env, refs } = fixture('basic');
  const ref = refs[0] ?? fail('it is found');
  expect(agent.discover({ env }).diagnostics).toEqual([]);
  expect(agent.recognize?.(ref.path, { env })).toEqual(ref);
  expect(agent.summarize(ref, { env })).toMatchObject({ title: 'List the files', cwd: CWD });
  const session = agent.read(ref, { env });
  expect(lines(session)).toEqual([
    ['user', 'text', 'List the files'],
    ['assistant', 'text', 'I look.'],
    ['assistant', 'call', 0, 'execute', '{"command":"ls"}'],
    ['user', 'result', 0, 'error', 2, 'no such file'],
    ['assistant', 'text', 'Nothing is there.'],
  ]);
  expect(session.diagnostics).toEqual([]);
});

test('what is written reads back the same', () => {
  const { accepts } = agent.writer ?? fail('it can be written');
  const { plan, write, readBack } = roundTrip(agent, bench, CWD, new Date(0));
  fc.assert(
    fc.property(arbitrarySession({ accepts, tools: agent.tools }), ({ prepared, expected }) => {
      const made = plan(prepared);
      write(made);
      expect(nativeLines(readBack(made))).toEqual(nativeLines(expected));
    }),
  );
});

test('damage is a diagnostic, never a crash', () => {
  const path = join(scratch, '.template/sessions/damaged.jsonl');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(
    path,
    '{"type":"session","id":7,"cwd":[]}\nnull\nnot json\n{"type":"message","role":"user"}\n{"type":"mess',
  );
  const ref = agent.recognize?.(path, context) ?? fail('it is recognised');
  const session = agent.read(ref, context);
  expect([...session.entries()]).toEqual([]);
  expect(session.diagnostics.map(({ code }) => code)).toEqual(['bad-record', 'bad-record', 'unknown-record']);
  expect(agent.summarize(ref, context).damaged).toBeUndefined();
});
