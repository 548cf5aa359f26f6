/** The sessions of one agent: made by the real program, read by segue, compared with what the endpoint saw. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Agent, SessionRef } from '../../src/agents/contract.ts';
import { asArray } from '../../src/model/narrow.ts';
import type { JsonObject, JsonValue } from '../../src/model/session.ts';
import { applyTransfer, planTransfer } from '../../src/transfer/index.ts';
import { accountOfRequest, accountOfSession, type Piece } from './account.ts';
import { startEndpoint } from './endpoint/server.ts';
import { excerpt, type JudgeOptions, judge, type Labelled, type Problem } from './judge.ts';
import { EDIT_TO, type Recipe } from './recipe.ts';
import { howItEnded, newRunner, type Ran, type Runner, requestsFor, sessionsIn } from './runner.ts';
import { imageTurns, type SessionKey, type Turn, workTurns, writeProject } from './scenarios.ts';
import { type Built, builtSession, findTemplate, plantSurrogates, startsOdd } from './synthetic.ts';

/** One session of a source. */
export interface Made {
  /** Home whose store holds it. */
  home: string;
  ref: SessionRef;
  /** What a target has to send. */
  expected: Labelled[];
  /** What is wrong with the source side itself. */
  problems: Problem[];
}

export interface Source {
  agent: Agent;
  recipe: Recipe;
  version: string;
  modules: string;
  /** Home of the work session. */
  home: string;
  cwd: string;
  /** A session, or why there is none. */
  sessions: Partial<Record<SessionKey, Made | { missing: string; failed: boolean }>>;
  /** Rules that the agent's own sessions break. */
  excused: Set<string>;
}

/** Makes the sessions of `keys` in a fresh home below `root`. A session that cannot be made says why. */
export async function makeSource(
  agent: Agent,
  recipe: Recipe,
  installed: { version: string; modules: string },
  root: string,
  keys: readonly SessionKey[],
  log: boolean,
): Promise<Source> {
  const home = join(root, agent.id, 'home');
  // some agents delete or compact other sessions of a project when they start
  const imageHome = join(root, agent.id, 'image-home');
  const cwd = join(root, agent.id, 'todo-api');
  newProject(cwd);
  const endpoint = await startEndpoint({
    excuse: 'all',
    log: log ? join(root, agent.id, 'requests.jsonl') : undefined,
    routes: recipe.routes?.({ home, cwd }),
  });
  const source: Source = { agent, recipe, ...installed, home, cwd, sessions: {}, excused: new Set() };
  try {
    const place = { home, cwd, url: endpoint.url, ...installed };
    const runner = newRunner(agent, recipe, place, endpoint);
    const built = keys.filter((key) => key === 'long' || key === 'odd' || key === 'both');
    if (keys.includes('work') || built.length > 0)
      source.sessions.work = await attempt(() => makeReal(runner, workTurns(recipe, place), source.excused));
    if (keys.includes('image')) {
      const turns = imageTurns(recipe, place);
      const apart = newRunner(agent, recipe, { ...place, home: imageHome }, endpoint);
      source.sessions.image =
        turns.length === 0
          ? { missing: 'no way to show this agent an image headless', failed: false }
          : await attempt(() => makeReal(apart, turns, source.excused));
    }
    const work = source.sessions.work;
    for (const key of built) {
      source.sessions[key] =
        work === undefined || 'missing' in work
          ? { missing: 'built from the work session, which is missing', failed: true }
          : await attempt(() => build(runner, work.ref, key));
    }
  } finally {
    await endpoint.close();
  }
  return source;
}

function newProject(cwd: string): void {
  writeProject(cwd);
  const git = (...args: string[]): void => {
    execFileSync('git', ['-c', 'user.name=Dev', '-c', 'user.email=dev@example.org', ...args], {
      cwd,
      stdio: 'ignore',
    });
  };
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-q', '-m', 'Start');
}

async function attempt(make: () => Promise<Made>): Promise<Made | { missing: string; failed: boolean }> {
  try {
    return await make();
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error), failed: true };
  }
}

/** Runs the turns, the first as a new session, the others by resuming it. */
async function makeReal(runner: Runner, turns: Turn[], excused: Set<string>): Promise<Made> {
  const { agent, recipe, place, env } = runner;
  writeProject(place.cwd);
  const before = new Set(sessionsIn(agent, env).map((ref) => ref.id));
  let ref: SessionRef | undefined;
  let said: Piece[] = [];
  for (const turn of turns) {
    const ran: Ran =
      ref === undefined ? await runner.start(turn.prompt, turn.image) : await runner.resume(ref, turn.prompt);
    for (const code of brokenRules(ran, ref === undefined)) excused.add(code);
    const last = requestsFor(ran.requests, recipe, turn.prompt.slice(0, 25)).at(-1);
    if (last?.request === undefined)
      throw new Error(`turn '${turn.scenario}' asked no model: ${howItEnded(ran)}`);
    said = accountOfRequest(last.request, recipe, agent, place.cwd, last.reply);
    ref = newest(runner, before, ref, ran);
  }
  if (ref === undefined) throw new Error('no turns');
  const edited = turns.some((turn) => turn.scenario === 'edit' || turn.steps?.includes('edit'));
  if (edited && !readFileSync(join(place.cwd, 'src/index.js'), 'utf8').includes(EDIT_TO))
    throw new Error('the recipe’s edit directives did not change src/index.js');
  const read = label(accountOfSession(agent.read(ref, { env }).entries(), place.cwd), turns);
  return { home: place.home, ref, expected: read, problems: compareAccounts(read, said) };
}

