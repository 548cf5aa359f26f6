/** OpenClaw's transcripts: rows of an agent's database, or files of the time before it. */
import { statSync } from 'node:fs';
import { zstdDecompressSync } from 'node:zlib';
import { checksum } from '../../io/lines.ts';
import { openForeign, type ReadDatabase, type Row } from '../../io/sqlite.ts';
import { SegueError } from '../../model/errors.ts';
import { parseObject } from '../../model/narrow.ts';
import type { Diagnostic, JsonObject } from '../../model/session.ts';
import { type DiagnosticSink, type PiRecord, type PiStore, scanRecord } from '../_shared/pi-store.ts';
import type { PiNode } from '../_shared/pi-tree.ts';

/** Opens an agent's database; what goes wrong is `unreadable`. */
export function openDatabase(path: string): ReadDatabase {
  try {
    statSync(path);
    return openForeign(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, error: unknown): SegueError {
  const reason = error instanceof Error ? error.message : 'error';
  return new SegueError('unreadable', `cannot read ${path} (${reason})`, { cause: error });
}

/** Runs a query; a damaged or foreign database is `unreadable`. */
export function withDatabase<T>(path: string, work: (database: ReadDatabase) => T): T {
  const database = openDatabase(path);
  try {
    return work(database);
  } catch (error) {
    throw error instanceof SegueError ? error : unreadable(path, error);
  } finally {
    database.close();
  }
}

/** Skeleton pass over one session's rows. Throws `not-a-session` when it has none. */
export function scanRows(path: string, sessionId: string, diagnostics: Diagnostic[]): PiStore {
  return withDatabase(path, (database) => {
    const nodes: PiNode[] = [];
    let header: JsonObject | undefined;
    let name = labelOf(database, sessionId);
    const rows = database.iterate(`${EVENTS} where session_id = ? order by seq`, sessionId);
    for (const row of rows) {
      const seq = Number(row.seq);
      const text = eventText(row);
      const bytes = text === undefined ? undefined : Buffer.from(text);
      const node = bytes === undefined ? undefined : scanRecord(bytes, 0, bytes.length);
      if (text === undefined || node === undefined) {
        diagnostics.push({ code: 'bad-record', message: 'a row is not a record', path, at: seq });
        continue;
      }
      node.start = seq;
      node.end = seq + 1;
      if (node.type === 'session') header ??= parseObject(text);
      else nodes.push(node);
      if (node.type === 'session_info') name ??= nameIn(text);
    }
    if (header === undefined && nodes.length === 0)
      throw new SegueError('not-a-session', `${path} holds no session ${sessionId}`);
    return {
      path,
      header: header ?? { id: sessionId },
      nodes,
      name,
      mtimeMs: statSync(path).mtimeMs,
      load: (wanted, into) => loadRows(path, sessionId, wanted, into),
    };
  });
}

const EVENTS = 'select seq, event_json, event_zstd from transcript_events';

function* loadRows(
  path: string,
  sessionId: string,
  nodes: Iterable<PiNode>,
  diagnostics: DiagnosticSink,
): Generator<PiRecord, void, void> {
  const database = openDatabase(path);
  try {
    for (const node of nodes) {
      const row = database.get(`${EVENTS} where session_id = ? and seq = ?`, sessionId, node.start);
      const text = row === undefined ? undefined : eventText(row);
      const record = text === undefined ? undefined : parseObject(text);
      if (text === undefined || record === undefined) {
        diagnostics.push({ code: 'bad-record', message: 'a row is not a record', path, at: node.start });
        continue;
      }
      const seq = node.start;
      const crc32 = checksum(JSON.stringify({ session_id: sessionId, seq, event_json: text }));
      const key = `${sessionId}/${seq}`;
      yield { node, record, evidence: { kind: 'row', path, table: 'transcript_events', key, crc32 } };
    }
  } finally {
    database.close();
  }
}

/** The JSON of an event: plain, or compressed. */
function eventText(row: Row): string | undefined {
  if (typeof row.event_json === 'string') return row.event_json;
  if (!(row.event_zstd instanceof Uint8Array)) return undefined;
  try {
    return zstdDecompressSync(row.event_zstd).toString('utf8');
  } catch (error) {
    // damaged data has a code; anything else is a bug
    if (!(error instanceof Error && 'code' in error)) throw error;
    return undefined;
  }
}

/** First and last records of a session, without the large ones. */
export function edgeRows(
  path: string,
  sessionId: string,
  count: number,
): { first: JsonObject[]; last: JsonObject[] } {
  return withDatabase(path, (database) => {
    const records = (order: 'asc' | 'desc'): JsonObject[] =>
      database
        .all(
          `${EVENTS} where session_id = ? and coalesce(length(event_json), 0) < 65536 order by seq ${order} limit ?`,
          sessionId,
          count,
        )
        .flatMap((row) => parseObject(eventText(row) ?? '') ?? []) as JsonObject[];
    return { first: records('asc'), last: records('desc').reverse() };
  });
}

/** The label that a session's node has. */
function labelOf(database: ReadDatabase, sessionId: string): string | undefined {
  if (database.columns('session_nodes').length === 0) return undefined;
  const row = database.get(
    'select label, display_name from session_nodes where current_session_id = ?',
    sessionId,
  );
  for (const value of [row?.label, row?.display_name])
    if (typeof value === 'string' && value.trim() !== '') return value;
  return undefined;
}

function nameIn(text: string): string | undefined {
  const name = parseObject(text)?.name;
  return typeof name === 'string' ? name.trim() : undefined;
}
