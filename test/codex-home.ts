/** Miniature Codex homes for tests: the fixtures, and homes made of hand-written records. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { agent } from '../src/agents/codex/index.ts';
import type { SessionRef } from '../src/agents/contract.ts';
import { checksum } from '../src/io/lines.ts';
import type { Entry, JsonObject, JsonValue, Session } from '../src/model/session.ts';

export const fixtures = join(import.meta.dirname, '../src/agents/codex/fixtures');
export const ids = {
  tools: '01a2043e-a679-7852-a3d7-9b3318c8293f',
  parent: '01a20448-7c0b-7433-8dbc-85c47b4c127e',
  fork: '01a20448-7e60-7f13-a329-e547d06691d6',
};

export type Context = ReturnType<typeof at>;

/** A home as readers get it. */
export function at(home: string, vars: Record<string, string> = {}) {
  return { env: { home, vars, platform: 'linux' as const } };
}

export function fixture(name: string) {
  return at(join(fixtures, name));
}

export function refs(context: Context): SessionRef[] {
  const found = agent.discover(context);
  expect(found.diagnostics).toEqual([]);
  return found.refs;
}

export function only(name: string): Session {
  const [ref, ...others] = refs(fixture(name));
  expect(others).toEqual([]);
  return agent.read(ref ?? expect.fail('a session'), fixture(name));
}

/** What was said and done, one short line for each part; Codex's own texts only as `harness`. */
export function told(entries: Iterable<Entry>): string[] {
  return [...entries].flatMap((entry) => {
    if (entry.type === 'compaction') return [`compaction ${entry.summary} keeps ${entry.keeps.length}`];
    if (entry.type === 'event') return [`${entry.event} ${entry.limit?.resetsAt ?? entry.text ?? ''}`.trim()];
    if (entry.type !== 'message') return [entry.type];
    if (entry.origin === 'harness') return ['harness'];
    return entry.parts.map((part) => {
      switch (part.type) {
        case 'text':
          return `${entry.role}: ${part.text}`;
        case 'reasoning':
          return `thinks: ${part.text}`;
        case 'tool_call':
          return `${part.tool} ${JSON.stringify(part.input)}`;
        case 'tool_result': {
          const text = part.content.map((each) => (each.type === 'text' ? each.text : '[image]')).join('\n');
          return `${part.status} ${part.exitCode ?? '-'}: ${text}`;
        }
        default:
          return `${part.type} ${part.path ?? ''}`;
      }
    });
  });
}

/** A home with one rollout made of these records. */
export function home(scratch: string, name: string, records: JsonObject[], meta: JsonObject = {}): Context {
  const context = at(join(scratch, name));
  write(context, name, [sessionMeta(name, meta), ...records]);
  return context;
}

export function uuid(name: string): string {
  return `00000000-0000-7000-8000-${checksum(name).toString(16).padStart(12, '0')}`;
}

export function sessionMeta(name: string, more: JsonObject = {}): JsonObject {
  const meta = { id: uuid(name), timestamp: '2026-01-01T00:00:00.000Z', cwd: '/home/dev/app', ...more };
  return { type: 'session_meta', payload: { originator: 'codex_cli_rs', cli_version: '0.169.0', ...meta } };
}

export function write(context: Context, name: string, records: JsonObject[], tail = ''): string {
  const path = join(context.env.home, '.codex/sessions/2026/01/01', `rollout-${uuid(name)}.jsonl`);
  mkdirSync(dirname(path), { recursive: true });
  const lines = records.map((record, ordinal) =>
    JSON.stringify({ timestamp: '2026-01-01T00:00:01.000Z', ordinal, ...record }),
  );
  writeFileSync(path, `${lines.join('\n')}\n${tail}`);
  return path;
}

export function item(payload: JsonObject): JsonObject {
  return { type: 'response_item', payload };
}

export function event(type: string, more: JsonObject = {}): JsonObject {
  return { type: 'event_msg', payload: { type, ...more } };
}

export function says(role: string, text: string): JsonObject {
  const type = role === 'assistant' ? 'output_text' : 'input_text';
  return item({ type: 'message', role, content: [{ type, text }] });
}

export function calls(
  call_id: string,
  name: string,
  input: JsonValue,
  output: JsonValue,
  more: JsonObject = {},
) {
  return [
    item({ type: 'function_call', name, arguments: JSON.stringify(input), call_id, ...more }),
    item({ type: 'function_call_output', call_id, output }),
  ];
}

export function readOne(context: Context, name: string): Session {
  const ref = refs(context).find(({ id }) => id === uuid(name)) ?? expect.fail('found');
  return agent.read(ref, context);
}
