/** One pair: the sessions of a source, moved to a target, resumed there by the real program. */

import { randomUUID } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Agent } from '../../src/agents/contract.ts';
import { SegueError } from '../../src/model/errors.ts';
import { oneLine } from '../../src/model/text.ts';
import { applyTransfer, planTransfer } from '../../src/transfer/index.ts';
import { accountOfRequest, type Called, type Piece } from './account.ts';
import type { ModelRequest } from './endpoint/conversation.ts';
import { startEndpoint } from './endpoint/server.ts';
import { excerpt, judge, type Problem } from './judge.ts';
import type { Listed, Recipe, Scenario } from './recipe.ts';
import { howItEnded, newRunner, type Runner, requestsFor } from './runner.ts';
import { groups, SESSIONS, type SessionKey } from './scenarios.ts';
import type { Made, Source } from './source.ts';

/** Lists cut titles; this much of them is compared. */
const TITLE_START = 20;
/** Clocks and roundings of lists. */
const LIST_TOLERANCE_MS = 60_000;

/** One cell of the matrix. */
export interface Cell {
  source: string;
  target: string;
  /** Version of the target. */
  version: string;
  scenario: Scenario;
  verdict: 'pass' | 'fail' | 'not possible';
  reason?: string;
  /** The verdict is that of a second attempt. */
  again?: boolean;
}

export interface Target {
  agent: Agent;
  recipe: Recipe;
  version: string;
  modules: string;
  /** Agent id, with `@version` for an older one. */
  name: string;
  /** A home in which the agent was used before, to start from. */
  usedHome?: string;
  excused: Set<string>;
  /** Requests are written beside the home. */
  log: boolean;
}

/**
 * Judges all scenarios of `wanted` for one pair. Never throws: what goes wrong is a verdict. `say` is told why a joint
 * session did not do.
 */
export async function runPair(
  source: Source,
  target: Target,
  root: string,
  wanted: readonly Scenario[],
  say: (line: string) => void,
): Promise<Cell[]> {
  const cells = new Map<Scenario, Cell>();
  const set = (scenario: Scenario, verdict: Cell['verdict'], reason?: string): void => {
    const known = cells.get(scenario);
    if (!wanted.includes(scenario) || (known !== undefined && known.verdict !== 'pass')) return;
    cells.set(scenario, {
      source: source.agent.id,
      target: target.name,
      version: target.version,
      scenario,
      verdict,
      reason,
    });
  };
  const home = join(root, 'pairs', `${source.agent.id}-${target.name}`, 'home');
  mkdirSync(home, { recursive: true });
  const endpoint = await startEndpoint({
    excuse: target.excused,
    log: target.log ? join(home, '..', 'requests.jsonl') : undefined,
    routes: target.recipe.routes?.({ home, cwd: source.cwd }),
  });
  try {
    prepareHome(home, source, target);
    const { version, modules } = target;
    const place = { home, cwd: source.cwd, url: endpoint.url, version, modules };
    const runner = newRunner(target.agent, target.recipe, place, endpoint);
    for (const { joint, parts } of groups(wanted)) {
      if (joint !== undefined) {
        const why = await passJoint(joint, source, target, runner, set);
        if (why === undefined) continue;
        if (why !== '') say(`'${joint}' is run apart: ${why}`);
      }
      for (const key of parts) await runPart(key, source, target, runner, set);
    }
  } catch (error) {
    for (const scenario of wanted) set(scenario, ...verdictOf(error));
  } finally {
    await endpoint.close();
    if (!target.log) rmSync(join(home, '..'), { recursive: true, force: true });
  }
  return [...cells.values()];
}

type SetVerdict = (scenario: Scenario, verdict: Cell['verdict'], reason?: string) => void;

/** Runs a joint session. What is wrong with it ('': there is none, for a known reason), without verdicts; else all pass. */
async function passJoint(
  key: SessionKey,
  source: Source,
  target: Target,
  runner: Runner,
  set: SetVerdict,
): Promise<string | undefined> {
  if (target.agent.writer === undefined) return '';
  if (SESSIONS[key].some((scenario) => cannot(source, target, scenario) !== undefined)) return '';
  try {
    const made = await source.session(key);
    if ('missing' in made) return made.failed ? made.missing : '';
    const problem = made.problems[0] ?? (await move(source, made, runner, key, target.excused))[0];
    if (problem !== undefined) return `${problem.scenario}: ${problem.message}`;
    setImpossible(made, target, set);
    for (const scenario of SESSIONS[key]) set(scenario, 'pass');
    return undefined;
  } catch (error) {
    return verdictOf(error)[1];
  }
}

