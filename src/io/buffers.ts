/** Large buffers that are used again: what is left over is tidied up late, and reading many files leaves very many. */

/** How long each is. */
export const BUFFER_BYTES = 1 << 20;
/** So many are kept: one for each file, and each writer, that are open at the same time. */
const MOST = 4;
const spare: Buffer[] = [];

/** A buffer with anything in it. Give it back when nobody looks at it any more; should that be missed, nothing is lost. */
export function takeBuffer(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
}

/** Gives back what `takeBuffer` gave. */
export function giveBuffer(buffer: Buffer): void {
  if (spare.length < MOST) spare.push(buffer);
}
