/** Searchable texts in blocks: what is written, and found again, together. A row for each text would cost more than its words. */
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { giveBuffer, takeBuffer } from '../io/buffers.ts';
import type { Doc } from './extract.ts';
import { BLOCK_DOCS } from './store.ts';

/** Texts of a block, together, are no longer than this and one text more. */
const BLOCK_BYTES = 256 << 10;
/** Bytes kept for showing where something was found. */
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
  /** The texts in UTF-8, one after the other: until they are written, bytes are nothing to tidy up for. */
  bytes: Uint8Array;
  /** Where each text ends in `bytes`. */
  ends: number[];
  tools: (string | null)[];
  shown: Uint8Array;
}

/** What is kept of a text for showing: entry, tool, beginning. */
export type Shown = [ref: number, tool: string | null, text: string];

/** Gathers texts; `done` is given each block when it is full, and the last one at the end. */
export class BlockWriter {
  readonly #done: (block: Block) => void;
  readonly #buffer = takeBuffer();
  #filled = 0;
  #roles = '';
  #sizes = '';
  #refs: number[] = [];
  #tools: (string | null)[] = [];
  #ends: number[] = [];

  constructor(done: (block: Block) => void) {
    this.#done = done;
  }

  add({ ref, role, tool, text }: Doc): void {
    // a character takes 3 bytes at most; no text is so long that it would be cut here
    if (this.#buffer.length - this.#filled < text.length * 3) this.#flush();
    // half a pair becomes a sign of its own, so that it cannot join with the next text's
    this.#filled += this.#buffer.write(text, this.#filled);
    this.#ends.push(this.#filled);
    this.#roles += role[0];
    this.#sizes += sizeDigit(text.length);
    this.#refs.push(ref);
    this.#tools.push(tool ?? null);
    if (this.#ends.length === BLOCK_DOCS || this.#filled > BLOCK_BYTES) this.#flush();
  }

  /** To be called once, after the last text. */
  end(): void {
    this.#flush();
    giveBuffer(this.#buffer);
  }

  #flush(): void {
    if (this.#ends.length === 0) return;
    const bytes = new Uint8Array(this.#buffer.subarray(0, this.#filled));
    const [roles, sizes, refs, tools, ends] = [this.#roles, this.#sizes, this.#refs, this.#tools, this.#ends];
    this.#filled = 0;
    this.#roles = this.#sizes = '';
    this.#refs = [];
    this.#tools = [];
    this.#ends = [];
    const texts = ends.map((end, i) => {
      const role = ROLES[roles[i] ?? 't'] ?? 'tool';
      return beginning(bytes.subarray(ends[i - 1] ?? 0, end), SHOWN[role]);
    });
    const [first = 0] = refs;
    const shown = packTexts(refs, tools, texts);
    this.#done({ roles, sizes, first, last: refs.at(-1) ?? 0, bytes, ends, tools, shown });
  }
}

/** Roles by their letters in a block. */
export const ROLES: Readonly<Record<string, Doc['role']>> = { u: 'user', a: 'assistant', t: 'tool' };

/** A text's first bytes, cut between characters. */
function beginning(text: Uint8Array, most: number): Uint8Array {
  if (text.length <= most) return text;
  let end = most;
  while (end > 0 && ((text[end] ?? 0) & 0xc0) === 0x80) end--;
  return text.subarray(0, end);
}

/** What is kept of a block's texts for showing, compressed: entries, tools and lengths on a line, then the texts. */
export function packShown(items: readonly Shown[]): Uint8Array {
  return packTexts(
    items.map(([ref]) => ref),
    items.map(([, tool]) => tool),
    items.map(([, , text]) => Buffer.from(text)),
  );
}

function packTexts(
  refs: readonly number[],
  tools: readonly (string | null)[],
  texts: readonly Uint8Array[],
): Uint8Array {
  const lengths = texts.map(({ length }) => length);
  const head = Buffer.from(`${JSON.stringify([refs, tools, lengths])}\n`);
  return zstdCompressSync(Buffer.concat([head, ...texts]), FAST);
}

/** What `packShown` was given. */
export function unpackShown(packed: Uint8Array): Shown[] {
  const bytes = zstdDecompressSync(packed);
  let at = bytes.indexOf(10);
  const [refs, tools, lengths] = JSON.parse(bytes.toString('utf8', 0, at++)) as [
    number[],
    (string | null)[],
    number[],
  ];
  return refs.map((ref, i) => {
    const text = bytes.toString('utf8', at, at + (lengths[i] ?? 0));
    at += lengths[i] ?? 0;
    return [ref, tools[i] ?? null, text];
  });
}

function sizeDigit(length: number): string {
  return String(Math.min(Math.max(Math.ceil(Math.log2(length / 16) / 2), 0), 9));
}
