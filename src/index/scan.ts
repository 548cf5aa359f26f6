/** What is where: each agent's sessions and bytes, and how much of it is indexed. */
import { identities } from '../agents/registry.ts';
import { fileBytes } from '../io/files.ts';
import type { Env } from '../io/paths.ts';
import { agentIds, discoverRefs } from './catalog.ts';
import { type Progress, refresh } from './refresh.ts';
import { BYTES } from './sessions.ts';
import { indexPath, openIndex } from './store.ts';

export interface AgentScan {
  agent: string;
  name: string;
  sessions: number;
  subagents: number;
  bytes: number;
  /** Sessions whose full text is searchable as they are now. */
  searchable: number;
  damaged: number;
}

/** `segue.scan/1`: what `scan --json` prints. */
export interface ScanEnvelope {
  schema: 'segue.scan/1';
  agents: AgentScan[];
  index: { path: string; bytes: number };
}

/** Looks at every store; the index's summaries are current afterwards. */
export async function scan(env: Env, progress?: Progress): Promise<ScanEnvelope> {
  const ids = agentIds();
  const catalog = await discoverRefs(env, ids);
  const index = openIndex(env);
  try {
    await refresh(index, catalog, ids, env, progress);
    const agents = identities.map(({ id, name }): AgentScan => {
      const row = index.get(
        `SELECT count(*) AS n, coalesce(sum(parent IS NOT NULL), 0) AS subagents, coalesce(sum(${BYTES}), 0) AS bytes,
         coalesce(sum(text_stamp = stamp), 0) AS searchable, coalesce(sum(json_extract(summary, '$.damaged') IS NOT NULL), 0) AS damaged
         FROM session WHERE agent = ?`,
        id,
      );
      return {
        agent: id,
        name,
        sessions: Number(row?.n),
        subagents: Number(row?.subagents),
        bytes: Number(row?.bytes),
        searchable: Number(row?.searchable),
        damaged: Number(row?.damaged),
      };
    });
    const path = indexPath(env);
    return { schema: 'segue.scan/1', agents, index: { path, bytes: fileBytes(path) } };
  } finally {
    index.close();
  }
}
