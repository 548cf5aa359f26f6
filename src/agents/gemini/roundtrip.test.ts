/** Properties of writing and reading back. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { arbitrarySession } from '../../../test/arbitrary-session.ts';
import { comparable } from '../../model/compare.ts';
import { seededIds } from '../../model/ids.ts';
import { asArray, asObject, asText, isObject, parseObject } from '../../model/narrow.ts';
import type { CompactionEntry, JsonObject, Session } from '../../model/session.ts';
import type { WritePlan } from '../contract.ts';
import { agent } from './index.ts';
import { tools } from './tools.ts';

const CWD = '/home/dev/project';
const NOW = new Date('2026-11-22T12:34:56.000Z');
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'segue-gemini-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const writer = agent.writer ?? expect.fail('gemini has a writer');
const opaque = fc.constantFrom<JsonObject>(
  { thoughtSignature: 'c2ln' },
  { thought: true },
  { subject: 'Plan' },
  {},
);
const sessions = arbitrarySession({ accepts: writer.accepts, tools, cwd: CWD, opaque });

function plan(session: Session, title?: string): WritePlan {
  const env = { home, vars: {}, platform: 'linux' as const };
  const ids = seededIds(crypto.getRandomValues(new Uint8Array(32)), NOW.getTime());
  return writer.encode(session, { env, cwd: CWD, now: NOW, ids, title, store: writer.probe(env, CWD) });
}

/** Writes the chat file; its records. */
function written(from: WritePlan): JsonObject[] {
  const file = from.files[0] ?? expect.fail('no file');
  const text = [...file.content()].join('');
  mkdirSync(dirname(file.path), { recursive: true });
  writeFileSync(file.path, text);
  expect(text.endsWith('\n')).toBe(true);
  // the agent takes U+2028 as a line end: records must be whole all the same
  const lines = text.slice(0, -1).split(/\n|\u2028|\u2029/);
  return lines.map((line) => parseObject(line) ?? expect.fail('a line is not a record'));
}

function readBack(from: WritePlan): Session {
  const env = { home, vars: {}, platform: 'linux' as const };
  const ref = agent.recognize?.(from.ref.path, { env }) ?? expect.fail('not recognised');
  return agent.read(ref, { env });
}

function lines(session: Session): string[] {
  return [...comparable(session.entries(), { tools: 'native' })];
}

test('what is written reads back the same', () => {
  fc.assert(
    fc.property(sessions, ({ prepared, expected }) => {
      const from = plan(prepared, 'A title');
      written(from);
      const session = readBack(from);
      expect(lines(session)).toEqual(lines(expected));
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
  const views = (session: Session): string[][] => {
    const entries = [...session.entries()];
    const kept = (compaction: CompactionEntry): string[] => {
      const keeps = new Set(compaction.keeps);
      return [
        ...comparable(
          entries.filter((entry) => keeps.has(entry.id)),
          { tools: 'native' },
        ),
      ];
    };
    return entries.flatMap((entry) => (entry.type === 'compaction' ? [kept(entry)] : []));
  };
  fc.assert(
    fc.property(sessions, ({ prepared, expected }) => {
      const from = plan(prepared);
      written(from);
      expect(views(readBack(from))).toEqual(views(expected));
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

test('a plan gives the same file each time', () => {
  fc.assert(
    fc.property(sessions, ({ prepared }) => {
      const file = plan(prepared).files[0] ?? expect.fail('no file');
      expect([...file.content()]).toEqual([...file.content()]);
    }),
    { numRuns: 20 },
  );
});
