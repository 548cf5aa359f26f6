/** Format drift: what readers met and do not know, so that a new version of an agent is noticed before it breaks anything. */

import type { Found } from '../index/catalog.ts';
import type { Env } from '../io/paths.ts';
import type { Diagnostic, Session } from '../model/session.ts';

/** One kind of thing that a reader does not know or cannot use. Holds nothing of what was said in a session. */
export interface Drift {
  agent: string;
  /** Version of the agent that wrote the session, where it says so. */
  agentVersion: string | null;
  /** Code of the diagnostic, e.g. `unknown-record`. */
  code: string;
  message: string;
  count: number;
  sessions: number;
  /** Where one of them is: file, and line or row where known. */
  example: string | null;
}

export interface DriftResult {
  drift: Drift[];
  /** Sessions that were read for it. */
  read: number;
}

/** Longer sessions are not read for this. */
const MOST_BYTES = 48 << 20;

/** Reads sessions whole and counts what their readers report, most frequent first. */
export function findDrift(
  found: readonly Found[],
  env: Env,
  progress?: (done: number, total: number, bytes: number) => void,
): DriftResult {
  const kinds = new Map<string, Drift>();
  let read = 0;
  let bytes = 0;
  const wanted = found.filter(({ ref }) => ref.bytes <= MOST_BYTES);
  for (const [i, { agent, ref }] of wanted.entries()) {
    const session = readWhole(() => agent.read(ref, { env }));
    if (session !== undefined) {
      read++;
      const seen = new Set<Drift>();
      for (const diagnostic of session.diagnostics) {
        const kind = kindOf(kinds, agent.id, session.info.agentVersion ?? null, diagnostic);
        kind.count++;
        if (!seen.has(kind)) kind.sessions++;
        seen.add(kind);
      }
    }
    bytes += ref.bytes;
    progress?.(i + 1, wanted.length, bytes);
  }
  return { drift: [...kinds.values()].sort((a, b) => b.count - a.count), read };
}

/** A session that cannot be read at all is damage and not drift: lists say so. */
function readWhole(open: () => Session): Session | undefined {
  try {
    const session = open();
    for (const entry of session.entries()) void entry; // diagnostics are complete afterwards
    return session;
  } catch {
    return undefined;
  }
}

function kindOf(
  kinds: Map<string, Drift>,
  agent: string,
  agentVersion: string | null,
  { code, message, path, at }: Diagnostic,
): Drift {
  const key = JSON.stringify([agent, agentVersion, code, message]);
  const known = kinds.get(key);
  if (known !== undefined) return known;
  const example = path === undefined ? null : at === undefined ? path : `${path} (${at})`;
  const kind: Drift = { agent, agentVersion, code, message, count: 0, sessions: 0, example };
  kinds.set(key, kind);
  return kind;
}
