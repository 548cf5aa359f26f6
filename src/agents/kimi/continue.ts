/** Where reading a grown wire file can go on: at a record before which every answer was complete. */
import type { Entry } from '../../model/session.ts';
import type { Marks, ReadMark } from '../contract.ts';
import type { WireNode } from './wire.ts';

/** Marks, gathered while entries are made. An answer's mark is where its step began, before its first part. */
export class WirePlaces implements Marks {
  readonly #cwd: string | undefined;
  readonly #marks = new Map<number, ReadMark>();
  #last: ReadMark | undefined;

  constructor(cwd: string | undefined) {
    this.#cwd = cwd;
  }

  /** All entries before a record were given. */
  settled({ start, line }: WireNode, model: string | undefined): void {
    this.#last = { offset: start, state: { line, cwd: this.#cwd ?? null, model: model ?? null } };
  }

  /** The entries that came next. */
  given([entry]: readonly Entry[]): void {
    const first = entry?.evidence[0];
    if (first?.kind !== 'range') return;
    if (this.#last !== undefined) this.#marks.set(first.start, this.#last);
    this.#last = undefined;
  }

  at(offset: number): 'closed' | 'no' {
    return this.#marks.has(offset) ? 'closed' : 'no';
  }

  make(offset: number): ReadMark {
    return this.#marks.get(offset) ?? { offset: 0, state: {} };
  }
}
