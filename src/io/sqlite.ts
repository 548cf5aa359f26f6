/** The only file that touches node:sqlite: other programs' databases (read or insert, never altered) and segue's own. */
import { constants, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/** A value as SQLite returns it; integers beyond 2^53 are not used by any store. */
export type SqlValue = string | number | bigint | null | Uint8Array;
export type Row = Record<string, SqlValue>;

/** A database as readers see it. */
export interface ReadDatabase {
  all(sql: string, ...params: SqlValue[]): Row[];
  get(sql: string, ...params: SqlValue[]): Row | undefined;
  iterate(sql: string, ...params: SqlValue[]): IterableIterator<Row>;
  /** Column names of a table; empty when there is no such table. */
  columns(table: string): string[];
  close(): void;
}

/** A database that may be changed. */
export interface WriteDatabase extends ReadDatabase {
  run(sql: string, ...params: SqlValue[]): number;
  exec(sql: string): void;
  /** One `BEGIN IMMEDIATE` transaction; rolled back when `work` throws. */
  transaction<T>(work: () => T): T;
}

const BUSY_MS = 5000;
/** Several segues may write the index in turn, each some seconds on a slow machine. */
const OWN_BUSY_MS = 60_000;
/** Size of a page of segue's own database: four times the usual, because full text is written and read in long runs. */
export const OWN_PAGE_BYTES = 16 << 10;
/** What is in the write-ahead log is copied when it is so long, and at the end: much is written at once. */
const LOG_BYTES = 32 << 20;
const SHORT_MS = 5;

function load(): typeof import('node:sqlite') {
  // Node 22 prints an experimental warning once; only that one is held back.
  const emit = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: never[]) => {
    if (!String(warning).includes('SQLite'))
      (emit as (w: string | Error, ...r: never[]) => void)(warning, ...rest);
  }) as typeof process.emitWarning;
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emit;
  }
}

/**
 * Opens another program's database for reading so that nothing beside it changes.
 * No write-ahead log: opened immutable. A live log (with its -shm): opened read-only, as any reader of it would.
 * A log without -shm, or a place that cannot be opened so: a private copy is read instead. Close it soon.
 */
export function openForeign(path: string): ReadDatabase {
  const log = `${path}-wal`;
  const hasLog = existsSync(log) && statSync(log).size > 0;
  if (!hasLog) return readDatabase(connect(`${pathToFileURL(path).href}?immutable=1`, true));
  if (existsSync(`${path}-shm`)) {
    try {
      return readDatabase(connect(path, true));
    } catch (error) {
      if (!isCannotOpen(error)) throw error;
    }
  }
  return openCopy(path, log);
}

function openCopy(path: string, log: string): ReadDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'segue-db-'));
  const copy = join(folder, basename(path));
  try {
    copyFileSync(path, copy, constants.COPYFILE_FICLONE);
    copyFileSync(log, `${copy}-wal`, constants.COPYFILE_FICLONE);
    const database = readDatabase(connect(copy, false));
    return {
      ...database,
      close() {
        database.close();
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Opens another program's database to insert rows: it must exist. Waits up to `busyMs` (5 s) for a lock. */
export function openForeignForInsert(path: string, busyMs: number = BUSY_MS): WriteDatabase {
  if (!existsSync(path)) throw Object.assign(new Error(`no database at ${path}`), { code: 'ENOENT' });
  return writeDatabase(connect(path, false, busyMs));
}

/** Opens segue's own database (made when missing) in WAL mode. */
export function openOwn(path: string): WriteDatabase {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = writeDatabase(connect(path, false, OWN_BUSY_MS));
  try {
    // says something only while there is no database yet
    database.exec(`PRAGMA page_size = ${OWN_PAGE_BYTES}`);
    switchToWal(database);
    database.exec(`PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${LOG_BYTES / OWN_PAGE_BYTES};`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * SQLite waits for most locks by itself, but not where two processes are at the first opening of a database at the same time:
 * of two that hold it and both want it alone, one is told at once.
 */
function switchToWal(database: WriteDatabase): void {
  const started = Date.now();
  for (;;) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      return;
    } catch (error) {
      if (!isLocked(error) || Date.now() - started > OWN_BUSY_MS) throw error;
    }
    sleep(SHORT_MS);
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** Whether an error means that another process holds the database. */
export function isLocked(error: unknown): boolean {
  return error instanceof Error && /database (table )?is locked|SQLITE_BUSY/.test(error.message);
}

function isCannotOpen(error: unknown): boolean {
  return error instanceof Error && /unable to open database file/.test(error.message);
}

function connect(location: string, readOnly: boolean, timeout: number = BUSY_MS): DatabaseSync {
  const { DatabaseSync: Database } = load();
  const database = new Database(location, { readOnly, timeout });
  if (readOnly) database.exec('PRAGMA query_only = 1');
  return database;
}

function readDatabase(database: DatabaseSync): ReadDatabase {
  const prepared = statements(database);
  return {
    all: (sql, ...params) => prepared(sql).all(...params) as Row[],
    get: (sql, ...params) => prepared(sql).get(...params) as Row | undefined,
    // a statement that is being stepped cannot be used again before it is done: each iteration has its own
    iterate: (sql, ...params) => database.prepare(sql).iterate(...params) as IterableIterator<Row>,
    columns: (table) =>
      database
        .prepare(`PRAGMA table_info('${table.replaceAll("'", "''")}')`)
        .all()
        .map((row) => String(row.name)),
    close: () => database.close(),
  };
}

/** Statements by their text: preparing costs more than running. */
function statements(database: DatabaseSync): (sql: string) => StatementSync {
  const known = new Map<string, StatementSync>();
  return (sql) => {
    let statement = known.get(sql);
    if (statement === undefined) {
      statement = database.prepare(sql);
      known.set(sql, statement);
    }
    return statement;
  };
}

function writeDatabase(database: DatabaseSync): WriteDatabase {
  const prepared = statements(database);
  return {
    ...readDatabase(database),
    run: (sql, ...params) => Number(prepared(sql).run(...params).changes),
    exec: (sql) => database.exec(sql),
    transaction(work) {
      database.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        database.exec('COMMIT');
        return result;
      } catch (error) {
        // a full disk makes SQLite end the transaction itself
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
  };
}
