/** The index with full text brought up to date: what search and `segue index` need. */
import { setTimeout } from 'node:timers/promises';
import { loadAgentsOf } from '../agents/registry.ts';
import type { Env } from '../io/paths.ts';
import type { WriteDatabase } from '../io/sqlite.ts';
import { type AgentDiagnostic, agentIds, discoverRefs } from './catalog.ts';
import { indexText } from './fulltext.ts';
import { countPending, pendingText } from './pending.ts';
import { type Progress, refresh } from './refresh.ts';
import { refreshBeside } from './refresh-beside.ts';
import { openIndex } from './store.ts';

const WAIT_MS = 50;

/** Sessions that wait for their text: so many are much. */
const MANY = 500;

/**
 * Opens the index, current in summaries and text for all agents. Close it. `beside`: where much is to be done, sessions are
 * looked for in a thread, whose memory is free again when texts are read.
 */
export async function openFullIndex(
  env: Env,
  { progress, beside = false }: { progress?: Progress; beside?: boolean } = {},
): Promise<{ index: WriteDatabase; diagnostics: AgentDiagnostic[]; texts: number }> {
  const ids = agentIds();
  const index = openIndex(env);
  try {
    const told = beside && isFarBehind(index) ? await refreshBeside(env, ids, progress) : undefined;
    const diagnostics = told ?? (await refreshHere(index, env, ids, progress));
    const agents = await loadAgentsOf(pendingText(index));
    let texts = 0;
    let wanted: Map<number, string> | undefined;
    for (;;) {
      for await (const _ of indexText(index, agents, env, progress)) texts++;
      const left = [...pendingText(index)].filter(({ agent }) => agents.has(agent));
      // what another process is at is waited for; what changes from now on, or a newer segue's agent wrote, is not
      wanted ??= new Map(left.map(({ sid, stamp }) => [sid, stamp]));
      const waiting = left.filter(({ sid, stamp }) => wanted?.get(sid) === stamp);
      if (waiting.length === 0) break;
      if (waiting.every(({ claim }) => claim !== undefined)) await setTimeout(WAIT_MS);
    }
    return { index, diagnostics, texts };
  } catch (error) {
    index.close();
    throw error;
  }
}

async function refreshHere(
  index: WriteDatabase,
  env: Env,
  ids: string[],
  progress?: Progress,
): Promise<AgentDiagnostic[]> {
  const catalog = await discoverRefs(env, ids);
  await refresh(index, catalog, ids, env, progress);
  return catalog.diagnostics;
}

function isFarBehind(index: WriteDatabase): boolean {
  return countPending(index) > MANY || index.get('SELECT 1 FROM session LIMIT 1') === undefined;
}
