/** Where the records of a pi transcript come from: a JSON-lines file here, a database in agents/openclaw. */

import { scanMembers, stringAt } from '../../io/json-scan.ts';
import { checksum, type LineFile, type LineView, openLines } from '../../io/lines.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { asNumber, asObject, asText, asTimestamp, parseJson, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, Evidence, JsonObject, JsonValue, Usage } from '../../model/session.ts';
import type { PiNode } from './pi-tree.ts';

/** A record with its payload. */
export interface PiRecord {
  node: PiNode;
  record: JsonObject;
  evidence: Evidence;
}

/** Where diagnostics go: an array, or something that looks at them first. */
export interface DiagnosticSink {
  push(diagnostic: Diagnostic): unknown;
}

/** A transcript as the skeleton pass leaves it. */
export interface PiStore {
  path: string;
  header: JsonObject;
  nodes: PiNode[];
  /** The name that was given last; empty when it was taken away. */
  name?: string;
  mtimeMs: number;
  /** The payloads of some nodes, in the order asked for; bad ones are diagnosed and left out. */
  load(nodes: Iterable<PiNode>, diagnostics: DiagnosticSink): Generator<PiRecord, void, void>;
}

/** A transcript file. Throws `not-a-session` when there is neither a header nor a message, `unreadable` when it cannot be opened. */
export function scanTranscript(path: string, diagnostics: Diagnostic[]): PiStore {
  const store = scanRecords(path, 0, diagnostics);
  if (asText(store.header.id) === undefined) {
    if (!store.nodes.some((node) => node.role !== undefined))
      throw new SegueError('not-a-session', `${path} holds no session`);
    diagnostics.push({ code: 'bad-record', message: 'the session header is missing', path, at: 0 });
  }
  return store;
}

/** Skeleton pass from a byte on: members are found in raw bytes, only the header and small members are parsed. */
export function scanRecords(path: string, from: number, diagnostics: Diagnostic[]): PiStore {
  const file = open(path);
  try {
    let header: JsonObject | undefined;
    let first = true;
    let name: string | undefined;
    const nodes: PiNode[] = [];
    for (const view of file.lines(from)) {
      const node = view.tooLong ? undefined : scanRecord(view.buffer, view.start, view.end);
      if (node === undefined) {
        diagnostics.push(damage(path, view));
        continue;
      }
      node.start = view.offset;
      node.end = view.offset + (view.end - view.start);
      if (node.type === 'session') {
        if (first) header = parseObject(view.buffer.toString('utf8', view.start, view.end));
      } else {
        nodes.push(node);
        if (node.type === 'session_info') name = nameIn(view) ?? '';
      }
      first = false;
    }
    return {
      path,
      header: header ?? {},
      nodes,
      name,
      mtimeMs: file.mtimeMs,
      load: (wanted, into) => loadLines(path, wanted, into),
    };
  } finally {
    file.close();
  }
}

/** Opens a file; system errors become `unreadable`. */
function open(path: string): LineFile {
  try {
    return openLines(path);
  } catch (error) {
    throw new SegueError('unreadable', `cannot read ${path} (${systemCode(error) ?? 'error'})`, {
      cause: error,
    });
  }
}

function damage(path: string, view: LineView): Diagnostic {
  if (view.tooLong)
    return { code: 'too-large', message: 'a record is too long to be read', path, at: view.offset };
  return view.torn
    ? { code: 'torn-record', message: 'the last record is not complete', path, at: view.offset }
    : { code: 'bad-record', message: 'a line is not a record', path, at: view.offset };
}

function* loadLines(path: string, nodes: Iterable<PiNode>, diagnostics: DiagnosticSink): Generator<PiRecord> {
  const file = open(path);
  try {
    for (const node of nodes) {
      const bytes = file.slice(node.start, node.end);
      const record = parseObject(bytes.toString('utf8'));
      if (record === undefined) {
        diagnostics.push({ code: 'bad-record', message: 'a line is not a record', path, at: node.start });
        continue;
      }
      const evidence: Evidence = {
        kind: 'range',
        path,
        start: node.start,
        end: node.end,
        crc32: checksum(bytes),
      };
      yield { node, record, evidence };
    }
  } finally {
    file.close();
  }
}

