/** What `convert --json` prints. */
import type { TransferResult } from './types.ts';

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
