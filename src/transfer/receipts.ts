import type { SessionRef } from '../agents/contract.ts';
import type { Env } from '../io/paths.ts';
import type { Receipt } from './types.ts';

/** All receipts, newest first. */
export function listReceipts(_env: Env): Receipt[] {
  throw new Error('not there yet');
}

/** The receipt with this id or unique prefix (≥ 4). Throws `receipt-not-found`. */
export function getReceipt(_env: Env, _id: string): Receipt {
  throw new Error('not there yet');
}

/** The latest receipt of this session, unchanged since, to this agent, that was not undone. */
export function alreadyTransferred(_env: Env, _ref: SessionRef, _target: string): Receipt | undefined {
  throw new Error('not there yet');
}
