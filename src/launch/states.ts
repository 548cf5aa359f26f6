/** What is known of each agent on this machine. */
import type { Agent } from '../agents/contract.ts';
import { type Proof, proofs } from '../agents/proven.ts';
import { type AgentDiagnostic, discover, isMain } from '../index/catalog.ts';
import type { Env } from '../io/paths.ts';
import { type Installed, installedVersions } from './installed.ts';

export interface AgentState {
  id: string;
  name: string;
  /** Null when no program of it is on PATH. */
  installed: Installed | null;
  /** Places that hold its sessions, with every override applied; they may not exist. */
  roots: string[];
  /** Sessions that a person started and did not archive. */
  sessions: number;
  /** Whether segue can write sessions for it. */
  writes: boolean;
  /** Versions with which what segue writes was proven, and for sessions of which agents. */
  proven: Proof[];
}

/** `segue.agents/1`: what `agents --json` prints. */
export interface AgentsEnvelope {
  schema: 'segue.agents/1';
  agents: AgentState[];
}

/** The state of each agent. Asks installed agents for their version (cached). */
export async function agentStates(
  agents: readonly Agent[],
  env: Env,
): Promise<{ states: AgentState[]; diagnostics: AgentDiagnostic[] }> {
  const versions = await installedVersions(agents, env);
  const { found, diagnostics } = await discover(
    env,
    agents.map((agent) => agent.id),
  );
  const states = agents.map((agent) => ({
    id: agent.id,
    name: agent.name,
    installed: versions.get(agent.id) ?? null,
    roots: agent.roots(env),
    sessions: found.filter(({ ref }) => ref.agent === agent.id && isMain(ref)).length,
    writes: agent.writer !== undefined,
    proven: proofs(agent.id),
  }));
  return { states, diagnostics };
}
