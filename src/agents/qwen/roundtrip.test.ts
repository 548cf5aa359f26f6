/** Properties of writing and reading back. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitrarySession } from '../../../test/arbitrary-session.ts';
import {
  expectRepeatable,
  fail,
  keptViews,
  nativeLines,
  recordsOf,
  roundTrip,
  workbench,
} from '../../../test/workbench.ts';
import { asObject, asText } from '../../model/narrow.ts';
import type { JsonObject } from '../../model/session.ts';
import type { WritePlan } from '../contract.ts';
import { agent } from './index.ts';
import { tools } from './tools.ts';

const CWD = '/home/dev/project';
const NOW = new Date('2026-11-22T12:34:56.000Z');
const { plan, write, readBack } = roundTrip(agent, workbench(agent, import.meta.dirname), CWD, NOW);

const writer = agent.writer ?? fail('qwen has a writer');
const opaque = fc.constantFrom<JsonObject>({ thought: true }, { thoughtSignature: 'c2ln' });
const sessions = arbitrarySession({ accepts: writer.accepts, tools, cwd: CWD, opaque });

/** Writes the chat file; its records. */
function written(from: WritePlan): JsonObject[] {
  return recordsOf(write(from)[0] ?? fail('no file'));
}

test('what is written reads back the same', () => {
  fc.assert(
    fc.property(sessions, ({ prepared, expected }) => {
      const from = plan(prepared, 'A title');
      written(from);
      const session = readBack(from);
      expect(nativeLines(session)).toEqual(nativeLines(expected));
      expect(session.diagnostics).toEqual([]);
      expect(session.branches).toEqual([]);
      expect(session.info).toMatchObject({ id: from.sessionId, title: 'A title' });
      const ids = [...session.entries()].map((entry) => entry.id);
      expect(new Set(ids).size).toBe(ids.length);
    }),
    { numRuns: 300 },
  );
});

test('what stays in view after a compaction reads back the same', () => {
  fc.assert(
    fc.property(sessions, ({ prepared, expected }) => {
      const from = plan(prepared);
      written(from);
      expect(keptViews(readBack(from))).toEqual(keptViews(expected));
    }),
  );
});

test('records form one chain that the agent loads', () => {
  fc.assert(
    fc.property(sessions, ({ prepared }) => {
      const from = plan(prepared, 'A title');
      const records = written(from);
      expect(records.map((record) => record.parentUuid)).toEqual([
        null,
        ...records.slice(0, -1).map((record) => record.uuid),
      ]);
      expect(new Set(records.map((record) => record.uuid)).size).toBe(records.length);
      expect(records.every((record) => record.sessionId === from.sessionId && record.cwd === CWD)).toBe(true);
      expect(records.at(-1)).toMatchObject({ subtype: 'custom_title' });
      const roles = records.flatMap((record) => asText(asObject(record.message)?.role) ?? []);
      expect(roles.every((role) => role === 'user' || role === 'model')).toBe(true);
    }),
  );
});

test('a plan gives the same files each time', () => {
  fc.assert(
    fc.property(sessions, ({ prepared }) => expectRepeatable(plan(prepared))),
    { numRuns: 20 },
  );
});
