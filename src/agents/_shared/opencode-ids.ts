/** Ids of OpenCode and its forks: prefix, 12 hex digits that grow with time, 14 characters. */
import type { Ids } from '../../model/ids.ts';

const MASK = (1n << 48n) - 1n;
/** How far before now a session's ids start, so that all of them sort before the ids of what follows on resume. */
const HEAD_START_MS = 3_600_000;

/** Ids of one session: the same sequence each time it is started anew. */
export interface IdSequence {
  sessionId: string;
  /** Ids of messages and parts in display order. */
  start(): { message(): string; part(): string };
}

/** Draws from `ids` once; everything after that is a pure sequence. */
export function idSequence(ids: Ids, nowMs: number): IdSequence {
  const tail = ids.short(14);
  const first = BigInt(Math.max(0, nowMs - HEAD_START_MS)) << 12n;
  // a session's number is the complement: the newest sorts first
  const sessionId = `ses_${hex(~(BigInt(nowMs) << 12n) & MASK)}${ids.short(14)}`;
  return {
    sessionId,
    start() {
      let next = first;
      const id = (prefix: string): string => {
        next += 1n;
        return `${prefix}_${hex(next & MASK)}${tail}`;
      };
      return { message: () => id('msg'), part: () => id('prt') };
    },
  };
}

function hex(value: bigint): string {
  return value.toString(16).padStart(12, '0');
}
