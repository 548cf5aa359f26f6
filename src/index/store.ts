/** The index: one SQLite database of segue's own that can be thrown away and made again at any time. */
import { join } from 'node:path';
import type { SessionRef } from '../agents/contract.ts';
import { removeFiles } from '../io/files.ts';
import { dataDir, type Env } from '../io/paths.ts';
import { isLocked, OWN_PAGE_BYTES, openOwn, type WriteDatabase } from '../io/sqlite.ts';

/** Raise it when the schema or what is put into it changes: older indexes are made anew. */
const VERSION = '9';

/** A session whose text is not indexed as it is now. */
export const IS_PENDING = '(text_stamp IS NULL OR text_stamp <> stamp)';

/** Texts of a block at most; a text's row in the full-text table is `block × 512 + place`. */
export const BLOCK_DOCS = 512;

const SCHEMA = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE session (
  sid INTEGER PRIMARY KEY,
  place TEXT NOT NULL UNIQUE,       -- agent, path and row key
  stamp TEXT NOT NULL,              -- size and times that the summary was made from
  text_stamp TEXT,                  -- the same for the full text
  claim TEXT,                       -- who is writing its text
  claimed REAL,                     -- when that was last written
  agent TEXT NOT NULL,
  id TEXT NOT NULL,
  updated REAL NOT NULL,
  parent TEXT,
  archived INTEGER NOT NULL,
  cwd TEXT,
  remote TEXT,
  branch TEXT,
  model TEXT,
  title TEXT,
  limited INTEGER NOT NULL,
  ref TEXT NOT NULL,                -- SessionRef
  summary TEXT NOT NULL,            -- SessionSummary, but for what has a column and what ref says
  counts TEXT,                      -- Counts and Prompts, once the full text was read
  next TEXT                         -- Continuation: where reading goes on when the session has grown
);
CREATE INDEX session_by_time ON session (updated DESC);
CREATE INDEX session_by_directory ON session (cwd);
CREATE INDEX session_by_remote ON session (remote) WHERE remote IS NOT NULL;
CREATE INDEX session_by_id ON session (id);
CREATE INDEX session_pending ON session (updated) WHERE ${IS_PENDING};
-- texts of one session that follow each other; text i has the row bid * ${BLOCK_DOCS} + i in fts
CREATE TABLE block (
  bid INTEGER PRIMARY KEY,
  sid INTEGER NOT NULL,
  first INTEGER NOT NULL,           -- numbers of entries, from 1
  last INTEGER NOT NULL,
  roles TEXT NOT NULL,              -- a letter for each text
  sizes TEXT NOT NULL,              -- a digit for each text
  shown BLOB NOT NULL               -- entries, tools and beginnings of the texts, compressed
);
CREATE INDEX block_by_session ON block (sid);
-- holds no text of its own: what is searched may be longer than what is kept for showing
CREATE VIRTUAL TABLE fts USING fts5 (text, tool, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2');
-- words are gathered in memory before they are written, and what is written is merged when there is much of it, a page at a time
INSERT INTO fts (fts, rank) VALUES ('hashsize', ${16 << 20}), ('automerge', 16), ('crisismerge', 64),
  ('pgsz', ${OWN_PAGE_BYTES - 184});
-- its words, in order
CREATE VIRTUAL TABLE word USING fts5vocab (fts, instance);
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
  } catch (error) {
    // damaged beyond opening: nothing in it is needed; but one that others are busy with is not damaged
    if (isLocked(error)) throw error;
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
  } catch (error) {
    if (isLocked(error)) throw error;
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
