/** Droid session files → sessions. The order of lines is the conversation; `parentId` only says the same. */
import { basename, dirname, join } from 'node:path';
import { readJsonFile } from '../../io/json-file.ts';
import { scanMembers, stringAt } from '../../io/json-scan.ts';
import { checksum, type LineFile, openLines } from '../../io/lines.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { asNumber, asObject, asText, asTimestamp, defined, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, Entry, JsonObject, Lineage, Timestamp, Usage } from '../../model/session.ts';
import { answersOwnCalls } from '../_shared/own-calls.ts';
import { onceEach } from '../_shared/pi-session.ts';
import type { DiagnosticSink } from '../_shared/pi-store.ts';
import type { MarkedSession, Marks, ReadContext, ReadMark, ReadOptions, SessionRef } from '../contract.ts';
import { newFold } from './entries.ts';

/** Member of the first line in which a transferred session names its source. */
export const PROVENANCE = 'segueSource';

export function read(ref: SessionRef, _context: ReadContext, options: ReadOptions = {}): MarkedSession {
  const { path } = ref;
  if (options.branch !== undefined)
    throw new SegueError('not-a-session', `there is no branch ${options.branch} in ${path}`);
  const diagnostics: Diagnostic[] = [];
  const sink = onceEach(diagnostics);
  const { start, messages, models, createdAt, updatedAt } = scan(path, 0, sink);
  if (start === undefined && messages === 0)
    throw new SegueError('not-a-session', `${path} holds no Droid session`);
  // Droid itself takes such a file for an empty session
  if (start === undefined)
    sink.push({ code: 'bad-record', message: 'the first line is missing', path, at: 0 });
  const cwd = asText(start?.cwd);
  return {
    info: {
      agent: 'droid',
      id: ref.id,
      title: asText(start?.sessionTitle) ?? asText(start?.title),
      cwd,
      models,
      usage: usageOf(path),
      createdAt,
      updatedAt,
      lineage: lineageOf(start ?? {}),
    },
    branches: [],
    subagents: [],
    diagnostics,
    ...contentOf(path, cwd, 0, sink),
  };
}

/** Reads the records from `mark` on. Undefined when they compact or name the session anew, or answer a call before them. */
export function readOn(
  { path, id }: SessionRef,
  _context: ReadContext,
  { offset, state }: ReadMark,
): MarkedSession | undefined {
  const diagnostics: Diagnostic[] = [];
  const sink = onceEach(diagnostics);
  const { start, compacted, models } = scan(path, offset, sink);
  if (start !== undefined || compacted) return undefined;
  const session: MarkedSession = {
    info: { agent: 'droid', id, models, lineage: [] },
    branches: [],
    subagents: [],
    diagnostics,
    ...contentOf(path, asText(state.cwd), offset, sink),
  };
  return answersOwnCalls(session) ? session : undefined;
}

/** The entries from a byte on, and marks, which are known of entries that have passed. */
function contentOf(
  path: string,
  cwd: string | undefined,
  from: number,
  diagnostics: DiagnosticSink,
): Required<Pick<MarkedSession, 'entries' | 'marks'>> {
  const places = new Set<number>();
  const marks: Marks = {
    at: (offset) => (places.has(offset) ? 'closed' : 'no'),
    make: (offset) => ({ offset, state: { cwd: cwd ?? null } }),
  };
  return { marks, entries: () => entriesOf(path, cwd, from, places, diagnostics) };
}

interface Skeleton {
  /** The first line. */
  start: JsonObject | undefined;
  messages: number;
  compacted: boolean;
  models: string[];
  createdAt: Timestamp | undefined;
  updatedAt: Timestamp | undefined;
}

