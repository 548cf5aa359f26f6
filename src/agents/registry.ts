/** The agents that exist, loaded when asked for. */
import { closest } from '../model/closest.ts';
import { SegueError } from '../model/errors.ts';
import type { Agent } from './contract.ts';
import { type AgentId, identities, loaders } from './registry.generated.ts';

export type { AgentId } from './registry.generated.ts';
export { identities };

/** The id that a name, alias or binary stands for (case-insensitive), or undefined. */
export function findAgentId(name: string): AgentId | undefined {
  const wanted = name.toLowerCase();
  return identities.find(
    (agent) =>
      agent.id === wanted ||
      agent.name.toLowerCase() === wanted ||
      agent.aliases.includes(wanted) ||
      agent.bins.includes(wanted),
  )?.id;
}

/** As `findAgentId`. Throws `unknown-agent` with the valid ids. */
export function agentId(name: string): AgentId {
  const id = findAgentId(name);
  if (id !== undefined) return id;
  const ids = identities.map((agent) => agent.id);
  const meant = closest(
    name,
    identities.flatMap((agent) => [agent.id, ...agent.aliases, ...agent.bins]),
  );
  throw new SegueError('unknown-agent', `unknown agent "${name}"`, {
    hint: `${meant === undefined ? '' : `did you mean ${meant}? `}agents: ${ids.join(', ')}`,
    candidates: ids,
  });
}

/** Loads one agent. Throws `unknown-agent` with the valid ids. */
export async function loadAgent(name: string): Promise<Agent> {
  return await loaders[agentId(name)]();
}

/** Loads every agent. */
export async function loadAgents(): Promise<Agent[]> {
  return await Promise.all(identities.map((identity) => loaders[identity.id]()));
}

/** Loads the agents of these sessions. */
export async function loadAgentsOf(sessions: Iterable<{ agent: string }>): Promise<Map<string, Agent>> {
  const ids = new Set<string>();
  for (const { agent } of sessions) ids.add(agent);
  const wanted = identities.filter(({ id }) => ids.has(id));
  return new Map(await Promise.all(wanted.map(async ({ id }) => [id, await loaders[id]()] as const)));
}
