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
import { asArray, asObject, asText, isObject } from '../../model/narrow.ts';
import type { JsonObject } from '../../model/session.ts';
import type { WritePlan } from '../contract.ts';
import { agent } from './index.ts';
import { tools } from './tools.ts';

const CWD = '/home/dev/project';
const NOW = new Date('2026-11-22T12:34:56.000Z');
const { plan, write, readBack } = roundTrip(agent, workbench(agent, import.meta.dirname), CWD, NOW);

const writer = agent.writer ?? fail('gemini has a writer');
const opaque = fc.constantFrom<JsonObject>(
  { thoughtSignature: 'c2ln' },
  { thought: true },
  { subject: 'Plan' },
  {},
);
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

test('messages have unique ids, calls stand inline, and nothing would be sent twice', () => {
  fc.assert(
    fc.property(sessions, ({ prepared }) => {
      const [metadata, ...records] = written(plan(prepared));
      expect(metadata).toMatchObject({ kind: 'main', lastUpdated: NOW.toISOString() });
      const messages = records.filter((record) => record.$set === undefined);
      expect(new Set(messages.map((message) => message.id)).size).toBe(messages.length);
      for (const message of messages) {
        const inline = (asArray(message.content) ?? []).flatMap(
          (part) => asText(asObject(asObject(part)?.functionCall)?.id) ?? [],
        );
        const shown = (asArray(message.toolCalls) ?? []).filter(isObject);
        expect(shown.map((call) => call.id)).toEqual(inline.map((id) => `ui-${id}`));
        expect(shown.every((call) => call.result === undefined)).toBe(true);
      }
    }),
  );
});

test('answers stand in one message, whatever entries they came in', () => {
  // versions before 0.61 send messages as they are stored, and the API wants turns to alternate
  fc.assert(
    fc.property(sessions, ({ prepared }) => {
      const [, ...records] = written(plan(prepared));
      for (const [n, record] of records.entries()) {
        const next = records[n + 1];
        if (record.type !== 'gemini' || next?.type !== 'gemini') continue;
        // thoughts for the person start a message of their own: only the agent's own sessions have them
        expect([record.thoughts, next.thoughts].some((thoughts) => thoughts !== undefined)).toBe(true);
      }
    }),
  );
});

test('a plan gives the same files each time', () => {
  fc.assert(
    fc.property(sessions, ({ prepared }) => expectRepeatable(plan(prepared))),
    { numRuns: 20 },
  );
});
