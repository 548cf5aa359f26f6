/** Repair after a crash: what was not finished is taken back, what was only not recorded is recorded. */
import type { Agent } from '../agents/contract.ts';
import { loadAgent as loadFromRegistry } from '../agents/registry.ts';
import type { Env } from '../io/paths.ts';
import { removeFile, type Step, stepper } from './disk.ts';
import { type LeftJournal, takeLeftJournals } from './journal.ts';
import { openStore, type ReceiptStore } from './receipts.ts';
import { revertAll } from './revert.ts';
import type { RecoverOptions, Recovery } from './types.ts';

/**
 * Repairs what processes that are gone left; those of running ones are not touched. Costs one directory listing when
 * there is nothing to do. Call it before anything is listed or written.
 */
export async function recover(env: Env, options: RecoverOptions = {}): Promise<Recovery> {
  const step = stepper(options.onStep);
  const recovery: Recovery = { rolledBack: [], completed: [], problems: [] };
  const left = takeLeftJournals(env, step);
  if (left.length === 0) return recovery;
  const store = openStore(env);
  try {
    for (const journal of left) {
      const finished = await repair(journal, {
        env,
        store,
        step,
        recovery,
        loadAgent: options.loadAgent ?? loadFromRegistry,
      });
      if (finished) step('journal-remove', () => removeFile(journal.path, (_name, act) => act()));
    }
  } finally {
    store.close();
  }
  return recovery;
}

interface RepairContext {
  env: Env;
  store: ReceiptStore;
  step: Step;
  recovery: Recovery;
  loadAgent: (id: string) => Promise<Agent>;
}

/** Returns whether the journal is done with. */
async function repair(journal: LeftJournal, context: RepairContext): Promise<boolean> {
  const { env, store, step, recovery, loadAgent } = context;
  const { head, receipt } = journal;
  if (head === undefined) return true;
  if (receipt !== undefined) {
    step('receipt', () => store.insert(receipt));
    recovery.completed.push(head.target);
    return true;
  }
  if (head.kind === 'undo' && !journal.ready) return true; // it had not begun
  const { problems, retry } = await revertAll(journal.ops, {
    env,
    step,
    force: head.force === true,
    agent: () => loadAgent(head.target.agent),
  });
  recovery.problems.push(...problems);
  if (retry) return false;
  if (head.kind === 'undo') {
    step('undone', () => store.markUndone(head.receiptId, head.createdAt));
    recovery.completed.push(head.target);
  } else recovery.rolledBack.push(head.target);
  return true;
}
