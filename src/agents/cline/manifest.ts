/** `<id>.json` beside the messages: the facts of a session. */
import { dirname, join } from 'node:path';
import { readJsonFile } from '../../io/json-file.ts';
import { asObject, asText, asTimestamp } from '../../model/narrow.ts';
import type { Timestamp, Usage } from '../../model/session.ts';
import { COUNTS, usageOf } from '../_shared/cline-messages.ts';
import { MESSAGES } from './places.ts';

/** Names the session that a transferred one came from, in the `metadata` of the manifest that segue writes. */
export const PROVENANCE = 'segueSource';

export interface Manifest {
  title?: string;
  prompt?: string;
  cwd?: string;
  branch?: string;
  model?: string;
  version?: string;
  usage?: Usage;
  createdAt?: Timestamp;
  updatedAt?: Timestamp;
  source?: { agent: string; id: string };
  /** There is none, or it is no object: Cline does not resume such a session. */
  missing: boolean;
}

/** What stands beside a file of messages. */
export function readManifest(messages: string): Manifest {
  const id = messages.slice(dirname(messages).length + 1, -MESSAGES.length);
  const stored = asObject(readJsonFile(join(dirname(messages), `${id}.json`)));
  const metadata = asObject(stored?.metadata);
  const source = asObject(metadata?.[PROVENANCE]);
  const agent = asText(source?.agent);
  const from = asText(source?.id);
  return {
    title: asText(metadata?.title),
    prompt: asText(stored?.prompt),
    cwd: asText(stored?.cwd) ?? asText(stored?.workspace_root),
    branch: asText(asObject(metadata?.git)?.branch),
    model: asText(stored?.model),
    version: asText(asObject(metadata?.sessionHistoryOrigin)?.version),
    usage: usageOf(metadata?.aggregateUsage ?? metadata?.usage, COUNTS),
    createdAt: asTimestamp(stored?.started_at),
    updatedAt: asTimestamp(stored?.ended_at),
    source: agent === undefined || from === undefined ? undefined : { agent, id: from },
    missing: stored === undefined,
  };
}
