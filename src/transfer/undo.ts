/** Removes exactly what a transfer added. */
import type { Agent } from '../agents/contract.ts';
import { loadAgent as loadFromRegistry } from '../agents/registry.ts';
import { SegueError } from '../model/errors.ts';
import { writeError } from './apply.ts';
import { markOf, type Step, sameMark, stepper } from './disk.ts';
import { fingerprintSum } from './expected.ts';
import { openJournal } from './journal.ts';
import { getStored, openStore, type StoredReceipt } from './receipts.ts';
import { revertAll } from './revert.ts';
import type { Problem, UndoRequest, UndoResult } from './types.ts';
import { readFingerprint, refOf } from './verify.ts';

/**
 * Undoes a transfer. Throws `receipt-not-found`, `changed-since` (the session was continued at the target; see `force`)
 * and `store-locked`; after the last, the undo is completed by the next `recover`.
 */
export async function undo(request: UndoRequest): Promise<UndoResult> {
  const { env, force = false } = request;
  const stored = getStored(env, request.receipt);
  const { id, target, undoneAt } = stored.receipt;
  if (undoneAt !== undefined)
    throw new SegueError('receipt-not-found', `the transfer ${id} was undone already (${undoneAt})`);
  if (!force) await requireUnchanged(stored, request);
  const problems = await takeBack(stored, request, stepper(request.onStep));
  return {
    schema: 'segue.undo/1',
    receipt: id,
    target: { agent: target.agent, id: target.id, paths: target.paths },
    problems,
  };
}

async function takeBack(
  { receipt, ops }: StoredReceipt,
  request: UndoRequest,
  step: Step,
): Promise<Problem[]> {
  const { env, force = false } = request;
  const { id, target } = receipt;
  const createdAt = new Date().toISOString();
  const store = openStore(env);
  try {
    const head = { kind: 'undo' as const, receiptId: id, target: { agent: target.agent, id: target.id } };
    const journal = openJournal(env, { ...head, createdAt, force }, step);
    for (const op of ops) journal.intend(op);
    journal.ready();
    const load = request.loadAgent ?? loadFromRegistry;
    const agent = (): Promise<Agent> => load(target.agent);
    const { problems, retry } = await revertAll(ops, { env, step, force, agent });
    if (retry) {
      journal.leave();
      const failed = problems.map((problem) => `${problem.path}: ${problem.message}`).join('; ');
      throw new SegueError('store-locked', `not everything could be removed: ${failed}`, {
        hint: 'close the agent; the next segue command removes the rest',
      });
    }
    step('undone', () => store.markUndone(id, createdAt));
    journal.remove();
    return problems;
  } catch (error) {
    throw writeError(error, undefined);
  } finally {
    store.close();
  }
}

/** Throws `changed-since` when the session is no longer what was written. What is gone already does not count. */
async function requireUnchanged(stored: StoredReceipt, request: UndoRequest): Promise<void> {
  const { files, target } = stored.receipt;
  for (const file of files) {
    const now = markOf(file.path);
    if (now !== undefined && !sameMark(now, file)) throw changedSince(file.path);
  }
  const tells = ({ path }: { path: string }): boolean =>
    path === stored.ref.path || markOf(path) !== undefined;
  if (files.some(tells)) return;
  // no file tells (an import may have taken it away): the session is read as its agent would
  const agent = await (request.loadAgent ?? loadFromRegistry)(target.agent);
  try {
    const found = readFingerprint(agent, refOf(target.agent, target.id, stored.ref), request.env);
    const same = found.sums.length === stored.lines.count && fingerprintSum(found) === stored.lines.sum;
    if (!same) throw changedSince(stored.ref.path);
  } catch (error) {
    if (!(error instanceof SegueError) || !['not-a-session', 'unreadable'].includes(error.code)) throw error;
  }
}

function changedSince(path: string): SegueError {
  return new SegueError(
    'changed-since',
    `the session was continued there: ${path} is no longer as it was written`,
    {
      hint: 'undo --force removes it with everything that was added since',
    },
  );
}
