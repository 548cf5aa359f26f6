/** Which ids came before, in 8 bytes each: a long session has very many, and a set of texts takes longer to look into. */

const FIRST_SLOTS = 1024;
/** Characters at an id's end that are looked at: what comes before is the same in many, or does not tell more. */
const TELLING = 16;

/** A set of 64-bit hashes. Two different ids with the same one are taken for the same id, which is as rare as it sounds. */
export class SeenIds {
  /** Two numbers for each slot; both 0: free. */
  #slots = new Int32Array(2 * FIRST_SLOTS);
  #size = 0;

  /** Adds an id. False when it, or one with the same hash, was there. */
  add(id: string): boolean {
    let a = 0x2c1b3c6d;
    let b = 0x297a2d39;
    for (let i = Math.max(id.length - TELLING, 0); i < id.length; i++) {
      const code = id.charCodeAt(i);
      a = Math.imul(a ^ code, 0x01000193);
      b = Math.imul((b ^ code) + (b >>> 13), 0x5bd1e995);
    }
    a ^= a >>> 15;
    if (!put(this.#slots, a | 1, b)) return false;
    if (++this.#size * 4 > this.#slots.length) this.#grow();
    return true;
  }

  #grow(): void {
    const larger = new Int32Array(2 * this.#slots.length);
    for (let at = 0; at < this.#slots.length; at += 2) {
      const first = this.#slots[at] ?? 0;
      if (first !== 0) put(larger, first, this.#slots[at + 1] ?? 0);
    }
    this.#slots = larger;
  }
}

/** `first` is not 0; the number of slots is a power of two. False when the pair is there. */
function put(slots: Int32Array, first: number, second: number): boolean {
  const last = slots.length - 1;
  for (let at = (second << 1) & last; ; at = (at + 2) & last) {
    if (slots[at] === 0) {
      slots[at] = first;
      slots[at + 1] = second;
      return true;
    }
    if (slots[at] === first && slots[at + 1] === second) return false;
  }
}