/** First pass from a byte on: the first line, times and models, from raw bytes. Throws `unreadable`. */
function scan(path: string, since: number, diagnostics: DiagnosticSink): Skeleton {
  const file = open(path);
  const models = new Set<string>();
  let start: JsonObject | undefined;
  let messages = 0;
  let compacted = false;
  let createdAt: Timestamp | undefined;
  let updatedAt: Timestamp | undefined;
  try {
    for (const { buffer, start: from, end, offset, tooLong, torn } of file.lines(since)) {
      let type: string | undefined;
      let time: Timestamp | undefined;
      const whole =
        !tooLong &&
        scanMembers(buffer, from, end, (key, a, b) => {
          if (key === 'type') type = stringAt(buffer, a, b);
          else if (key === 'timestamp') time = asTimestamp(stringAt(buffer, a, b));
          else if (key === 'message') addModel(models, buffer, a, b);
          return undefined;
        });
      if (!whole || type === undefined) {
        // a torn last line is normal: the agent is writing
        if (tooLong)
          diagnostics.push({ code: 'too-large', message: 'a record is too long', path, at: offset });
        else if (!torn)
          diagnostics.push({ code: 'bad-record', message: 'a line is not a record', path, at: offset });
        continue;
      }
      if (type === 'session_start') start ??= parseObject(buffer.toString('utf8', from, end));
      else if (type === 'message') messages++;
      else if (type === 'compaction_state') compacted = true;
      createdAt ??= time;
      updatedAt = time ?? updatedAt;
    }
  } finally {
    file.close();
  }
  return { start, messages, compacted, models: [...models], createdAt, updatedAt };
}

function addModel(models: Set<string>, buffer: Buffer, from: number, to: number): void {
  scanMembers(buffer, from, to, (key, a, b) => {
    const model = key === 'modelId' ? stringAt(buffer, a, b) : undefined;
    if (model !== undefined) models.add(model);
    return undefined;
  });
}

function* entriesOf(
  path: string,
  cwd: string | undefined,
  from: number,
  places: Set<number>,
  diagnostics: DiagnosticSink,
): Generator<Entry, void, void> {
  const file = open(path);
  const fold = newFold({ path, cwd, diagnostics });
  let parentId: string | null = null;
  try {
    for (const view of file.lines(from)) {
      const bytes = view.buffer.subarray(view.start, view.end);
      const record = view.tooLong ? undefined : parseObject(bytes.toString('utf8'));
      if (record === undefined) continue; // told in the first pass
      const start = view.offset;
      const evidence = {
        kind: 'range' as const,
        path,
        start,
        end: start + bytes.length,
        crc32: checksum(bytes),
      };
      if (fold.settled()) places.add(start);
      for (const entry of fold.take(record, evidence, start)) {
        entry.parentId = parentId;
        parentId = entry.id;
        yield entry;
      }
    }
  } finally {
    file.close();
  }
}

function open(path: string): LineFile {
  try {
    return openLines(path);
  } catch (cause) {
    throw new SegueError('unreadable', `cannot read ${path} (${systemCode(cause) ?? 'error'})`, { cause });
  }
}

/** Totals, from the settings beside the session. */
export function usageOf(path: string): Usage | undefined {
  const stored = asObject(settingsOf(path)?.tokenUsage);
  if (stored === undefined) return undefined;
  const usage = {
    input: asNumber(stored.inputTokens),
    output: asNumber(stored.outputTokens),
    cacheRead: asNumber(stored.cacheReadTokens),
    cacheWrite: asNumber(stored.cacheCreationTokens),
  };
  return defined(usage);
}

/** `<id>.settings.json`: model, permissions, token totals. */
export function settingsOf(path: string): JsonObject | undefined {
  return asObject(readJsonFile(join(dirname(path), `${basename(path, '.jsonl')}.settings.json`)));
}

function lineageOf(start: JsonObject): Lineage[] {
  const lineage: Lineage[] = [];
  const parent = asText(start.parent);
  if (parent !== undefined) lineage.push({ kind: 'fork', agent: 'droid', id: parent });
  const source = asObject(start[PROVENANCE]);
  const agent = asText(source?.agent);
  const id = asText(source?.id);
  if (agent !== undefined && id !== undefined) lineage.push({ kind: 'transplant', agent, id });
  return lineage;
}