const MESSAGE = Buffer.from('"message":{');
/** `message` stands behind the short members. */
const BEFORE_MESSAGE = 400;

/**
 * A record's skeleton from its bytes (`start` to `end`), without a place; undefined when they are no object with a type.
 * Of a message as pi writes it, only what is in front of its content is looked at.
 */
export function scanRecord(buffer: Buffer, start: number, end: number): PiNode | undefined {
  const at = buffer.subarray(start, Math.min(end, start + BEFORE_MESSAGE)).indexOf(MESSAGE);
  const closed = buffer[end - 1] === CLOSE_BRACE && buffer[end - 2] === CLOSE_BRACE;
  if (at > 0 && closed) {
    const node: PiNode = { id: '', type: '', start: 0, end: 0 };
    // it ends where the message begins, so that it always stops there
    scanMembers(buffer, start, start + at, members(node, buffer));
    if (node.type === 'message') {
      scanMessage(node, buffer, start + at + MESSAGE.length - 1, end);
      if (node.role !== undefined) return node;
    }
  }
  const node: PiNode = { id: '', type: '', start: 0, end: 0 };
  const complete = scanMembers(buffer, start, end, members(node, buffer));
  return complete && node.type !== '' ? node : undefined;
}

const CLOSE_BRACE = 0x7d;

/** Takes the members of a record into its node. */
function members(node: PiNode, buffer: Buffer): (key: string, from: number, to: number) => undefined {
  return (key, from, to) => {
    if (key === 'type') node.type = stringAt(buffer, from, to) ?? '';
    else if (key === 'id') node.nativeId = stringAt(buffer, from, to);
    else if (key === 'parentId') node.parentId = buffer[from] === 0x6e ? null : stringAt(buffer, from, to);
    else if (key === 'targetId') node.targetId = stringAt(buffer, from, to);
    else if (key === 'appendMode') node.side = stringAt(buffer, from, to) === 'side';
    else if (key === 'timestamp') node.time = asTimestamp(smallValue(buffer, from, to));
    else if (key === 'message') scanMessage(node, buffer, from, to);
    return undefined;
  };
}

function scanMessage(node: PiNode, buffer: Buffer, start: number, end: number): void {
  let time: number | undefined;
  scanMembers(buffer, start, end, (key, from, to) => {
    if (key === 'role') node.role = stringAt(buffer, from, to) ?? '';
    else if (key === 'model') node.model = stringAt(buffer, from, to);
    else if (key === 'stopReason') node.failed = stringAt(buffer, from, to) === 'error';
    else if (key === 'usage') node.usage = readUsage(smallValue(buffer, from, to));
    else if (key === 'timestamp') time = asNumber(smallValue(buffer, from, to));
    // only assistant messages hold more that is wanted; their payload is skipped over by the scanner
    return node.role === undefined || node.role === 'assistant' ? undefined : false;
  });
  node.time ??= asTimestamp(time);
}

function smallValue(buffer: Buffer, from: number, to: number): JsonValue | undefined {
  return to - from > 2000 ? undefined : parseJson(buffer.toString('utf8', from, to));
}

function nameIn(view: LineView): string | undefined {
  const record = parseObject(view.buffer.toString('utf8', view.start, view.end));
  return asText(record?.name)?.trim();
}

/** pi's token counts; `input` is without cached tokens there too. All-zero counts mean that nothing was recorded. */
export function readUsage(value: unknown): Usage | undefined {
  const stored = asObject(value);
  if (stored === undefined) return undefined;
  const usage: Usage = {};
  for (const key of ['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] as const) {
    const count = asNumber(stored[key]);
    if (count !== undefined) usage[key] = count;
  }
  return Object.values(usage).some((count) => count > 0) ? usage : undefined;
}
