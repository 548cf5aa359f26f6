import type { ApplyOptions, Transfer, TransferResult } from './types.ts';

/** Computes everything that `applyTransfer` would write, and writes nothing. */
export function dryRun(_transfer: Transfer): TransferResult {
  throw new Error('not there yet');
}

/** Writes a planned transfer: all of it, read back and compared, or nothing. */
export async function applyTransfer(
  _transfer: Transfer,
  _options: ApplyOptions = {},
): Promise<TransferResult> {
  throw new Error('not there yet');
}
