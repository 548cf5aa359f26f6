/** The sessions of one agent: made by the real program, read by segue, compared with what the endpoint saw. */
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
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
import { type SessionKey, type Turn, turnsOf, writeProject } from './scenarios.ts';
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

/** Why there is no session; `failed`: there should be one. */
export interface Missing {
  missing: string;
  failed: boolean;
}

export interface Source {
  agent: Agent;
  recipe: Recipe;
  version: string;
  modules: string;
  cwd: string;
  /** Makes a session when it is first asked for. Never rejects. */
  session(key: SessionKey): Promise<Made | Missing>;
  /** Rules that the agent's own sessions break; grows as sessions are made. */
  excused: Set<string>;
  /** Homes in which the agent has made a session. */
  homes: string[];
}

/** A source below `root`. Each session gets a home of its own: some agents delete other sessions when they start. */
export function newSource(
  agent: Agent,
  recipe: Recipe,
  installed: { version: string; modules: string },
  root: string,
  log: boolean,
): Source {
  const cwd = join(root, agent.id, 'todo-api');
  newProject(cwd);
  const made = new Map<SessionKey, Promise<Made | Missing>>();
  const source: Source = {
    agent,
    recipe,
    ...installed,
    cwd,
    excused: new Set(),
    homes: [],
    session(key) {
      const known = made.get(key) ?? make(key).catch(missing);
      made.set(key, known);
      return known;
    },
  };
  return source;

  async function make(key: SessionKey): Promise<Made | Missing> {
    const home = join(root, agent.id, key);
    const endpoint = await startEndpoint({
      excuse: 'all',
      log: log ? join(root, agent.id, `${key}.requests.jsonl`) : undefined,
      routes: recipe.routes?.({ home, cwd }),
    });
    try {
      const place = { home, cwd, url: endpoint.url, ...installed };
      // images that the agent takes in its interface only can be built
      const shown = recipe.image !== undefined || agent.writer?.accepts.images.user !== true;
      if (key === 'long' || key === 'odd' || key === 'built' || (key === 'image' && !shown)) {
        const base = await baseSession();
        if ('missing' in base) return { ...base, missing: `built from a real session: ${base.missing}` };
        cpSync(base.home, home, { recursive: true, verbatimSymlinks: true });
        return await build(newRunner(agent, recipe, place, endpoint), base.ref, key);
      }
      const turns = turnsOf(key, recipe, place);
      if (turns.length === 0)
        return { missing: 'no way to show this agent an image headless', failed: false };
      const real = await makeReal(newRunner(agent, recipe, place, endpoint), turns, source.excused);
      source.homes.push(home);
      return real;
    } finally {
      await endpoint.close();
    }
  }

  /** A real session that was made already, or the work session. */
  async function baseSession(): Promise<Made | Missing> {
    const real = await made.get('real');
    return real === undefined || 'missing' in real ? source.session('work') : real;
  }
}

function missing(error: unknown): Missing {
  return { missing: error instanceof Error ? error.message : String(error), failed: true };
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
    if (ran.outcome.timedOut) throw new Error(`turn '${turn.scenario}': ${howItEnded(ran)}`);
    for (const code of brokenRules(ran, ref === undefined)) excused.add(code);
    const last = requestsFor(ran.requests, recipe, turn.prompt.slice(0, 25)).at(-1);
    if (last?.request === undefined)
      throw new Error(`turn '${turn.scenario}' asked no model: ${howItEnded(ran)}`);
    said = accountOfRequest(last.request, recipe, agent, place.cwd, last.reply);
    ref = newest(runner, before, ref, ran);
  }
  if (ref === undefined) throw new Error('no turns');
  const edited = turns.some((turn) => turn.prompt.includes(recipe.edit(place)));
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
  return pieces.map((piece) => {
    if (piece.kind === 'said' && piece.role === 'user')
      turn = turns.find((t) => piece.text.includes(t.prompt)) ?? turn;
    return { scenario: turn?.scenario ?? 'text', piece };
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
async function build(runner: Runner, real: SessionRef, key: Built): Promise<Made> {
  const { agent, env, place } = runner;
  const work = sessionsIn(agent, env).find((found) => found.id === real.id);
  if (work === undefined) throw new Error('the real session is not found in a copy of its home');
  if (agent.writer === undefined) throw new Error('the agent has no writer to build it with');
  const base = agent.read(work, { env });
  const template = findTemplate(base.entries());
  if (template === undefined) throw new Error('the work session has no shell call to build from');
  const picture = readFileSync(join(place.cwd, 'picture.png')).toString('base64');
  const session = builtSession(key, base, template, picture);
  const transfer = planTransfer({ env, source: agent, ref: work, session, target: agent, cwd: place.cwd });
  const result = await applyTransfer(transfer);
  if (key === 'odd' || key === 'built') plantSurrogates(result.target.paths);
  const ref = sessionsIn(agent, env).find((found) => found.id === result.target.id);
  if (ref === undefined)
    throw new Error(`segue does not find the session that it wrote: ${excerpt(result.target.id)}`);
  const labelled = (pieces: Piece[]): Labelled[] => {
    const odd = pieces.findIndex((piece) => piece.kind === 'said' && startsOdd(piece.text));
    const first = key === 'image' ? 'image' : 'long';
    return pieces.map((piece, i) => ({ scenario: odd >= 0 && i >= odd ? 'odd' : first, piece }));
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
