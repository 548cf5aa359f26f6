/** What of the full text is still to be indexed, and who is at it. */
import { randomUUID } from 'node:crypto';
import type { SessionRef } from '../agents/contract.ts';
import { isOwnerAlive, ownerToken } from '../io/owner.ts';
import type { Row, WriteDatabase } from '../io/sqlite.ts';
import { IS_PENDING } from './store.ts';
import type { Continuation } from './texts.ts';

/** A session whose text is not indexed as it is now. */
export interface Pending {
  sid: number;
  agent: string;
  bytes: number;
  stamp: string;
  /** Who is at it: another process, or another thread of this one. */
  claim?: string;
}

/** All that is needed to index one. */
export interface Task {
  sid: number;
  ref: SessionRef;
  stamp: string;
  /** The stamp of what is indexed; null: nothing. */
  textStamp: string | null;
  /** What was read of it before. */
  from?: Continuation;
}

/** Sessions whose text is not indexed as they are now, oldest first; one at a time, because there may be very many. */
export function* pendingText(index: WriteDatabase): Generator<Pending, void, void> {
  const rows = index.iterate(
    `SELECT sid, agent, ref ->> '$.bytes' AS bytes, stamp, claim, claimed FROM session WHERE ${IS_PENDING} ORDER BY updated`,
  );
  for (const row of rows)
    yield {
      sid: Number(row.sid),
      agent: String(row.agent),
      bytes: Number(row.bytes),
      stamp: String(row.stamp),
      claim: claimOf(row),
    };
}

/** The size of a session's file. */
export function bytesOf(index: WriteDatabase, sid: number): number {
  return Number(index.get("SELECT ref ->> '$.bytes' AS bytes FROM session WHERE sid = ?", sid)?.bytes ?? 0);
}

/** How many there are. */
export function countPending(index: WriteDatabase): number {
  return Number(index.get(`SELECT count(*) AS n FROM session WHERE ${IS_PENDING}`)?.n);
}

/** What to do for a session; undefined when it is gone, done, or claimed by somebody else. */
export function taskOf(index: WriteDatabase, sid: number, claim: string): Task | undefined {
  const row = index.get(
    `SELECT ref, stamp, text_stamp, next, claim, claimed FROM session WHERE sid = ? AND ${IS_PENDING}`,
    sid,
  );
  if (row === undefined || (claimOf(row) ?? claim) !== claim) return undefined;
  return {
    sid,
    ref: JSON.parse(String(row.ref)) as SessionRef,
    stamp: String(row.stamp),
    textStamp: row.text_stamp === null ? null : String(row.text_stamp),
    from: typeof row.next === 'string' ? (JSON.parse(row.next) as Continuation) : undefined,
  };
}

/** Marks sessions as one writer's: what two processes write of the same session must not mix. */
export function newClaim(): string {
  return `${ownerToken()} ${randomUUID()}`;
}

/** A writer that has not written for so long is taken for stopped; should it not be, only work is done twice. */
const STALE_MS = 10_000;

/** Who is at a session; undefined when nobody is, or its writer is gone. */
export function claimOf({ claim, claimed }: Row): string | undefined {
  if (typeof claim !== 'string') return undefined;
  const ageMs = Date.now() - Number(claimed);
  const alive = ageMs < STALE_MS && isOwnerAlive(claim.slice(0, claim.indexOf(' ')), ageMs);
  return alive ? claim : undefined;
}
