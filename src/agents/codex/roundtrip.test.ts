/** Properties of writing and reading back. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { arbitraryCall, arbitraryInputs, arbitrarySession } from '../../../test/arbitrary-session.ts';
import { comparable } from '../../model/compare.ts';
import { seededIds } from '../../model/ids.ts';
import { asObject, parseObject } from '../../model/narrow.ts';
import type { CompactionEntry, JsonObject, Session } from '../../model/session.ts';
import type { WritePlan } from '../contract.ts';
import { agent } from './index.ts';
import { readTool, tools, writeTool } from './tools.ts';

const CWD = '/home/dev/project';
const NOW = new Date('2026-11-22T12:00:00.000Z');
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'segue-codex-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const writer = agent.writer ?? expect.fail('codex has a writer');
const { accepts } = writer;
const opaque = fc.constantFrom<JsonObject>(
  { id: 'rs_1', encrypted_content: 'b3BhcXVl', summary: [] },
  { encrypted_content: 'b3BhcXVl', summary: [{ type: 'summary_text', text: 'other' }] },
);
const sessions = arbitrarySession({ accepts, tools, cwd: CWD, opaque });

function plan(session: Session, title?: string): WritePlan {
  const env = { home, vars: {}, platform: 'linux' as const };
  const ids = seededIds(crypto.getRandomValues(new Uint8Array(32)), NOW.getTime());
  return writer.encode(session, { env, cwd: CWD, now: NOW, ids, title, store: writer.probe(env, CWD) });
}

function written(from: WritePlan): JsonObject[] {
  const file = from.files[0] ?? expect.fail('one file');
  const text = [...file.content()].join('');
  mkdirSync(dirname(file.path), { recursive: true });
  writeFileSync(file.path, text);
  expect(text.endsWith('\n')).toBe(true);
  // readers that take U+2028 as a line end see whole records, too
  return text
    .slice(0, -1)
    .split(/\n|\u2028|\u2029/)
    .map((line) => parseObject(line) ?? expect.fail('a line is not a record'));
}

function readBack(from: WritePlan): Session {
  const env = { home, vars: {}, platform: 'linux' as const };
  const ref = agent.recognize?.(from.ref.path, { env }) ?? expect.fail('recognised');
  return agent.read(ref, { env });
}

function lines(session: Session): string[] {
  return [...comparable(session.entries(), { tools: 'native' })];
}

test('what is written reads back the same', () => {
  fc.assert(
    fc.property(sessions, ({ prepared, expected }) => {
      const from = plan(prepared);
      written(from);
      const session = readBack(from);
      expect(lines(session)).toEqual(lines(expected));
      expect(session.branches).toEqual([]);
      expect(session.diagnostics).toEqual([]);
      expect(session.info).toMatchObject({ id: from.sessionId, cwd: CWD });
      const ids = [...session.entries()].map((entry) => entry.id);
      expect(new Set(ids).size).toBe(ids.length);
    }),
    { numRuns: 150 },
  );
});

test('what stays in view after a compaction reads back the same', () => {
  const views = (session: Session): string[][] => {
    const entries = [...session.entries()];
    const kept = (compaction: CompactionEntry): string[] => {
      const keeps = new Set(compaction.keeps);
      const kinds = entries.filter((entry) => keeps.has(entry.id));
      return [...comparable(kinds, { tools: 'native' })];
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

test('a rollout has rising ordinals, whole turns and paired items', () => {
  fc.assert(
    fc.property(sessions, ({ prepared }) => {
      const records = written(plan(prepared));
      expect(records.map((record) => record.ordinal)).toEqual(records.map((_, n) => n));
      expect(records[0]?.type).toBe('session_meta');
      expect(asObject(records[0]?.payload)).not.toHaveProperty('model_provider');
      const payloads = records.map((record) => asObject(record.payload) ?? expect.fail('no payload'));
      let turn: unknown;
      const open = new Set<unknown>();
      for (const payload of payloads) {
        if (payload.type === 'task_started') {
          expect(turn).toBeUndefined();
          turn = payload.turn_id;
        } else if (payload.type === 'task_complete') {
          expect(payload.turn_id).toBe(turn);
          turn = undefined;
        } else if (payload.type === 'item_completed') expect(payload.turn_id).toBe(turn);
        else if (payload.type === 'function_call' || payload.type === 'custom_tool_call')
          open.add(payload.call_id);
        else if (String(payload.type).endsWith('_output')) expect(open.delete(payload.call_id)).toBe(true);
      }
      expect(turn).toBeUndefined();
      expect(open.size).toBe(0);
    }),
  );
});

test('a plan gives the same file each time', () => {
  fc.assert(
    fc.property(sessions, ({ prepared }) => {
      const file = plan(prepared).files[0] ?? expect.fail('one file');
      expect([...file.content()]).toEqual([...file.content()]);
    }),
    { numRuns: 20 },
  );
});

test('commands, plans and MCP calls come back exactly', () => {
  const call = fc.oneof(
    arbitraryInputs.execute.map((input) => ({ tool: 'execute' as const, input })),
    arbitraryInputs.plan.map((input) => ({ tool: 'plan' as const, input })),
    arbitraryInputs.mcp.map((input) => ({ tool: 'mcp' as const, input })),
    arbitraryInputs.patch.map((input) => ({ tool: 'patch' as const, input })),
  );
  fc.assert(
    fc.property(call, (meant) => {
      const [native, ...more] = writeTool(meant, CWD) ?? [];
      expect(more).toEqual([]);
      if (native !== undefined) expect(readTool(native, CWD)).toEqual(meant);
    }),
  );
});

test('reading is total, and what is written means something to Codex', () => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), (name, input) => {
      expect(readTool({ name, input: input as never }, CWD).tool).toBeTypeOf('string');
    }),
  );
  fc.assert(
    fc.property(arbitraryCall, (meant) => {
      for (const native of writeTool(meant, CWD) ?? []) expect(readTool(native, CWD).tool).not.toBe('other');
    }),
  );
});
