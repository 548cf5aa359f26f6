/** The index: one SQLite database of segue's own that can be thrown away and made again at any time. */
import { join } from 'node:path';
import type { SessionRef, SessionSummary } from '../agents/contract.ts';
import { removeFiles } from '../io/files.ts';
import { dataDir, type Env } from '../io/paths.ts';
import { openOwn, type WriteDatabase } from '../io/sqlite.ts';

/** Raise it when the schema or what is put into it changes: older indexes are made anew. */
const VERSION = '3';

const SCHEMA = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE session (
  sid INTEGER PRIMARY KEY,
  place TEXT NOT NULL UNIQUE,       -- agent, path and row key
  agent TEXT NOT NULL,
  id TEXT NOT NULL,
  path TEXT NOT NULL,
  row_key TEXT,
  stamp TEXT NOT NULL,              -- size and times that the summary was made from
  text_stamp TEXT,                  -- the same for the full text
  updated REAL NOT NULL,
  parent TEXT,
  archived INTEGER NOT NULL,
  ref TEXT NOT NULL,                -- SessionRef
  summary TEXT NOT NULL             -- SessionSummary
);
CREATE INDEX session_by_time ON session (updated DESC);
CREATE INDEX session_by_id ON session (id);
CREATE TABLE doc (
  rowid INTEGER PRIMARY KEY,
  sid INTEGER NOT NULL,
  ref INTEGER NOT NULL,             -- number of the entry, from 1
  role TEXT NOT NULL,               -- user, assistant, tool
  tool TEXT,
  shown TEXT NOT NULL               -- beginning of the text, for results
);
CREATE INDEX doc_by_session ON doc (sid);
-- holds no text of its own: what is searched may be longer than what is kept for showing
CREATE VIRTUAL TABLE fts USING fts5 (text, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2');
CREATE TABLE touched (sid INTEGER NOT NULL, file TEXT NOT NULL, ref INTEGER NOT NULL, how TEXT NOT NULL, PRIMARY KEY (sid, file)) WITHOUT ROWID;
CREATE INDEX touched_by_file ON touched (file);
`;

/** Where the index is. */
export function indexPath(env: Env): string {
  return join(dataDir(env), 'index.db');
}

/** Opens the index; a missing, broken or older one is made anew. Close it. */
export function openIndex(env: Env): WriteDatabase {
  const path = indexPath(env);
  try {
    const database = openOwn(path);
    if (isCurrent(database)) return database;
    database.close();
  } catch {
    // damaged beyond opening: nothing in it is needed
  }
  return recreate(path);
}

/** Deletes the index. */
export function removeIndex(env: Env): void {
  const path = indexPath(env);
  removeFiles([path, `${path}-wal`, `${path}-shm`]);
}

function isCurrent(database: WriteDatabase): boolean {
  try {
    if (database.columns('meta').length === 0) {
      // two processes may both find it empty: the second sees what the first made
      database.transaction(() => {
        if (database.columns('meta').length === 0) create(database);
      });
    }
    return database.get('SELECT value FROM meta WHERE key = ?', 'version')?.value === VERSION;
  } catch {
    return false;
  }
}

function recreate(path: string): WriteDatabase {
  removeFiles([path, `${path}-wal`, `${path}-shm`]);
  const database = openOwn(path);
  database.transaction(() => {
    if (database.columns('meta').length === 0) create(database);
  });
  return database;
}

function create(database: WriteDatabase): void {
  database.exec(SCHEMA);
  database.run('INSERT INTO meta (key, value) VALUES (?, ?)', 'version', VERSION);
}

/** What identifies a session's place in the index. */
export function placeOf(ref: SessionRef): string {
  return `${ref.agent}\n${ref.path}\n${ref.key ?? ''}`;
}

/** Changes when the file (or row) changes. */
export function stampOf(ref: SessionRef): string {
  return `${ref.bytes}:${ref.mtimeMs}:${ref.ctimeMs ?? 0}`;
}

/** An indexed session. */
export interface IndexedSession {
  sid: number;
  ref: SessionRef;
  summary: SessionSummary;
  updatedMs: number;
  /** The full text is indexed and current. */
  searchable: boolean;
}
