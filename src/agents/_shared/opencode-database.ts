/** Sessions in the SQLite database of OpenCode (since 1.2) and its forks: read only, one message in memory at a time. */
import { checksum } from '../../io/lines.ts';
import { isLocked, openForeign, type ReadDatabase, type Row, type SqlValue } from '../../io/sqlite.ts';
import { SegueError } from '../../model/errors.ts';
import { asNumber, asText, asTimestamp, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, Evidence, JsonObject } from '../../model/session.ts';
import {
  modelName,
  realTitle,
  revertOf,
  type SessionFacts,
  type SessionSource,
  type StoredMessage,
  usageOf,
} from './opencode-source.ts';

const MESSAGE_COLUMNS = 'id, session_id, time_created, time_updated, data';
const PART_COLUMNS = 'id, message_id, session_id, time_created, time_updated, data';

/** Opens the database for the time of `work`. Database errors are thrown as they are. */
export function withDatabase<T>(path: string, work: (database: ReadDatabase) => T): T {
  const database = openForeign(path);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** What a failed look at a database means, without content. */
export function databaseProblem(error: unknown): string {
  if (isLocked(error)) return 'the database is locked';
  const message = error instanceof Error ? error.message : '';
  if (/not a database/.test(message)) return 'the file is not a database';
  if (/malformed|corrupt/.test(message)) return 'the database is damaged';
  if (/no such table|no such column/.test(message)) return 'the database has other tables than expected';
  return 'the database cannot be opened';
}

/** The session `id`. Throws `not-a-session` when there is none, `unreadable` when the database cannot tell. */
export function databaseSource(path: string, id: string): SessionSource {
  try {
    return withDatabase(path, (database) => {
      const row = database.columns('session').length === 0 ? undefined : sessionRow(database, id);
      if (row === undefined)
        throw new SegueError('not-a-session', `no session ${id} in ${path}`, {
          hint: 'it may have been deleted: list the sessions again',
        });
      return sourceOf(path, factsOfRow(row));
    });
  } catch (error) {
    if (error instanceof SegueError) throw error;
    throw new SegueError('unreadable', `cannot read ${path}: ${databaseProblem(error)}`, { cause: error });
  }
}

/** The row of one session, whatever columns this version has. */
export function sessionRow(database: ReadDatabase, id: string): Row | undefined {
  return database.get('SELECT * FROM session WHERE id = ?', id);
}

/** Session row → facts. Columns that a version lacks are absent facts. */
export function factsOfRow(row: Row): SessionFacts {
  return {
    id: String(row.id),
    title: realTitle(row.title),
    directory: asText(row.directory),
    parentId: asText(row.parent_id),
    version: asText(row.version),
    agent: asText(row.agent),
    model: modelName(jsonColumn(row.model)),
    createdAt: asTimestamp(row.time_created),
    updatedAt: asTimestamp(row.time_updated),
    archived: asNumber(row.time_archived) !== undefined,
    usage: usageOf({
      input: asNumber(row.tokens_input) ?? 0,
      output: asNumber(row.tokens_output) ?? 0,
      reasoning: asNumber(row.tokens_reasoning) ?? 0,
      cache: { read: asNumber(row.tokens_cache_read) ?? 0, write: asNumber(row.tokens_cache_write) ?? 0 },
    }),
    metadata: jsonColumn(row.metadata),
    revert: revertOf(jsonColumn(row.revert)),
  };
}

function jsonColumn(value: unknown): JsonObject | undefined {
  return typeof value === 'string' ? parseObject(value) : undefined;
}

function sourceOf(path: string, facts: SessionFacts): SessionSource {
  return {
    facts,
    messages: (diagnostics) => databaseMessages(path, facts.id, diagnostics),
    children: (diagnostics) => databaseChildren(path, facts.id, diagnostics),
    models: () => databaseModels(path, facts.id),
  };
}

function databaseChildren(path: string, id: string, diagnostics: Diagnostic[]): SessionSource[] {
  try {
    return withDatabase(path, (database) =>
      database
        .all('SELECT * FROM session WHERE parent_id = ? ORDER BY time_created, id', id)
        .map((row) => sourceOf(path, factsOfRow(row))),
    );
  } catch (error) {
    diagnostics.push({ code: 'unreadable', message: databaseProblem(error), path });
    return [];
  }
}

const MODELS = `
  SELECT j ->> '$.providerID' AS providerID, j ->> '$.modelID' AS modelID
  FROM (SELECT id, time_created, CASE WHEN json_valid(data) THEN data END AS j FROM message WHERE session_id = ?)
  WHERE j ->> '$.role' = 'assistant' GROUP BY 1, 2 ORDER BY min(time_created), min(id)`;

/** Empty where the messages cannot be read: `entries()` says so. */
function databaseModels(path: string, id: string): string[] {
  try {
    return withDatabase(path, (database) =>
      database.all(MODELS, id).flatMap((row) => {
        const model = { providerID: text(row.providerID), modelID: text(row.modelID) };
        return modelName(model) ?? [];
      }),
    );
  } catch (error) {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}

function text(value: SqlValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function* databaseMessages(
  path: string,
  sessionId: string,
  diagnostics: Diagnostic[],
): Generator<StoredMessage, void, void> {
  let database: ReadDatabase | undefined;
  try {
    database = openForeign(path);
    const rows = database.iterate(
      `SELECT ${MESSAGE_COLUMNS} FROM message WHERE session_id = ? ORDER BY time_created, id`,
      sessionId,
    );
    for (const row of rows) {
      const message = messageOf(database, path, row, diagnostics);
      if (message !== undefined) yield message;
    }
  } catch (error) {
    diagnostics.push({ code: 'unreadable', message: databaseProblem(error), path });
  } finally {
    database?.close();
  }
}

/** The first messages of a session, for its title. */
export function firstMessages(
  database: ReadDatabase,
  path: string,
  sessionId: string,
  count: number,
): StoredMessage[] {
  return database
    .all(
      `SELECT ${MESSAGE_COLUMNS} FROM message WHERE session_id = ? ORDER BY time_created, id LIMIT ?`,
      sessionId,
      count,
    )
    .flatMap((row) => messageOf(database, path, row, []) ?? []);
}

function messageOf(
  database: ReadDatabase,
  path: string,
  row: Row,
  diagnostics: Diagnostic[],
): StoredMessage | undefined {
  const id = String(row.id);
  const data = jsonColumn(row.data);
  if (data === undefined) {
    diagnostics.push({ code: 'bad-record', message: 'message row without a JSON object', path, at: id });
    return undefined;
  }
  const parts: StoredMessage['parts'] = [];
  for (const part of database.iterate(
    `SELECT ${PART_COLUMNS} FROM part WHERE message_id = ? ORDER BY id`,
    id,
  )) {
    const partId = String(part.id);
    const partData = jsonColumn(part.data);
    if (partData === undefined)
      diagnostics.push({ code: 'bad-record', message: 'part row without a JSON object', path, at: partId });
    else parts.push({ id: partId, data: partData, evidence: rowEvidence(path, 'part', part) });
  }
  return { id, data, parts, evidence: rowEvidence(path, 'message', row) };
}

/** The checksum is over the JSON text of the row with the columns in the order of the table. */
function rowEvidence(path: string, table: string, row: Row): Evidence {
  return { kind: 'row', path, table, key: String(row.id), crc32: checksum(JSON.stringify(row)) };
}
