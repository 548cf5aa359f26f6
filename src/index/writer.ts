/** Writes sessions' texts into the index. */
import type { WriteDatabase } from '../io/sqlite.ts';
import type { Block } from './blocks.ts';
import type { Touch } from './extract.ts';
import { claimOf, type Task } from './pending.ts';
import { removeText } from './remove.ts';
import { BLOCK_DOCS } from './store.ts';
import type { Piece } from './texts.ts';
import { toolWord } from './words.ts';

/** Bytes of text written in one transaction: many small ones cost more than they protect, large ones hold much in memory. */
const BATCH_BYTES = 4 << 20;

/** Writes pieces in large transactions; what is left when the last one was added takes a `flush`. */
export class TextWriter {
  readonly claim: string;
  readonly #index: WriteDatabase;
  readonly #inTurn: (write: () => void) => void;
  #batch: [Task, Piece][] = [];
  #bytes = 0;
  /** What is in the batch, copied: as many arrays as it came in would outlive a batch, and be tidied up late. */
  #room: Buffer | undefined;
  #used = 0;

  /** `claim`: as whose the sessions are marked; writers that share it work on the same list. `inTurn`: each waits its turn. */
  constructor(index: WriteDatabase, claim: string, inTurn: (write: () => void) => void = (write) => write()) {
    this.#index = index;
    this.claim = claim;
    this.#inTurn = inTurn;
  }

  add(task: Task, piece: Piece): void {
    const blocks = piece.blocks.map((block) => ({
      ...block,
      bytes: this.#keep(block.bytes),
      shown: this.#keep(block.shown),
    }));
    this.#batch.push([task, { ...piece, blocks }]);
    this.#bytes += piece.bytes;
    if (this.#bytes > BATCH_BYTES) this.flush();
  }

  #keep(bytes: Uint8Array): Uint8Array {
    this.#room ??= Buffer.allocUnsafeSlow(2 * BATCH_BYTES);
    const start = this.#used;
    if (this.#room.length - start < bytes.length) return bytes;
    this.#room.set(bytes, start);
    this.#used += bytes.length;
    return this.#room.subarray(start, this.#used);
  }

  flush(): void {
    if (this.#batch.length === 0) return;
    this.#inTurn(() =>
      this.#index.transaction(() => {
        for (const [task, piece] of this.#batch) this.#write(task, piece);
      }),
    );
    this.#batch = [];
    this.#bytes = 0;
    this.#used = 0;
  }

  /**
   * Claims a task's session and takes its old text out, also what a thread that failed left of it. Not when it is gone, or
   * another process is at it or was.
   */
  #begin({ sid, stamp, textStamp }: Task, kept: number): void {
    const index = this.#index;
    const row = index.get('SELECT stamp, text_stamp, claim, claimed FROM session WHERE sid = ?', sid);
    if (row === undefined) return;
    const again = row.claim === this.claim;
    if (!again && (row.stamp !== stamp || row.text_stamp !== textStamp || claimOf(row) !== undefined)) return;
    removeText(index, sid, kept);
    index.run('UPDATE session SET claim = ?, text_stamp = NULL, next = NULL WHERE sid = ?', this.claim, sid);
  }

  #write(task: Task, { first, blocks, kept, end }: Piece): void {
    const index = this.#index;
    const { sid, stamp } = task;
    if (first) this.#begin(task, kept);
    if (index.get('SELECT claim FROM session WHERE sid = ?', sid)?.claim !== this.claim) return;
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
