/** Plans a transfer. */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { realDir } from '../io/paths.ts';
import { SegueError } from '../model/errors.ts';
import { type Ids, seededIds } from '../model/ids.ts';
import { type Prepared, prepare, writerOf } from './prepare.ts';
import type { Transfer, TransferRequest } from './types.ts';

/**
 * Plans a transfer without writing anything. Throws `no-writer`, `cwd-missing`, `nothing-to-transfer`, what the source's
 * reader throws and what the target's probe throws.
 */
export function planTransfer(request: TransferRequest): Transfer {
  const { env, source, target, ref, now = new Date() } = request;
  const writer = writerOf(target);
  const session = request.session ?? source.read(ref, { env });
  const cwd = existingDir(request.cwd ?? session.info.cwd);
  const seed = request.seed ?? randomBytes(32);
  const prepared = prepare(session, {
    source,
    target,
    cwd,
    ids: () => idsFor('calls', seed, now),
    reasoning: request.reasoning,
    cut: request.cut,
  });
  requireConversation(prepared);
  const title = (request.title ?? session.info.title)?.toWellFormed();
  const plan = writer.encode(prepared.session, {
    env,
    cwd,
    now,
    ids: idsFor('records', seed, now),
    title,
    store: writer.probe(env, cwd),
  });
  const receiptId = idsFor('receipt', seed, now).short(12);
  return { env, ref, session, target, cwd, now, receiptId, prepared, plan };
}

function existingDir(wanted: string | undefined): string {
  if (wanted === undefined) {
    throw new SegueError('cwd-missing', 'the session does not say in which directory it ran', {
      hint: 'name it: --cwd DIR',
    });
  }
  if (statSync(wanted, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new SegueError('cwd-missing', `the session's directory does not exist: ${wanted}`, {
      hint: '--cwd DIR goes on in another directory, --cwd . in this one',
    });
  }
  return realDir(wanted);
}

/** Ids that do not meet those made for another purpose from the same seed. */
function idsFor(purpose: 'calls' | 'records' | 'receipt', seed: Uint8Array, now: Date): Ids {
  const own = Uint8Array.from(seed);
  own[0] = (own[0] ?? 0) ^ { records: 0, calls: 1, receipt: 2 }[purpose];
  return seededIds(own, now.getTime());
}

function requireConversation(prepared: Prepared): void {
  for (const entry of prepared.session.entries()) if (entry.type === 'message') return;
  throw new SegueError('nothing-to-transfer', 'the session holds no conversation');
}
