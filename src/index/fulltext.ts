/** Puts sessions' texts into the index. */
import { randomUUID } from 'node:crypto';
import type { Agent, SessionRef } from '../agents/contract.ts';
import { isOwnerAlive, ownerToken } from '../io/owner.ts';
import type { Env } from '../io/paths.ts';
import type { Row, WriteDatabase } from '../io/sqlite.ts';
import type { Block } from './blocks.ts';
import type { Touch } from './extract.ts';
import type { Progress } from './refresh.ts';
import { removeText } from './remove.ts';
import { BLOCK_DOCS } from './store.ts';
import { type Continuation, type Piece, readTexts, type Task } from './texts.ts';
import { toolWord } from './words.ts';

/** Bytes of text written in one transaction: many small ones cost more than they protect. */
const BATCH_BYTES = 8 << 20;

interface Pending extends Task {
  stamp: string;
  /** The stamp of what is indexed; null: nothing. */
  textStamp: string | null;
  /** Another process is at it. */
  taken: boolean;
}

/** Sessions whose text is not indexed as they are now, newest first. */
export function pendingText(index: WriteDatabase): Pending[] {
  return index
    .all(
      'SELECT sid, ref, stamp, text_stamp, next, claim, claimed FROM session WHERE text_stamp IS NULL OR text_stamp <> stamp ORDER BY updated DESC',
    )
    .map((row) => ({
      sid: Number(row.sid),
      ref: JSON.parse(String(row.ref)) as SessionRef,
      stamp: String(row.stamp),
      textStamp: row.text_stamp === null ? null : String(row.text_stamp),
      from: typeof row.next === 'string' ? (JSON.parse(row.next) as Continuation) : undefined,
      taken: isTaken(row),
    }));
}

/** A writer that has not written for so long is taken for stopped; should it not be, only work is done twice. */
const STALE_MS = 10_000;

function isTaken({ claim, claimed }: Row): boolean {
  if (typeof claim !== 'string') return false;
  const ageMs = Date.now() - Number(claimed);
  return ageMs < STALE_MS && isOwnerAlive(claim.slice(0, claim.indexOf(' ')), ageMs);
}

/**
 * Indexes the text of every session that is new or changed and that no other process is at, oldest first. A session that
 * cannot be read is marked done with what could be read. Yields after each session, so that a caller may stop or let other
 * work run.
 */
export async function* indexText(
  index: WriteDatabase,
  agents: ReadonlyMap<string, Agent>,
  env: Env,
  progress?: Progress,
): AsyncGenerator<void, void, void> {
  const pending = pendingText(index)
    .filter(({ taken }) => !taken)
    .reverse();
  const writer = new TextWriter(index, pending);
  let bytes = 0;
  let done = 0;
  try {
    for await (const piece of readTexts(pending, agents, env)) {
      writer.add(piece);
      if (piece.end === undefined) continue;
      bytes += pending[piece.task]?.ref.bytes ?? 0;
      progress?.(++done, pending.length, bytes);
      yield;
    }
  } finally {
    // also when the caller stops early: what was read is kept
    writer.flush();
  }
}

/** Writes pieces in large transactions. `pending`: the tasks that they are of. */
export class TextWriter {
  readonly #index: WriteDatabase;
  readonly #pending: readonly Pending[];
  /** Marks sessions as this writer's: what two processes write of the same session must not mix. */
  readonly #claim = `${ownerToken()} ${randomUUID()}`;
  #batch: Piece[] = [];
  #bytes = 0;

  constructor(index: WriteDatabase, pending: readonly Pending[]) {
    this.#index = index;
    this.#pending = pending;
  }

  add(piece: Piece): void {
    this.#batch.push(piece);
    this.#bytes += piece.bytes;
    if (this.#bytes > BATCH_BYTES) this.flush();
  }

  flush(): void {
    if (this.#batch.length === 0) return;
    this.#index.transaction(() => {
      for (const piece of this.#batch) this.#write(piece);
    });
    this.#batch = [];
    this.#bytes = 0;
  }

  /**
   * Claims a task's session and takes its old text out, also what a thread that failed left of it. Not when it is gone, or
   * another process is at it or was.
   */
  #begin(task: number, kept: number): void {
    const index = this.#index;
    const { sid, stamp, textStamp } = this.#pending[task] as Pending;
    const row = index.get('SELECT stamp, text_stamp, claim, claimed FROM session WHERE sid = ?', sid);
    if (row === undefined) return;
    const again = row.claim === this.#claim;
    if (!again && (row.stamp !== stamp || row.text_stamp !== textStamp || isTaken(row))) return;
    removeText(index, sid, kept);
    index.run('UPDATE session SET claim = ?, text_stamp = NULL, next = NULL WHERE sid = ?', this.#claim, sid);
  }

  #write({ task, first, blocks, kept, end }: Piece): void {
    const index = this.#index;
    const { sid, stamp } = this.#pending[task] as Pending;
    if (first) this.#begin(task, kept);
    if (index.get('SELECT claim FROM session WHERE sid = ?', sid)?.claim !== this.#claim) return;
    for (const block of blocks) putBlock(index, sid, block);
    if (end === undefined) {
      index.run('UPDATE session SET claimed = ? WHERE sid = ?', Date.now(), sid);
      return;
    }
    for (const touch of end.touches) putTouch(index, sid, touch);
    index.run(
      'UPDATE session SET text_stamp = ?, claim = NULL, counts = ?, next = ? WHERE sid = ?',
      stamp,
      JSON.stringify({ ...end.counts, prompts: end.prompts }),
      end.next === undefined ? null : JSON.stringify(end.next),
      sid,
    );
  }
}

function putBlock(index: WriteDatabase, sid: number, block: Block): void {
  index.run(
    'INSERT INTO block (sid, first, last, roles, sizes, shown) VALUES (?, ?, ?, ?, ?, ?)',
    sid,
    block.first,
    block.last,
    block.roles,
    block.sizes,
    block.shown,
  );
  const start = Number(index.get('SELECT last_insert_rowid() AS bid')?.bid) * BLOCK_DOCS;
  for (const [i, end] of block.ends.entries()) {
    const text = block.bytes.subarray(block.ends[i - 1] ?? 0, end);
    const tool = block.tools[i];
    index.run(
      'INSERT INTO fts (rowid, text, tool) VALUES (?, ?, ?)',
      start + i,
      text,
      tool ? toolWord(tool) : null,
    );
  }
}

function putTouch(index: WriteDatabase, sid: number, { file, ref, how }: Touch): void {
  index.run(
    `INSERT INTO touched (sid, file, ref, how) VALUES (?, ?, ?, ?)
     ON CONFLICT (sid, file) DO UPDATE SET ref = excluded.ref, how = excluded.how WHERE how <> 'changed'`,
    sid,
    file,
    ref,
    how,
  );
}
