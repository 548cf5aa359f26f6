/** Prepared session → a pi transcript. */
import { join } from 'node:path';
import type { Env } from '../../io/paths.ts';
import { asText } from '../../model/narrow.ts';
import type { Session } from '../../model/session.ts';
import { transcriptLines } from '../_shared/pi-encode.ts';
import type { Acceptance, EncodeTarget, StoreFacts, WritePlan, Writer } from '../contract.ts';
import { configuredDir, customDir, encodeCwd, sessionsDir } from './places.ts';
import { details } from './results.ts';

/** Call ids: letters, digits, `_`, `-` for Anthropic's API; at most 40 for OpenAI's, which pi would cut otherwise. */
const accepts: Acceptance = {
  callId: { pattern: /^[A-Za-z0-9_-]{1,40}$/, prefix: 'call_' },
  toolName: { pattern: /^[A-Za-z0-9_-]{1,64}$/, maxLength: 64 },
  images: { user: true, result: true },
  reasoningVendor: 'pi',
  foreignTools: 'structured',
  compaction: true,
};

/** `folder`: where pi will look for the sessions of this directory. */
function probe(env: Env, cwd: string): StoreFacts {
  const flat = customDir(env) ?? configuredDir(env, cwd);
  return { folder: flat ?? join(sessionsDir(env), encodeCwd(cwd)) };
}

function encode(session: Session, target: EncodeTarget): WritePlan {
  const sessionId = target.ids.uuid7();
  const folder = asText(target.store.folder) ?? join(sessionsDir(target.env), encodeCwd(target.cwd));
  const stamp = target.now.toISOString().replace(/[:.]/g, '-');
  const path = join(folder, `${stamp}_${sessionId}.jsonl`);
  const firstId = Number.parseInt(target.ids.uuid4().slice(0, 8), 16);
  const recordId = (n: number): string => ((firstId + n) >>> 0).toString(16).padStart(8, '0');
  return {
    agent: 'pi',
    sessionId,
    ref: { path },
    files: [{ path, content: () => transcriptLines(session, target, { sessionId, recordId, details }) }],
    lines: [],
    members: [],
    rows: () => [],
  };
}

export const writer: Writer = { accepts, probe, encode };
