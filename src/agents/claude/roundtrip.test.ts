/** Properties of writing and reading back. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { arbitraryCall, arbitraryInputs, arbitrarySession } from '../../../test/arbitrary-session.ts';
import { comparable } from '../../model/compare.ts';
import { seededIds } from '../../model/ids.ts';
import type { Session } from '../../model/session.ts';
import type { ToolCall } from '../../model/tools.ts';
import type { WritePlan } from '../contract.ts';
import { unwrapSummary, wrapSummary } from './compaction.ts';
import { encode } from './encode.ts';
import { agent } from './index.ts';
import { encodeCwd } from './places.ts';
import { readCall, tools, writeCall } from './tools.ts';

const CWD = '/home/dev/project';
const NOW = new Date('2026-11-22T12:00:00.000Z');
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'segue-claude-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const accepts = agent.writer?.accepts ?? expect.fail('claude has a writer');
const opaque = fc.oneof(fc.constant({ signature: 'c2lnbmF0dXJl' }), fc.constant({ redacted: 'b3BhcXVl' }));

function plan(session: Session, title?: string): WritePlan {
  const env = { home, vars: {}, platform: 'linux' as const };
  const ids = seededIds(crypto.getRandomValues(new Uint8Array(32)), NOW.getTime());
  return encode(session, { env, cwd: CWD, now: NOW, ids, title, store: {} });
}

function written(from: WritePlan): string {
  const file = from.files[0] ?? expect.fail('one file');
  const text = [...file.content()].join('');
  mkdirSync(dirname(file.path), { recursive: true });
  writeFileSync(file.path, text);
  return text;
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
  const signed = arbitrarySession({ accepts, tools, cwd: CWD, opaque: fc.constant({ signature: 'c2ln' }) });
  fc.assert(
    fc.property(
      signed,
      fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
      ({ prepared, expected }, title) => {
        const from = plan(prepared, title);
        const text = written(from);
        const session = readBack(from);
        expect(lines(session)).toEqual(lines(expected));
        expect(session.branches).toEqual([]);
        expect(session.info.cwd).toBe(CWD);
        expect(session.diagnostics.filter((d) => d.code !== 'missing-file')).toEqual([]);
        // each line is one record, for readers that take U+2028 as a line end, too
        for (const line of text.split(/\n|\u2028|\u2029/)) if (line !== '') JSON.parse(line);
      },
    ),
    { numRuns: 150 },
  );
});

test('a transcript is one chain with unique ids, fresh calls and one message id for each response', () => {
  fc.assert(
    fc.property(arbitrarySession({ accepts, tools, cwd: CWD, opaque }), ({ prepared }) => {
      const from = plan(prepared);
      const file = from.files[0] ?? expect.fail('one file');
      const first = [...file.content()].join('');
      expect([...file.content()].join('')).toBe(first);
      const records = first
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      let last: string | null = null;
      const seen = new Set<string>();
      const open = new Set<string>();
      let response: string | undefined;
      let thought = false;
      for (const record of records) {
        expect(record).toMatchObject({ isSidechain: false, sessionId: from.sessionId, cwd: CWD });
        if (record.subtype === 'compact_boundary') expect(record.logicalParentUuid ?? null).toBe(last);
        else expect(record.parentUuid).toBe(last);
        expect(seen.has(record.uuid)).toBe(false);
        seen.add(record.uuid);
        last = record.uuid;
        // Claude Code drops open calls' results, and reasoning, when another response comes next
        if (record.type === 'assistant' && (open.size > 0 || thought))
          expect(record.message.id).toBe(response);
        thought = record.message?.content?.[0]?.type?.includes('thinking') ?? false;
        response = record.message?.id ?? response;
        const content = record.message?.content;
        for (const block of Array.isArray(content) ? content : []) {
          if (block.type === 'tool_use') open.add(block.id);
          else if (block.type === 'tool_result') expect(open.delete(block.tool_use_id)).toBe(true);
          else if (block.type === 'text') expect(open.size === 0 || record.type === 'assistant').toBe(true);
        }
      }
      expect(open.size).toBe(0);
    }),
  );
});

test('a call written in the tools of Claude Code reads back as the same call', () => {
  const { write, read, execute, glob, grep, web_fetch, web_search, task, mcp } = arbitraryInputs;
  const exact = { write, read, execute, glob, grep, web_fetch, web_search, task, mcp };
  for (const [tool, input] of Object.entries(exact))
    fc.assert(
      fc.property(input as fc.Arbitrary<object>, (value) => {
        const call = { tool, input: value } as ToolCall;
        const natives = writeCall(call, CWD) ?? expect.fail('has an equivalent');
        expect(natives.map((native) => readCall(native, CWD))).toEqual([normal(call)]);
      }),
    );
});

/** A directory that is the session's own is not a directory of its own; a command that says so itself becomes one. */
function normal(call: ToolCall): ToolCall {
  if (call.tool !== 'execute') return call;
  const { cwd, ...rest } = call.input;
  return { tool: 'execute', input: cwd === undefined || cwd === CWD ? rest : { ...rest, cwd } };
}

test('plans keep their steps, edits their replacements', () => {
  fc.assert(
    fc.property(arbitraryInputs.plan, ({ items }) => {
      const natives = writeCall({ tool: 'plan', input: { items } }) ?? [];
      expect(natives.map((native) => readCall(native))).toEqual([{ tool: 'plan', input: { items } }]);
    }),
  );
  fc.assert(
    fc.property(arbitraryInputs.edit, ({ path, edits }) => {
      const natives = writeCall({ tool: 'edit', input: { path, edits } }) ?? [];
      expect(natives.map((native) => readCall(native))).toEqual(
        edits.map((edit) => ({ tool: 'edit', input: { path, edits: [edit] } })),
      );
    }),
  );
});

test('every call has a form that the API takes, and native calls that were read are written the same', () => {
  fc.assert(
    fc.property(arbitraryCall, (call) => {
      for (const native of writeCall(call, CWD) ?? []) {
        expect(native.name).toMatch(accepts.toolName.pattern);
        expect(native.input).toEqual(JSON.parse(JSON.stringify(native.input)));
        const again = readCall(native, CWD);
        if (again.tool !== 'other') expect(writeCall(again, CWD)).toEqual([native]);
      }
    }),
  );
});

test('summaries keep their text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => unwrapSummary(wrapSummary(text)) === text),
  );
});

test('folder names are of bounded length and hold only letters, digits and dashes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (path) => {
      const name = encodeCwd(path);
      expect(name).toMatch(/^[a-zA-Z0-9-]*$/);
      expect(name.length).toBeLessThanOrEqual(208);
      if (path.length <= 200) expect(name.length).toBe(path.length);
    }),
  );
});
