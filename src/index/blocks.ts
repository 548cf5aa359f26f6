/** Searchable texts in blocks: what is written, and found again, together. A row for each text would cost more than its words. */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Doc } from './extract.ts';
import { BLOCK_DOCS } from './store.ts';

const BLOCK_CHARS = 64 << 10;
/** Characters kept for showing where something was found. */
const SHOWN = { user: 2000, assistant: 1200, tool: 240 };
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Texts of one session that follow each other. */
export interface Block {
  /** A letter for each text: `u`ser, `a`ssistant, `t`ool. */
  roles: string;
  /** A digit for each text: how long it is, as a power of 4 from 16 characters on. */
  sizes: string;
  first: number;
  last: number;
  /** The texts in UTF-8, one after the other: bytes go from thread to thread and into the index without becoming strings. */
  bytes: Uint8Array;
  /** Where each text ends in `bytes`. */
  ends: number[];
  tools: (string | null)[];
  shown: Uint8Array;
}

/** What is kept of a text for showing: entry, tool, beginning. */
export type Shown = [ref: number, tool: string | null, text: string];

/** Gathers texts; `done` is given each block when it is full. */
export class BlockWriter {
  #docs: Doc[] = [];
  #chars = 0;
  readonly #done: (block: Block) => void;

  constructor(done: (block: Block) => void) {
    this.#done = done;
  }

  add(doc: Doc): void {
    this.#docs.push(doc);
    this.#chars += doc.text.length;
    if (this.#docs.length === BLOCK_DOCS || this.#chars > BLOCK_CHARS) this.flush();
  }

  flush(): void {
    if (this.#docs.length > 0) this.#done(block(this.#docs));
    this.#docs = [];
    this.#chars = 0;
  }
}

function block(docs: readonly Doc[]): Block {
  // half a pair at a cut must not join with the next text's
  const texts = docs.map(({ text }) => text.toWellFormed());
  return {
    roles: docs.map(({ role }) => role[0]).join(''),
    sizes: docs.map(({ text }) => sizeDigit(text.length)).join(''),
    first: docs[0]?.ref ?? 0,
    last: docs.at(-1)?.ref ?? 0,
    bytes: new TextEncoder().encode(texts.join('')),
    ends: endsOf(texts),
    tools: docs.map(({ tool }) => tool ?? null),
    shown: packShown(
      docs.map(({ ref, role, tool, text }) => [ref, tool ?? null, text.slice(0, SHOWN[role])]),
    ),
  };
}

function endsOf(texts: readonly string[]): number[] {
  let end = 0;
  return texts.map((text) => {
    end += Buffer.byteLength(text);
    return end;
  });
}

export function packShown(items: readonly Shown[]): Uint8Array {
  return zstdCompressSync(JSON.stringify(items), FAST);
}

export function unpackShown(bytes: Uint8Array): Shown[] {
  return JSON.parse(zstdDecompressSync(bytes).toString()) as Shown[];
}

function sizeDigit(length: number): string {
  return String(Math.min(Math.max(Math.ceil(Math.log2(length / 16) / 2), 0), 9));
}
