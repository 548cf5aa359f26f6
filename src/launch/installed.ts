/** Which agents are installed, and in which version. */
import { join } from 'node:path';
import type { Agent } from '../agents/contract.ts';
import { readJsonFile, writeJsonFile } from '../io/json-file.ts';
import { dataDir, type Env, fileStamp } from '../io/paths.ts';
import { capture, findBinaries, findBinary, startable } from '../io/process.ts';
import { asNumber, asObject, asText } from '../model/narrow.ts';
import type { JsonObject } from '../model/session.ts';

/** An agent on this machine. */
export interface Installed {
  /** Path of its program. */
  path: string;
  /** What it says of itself; absent when it says nothing that looks like a version. */
  version?: string;
  /** Installed a second time: what is not started. Absent when there is nothing. */
  others?: { path: string; version?: string }[];
}

/** The agent's program on PATH, or undefined. */
export function findAgentBinary(agent: Agent, env: Env): string | undefined {
  for (const name of agent.bins) {
    const path = findBinary(name, env);
    if (path !== undefined) return path;
  }
  return undefined;
}

/** All programs of the agent on PATH, the one that is started first. */
export function agentBinaries(agent: Agent, env: Env): string[] {
  return [...new Set(agent.bins.flatMap((name) => findBinaries(name, env)))];
}

/** Asking takes up to a second; an answer is kept as long as the program file does not change, and for an hour. */
const KEEP_MS = 3_600_000;
const ASK_MS = 10_000;

/** The installed version of each agent; undefined when it is not installed. Asks the programs at the same time. */
export async function installedVersions(
  agents: readonly Agent[],
  env: Env,
): Promise<Map<string, Installed | undefined>> {
  const cachePath = join(dataDir(env), 'versions.json');
  const cache = asObject(readJsonFile(cachePath)) ?? {};
  const fresh: JsonObject = {};
  const versionOf = async (agent: Agent, path: string): Promise<string | undefined> => {
    const known = cached(cache, path);
    if (known !== undefined) return known;
    const version = await askVersion(agent, path, env);
    if (version !== undefined) fresh[path] = { version, stamp: fileStamp(path), askedAt: Date.now() };
    return version;
  };
  const answers = await Promise.all(
    agents.map(async (agent): Promise<[string, Installed | undefined]> => {
      const paths = agentBinaries(agent, env);
      const all = await Promise.all(
        paths.map(async (path) => ({ path, version: await versionOf(agent, path) })),
      );
      const [first, ...others] = all;
      return [agent.id, first && others.length > 0 ? { ...first, others } : first];
    }),
  );
  if (Object.keys(fresh).length > 0) writeJsonFile(cachePath, { ...cache, ...fresh });
  return new Map(answers);
}

function cached(cache: JsonObject, path: string): string | undefined {
  const entry = asObject(cache[path]);
  const age = Date.now() - (asNumber(entry?.askedAt) ?? 0);
  return age >= 0 && age < KEEP_MS && entry?.stamp === fileStamp(path) ? asText(entry.version) : undefined;
}

async function askVersion(agent: Agent, path: string, env: Env): Promise<string | undefined> {
  const argv = startable(path, agent.launch.version.slice(1), env);
  if (argv === undefined) return undefined;
  try {
    const { stdout, stderr } = await capture(argv, { vars: env.vars, timeoutMs: ASK_MS });
    return /\d+\.\d+(?:\.\d+)?(?:[-+][\w.-]+)?/.exec(`${stdout}\n${stderr}`)?.[0];
  } catch (error) {
    void error; // it is there but does not start: no version is the answer
    return undefined;
  }
}
