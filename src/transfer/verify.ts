/** Reads a written session back through its agent's reader and compares it with what was meant. */
import { existsSync, statSync } from 'node:fs';
import type { Agent, SessionRef } from '../agents/contract.ts';
import type { Env } from '../io/paths.ts';
import { SegueError } from '../model/errors.ts';
import { emptyFingerprint, type Fingerprint, recordLines } from './expected.ts';

/** A reference to a session whose place is known. */
export function refOf(agent: string, id: string, place: { path: string; key?: string }): SessionRef {
  const stat = existsSync(place.path) ? statSync(place.path) : undefined;
  return { agent, id, ...place, bytes: stat?.size ?? 0, mtimeMs: stat?.mtimeMs ?? 0 };
}

/** The fingerprint of a session as its agent's reader gives it. Throws what reading throws. */
export function readFingerprint(agent: Agent, ref: SessionRef, env: Env): Fingerprint {
  const found = emptyFingerprint();
  for (const entry of recordLines(agent.read(ref, { env }).entries(), found)) void entry;
  return found;
}

/** Throws `verify-failed` with the first difference; it tells kinds and places, never content. */
export function requireEqual(expected: Fingerprint, found: Fingerprint): void {
  const length = Math.max(expected.sums.length, found.sums.length);
  for (let n = 0; n < length; n++) {
    const [wanted, got] = [expected.kinds[n], found.kinds[n]];
    if (expected.sums[n] === found.sums[n] && wanted === got) continue;
    const place = `part ${n + 1} of ${expected.sums.length}`;
    const difference =
      got === undefined
        ? `${place} (${wanted ?? ''}) is missing`
        : wanted === undefined
          ? `a part (${got}) follows that was not meant`
          : wanted === got
            ? `${place} (${wanted}) differs`
            : `${place} should be ${wanted} and is ${got}`;
    throw new SegueError(
      'verify-failed',
      `the written session does not read back as it was meant: ${difference}`,
      {
        hint: 'nothing was kept; please report this with the versions of both agents',
      },
    );
  }
}

/** Source entry id ↔ target entry id, one pair for each pair of entries that share a part. Call it for equal ones. */
export function entryPairs(
  expected: Fingerprint,
  found: Fingerprint,
  renamed: Map<string, string>,
): [string, string][] {
  const pairs: [string, string][] = [];
  for (const [n, id] of expected.entryIds.entries()) {
    const pair: [string, string] = [renamed.get(id) ?? id, found.entryIds[n] ?? ''];
    const last = pairs.at(-1);
    if (last?.[0] !== pair[0] || last[1] !== pair[1]) pairs.push(pair);
  }
  return pairs;
}
