/** What `convert --json` and `undo --list --json` print. */
import type { Receipt, TransferResult } from './types.ts';

/** A target that could not be written to; the others are not affected by it. */
export interface TransferFailure {
  agent: string;
  code: string;
  message: string;
  hint?: string;
}

/** `segue.transfer/1` when several targets are named. */
export interface TransferList {
  schema: 'segue.transfer/1';
  transfers: TransferResult[];
  /** Present when a target failed. */
  errors?: TransferFailure[];
}

/** One target, or several. */
export type TransferEnvelope = TransferResult | TransferList;

/** What `undo --list --json` prints: all transfers, newest first. */
export interface ReceiptList {
  schema: 'segue.receipts/1';
  receipts: Receipt[];
}
