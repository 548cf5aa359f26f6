/** Receipts of transfers, in segue's own database. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import type { SessionRef } from '../agents/contract.ts';
import { dataDir, type Env } from '../io/paths.ts';
import { openOwn, type WriteDatabase } from '../io/sqlite.ts';
import { SegueError } from '../model/errors.ts';
import type { Op } from './ops.ts';
import type { Receipt } from './types.ts';

/** A receipt with what undoing needs. */
export interface StoredReceipt {
  receipt: Receipt;
  /** What was added, in order. */
  ops: Op[];
  /** Where the target's reader finds the session. */
  ref: { path: string; key?: string };
  /** The written session's comparable lines: how many, and a checksum. */
  lines: { count: number; sum: number };
  /** Source and target entry ids, packed. */
  entryMap: string;
}

/** Segue's own database; made when missing. Close it. */
export interface ReceiptStore {
  insert(stored: StoredReceipt): void;
  all(): Receipt[];
  /** Receipts whose id starts so. */
  find(prefix: string): StoredReceipt[];
  markUndone(id: string, time: string): void;
  /** Runs work while no other segue process is inside `exclusively`. Throws when the wait takes longer than 5 s. */
  exclusively<T>(work: () => T): T;
  close(): void;
}

function storePath(env: Env): string {
  return join(dataDir(env), 'segue.db');
}

/** Opens the store. Throws when segue's data folder cannot be written. */
export function openStore(env: Env): ReceiptStore {
  const database = openOwn(storePath(env));
  database.exec(
    `CREATE TABLE IF NOT EXISTS receipts (
      id TEXT PRIMARY KEY, created_at TEXT NOT NULL, undone_at TEXT, body TEXT NOT NULL, entry_map TEXT NOT NULL
    ) STRICT`,
  );
  return {
    insert({ entryMap, ...stored }) {
      database.run(
        'INSERT OR IGNORE INTO receipts (id, created_at, body, entry_map) VALUES (?, ?, ?, ?)',
        stored.receipt.id,
        stored.receipt.createdAt,
        JSON.stringify(stored),
        entryMap,
      );
    },
    all: () => select(database, '', []).map((stored) => stored.receipt),
    find: (prefix) => select(database, 'WHERE substr(id, 1, length(?)) = ?', [prefix, prefix]),
    markUndone(id, time) {
      database.run('UPDATE receipts SET undone_at = ? WHERE id = ? AND undone_at IS NULL', time, id);
    },
    exclusively: (work) => database.transaction(work),
    close: () => database.close(),
  };
}

function select(database: WriteDatabase, where: string, values: string[]): StoredReceipt[] {
  return database
    .all(
      `SELECT body, undone_at, entry_map FROM receipts ${where} ORDER BY created_at DESC, rowid DESC`,
      ...values,
    )
    .map((row) => {
      // written by segue itself, in this form
      const stored = JSON.parse(String(row.body)) as Omit<StoredReceipt, 'entryMap'>;
      const undoneAt = row.undone_at === null ? {} : { undoneAt: String(row.undone_at) };
      return { ...stored, receipt: { ...stored.receipt, ...undoneAt }, entryMap: String(row.entry_map) };
    });
}

/** Runs `work` with the store; what `work` would do without one is `empty` when nothing was ever transferred. */
function withStore<T>(env: Env, empty: T, work: (store: ReceiptStore) => T): T {
  if (!existsSync(storePath(env))) return empty;
  const store = openStore(env);
  try {
    return work(store);
  } finally {
    store.close();
  }
}

/** All receipts, newest first. */
export function listReceipts(env: Env): Receipt[] {
  return withStore(env, [], (store) => store.all());
}

/** The receipt with this id or unique prefix (≥ 4 characters). Throws `receipt-not-found`. */
export function getReceipt(env: Env, id: string): Receipt {
  return getStored(env, id).receipt;
}

/** The stored receipt with this id or prefix, or the latest one that was not undone. Throws `receipt-not-found`. */
export function getStored(env: Env, id: string | undefined): StoredReceipt {
  const found = withStore(env, [], (store) => {
    if (id !== undefined) return id.length < 4 ? [] : store.find(id);
    return store
      .find('')
      .filter((stored) => stored.receipt.undoneAt === undefined)
      .slice(0, 1);
  });
  const exact =
    found.find((stored) => stored.receipt.id === id) ?? (found.length === 1 ? found[0] : undefined);
  if (exact !== undefined) return exact;
  if (id === undefined) throw new SegueError('receipt-not-found', 'there is no transfer to undo');
  throw new SegueError(
    'receipt-not-found',
    found.length > 1 ? `"${id}" is the start of several receipts` : `no receipt "${id}"`,
    {
      hint: 'segue undo --list shows them',
      candidates: found.map((stored) => stored.receipt.id),
    },
  );
}

/** Source entry id → target entry id for every part that was carried, in order. Throws `receipt-not-found`. */
export function readEntryMap(env: Env, id: string): [source: string, target: string][] {
  return unpackEntryMap(getStored(env, id).entryMap);
}

export function packEntryMap(pairs: [string, string][]): string {
  return deflateSync(JSON.stringify(pairs)).toString('base64');
}

function unpackEntryMap(packed: string): [string, string][] {
  return JSON.parse(inflateSync(Buffer.from(packed, 'base64')).toString('utf8')) as [string, string][];
}

/** The latest receipt of this session as it is now, to this agent, that was not undone and whose files are still there. */
export function alreadyTransferred(env: Env, ref: SessionRef, targetAgent: string): Receipt | undefined {
  return listReceipts(env).find(
    ({ source, target, files, undoneAt }) =>
      undoneAt === undefined &&
      target.agent === targetAgent &&
      source.agent === ref.agent &&
      source.id === ref.id &&
      source.bytes === ref.bytes &&
      source.mtimeMs === ref.mtimeMs &&
      files.every((file) => existsSync(file.path)),
  );
}
