/** What the tests of one agent work with: a scratch home, its fixtures as homes, sessions as lines, parts of sessions. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect } from 'vitest';
import type { Agent, SessionRef, WritePlan } from '../src/agents/contract.ts';
import type { Env } from '../src/io/paths.ts';
import { comparable } from '../src/model/compare.ts';
import { seededIds } from '../src/model/ids.ts';
import { parseObject } from '../src/model/narrow.ts';
import type { Entry, JsonObject, NativeCall, Part, Session, ToolCallPart } from '../src/model/session.ts';

export function fail(message: string): never {
  return expect.fail(message);
}

export function envAt(home: string): Env {
  return { home, vars: {}, platform: 'linux' };
}

export interface Workbench {
  /** A folder that is deleted after the tests, and the home of `env`. */
  scratch: string;
  env: Env;
  context: { env: Env };
  /** A fixture as a home, and what is found in it. */
  fixture(scenario: string): { env: Env; refs: SessionRef[] };
  /** A session of a fixture. */
  open(scenario: string, index?: number): Session;
  /** Every tool call in every session of every fixture. */
  fixtureCalls(): ToolCallPart[];
}

/** `folder`: the agent's, with `fixtures` in it. */
export function workbench(agent: Agent, folder: string): Workbench {
  const scratch = mkdtempSync(join(tmpdir(), `segue-${agent.id}-`));
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));
  const env = envAt(scratch);
  const fixture = (scenario: string): ReturnType<Workbench['fixture']> => {
    const own = envAt(join(folder, 'fixtures', scenario));
    return { env: own, refs: agent.discover({ env: own }).refs };
  };
  const open = (scenario: string, index = 0): Session => {
    const found = fixture(scenario);
    return agent.read(found.refs[index] ?? fail('no such session'), { env: found.env });
  };
  const fixtureCalls = (): ToolCallPart[] =>
    readdirSync(join(folder, 'fixtures')).flatMap((scenario) => {
      const found = fixture(scenario);
      return found.refs.flatMap((ref) => callsOf(agent.read(ref, { env: found.env })));
    });
  return { scratch, env, context: { env }, fixture, open, fixtureCalls };
}

function callsOf(session: Session): ToolCallPart[] {
  return [...session.entries()].flatMap((each) =>
    each.type === 'message' ? each.parts.filter((part) => part.type === 'tool_call') : [],
  );
}

/** What a session says, as values. */
export function lines(session: Session): unknown[] {
  return [...comparable(session.entries(), { tools: 'canonical' })].map(
    (line) => JSON.parse(line) as unknown,
  );
}

/** Calls and results of `lines`. */
export function toolLines(session: Session): unknown[] {
  return lines(session).filter((line) => Array.isArray(line) && (line[1] === 'call' || line[1] === 'result'));
}

/** A message of a person, or of the agent. */
export function entry(id: string, role: 'user' | 'assistant', ...parts: Part[]): Entry {
  const origin = role === 'assistant' ? 'agent' : 'human';
  const time = '2026-11-20T10:00:00.000Z';
  return { id, parentId: null, time, evidence: [], type: 'message', role, origin, parts };
}

export function text(said: string): Part {
  return { type: 'text', text: said };
}

/** A native call as the agent reads it. */
export function callPart({ tools }: Agent, cwd: string, callId: string, native: NativeCall): ToolCallPart {
  return { type: 'tool_call', callId, native, ...tools.read(native, cwd) };
}

/** Where a round trip takes place. */
export interface RoundTrip {
  plan(session: Session, title?: string): WritePlan;
  /** Writes the files of a plan; their texts. */
  write(plan: WritePlan): string[];
  readBack(plan: WritePlan): Session;
}

export function roundTrip(agent: Agent, { env }: Workbench, cwd: string, now: Date): RoundTrip {
  const writer = agent.writer ?? fail('the agent has a writer');
  return {
    plan(session, title) {
      const ids = seededIds(crypto.getRandomValues(new Uint8Array(32)), now.getTime());
      return writer.encode(session, { env, cwd, now, ids, title, store: writer.probe(env, cwd) });
    },
    write: ({ files }) =>
      files.map((file) => {
        const content = [...file.content()].join('');
        mkdirSync(dirname(file.path), { recursive: true });
        writeFileSync(file.path, content);
        return content;
      }),
    readBack(plan) {
      const ref = agent.recognize?.(plan.ref.path, { env }) ?? fail('what was written is recognised');
      return agent.read(ref, { env });
    },
  };
}

/** The records of a file of JSON lines. Readers that take U+2028 for a line end must see whole records, too. */
export function recordsOf(content: string): JsonObject[] {
  expect(content.endsWith('\n')).toBe(true);
  const records = content.slice(0, -1).split(/\n|\u2028|\u2029/);
  return records.map((line) => parseObject(line) ?? fail('a line is not a record'));
}

/** What a session says with the agent's own calls. */
export function nativeLines(session: Session): string[] {
  return [...comparable(session.entries(), { tools: 'native' })];
}

/** What each compaction of a session keeps in view. */
export function keptViews(session: Session): string[][] {
  const entries = [...session.entries()];
  return entries.flatMap((each) => {
    if (each.type !== 'compaction') return [];
    const keeps = new Set(each.keeps);
    const view = entries.filter(({ id }) => keeps.has(id));
    return [[...comparable(view, { tools: 'native' })]];
  });
}

/** A plan's content can be asked for again and again. */
export function expectRepeatable({ files }: WritePlan): void {
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) expect([...file.content()]).toEqual([...file.content()]);
}
