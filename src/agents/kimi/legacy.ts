/**
 * The older kimi-cli: `context.jsonl`, one message a line. From its documents and source (1.49.0); not measured.
 */
import { basename } from 'node:path';
import { checksum, type LineView, openLines } from '../../io/lines.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import {
  asArray,
  asObject,
  asString,
  asText,
  asTimestamp,
  isObject,
  parseObject,
} from '../../model/narrow.ts';
import type { Diagnostic, JsonObject, JsonValue, Session } from '../../model/session.ts';
import { onceEach } from '../_shared/pi-session.ts';
import type { DiagnosticSink } from '../_shared/pi-store.ts';
import type { SessionRef } from '../contract.ts';
import { inOneLine, newFold } from './entries.ts';
import { legacyCwd } from './places.ts';
import { readLegacyState } from './state.ts';
import type { WireRecord } from './wire.ts';

const ROLES = new Set(['user', 'assistant', 'tool', 'system']);
/** Rows that are no messages: the system prompt, marks to go back to, token counts. */
const MARKS = new Set(['_system_prompt', '_checkpoint', '_usage']);

export function readLegacy(ref: SessionRef, branch: string | undefined): Session {
  const { path } = ref;
  if (branch !== undefined) throw new SegueError('not-a-session', `there is no branch ${branch} in ${path}`);
  const diagnostics: Diagnostic[] = [];
  const sink = onceEach(diagnostics);
  if (records(path, sink).next().done === true)
    throw new SegueError('not-a-session', `${path} holds no kimi-cli session`);
  const cwd = legacyCwd(path);
  const state = basename(path) === 'context.jsonl' ? readLegacyState(path) : undefined;
  return {
    info: {
      agent: 'kimi',
      id: ref.id,
      title: state?.title,
      cwd,
      models: [],
      updatedAt: asTimestamp(ref.mtimeMs),
      lineage: [],
    },
    branches: [],
    subagents: [],
    diagnostics,
    *entries() {
      yield* inOneLine(newFold({ path, cwd, blobs: '', diagnostics: sink }), records(path, sink));
    },
  };
}

/** Rows as the records that Kimi Code writes for messages. */
function* records(path: string, diagnostics: DiagnosticSink): Generator<WireRecord, void, void> {
  const file = open(path);
  let number = 0;
  try {
    for (const view of file.lines()) {
      number++;
      const row = view.tooLong ? undefined : parseObject(view.buffer.toString('utf8', view.start, view.end));
      const role = asText(row?.role);
      if (row !== undefined && role !== undefined && MARKS.has(role)) continue;
      if (row === undefined || role === undefined || !ROLES.has(role)) {
        if (!view.torn)
          diagnostics.push({ code: 'bad-record', message: 'a line is not a message', path, at: view.offset });
        continue;
      }
      yield record(row, view, number, path);
    }
  } finally {
    file.close();
  }
}

function open(path: string) {
  try {
    return openLines(path);
  } catch (cause) {
    throw new SegueError('unreadable', `cannot read ${path} (${systemCode(cause) ?? 'error'})`, { cause });
  }
}

function record(row: JsonObject, view: LineView, line: number, path: string): WireRecord {
  const start = view.offset;
  const end = start + (view.end - view.start);
  const crc32 = checksum(view.buffer.subarray(view.start, view.end));
  const type = 'context.append_message';
  const message = {
    role: row.role ?? '',
    content: row.content ?? [],
    toolCalls: row.tool_calls ?? [],
    toolCallId: row.tool_call_id ?? '',
    ...(isInjected(row) ? { origin: { kind: 'injection' } } : {}),
    ...(row.role === 'tool' ? outcome(row.content) : {}),
  };
  return {
    node: { line, start, end, type, parent: undefined, prompt: false },
    record: { type, message },
    evidence: { kind: 'range', path, start, end, crc32 },
  };
}

/** kimi-cli marks what it says itself with tags only. */
function isInjected(row: JsonObject): boolean {
  return (
    row.role === 'user' &&
    /^\s*<system(-reminder)?>[\s\S]*<\/system(-reminder)?>\s*$/.test(firstText(row.content))
  );
}

/** The status stands in front of the output, in `<system>` tags. */
const STATUS = /^<system>([\s\S]*)<\/system>$/;

function outcome(content: JsonValue | undefined): JsonObject {
  const parts = asArray(content) ?? (typeof content === 'string' ? [{ type: 'text', text: content }] : []);
  const status = STATUS.exec(firstText(parts))?.[1];
  if (status === undefined) return { content: parts };
  const isError = status.startsWith('ERROR');
  const code = /exit code: (\d+)/.exec(status)?.[1];
  const told: JsonObject = { content: parts.slice(1), isError };
  if (isError && code !== undefined) told.exitCode = Number(code);
  return told;
}

function firstText(content: JsonValue | undefined): string {
  if (typeof content === 'string') return content;
  const first = asArray(content)?.find(isObject);
  return asString(asObject(first)?.text) ?? '';
}