/**
 * Codes of the rules that the agent broke itself. In a resumed session only what it added in this run counts: what it
 * makes of a stored session is what transfers are judged by.
 */
function brokenRules({ requests }: Ran, fresh: boolean): string[] {
  const first = requests.find((entry) => (entry.request?.tools.length ?? 0) > 0);
  const history = fresh ? 0 : conversation(first?.body ?? null).length;
  return requests
    .flatMap((entry) => entry.violations)
    .filter(({ at }) => {
      const place = /^(?:messages|input|contents)\.(\d+)/.exec(at);
      return place === null || Number(place[1]) >= history;
    })
    .map(({ code }) => code);
}

/** The messages, items or contents of a request, whatever its API calls them. */
function conversation(body: JsonObject | null): JsonValue[] {
  return asArray(body?.messages) ?? asArray(body?.input) ?? asArray(body?.contents) ?? [];
}

function newest(runner: Runner, before: Set<string>, known: SessionRef | undefined, ran: Ran): SessionRef {
  const refs = sessionsIn(runner.agent, runner.env).filter((ref) => !before.has(ref.id));
  if (runner.recipe.resumeForks) for (const ref of refs) before.add(ref.id);
  const stays = runner.recipe.resumeForks ? undefined : known?.id;
  const id = stays ?? runner.recipe.made?.(runner.place, runner.agent, ran.outcome.stdout);
  const found = refs.find((ref) => ref.id === id) ?? refs[0];
  if (found === undefined) throw new Error(`segue finds no new session: ${howItEnded(ran)}`);
  return found;
}

/** Gives each piece the scenario of the turn that it is in. */
function label(pieces: Piece[], turns: Turn[]): Labelled[] {
  let turn: Turn | undefined = turns[0];
  let calls = 0;
  return pieces.map((piece) => {
    if (piece.kind === 'said' && piece.role === 'user') {
      const next = turns.find((t) => piece.text.includes(t.prompt));
      if (next !== undefined && next !== turn) calls = 0;
      turn = next ?? turn;
    }
    const scenario =
      (piece.kind === 'called' ? turn?.steps?.[calls++] : undefined) ?? turn?.scenario ?? 'text';
    return { scenario, piece };
  });
}

/** How two accounts of one agent are compared. */
const SAME: JudgeOptions = {
  sameAgent: true,
  images: { prompt: true, result: true },
  foreign: () => true,
};

/** What the reader says must be what the agent said. Results: agents wrap them when they send them. */
function compareAccounts(read: Labelled[], said: Piece[]): Problem[] {
  const problems = judge(read, said, SAME).map((problem) => ({
    ...problem,
    message: `read differs from what the source sent: ${problem.message}`,
  }));
  // each call under its own name, too: the judge compares what calls mean
  const names = (pieces: Piece[]): string =>
    pieces.flatMap((p) => (p.kind === 'called' ? p.name : [])).join();
  const readNames = names(read.map(({ piece }) => piece));
  if (problems.length === 0 && readNames !== names(said))
    problems.push({
      scenario: 'tool',
      message: `the reader names the tools ${readNames}, the source sent ${names(said)}`,
    });
  return problems;
}

/** Builds a session from the agent's own, writes it natively with segue's writer, and reads it back. */
async function build(runner: Runner, work: SessionRef, key: Built): Promise<Made> {
  const { agent, env, place } = runner;
  if (agent.writer === undefined) throw new Error('the agent has no writer to build it with');
  const base = agent.read(work, { env });
  const template = findTemplate(base.entries());
  if (template === undefined) throw new Error('the work session has no shell call to build from');
  const session = builtSession(key, base, template);
  const transfer = planTransfer({ env, source: agent, ref: work, session, target: agent, cwd: place.cwd });
  const result = await applyTransfer(transfer);
  if (key !== 'long') plantSurrogates(result.target.paths);
  const ref = sessionsIn(agent, env).find((found) => found.id === result.target.id);
  if (ref === undefined)
    throw new Error(`segue does not find the session that it wrote: ${excerpt(result.target.id)}`);
  const labelled = (pieces: Piece[]): Labelled[] => {
    const odd = pieces.findIndex((piece) => piece.kind === 'said' && startsOdd(piece.text));
    return pieces.map((piece, i) => ({ scenario: odd >= 0 && i >= odd ? 'odd' : 'long', piece }));
  };
  const expected = labelled(accountOfSession(agent.read(ref, { env }).entries(), place.cwd));
  const meant = labelled(accountOfSession(session.entries(), place.cwd));
  const problems = judge(meant, withoutMarks(expected), SAME);
  return { home: place.home, ref, expected, problems };
}

/** Surrogates that were planted after writing, as the marks that they replaced. */
function withoutMarks(expected: Labelled[]): Piece[] {
  return expected.map(({ piece }) =>
    piece.kind === 'said'
      ? { ...piece, text: piece.text.replaceAll(/[\ud83d\ufffd](?= end)/g, 'LONE[surrogate]') }
      : piece,
  );
}
