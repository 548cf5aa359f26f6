/** What is right and what is not on this machine, each finding with what can be done about it. */
import { join } from 'node:path';
import type { Agent } from '../agents/contract.ts';
import { proofs } from '../agents/proven.ts';
import { loadAgents } from '../agents/registry.ts';
import { loadConfig } from '../config/load.ts';
import { type Catalog, discover, type Found, isMain, newestFirst } from '../index/catalog.ts';
import { countPending } from '../index/pending.ts';
import { indexPath, openIndex } from '../index/store.ts';
import { fileBytes, isOpenToOthers, listNames } from '../io/files.ts';
import { dataDir, type Env, pathKind } from '../io/paths.ts';
import { installedVersions } from '../launch/installed.ts';
import { SegueError } from '../model/errors.ts';
import { type Drift, findDrift } from './drift.ts';

export interface Finding {
  check: 'node' | 'agent' | 'store' | 'config' | 'index' | 'journal' | 'leftovers' | 'drift';
  /** `problem`: something does not work. `note`: worth knowing. */
  level: 'ok' | 'note' | 'problem';
  message: string;
  agent?: string;
  path?: string;
  /** What can be done about it. */
  fix?: string;
}

/** `segue.doctor/1`: what `doctor --json` prints. */
export interface DoctorEnvelope {
  schema: 'segue.doctor/1';
  findings: Finding[];
  /** What readers met and do not know. */
  drift: Drift[];
}

export interface DoctorOptions {
  /** Directory whose configuration applies. */
  cwd: string;
  /** Sessions of each agent read for drift; default 10, the newest. */
  sessions?: number;
  progress?: (done: number, total: number, bytes: number) => void;
}

const LEAST_NODE = '22.16';

/** Looks at everything; changes nothing but the index's own file, which is made when it is missing. */
export async function examine(env: Env, options: DoctorOptions): Promise<DoctorEnvelope> {
  const agents = await loadAgents();
  const catalog = await discover(env);
  const { drift, read } = findDrift(
    newest(catalog, agents, env, options.sessions ?? 10),
    env,
    options.progress,
  );
  return {
    schema: 'segue.doctor/1',
    findings: [
      { check: 'node', level: 'ok', message: `Node ${process.versions.node} (needs ${LEAST_NODE})` },
      ...(await agentFindings(agents, catalog, env)),
      ...storeFindings(catalog),
      await configFinding(env, options.cwd),
      ...indexFindings(env),
      ...ownFindings(env),
      ...driftFindings(drift, read),
    ],
    drift,
  };
}

function newest({ found }: Catalog, agents: readonly Agent[], env: Env, most: number): Found[] {
  return agents.flatMap((agent) => {
    const own = found.filter(({ ref }) => ref.agent === agent.id && isMain(ref));
    const chosen: Found[] = [];
    for (const { ref } of newestFirst(own, env)) {
      if (chosen.length === most) break;
      chosen.push({ agent, ref });
    }
    return chosen;
  });
}

async function agentFindings(agents: readonly Agent[], { found }: Catalog, env: Env): Promise<Finding[]> {
  const versions = await installedVersions(agents, env);
  const findings: Finding[] = [];
  for (const agent of agents) {
    const installed = versions.get(agent.id);
    const sessions = found.filter(({ ref }) => ref.agent === agent.id).length;
    if (installed === undefined && sessions === 0) continue;
    const about = { check: 'agent', agent: agent.id } as const;
    const others = installed?.others ?? [];
    if (installed !== undefined && others.length > 0) {
      const told = others.map(
        ({ path, version }) => `${path}${version === undefined ? '' : ` (${version})`}`,
      );
      findings.push({
        ...about,
        level: 'note',
        message: `${agent.name} is installed ${others.length + 1} times; the first on PATH is started, not ${told.join(', ')}`,
        path: installed.path,
        fix: 'remove what is not needed, or put the folder of the other first on PATH',
      });
    }
    if (installed === undefined) {
      const message = `${agent.name} has sessions here and is not installed`;
      findings.push({ ...about, level: 'note', message, fix: agent.launch.install });
      continue;
    }
    const proven = proofs(agent.id).map(({ version }) => version);
    const named = `${agent.name} ${installed.version ?? '(says no version)'}`;
    if (agent.writer === undefined) {
      const message = `${named}: gets handoffs (${agent.noWriter ?? 'no native door'})`;
      findings.push({ ...about, level: 'ok', message, path: installed.path });
    } else if (installed.version !== undefined && proven.includes(installed.version)) {
      findings.push({ ...about, level: 'ok', message: `${named}: proven`, path: installed.path });
    } else {
      const with_ =
        proven.length === 0
          ? 'no version is'
          : `proven ${proven.length === 1 ? 'is' : 'are'} ${proven.join(', ')}`;
      findings.push({
        ...about,
        level: 'note',
        message: `${named} was not proven (${with_})`,
        path: installed.path,
        fix: 'try it with --dry-run first; segue undo takes a transfer back',
      });
    }
  }
  if (findings.length === 0)
    findings.push({
      check: 'agent',
      level: 'note',
      message: 'no agent is installed, no session is here',
      fix: 'segue demo',
    });
  return findings;
}

