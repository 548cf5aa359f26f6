/** Brings the full text of the index up to date. */
import type { Agent } from '../agents/contract.ts';
import type { Env } from '../io/paths.ts';
import type { WriteDatabase } from '../io/sqlite.ts';
import { newClaim, type Pending, pendingText, taskOf } from './pending.ts';
import type { Progress } from './refresh.ts';
import { readText } from './texts.ts';
import { indexBeside } from './threads.ts';
import { TextWriter } from './writer.ts';

/**
 * Indexes the text of every session that is new or changed and that no other process is at, oldest first: in threads where
 * there is enough of it. A session that cannot be read is marked done with what could be read. Yields after each session, so
 * that a caller may stop or let other work run. `threadFile`: what the threads run.
 */
export async function* indexText(
  index: WriteDatabase,
  agents: ReadonlyMap<string, Agent>,
  env: Env,
  progress?: Progress,
  threadFile?: URL,
): AsyncGenerator<void, void, void> {
  const pending = new Map(
    pendingText(index)
      .filter(({ claim, agent }) => claim === undefined && agents.has(agent))
      .map((session) => [session.sid, session]),
  );
  const claim = newClaim();
  const done = new Set<number>();
  let bytes = 0;
  const tell = (sid: number): void => {
    if (done.has(sid)) return;
    done.add(sid);
    bytes += pending.get(sid)?.bytes ?? 0;
    progress?.(done.size, pending.size, bytes);
  };
  for await (const sid of indexBeside([...pending.values()], env, claim, threadFile)) {
    tell(sid);
    yield;
  }
  const writer = new TextWriter(index, claim);
  for (const sid of indexSessions(leftOf(index, pending, claim), index, agents, env, writer)) {
    tell(sid);
    yield;
  }
}

/** What no thread was started for, or one that failed did not get to. */
function leftOf(index: WriteDatabase, wanted: ReadonlyMap<number, Pending>, own: string): number[] {
  return pendingText(index)
    .filter(({ sid, stamp, claim = own }) => wanted.get(sid)?.stamp === stamp && claim === own)
    .map(({ sid }) => sid);
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
