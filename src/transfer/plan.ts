import type { Transfer, TransferRequest } from './types.ts';

/** Plans a transfer without writing. Throws `no-writer`, `cwd-missing`, `nothing-to-transfer` and what reading throws. */
export function planTransfer(_request: TransferRequest): Transfer {
  throw new Error('not there yet');
}
