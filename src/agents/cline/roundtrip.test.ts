/** Properties of writing and reading back. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbitrarySession } from '../../../test/arbitrary-session.ts';
import { expectRepeatable, fail, nativeLines, roundTrip, workbench } from '../../../test/workbench.ts';
import { asArray, asObject, asText, isObject, parseObject } from '../../model/narrow.ts';
import type { JsonObject } from '../../model/session.ts';
import type { WritePlan } from '../contract.ts';
import { agent } from './index.ts';
import { tools } from './tools.ts';

const CWD = '/home/dev/project';
const NOW = new Date('2026-11-22T12:34:56.000Z');
const { plan, write, readBack } = roundTrip(agent, workbench(agent, import.meta.dirname), CWD, NOW);

const writer = agent.writer ?? fail('cline has a writer');
// the readable text stands in the block, too
const opaque = fc.constantFrom<JsonObject>({}, { modelInfo: { id: 'm', provider: 'anthropic' } });
const sessions = arbitrarySession({ accepts: writer.accepts, tools, cwd: CWD, opaque });

/** Writes both files; the messages and the manifest. */
function written(from: WritePlan): { messages: JsonObject[]; manifest: JsonObject } {
  const [first, manifest] = write(from).map((content) => parseObject(content) ?? fail('no JSON'));
  const messages = (asArray(first?.messages) ?? []).filter(isObject);
  return { messages, manifest: manifest ?? fail('no manifest') };
}

test('what is written reads back the same', () => {
  fc.assert(
    fc.property(sessions, ({ prepared, expected }) => {
      const from = plan(prepared, 'A title');
      written(from);
      const session = readBack(from);
      expect(nativeLines(session)).toEqual(nativeLines(expected));
      expect(session.diagnostics).toEqual([]);
      expect(session.info).toMatchObject({
        id: from.sessionId,
        title: 'A title',
        cwd: CWD,
        lineage: [{ kind: 'transplant', agent: 'generated', id: 'generated' }],
      });
      const ids = [...session.entries()].map((entry) => entry.id);
      expect(new Set(ids).size).toBe(ids.length);
    }),
    { numRuns: 200 },
  );
});

test('each call is answered in the next message, by a result that names the tool', () => {
  fc.assert(
    fc.property(sessions, ({ prepared }) => {
      const { messages } = written(plan(prepared));
      const blocks = (message: JsonObject | undefined, type: string): JsonObject[] =>
        (asArray(message?.content) ?? []).filter(isObject).filter((block) => block.type === type);
      for (const [n, message] of messages.entries()) {
        const calls = blocks(message, 'tool_use').map(({ id, name }) => `${id} ${name}`);
        if (calls.length === 0) continue;
        const results = blocks(messages[n + 1], 'tool_result');
        const answered = results.map(({ tool_use_id, name }) => `${tool_use_id} ${name}`);
        expect(answered.sort()).toEqual(calls.sort());
      }
      const ids = messages.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      expect(messages.every(({ content }) => (asArray(content) ?? []).length > 0)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('the manifest has every member that Cline asks for', () => {
  fc.assert(
    fc.property(sessions, ({ prepared }) => {
      const from = plan(prepared, 'x'.repeat(500));
      const { manifest } = written(from);
      expect(manifest).toMatchObject({
        version: 1,
        session_id: from.sessionId,
        source: 'cli',
        pid: 0,
        started_at: NOW.toISOString(),
        status: 'completed',
        interactive: true,
        provider: 'cline',
        cwd: CWD,
        workspace_root: CWD,
        enable_tools: true,
        enable_spawn: true,
        enable_teams: true,
        messages_path: from.ref.path,
      });
      expect(asText(manifest.model)).toBeDefined();
      expect(asObject(manifest.metadata)?.title).toMatch(/^x{119}…$/);
    }),
    { numRuns: 30 },
  );
});

test('a plan gives the same files each time', () => {
  fc.assert(
    fc.property(sessions, ({ prepared }) => expectRepeatable(plan(prepared))),
    { numRuns: 20 },
  );
});