/** Runs one session and sets the verdicts of its scenarios. */
async function runPart(
  key: SessionKey,
  source: Source,
  target: Target,
  runner: Runner,
  set: SetVerdict,
): Promise<void> {
  const all = (verdict: Cell['verdict'], reason?: string): void => {
    for (const scenario of SESSIONS[key]) set(scenario, verdict, reason);
  };
  try {
    for (const scenario of SESSIONS[key]) {
      const known = cannot(source, target, scenario);
      if (known !== undefined) set(scenario, 'not possible', known);
    }
    if (SESSIONS[key].every((scenario) => cannot(source, target, scenario) !== undefined)) return;
    if (target.agent.writer === undefined)
      return all('not possible', target.agent.noWriter ?? 'the target has no writer');
    const made = await source.session(key);
    if ('missing' in made) return all(made.failed ? 'fail' : 'not possible', `source: ${made.missing}`);
    setImpossible(made, target, set);
    const problems = [...made.problems, ...(await move(source, made, runner, key, target.excused))];
    for (const { scenario, message } of problems) set(scenario, 'fail', message);
    all('pass');
  } catch (error) {
    all(...verdictOf(error));
  }
}

/** Why a scenario is known not to work, by the recipes. */
function cannot(source: Source, target: Target, scenario: Scenario): string | undefined {
  return source.recipe.cannot?.source?.[scenario] ?? target.recipe.cannot?.target?.[scenario];
}

/** Images that the target cannot hold where the source has them: the transfer says so and tells them as text. */
function setImpossible(made: Made, target: Target, set: SetVerdict): void {
  const accepts = target.agent.writer?.accepts.images;
  if (accepts === undefined) return;
  for (const { scenario, piece } of made.expected) {
    if (piece.kind !== 'shown') continue;
    const holds = piece.place === 'prompt' ? accepts.user : accepts.result;
    const where = piece.place === 'prompt' ? 'prompts' : 'tool results';
    if (!holds)
      set(scenario, 'not possible', `the target takes no images in ${where}: they are told as text`);
  }
}

/** A home where the target was used before; empty for an older version and for a pair of one agent. */
export function prepareHome(home: string, source: Source, target: Target): void {
  if (target.usedHome !== undefined && source.agent.id !== target.agent.id)
    cpSync(target.usedHome, home, { recursive: true, verbatimSymlinks: true, force: true });
}

/** Puts the source's store as it was when the session was made into the home of the pair. */
export function placeStore(agent: Agent, made: Made, home: string): void {
  for (const from of agent.roots({ home: made.home, vars: {}, platform: process.platform })) {
    const below = relative(made.home, from);
    if (!existsSync(from) || below.startsWith('..')) continue;
    rmSync(join(home, below), { recursive: true, force: true });
    cpSync(from, join(home, below), { recursive: true, verbatimSymlinks: true });
  }
}

