/** The index with full text brought up to date: what search and `segue index` need. */
import { setTimeout } from 'node:timers/promises';
import { loadAgentsOf } from '../agents/registry.ts';
import type { Env } from '../io/paths.ts';
import type { WriteDatabase } from '../io/sqlite.ts';
import { type AgentDiagnostic, agentIds, discoverRefs } from './catalog.ts';
import { indexText } from './fulltext.ts';
import { pendingText } from './pending.ts';
import { type Progress, refresh } from './refresh.ts';
import { openIndex } from './store.ts';

const WAIT_MS = 50;

/** Opens the index, current in summaries and text for all agents. Close it. */
export async function openFullIndex(
  env: Env,
  progress?: Progress,
): Promise<{ index: WriteDatabase; diagnostics: AgentDiagnostic[]; texts: number }> {
  const ids = agentIds();
  const catalog = await discoverRefs(env, ids);
  const index = openIndex(env);
  try {
    await refresh(index, catalog, ids, env, progress);
    const pending = pendingText(index);
    const wanted = new Map(pending.map(({ sid, stamp }) => [sid, stamp]));
    const agents = await loadAgentsOf(pending);
    let texts = 0;
    for (;;) {
      for await (const _ of indexText(index, agents, env, progress)) texts++;
      // what another process is at is waited for; what changed since, or a newer segue's agent wrote, is not
      const left = pendingText(index).filter(
        ({ sid, stamp, agent }) => wanted.get(sid) === stamp && agents.has(agent),
      );
      if (left.length === 0) break;
      if (left.every(({ claim }) => claim !== undefined)) await setTimeout(WAIT_MS);
    }
    return { index, diagnostics: catalog.diagnostics, texts };
  } catch (error) {
    index.close();
    throw error;
  }
}
