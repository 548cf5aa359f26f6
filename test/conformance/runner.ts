/** Runs one agent in a place: its environment, its starts and resumes, the requests that it sent meanwhile. */
import { mkdirSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import type { Agent, CommandLine, SessionRef } from '../../src/agents/contract.ts';
import type { Env } from '../../src/io/paths.ts';
import { lastPrompt } from './endpoint/script.ts';
import type { Endpoint, LogEntry } from './endpoint/server.ts';
import { excerpt } from './judge.ts';
import { agentPath, type Outcome, runProcess } from './process.ts';
import type { Place, Recipe, Run } from './recipe.ts';

export interface Runner {
  agent: Agent;
  recipe: Recipe;
  place: Place;
  /** The environment as the product sees it. */
  env: Env;
  start(prompt: string, image?: string): Promise<Ran>;
  resume(session: { id: string; path: string }, prompt: string): Promise<Ran>;
  /** Any other run, with the agent's variables. */
  run(run: Run): Promise<Ran>;
}

export interface Ran {
  outcome: Outcome;
  /** What the endpoint got while the process ran. */
  requests: LogEntry[];
}

/** Sets the agent up in a place. */
export function newRunner(agent: Agent, recipe: Recipe, place: Place, endpoint: Endpoint): Runner {
  mkdirSync(place.home, { recursive: true });
  const own = recipe.setup(place);
  const path = agentPath(place.modules);
  const vars: Record<string, string> = {
    PATH: path,
    HOME: place.home,
    LANG: 'C.UTF-8',
    TERM: 'dumb',
    NO_COLOR: '1',
    CI: '1',
    // what Node compiled of the agent, kept beside its installation
    NODE_COMPILE_CACHE: join(place.modules, '../compile-cache'),
    ...own,
  };
  const env: Env = {
    home: place.home,
    vars: { ...vars, SEGUE_DATA_DIR: join(place.home, '.segue-data') },
    platform: process.platform,
  };
  const run = async (wanted: Run): Promise<Ran> => {
    const before = endpoint.requests.length;
    const outcome = await runProcess(wanted.argv, {
      cwd: wanted.cwd ?? place.cwd,
      env: { ...vars, PWD: wanted.cwd ?? place.cwd, ...wanted.env },
      stdin: wanted.stdin,
      timeoutMs: (recipe.timeoutMs ?? 60_000) * patience(),
    });
    return { outcome, requests: endpoint.requests.slice(before) };
  };
  const request = (prompt: string) => ({
    cwd: place.cwd,
    prompt,
    headless: true,
    flags: recipe.flags?.(place) ?? [],
  });
  return {
    agent,
    recipe,
    place,
    env,
    run,
    start: (prompt, image) =>
      run(
        recipe.start?.(place, prompt, image) ??
          asRun(agent.launch.start(request(prompt)), `${agent.id} cannot be started headless`),
      ),
    resume: (session, prompt) =>
      run(
        recipe.resume?.(place, session, prompt) ??
          asRun(agent.launch.resume(session, request(prompt)), `${agent.id} cannot be resumed headless`),
      ),
  };
}

/** How much slower than usual this machine may be, from its load: time limits are for agents that hang, not for crowds. */
function patience(): number {
  return Math.min(5, Math.max(1, (loadavg()[0] ?? 0) / availableParallelism()));
}

function asRun(command: CommandLine | undefined, otherwise: string): Run {
  if (command === undefined) throw new Error(otherwise);
  const stdin = typeof command.stdin === 'object' ? command.stdin.text : undefined;
  return { argv: command.argv, cwd: command.cwd, env: { ...command.env }, stdin };
}

/** The requests of a conversation that have `mark` in their last prompt, without side jobs. */
export function requestsFor(requests: LogEntry[], recipe: Recipe, mark: string): LogEntry[] {
  const asked = requests.filter(
    (entry) => entry.request !== undefined && lastPrompt(entry.request.items).prompt.includes(mark),
  );
  const withTools = asked.filter((entry) => (entry.request?.tools.length ?? 0) > 0);
  const own = recipe.pick?.(requests, mark);
  return own !== undefined ? [own] : withTools.length > 0 ? withTools : asked;
}

/** Sessions of the agent in a place, without subagents', latest first. */
export function sessionsIn(agent: Agent, env: Env): SessionRef[] {
  const { refs } = agent.discover({ env });
  return refs.filter((ref) => ref.parent === undefined).sort((a, b) => b.mtimeMs - a.mtimeMs);
}

/** One line about how a run ended, for messages. */
export function howItEnded({ outcome, requests }: Ran): string {
  const end = outcome.timedOut
    ? `did not end in ${Math.round(outcome.ms / 1000)} s`
    : `exit code ${outcome.code}`;
  const refused = requests.flatMap((entry) => entry.violations).at(0);
  const said = outcome.stderr.trim() || outcome.stdout.trim();
  const last =
    said
      .split('\n')
      .filter((line) => line.trim() !== '')
      .at(-1) ?? '';
  return `${end}, ${requests.length} requests${refused === undefined ? '' : `, refused: ${refused.at} ${refused.message}`}; ${excerpt(last, 160)}`;
}