/** Moves one session and resumes it at the target. */
async function move(
  source: Source,
  made: Made,
  runner: Runner,
  key: SessionKey,
  excused: ReadonlySet<string>,
): Promise<Problem[]> {
  const { agent, recipe, env, place } = runner;
  placeStore(source.agent, made, place.home);
  // a store may hold the configuration, too
  recipe.setup(place);
  const ref = source.agent.discover({ env }).refs.find((found) => found.id === made.ref.id);
  if (ref === undefined) throw new Error('the source session is not found in the home of the pair');
  const transfer = planTransfer({ env, source: source.agent, ref, target: agent, cwd: place.cwd });
  const { target } = await applyTransfer(transfer);
  const mark = `PROBE-${randomUUID().slice(0, 8)}`;
  const problems: Problem[] = [];
  const scenario = SESSIONS[key][0];
  const list = key === 'work' || key === 'real' ? recipe.list?.run(place) : undefined;
  if (list !== undefined && recipe.list !== undefined) {
    const listed = await runner.run(list);
    const prompt = made.expected.find(({ piece }) => piece.kind === 'said' && piece.role === 'user')?.piece;
    const titles = [transfer.session.info.title, prompt?.kind === 'said' ? prompt.text : undefined];
    const row = recipe.list.sessions(listed.outcome.stdout).find(({ id }) => id === target.id);
    const wrong =
      row === undefined
        ? `does not have the session: ${howItEnded(listed)}`
        : wrongInList(row, { cwd: place.cwd, titles, since: transfer.session.info.updatedAt });
    if (wrong !== undefined) problems.push({ scenario, message: `the target's own list ${wrong}` });
  }
  const ran = await runner.resume(
    { id: target.id, path: transfer.plan.ref.path },
    `${mark}: go on from here.`,
  );
  const entry = requestsFor(ran.requests, recipe, mark)[0];
  if (entry?.request === undefined) throw new Error(`the target asked no model: ${howItEnded(ran)}`);
  if (ran.outcome.timedOut)
    problems.push({ scenario, message: `the target answered, but ${howItEnded(ran)}` });
  const violation = entry.violations.find((v) => !excused.has(v.code));
  if (violation !== undefined)
    problems.push({
      scenario,
      message: `the API would refuse the request: ${violation.at}: ${violation.message}`,
    });
  return [...problems, ...judgeRequest(entry.request, source, made, { agent, recipe, place }, mark)];
}

/** Compares what a target sent to the model, up to the prompt with `mark`, with the session that it was given. */
export function judgeRequest(
  request: ModelRequest,
  source: Source,
  made: Made,
  { agent, recipe, place }: Pick<Runner, 'agent' | 'recipe' | 'place'>,
  mark: string,
): Problem[] {
  const sent = upToProbe(accountOfRequest(request, recipe, agent, place.cwd), mark);
  const images = agent.writer?.accepts.images;
  const options = {
    sameAgent: source.agent.id === agent.id,
    images: { prompt: images?.user === true, result: images?.result === true },
    foreign: ({ call }: Called) =>
      source.agent.id === agent.id || call === undefined || agent.tools.write(call, place.cwd) === undefined,
  };
  return judge(made.expected, sent, options);
}

/** What an agent's list shows other than it should; what it does not tell is right. */
export function wrongInList(
  { title, cwd, updated }: Listed,
  wanted: { cwd: string; titles: readonly (string | undefined)[]; since: string | undefined; now?: number },
): string | undefined {
  const titles = wanted.titles.flatMap((text) => (text === undefined ? [] : oneLine(text, TITLE_START)));
  if (title !== undefined && !titles.includes(oneLine(title, TITLE_START)))
    return `shows the title ${excerpt(title)}, not ${titles.map((text) => excerpt(text)).join(' or ')}`;
  if (cwd !== undefined && cwd !== wanted.cwd) return `shows the directory ${cwd}`;
  if (updated === undefined) return undefined;
  // lists show when a file changed, or when something was said last
  const time = new Date(updated).getTime();
  const first = new Date(wanted.since ?? 0).getTime() - LIST_TOLERANCE_MS;
  const last = (wanted.now ?? Date.now()) + LIST_TOLERANCE_MS;
  return time >= first && time <= last ? undefined : `shows the time ${updated}`;
}

/** The account without the probe: it may have been joined to the text before it. */
function upToProbe(pieces: Piece[], mark: string): Piece[] {
  const at = pieces.findLastIndex((piece) => piece.kind === 'said' && piece.text.includes(mark));
  const probe = pieces[at];
  if (probe?.kind !== 'said') return pieces;
  const before = probe.text.slice(0, probe.text.indexOf(mark));
  const kept = before.trim() === '' ? [] : [{ ...probe, text: before }];
  return [...pieces.slice(0, at), ...kept, ...pieces.slice(at + 1)];
}

function verdictOf(error: unknown): [Cell['verdict'], string] {
  if (error instanceof SegueError && error.code === 'no-writer') return ['not possible', error.message];
  const hint = error instanceof SegueError && error.hint !== undefined ? ` (${error.hint})` : '';
  return ['fail', `${error instanceof Error ? error.message : String(error)}${hint}`];
}
