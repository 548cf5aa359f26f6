/** The index with full text brought up to date: what search and `segue index` need. */
import { loadAgents } from '../agents/registry.ts';
import type { Env } from '../io/paths.ts';
import type { WriteDatabase } from '../io/sqlite.ts';
import { type AgentDiagnostic, agentIds, discoverRefs } from './catalog.ts';
import { indexText } from './fulltext.ts';
import { type Progress, refresh } from './refresh.ts';
import { openIndex } from './store.ts';

/** Opens the index, current in summaries and text for all agents. Close it. */
export async function openFullIndex(
  env: Env,
  progress?: Progress,
): Promise<{ index: WriteDatabase; diagnostics: AgentDiagnostic[]; texts: number }> {
  const ids = agentIds();
  const catalog = await discoverRefs(env, ids);
  const index = openIndex(env);
  try {
    await refresh(index, catalog, ids, env);
    const agents = new Map((await loadAgents()).map((agent) => [agent.id, agent]));
    let texts = 0;
    for await (const _ of indexText(index, agents, env, progress)) texts++;
    return { index, diagnostics: catalog.diagnostics, texts };
  } catch (error) {
    index.close();
    throw error;
  }
}
