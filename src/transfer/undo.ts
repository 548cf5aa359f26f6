import type { UndoRequest, UndoResult } from './types.ts';

/** Removes exactly what a transfer added. Throws `receipt-not-found`, `changed-since`. */
export async function undo(_request: UndoRequest): Promise<UndoResult> {
  throw new Error('not there yet');
}
