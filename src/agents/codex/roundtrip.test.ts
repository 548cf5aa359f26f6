/** Properties of writing and reading back. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitraryCall, arbitraryInputs, arbitrarySession } from '../../../test/arbitrary-session.ts';
import {
  expectRepeatable,
  fail,
  keptViews,
  nativeLines,
  recordsOf,
  roundTrip,
  workbench,
} from '../../../test/workbench.ts';
import { asObject } from '../../model/narrow.ts';
import type { JsonObject } from '../../model/session.ts';
import type { WritePlan } from '../contract.ts';
import { agent } from './index.ts';
import { readTool, tools, writeTool } from './tools.ts';

const CWD = '/home/dev/project';
const NOW = new Date('2026-11-22T12:00:00.000Z');
const { plan, write, readBack } = roundTrip(agent, workbench(agent, import.meta.dirname), CWD, NOW);

const writer = agent.writer ?? fail('codex has a writer');
const { accepts } = writer;
const opaque = fc.constantFrom<JsonObject>(
  { id: 'rs_1', encrypted_content: 'b3BhcXVl', summary: [] },
  { encrypted_content: 'b3BhcXVl', summary: [{ type: 'summary_text', text: 'other' }] },
);
const sessions = arbitrarySession({ accepts, tools, cwd: CWD, opaque });

function written(from: WritePlan): JsonObject[] {
  return recordsOf(write(from)[0] ?? fail('no file'));
}

test('what is written reads back the same', () => {
  fc.assert(
    fc.property(sessions, ({ prepared, expected }) => {
      const from = plan(prepared);
      written(from);
      const session = readBack(from);
      expect(nativeLines(session)).toEqual(nativeLines(expected));
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
  fc.assert(
    fc.property(sessions, ({ prepared, expected }) => {
      const from = plan(prepared);
      written(from);
      expect(keptViews(readBack(from))).toEqual(keptViews(expected));
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
      const payloads = records.map((record) => asObject(record.payload) ?? fail('no payload'));
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

test('a plan gives the same files each time', () => {
  fc.assert(
    fc.property(sessions, ({ prepared }) => expectRepeatable(plan(prepared))),
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
