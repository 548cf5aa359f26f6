/** Brings the full text of the index up to date. */
import type { Agent } from '../agents/contract.ts';
import type { Env } from '../io/paths.ts';
import type { WriteDatabase } from '../io/sqlite.ts';
import { bytesOf, newClaim, pendingText, taskOf } from './pending.ts';
import type { Progress } from './refresh.ts';
import { readText } from './texts.ts';
import { indexBeside, THREAD_MOST_BYTES, type Work } from './threads.ts';
import { TextWriter } from './writer.ts';

/**
 * Indexes the text of every session that is new or changed and that no other process is at, oldest first: in threads where
 * there is enough of it. A session that cannot be read is marked done with what could be read. Yields once for each session, so
 * that a caller may stop or let other work run. `threadFile`: what the threads run.
 */
export async function* indexText(
  index: WriteDatabase,
  agents: ReadonlyMap<string, Agent>,
  env: Env,
  progress?: Progress,
  threadFile?: URL,
): AsyncGenerator<void, void, void> {
  const claim = newClaim();
  const sids: number[] = [];
  const beside: Work = { sids: [], bytes: 0, agents: [...agents.keys()], env, claim };
  for (const session of pendingText(index)) {
    if (session.claim !== undefined || !agents.has(session.agent)) continue;
    sids.push(session.sid);
    if (session.bytes > THREAD_MOST_BYTES) continue;
    beside.sids.push(session.sid);
    beside.bytes += session.bytes;
  }
  const done = new Set<number>();
  let doneBytes = 0;
  /** False when it was told before. */
  const tell = (sid: number): boolean => {
    if (done.has(sid)) return false;
    done.add(sid);
    doneBytes += bytesOf(index, sid);
    progress?.(done.size, sids.length, doneBytes);
    return true;
  };
  for await (const sid of indexBeside(beside, threadFile)) if (tell(sid)) yield;
  const left = new Map<number, string | undefined>();
  for (const session of pendingText(index)) left.set(session.sid, session.claim);
  // read by a thread that failed before it said so
  for (const sid of sids) if (!left.has(sid) && tell(sid)) yield;
  // too large for a thread, or no thread was started, or one that failed did not get to them
  const own = sids.filter((sid) => left.has(sid) && (left.get(sid) ?? claim) === claim);
  for (const sid of indexSessions(own, index, agents, env, new TextWriter(index, claim)))
    if (tell(sid)) yield;
}

/** Reads and writes one session after the other; gives its number when it was read. The last of them are written at the end. */
export function* indexSessions(
  sids: Iterable<number>,
  index: WriteDatabase,
  agents: ReadonlyMap<string, Agent>,
  env: Env,
  writer: TextWriter,
): Generator<number, void, void> {
  try {
    for (const sid of sids) {
      const task = taskOf(index, sid, writer.claim);
      const agent = agents.get(task?.ref.agent ?? '');
      if (task !== undefined && agent !== undefined)
        for (const piece of readText(agent, task.ref, task.from, env)) writer.add(task, piece);
      yield sid;
    }
  } finally {
    // also when the caller stops early: what was read is kept
    writer.flush();
  }
}
