/** Properties of writing and reading back. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { arbitrarySession } from '../../../test/arbitrary-session.ts';
import { comparable } from '../../model/compare.ts';
import { seededIds } from '../../model/ids.ts';
import { asObject, parseObject } from '../../model/narrow.ts';
import type { JsonObject, Session } from '../../model/session.ts';
import type { WritePlan } from '../contract.ts';
import { agent } from './index.ts';
import { tools } from './tools.ts';

const CWD = '/home/dev/project';
const NOW = new Date('2026-11-22T12:34:56.000Z');
const home = mkdtempSync(join(tmpdir(), 'segue-copilot-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const env = { home, vars: {}, platform: 'linux' as const };

const writer = agent.writer ?? expect.fail('copilot has a writer');
const opaque = fc.constantFrom<JsonObject>(
  {},
  { reasoningOpaque: 'c2ln' },
  { encryptedContent: 'x', reasoningBlocks: { provider: 'openai-responses', blocks: [] } },
);
const sessions = arbitrarySession({ accepts: writer.accepts, tools, cwd: CWD, opaque });

function plan(session: Session, title?: string): WritePlan {
  const ids = seededIds(crypto.getRandomValues(new Uint8Array(32)), NOW.getTime());
  return writer.encode(session, { env, cwd: CWD, now: NOW, ids, title, store: writer.probe(env, CWD) });
}

/** Writes the folder; the events. */
function written(from: WritePlan): JsonObject[] {
  const [events = ''] = from.files.map((file) => {
    const text = [...file.content()].join('');
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(file.path, text);
    return text;
  });
  expect(events.endsWith('\n')).toBe(true);
  const lines = events.slice(0, -1).split(/\n|\u2028|\u2029/);
  return lines.map((line) => parseObject(line) ?? expect.fail('a line is not an event'));
}

function readBack(from: WritePlan): Session {
  const ref = agent.recognize?.(from.ref.path, { env }) ?? expect.fail('not recognised');
  return agent.read(ref, { env });
}

const lines = (session: Session): string[] => [...comparable(session.entries(), { tools: 'native' })];

test('what is written reads back the same', () => {
  fc.assert(
    fc.property(sessions, fc.string({ unit: 'binary' }), ({ prepared, expected }, end) => {
      const from = plan(prepared, `A title: ${end.toWellFormed()}`);
      written(from);
      const session = readBack(from);
      expect(lines(session)).toEqual(lines(expected));
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
        const members = required[String(event.type)] ?? expect.fail(`${event.type} is not written`);
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
    fc.property(sessions, ({ prepared }) => {
      for (const file of plan(prepared).files) expect([...file.content()]).toEqual([...file.content()]);
    }),
    { numRuns: 20 },
  );
});
