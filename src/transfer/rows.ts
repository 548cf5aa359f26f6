/** Rows in an agent's database: inserted in one transaction, taken out by their keys. */
import { existsSync } from 'node:fs';
import type { PlannedRow } from '../agents/contract.ts';
import { openForeignForInsert, type WriteDatabase } from '../io/sqlite.ts';
import { SegueError } from '../model/errors.ts';
import type { Step } from './disk.ts';
import type { Journal } from './journal.ts';
import type { RowsOp } from './ops.ts';

type Values = Record<string, string | number | null>;

interface KnownRow {
  table: string;
  values: Values;
  key: Values;
}

/** Inserts rows, one transaction for each database. Columns that a table lacks are left out. */
export function insertRows(rows: PlannedRow[], journal: Journal, step: Step, busyMs?: number): void {
  const databases = new Set(rows.map((row) => row.database));
  for (const path of databases) {
    const database = openForeignForInsert(path, busyMs);
    try {
      insertInto(
        database,
        path,
        rows.filter((row) => row.database === path),
        journal,
        step,
      );
    } finally {
      database.close();
    }
  }
}

function insertInto(
  database: WriteDatabase,
  path: string,
  rows: PlannedRow[],
  journal: Journal,
  step: Step,
): void {
  const known = rows.map((row) => knownRow(database, row));
  requireFree(database, path, known);
  const at = journal.intend({
    op: 'rows',
    database: path,
    rows: known.map(({ table, key }) => ({ table, key })),
  });
  try {
    database.transaction(() => {
      for (const row of known) {
        // looked at again inside the transaction: now nobody else can take the key
        requireFree(database, path, [row]);
        step('row', () => insert(database, row));
      }
      step('commit-begin', () => undefined);
    });
  } catch (error) {
    // SQLite took the transaction back: rows under these keys would be another program's
    journal.replace(at, null);
    throw error;
  }
  step('committed', () => undefined);
}

function knownRow(database: WriteDatabase, row: PlannedRow): KnownRow {
  const columns = new Set(database.columns(row.table));
  const values = Object.fromEntries(Object.entries(row.values).filter(([name]) => columns.has(name)));
  const key = Object.fromEntries(row.key.map((name) => [name, values[name] ?? null]));
  if (row.key.some((name) => !Object.hasOwn(values, name))) {
    throw new SegueError(
      'write-failed',
      `the database has no table "${row.table}" of the form that is known`,
      {
        hint: 'this version of the agent is not known yet',
      },
    );
  }
  return { table: row.table, values, key };
}

function requireFree(database: WriteDatabase, path: string, rows: KnownRow[]): void {
  for (const { table, key } of rows) {
    const where = condition(key);
    if (database.get(`SELECT 1 FROM ${quoted(table)} WHERE ${where.sql}`, ...where.values) !== undefined)
      throw new SegueError('already-exists', `${path} already has this session (table ${table})`);
  }
}

function insert(database: WriteDatabase, { table, values }: KnownRow): void {
  const names = Object.keys(values);
  database.run(
    `INSERT INTO ${quoted(table)} (${names.map(quoted).join(', ')}) VALUES (${names.map(() => '?').join(', ')})`,
    ...Object.values(values),
  );
}

/** Deletes rows by their keys, the last one first. A database or table that is gone is nothing to do. */
export function deleteRows(op: RowsOp, step: Step): void {
  if (!existsSync(op.database)) return;
  // left by a crash before anything was written: SQLite removes it with the next change, and only then
  const hasJournal = existsSync(`${op.database}-journal`);
  const database = openForeignForInsert(op.database);
  try {
    database.transaction(() => {
      for (const { table, key } of op.rows.toReversed()) {
        if (database.columns(table).length === 0) continue;
        const where = condition(key);
        step('row-delete', () =>
          database.run(`DELETE FROM ${quoted(table)} WHERE ${where.sql}`, ...where.values),
        );
      }
      if (hasJournal) database.exec(`PRAGMA user_version = ${userVersion(database)}`);
    });
    step('deleted', () => undefined);
  } finally {
    database.close();
  }
}

function userVersion(database: WriteDatabase): number {
  return Number(database.get('PRAGMA user_version')?.user_version ?? 0);
}

function condition(key: Values): { sql: string; values: (string | number | null)[] } {
  const sql = Object.keys(key).map((name) => `${quoted(name)} IS ?`);
  return { sql: sql.join(' AND '), values: Object.values(key) };
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
