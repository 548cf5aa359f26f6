/** Properties of writing and reading back. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitrarySession } from '../../../test/arbitrary-session.ts';
import {
  expectRepeatable,
  fail,
  nativeLines,
  recordsOf,
  roundTrip,
  workbench,
} from '../../../test/workbench.ts';
import { comparable } from '../../model/compare.ts';
import { asObject } from '../../model/narrow.ts';
import type { JsonObject, Session } from '../../model/session.ts';
import type { WritePlan } from '../contract.ts';
import { agent } from './index.ts';
import { tools } from './tools.ts';

const CWD = '/home/dev/project';
const NOW = new Date('2026-11-22T12:34:56.000Z');
const { plan, write, readBack } = roundTrip(agent, workbench(agent, import.meta.dirname), CWD, NOW);

const writer = agent.writer ?? fail('copilot has a writer');
const opaque = fc.constantFrom<JsonObject>(
  {},
  { reasoningOpaque: 'c2ln' },
  { encryptedContent: 'x', reasoningBlocks: { provider: 'openai-responses', blocks: [] } },
);
const sessions = arbitrarySession({ accepts: writer.accepts, tools, cwd: CWD, opaque });

/** Writes the folder; the events. */
function written(from: WritePlan): JsonObject[] {
  return recordsOf(write(from)[0] ?? fail('no events'));
}

test('what is written reads back the same', () => {
  fc.assert(
    fc.property(sessions, fc.string({ unit: 'binary' }), ({ prepared, expected }, end) => {
      const from = plan(prepared, `A title: ${end.toWellFormed()}`);
      written(from);
      const session = readBack(from);
      expect(nativeLines(session)).toEqual(nativeLines(expected));
      expect(session.diagnostics).toEqual([]);
      expect(session.info).toMatchObject({
        id: from.sessionId,
        title: expect.stringContaining('A title:'),
        cwd: CWD,
        lineage: [{ kind: 'transplant', agent: 'generated', id: 'generated' }],
      });
      const ids = [...session.entries()].map((entry) => entry.id);
      expect(new Set(ids).size).toBe(ids.length);
    }),
    { numRuns: 200 },
  );
});

test('events form one chain that Copilot loads', () => {
  const required: Record<string, string[]> = {
    'session.start': ['sessionId', 'version', 'producer', 'copilotVersion', 'startTime'],
    'user.message': ['content'],
    'assistant.message': ['messageId', 'content'],
    'tool.execution_start': ['toolCallId', 'toolName'],
    'tool.execution_complete': ['toolCallId', 'success'],
    'session.compaction_start': [],
    'session.compaction_complete': ['success'],
  };
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  fc.assert(
    fc.property(sessions, ({ prepared }) => {
      const events = written(plan(prepared));
      const ids = events.map((event) => event.id);
      expect(events.map((event) => event.parentId)).toEqual([null, ...ids.slice(0, -1)]);
      expect(ids.every((id) => typeof id === 'string' && uuid.test(id))).toBe(true);
      expect(new Set(ids).size).toBe(ids.length);
      for (const event of events) {
        const members = required[String(event.type)] ?? fail(`${event.type} is not written`);
        expect(asObject(event.data)).toEqual(
          expect.objectContaining(Object.fromEntries(members.map((name) => [name, expect.anything()]))),
        );
        expect(event.timestamp).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
      }
    }),
    { numRuns: 50 },
  );
});

test('what stays in view after a compaction is in view again', () => {
  fc.assert(
    fc.property(sessions, ({ prepared, expected }) => {
      const from = plan(prepared);
      written(from);
      const kept = (session: Session): string[][] => {
        const entries = [...session.entries()];
        return entries.flatMap((entry) => {
          if (entry.type !== 'compaction') return [];
          const keeps = new Set(entry.keeps);
          const view = entries.filter((each) => keeps.has(each.id));
          return [[...comparable(view, { tools: 'native' })].map((line) => line.replace(/\d+/g, '0'))];
        });
      };
      const back = kept(readBack(from));
      for (const [n, wanted] of kept(expected).entries())
        expect(back[n]).toEqual(expect.arrayContaining(wanted));
    }),
    { numRuns: 100 },
  );
});

test('a plan gives the same files each time', () => {
  fc.assert(
    fc.property(sessions, ({ prepared }) => expectRepeatable(plan(prepared))),
    { numRuns: 20 },
  );
});