function storeFindings({ found, diagnostics }: Catalog): Finding[] {
  const findings = diagnostics.map(
    ({ agent, message, path }): Finding => ({
      check: 'store',
      level: 'problem',
      agent,
      message,
      path,
      fix: 'make it readable for you, or move it away',
    }),
  );
  if (findings.length > 0) return findings;
  return [{ check: 'store', level: 'ok', message: `every store can be looked at: ${found.length} sessions` }];
}

async function configFinding(env: Env, cwd: string): Promise<Finding> {
  try {
    const { files, effective } = await loadConfig(env, cwd);
    const ignored = effective.filter((value) => value.ignored !== undefined);
    if (ignored.length > 0) {
      const message = `configuration: ${ignored.map(({ key, ignored: why }) => `${key} (${why})`).join('; ')}`;
      return { check: 'config', level: 'note', message, fix: 'segue config shows what applies' };
    }
    const message =
      files.length === 0 ? 'no configuration, none needed' : `configuration: ${files.join(', ')}`;
    return { check: 'config', level: 'ok', message };
  } catch (error) {
    if (!(error instanceof SegueError)) throw error;
    return { check: 'config', level: 'problem', message: error.message, fix: error.hint };
  }
}

function indexFindings(env: Env): Finding[] {
  const path = indexPath(env);
  const about = { check: 'index', path } as const;
  if (pathKind(path) === 'missing')
    return [{ ...about, level: 'ok', message: 'no index yet: it is made when it is needed' }];
  try {
    const index = openIndex(env);
    try {
      const pending = countPending(index);
      if (pending > 0) {
        const message = `${pending} sessions are not searchable yet`;
        return [{ ...about, level: 'note', message, fix: 'segue index' }];
      }
      return [{ ...about, level: 'ok', message: `index is current (${fileBytes(path)} bytes)` }];
    } finally {
      index.close();
    }
  } catch (error) {
    const message = `the index cannot be opened: ${error instanceof Error ? error.message : 'error'}`;
    return [{ ...about, level: 'problem', message, fix: 'segue rebuild' }];
  }
}

/** Journal, old files and rights in segue's own folder. */
function ownFindings(env: Env): Finding[] {
  const folder = dataDir(env);
  const findings: Finding[] = [];
  const journals = listNames(join(folder, 'journal'));
  findings.push(
    journals.length === 0
      ? { check: 'journal', level: 'ok', message: 'no transfer is running or was interrupted' }
      : {
          check: 'journal',
          level: 'note',
          message: `${journals.length} transfers are running or were interrupted`,
          path: join(folder, 'journal'),
          fix: 'segue undo --list repairs what was interrupted',
        },
  );
  if (isOpenToOthers(folder))
    findings.push({
      check: 'leftovers',
      level: 'problem',
      message: "others can look into segue's folder",
      path: folder,
      fix: `chmod 700 ${folder}`,
    });
  const handoffs = listNames(join(folder, 'handoffs'));
  if (handoffs.length > 0)
    findings.push({
      check: 'leftovers',
      level: 'note',
      message: `${handoffs.length} handoff documents were kept for agents that read them`,
      path: join(folder, 'handoffs'),
      fix: 'delete them when those agents have begun',
    });
  return findings;
}

function driftFindings(drift: readonly Drift[], read: number): Finding[] {
  const unknown = drift.filter(({ code }) => code === 'unknown-record');
  if (unknown.length === 0)
    return [{ check: 'drift', level: 'ok', message: `nothing unknown in the ${read} newest sessions` }];
  return unknown.map(
    ({ agent, agentVersion, message, count, sessions, example }): Finding => ({
      check: 'drift',
      level: 'note',
      agent,
      message: `${agent}${agentVersion === null ? '' : ` ${agentVersion}`}: ${message} (${count} in ${sessions} of ${read} sessions)`,
      path: example ?? undefined,
      fix: 'a newer segue may know it; if not, please report this line',
    }),
  );
}
