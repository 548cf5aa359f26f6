/** Transfers: plan, apply, undo, recover. */
export { applyTransfer, dryRun } from './apply.ts';
export type {
  FidelityCounts,
  FidelityKind,
  FidelityNote,
  FidelityOutcome,
  FidelityReport,
} from './fidelity.ts';
export { declaredLosses, fidelityKinds } from './fidelity.ts';
export { planTransfer } from './plan.ts';
export { prepare } from './prepare.ts';
export { alreadyTransferred, getReceipt, listReceipts, readEntryMap } from './receipts.ts';
export { recover } from './recovery.ts';
export type {
  ApplyOptions,
  OnStep,
  Problem,
  Receipt,
  RecoverOptions,
  Recovery,
  Transfer,
  TransferRequest,
  TransferResult,
  UndoRequest,
  UndoResult,
} from './types.ts';
export { undo } from './undo.ts';
