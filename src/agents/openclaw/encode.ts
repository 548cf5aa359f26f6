/**
 * Prepared session → OpenClaw, through its own door: a transcript and a row of the index that it had before its database, then its
 * import command, which reads both, checks them and moves them into its archive. Measured with 2026.9.6; rows written by
 * hand made its whole list fail there.
 */
import { join } from 'node:path';
import { asText } from '../../model/narrow.ts';
import type { JsonObject, Session } from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';
import { transcriptLines } from '../_shared/pi-encode.ts';
import type { Acceptance, EncodeTarget, WritePlan } from '../contract.ts';
import { databaseOf, legacyDir, stateDir } from './places.ts';
import { details } from './results.ts';

/** OpenClaw reduces call ids to letters and digits when it sends them. */
export const accepts: Acceptance = {
  callId: { pattern: /^[A-Za-z0-9]{1,40}$/, prefix: 'call' },
  toolName: { pattern: /^[A-Za-z0-9_-]{1,64}$/, maxLength: 64 },
  images: { user: true, result: true },
  reasoningVendor: 'openclaw',
  foreignTools: 'structured',
  compaction: true,
};

export function encode(session: Session, target: EncodeTarget): WritePlan {
  const sessionId = target.ids.uuid7();
  const state = asText(target.store.state) ?? stateDir(target.env);
  const agentId = asText(target.store.agentId) ?? 'main';
  const folder = legacyDir(state, agentId);
  const firstId = Number.parseInt(target.ids.uuid4().slice(0, 8), 16);
  const recordId = (n: number): string => ((firstId + n) >>> 0).toString(16).padStart(8, '0');
  const row: JsonObject = { sessionId, updatedAt: target.now.getTime() };
  if (target.title !== undefined) row.displayName = oneLine(target.title, 80);
  return {
    agent: 'openclaw',
    sessionId,
    ref: { path: databaseOf(state, agentId), key: sessionId },
    files: [
      {
        path: join(folder, `${sessionId}.jsonl`),
        content: () => transcriptLines(session, target, { sessionId, recordId, details }),
      },
    ],
    lines: [],
    members: [
      {
        path: join(folder, 'sessions.json'),
        at: [],
        key: `agent:${agentId}:explicit:${sessionId}`,
        value: row,
        create: {},
      },
    ],
    rows: () => [],
    import: {
      argv: ['openclaw', 'doctor', '--session-sqlite', 'import', '--session-sqlite-agent', agentId],
      cwd: target.cwd,
      // the command finds what it imports in OpenClaw's own folder
      input: () => [],
      inputName: 'nothing',
      // through the gateway, which has to run for this as it has to be stopped for the import
      undo: ['openclaw', 'sessions', 'delete', `agent:${agentId}:explicit:{id}`, '--agent', agentId, '--yes'],
    },
    notes: () => [
      {
        code: 'workspace',
        count: 1,
        detail: 'OpenClaw works in the workspace of its configuration, whatever directory the session had',
      },
    ],
  };
}
