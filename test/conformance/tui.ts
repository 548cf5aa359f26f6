/** The agents' real interfaces: `segue AGENT 1 --in AGENT` in a pseudo-terminal has to land in the conversation. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { openPty, type Pty } from '../pty.ts';
import { type Endpoint, startEndpoint } from './endpoint/server.ts';
import { agentPath, endAllWith, endGroup } from './process.ts';
import type { Place } from './recipe.ts';
import { requestsFor } from './runner.ts';
import type { Made, Source } from './source.ts';
import { judgeRequest, placeStore, prepareHome, type Target } from './target.ts';

/** What was seen of one agent's interface. */
export interface TuiCell {
  source: string;
  target: string;
  version: string;
  verdict: 'pass' | 'fail' | 'not possible';
  reason?: string;
  /** How it ended: by its own keys, or not. */
  ended?: 'left' | 'killed';
  /** The verdict is that of a second attempt. */
  again?: boolean;
}

const COLUMNS = 120;
const ROWS = 50;
/** Agents unpack themselves, connect to servers that are not there, and draw a welcome first. */
const START_MS = 90_000;
const ANSWER_MS = 60_000;
/** What is typed while an interface is still being drawn gets lost. */
const SETTLED_MS = 1500;
const LEAVE_MS = 8000;

const segue = join(import.meta.dirname, '../../bin/cli.mjs');

/** Whose session an agent's interface gets. */
export function tuiSource(target: string): string {
  return target === 'claude' ? 'codex' : 'claude';
}

/** Builds the command that `runTui` starts. */
export function buildSegue(): void {
  const script = join(import.meta.dirname, '../../scripts/build.ts');
  execFileSync(process.execPath, [script], { stdio: 'inherit' });
}

/** Looks a second time when it failed: a busy machine fails in ways that say nothing. */
export async function runTui(source: Source, target: Target, root: string): Promise<TuiCell> {
  const first = await attempt(source, target, root);
  return first.verdict === 'fail' ? { ...(await attempt(source, target, root)), again: true } : first;
}

/** Moves a session of `source` to `target` with the built command, and looks at the interface that it starts. Never throws. */
async function attempt(source: Source, target: Target, root: string): Promise<TuiCell> {
  const { agent, recipe, version, name } = target;
  const cell = (verdict: TuiCell['verdict'], reason?: string): TuiCell => ({
    source: source.agent.id,
    target: name,
    version,
    verdict,
    reason,
  });
  const cannot = recipe.tui?.cannot;
  if (cannot !== undefined) return cell('not possible', cannot);
  if (agent.writer === undefined) return cell('not possible', agent.noWriter);
  const folder = join(root, 'tui', `${source.agent.id}-${name}`);
  rmSync(folder, { recursive: true, force: true });
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  const endpoint = await startEndpoint({
    excuse: 'all',
    log: target.log ? join(folder, 'requests.jsonl') : undefined,
    routes: recipe.routes?.({ home, cwd: source.cwd }),
  });
  const place: Place = { home, cwd: source.cwd, url: endpoint.url, version, modules: target.modules };
  let pty: Pty | undefined;
  try {
    const made = await session(source);
    prepareHome(home, source, target);
    placeStore(source.agent, made, home);
    pty = startSegue(source, target, place);
    await seesTheEnd(pty, made, recipe.tui?.steps ?? []);
    await asks(pty, endpoint, source, target, made, place);
    return { ...cell('pass'), ended: await leave(pty, recipe.tui?.leave) };
  } catch (error) {
    return cell('fail', error instanceof Error ? error.message : String(error));
  } finally {
    if (pty !== undefined) await end(pty, home);
    await endpoint.close();
    if (!target.log) rmSync(folder, { recursive: true, force: true });
  }
}

async function session(source: Source): Promise<Made> {
  for (const key of ['real', 'work'] as const) {
    const made = await source.session(key);
    if (!('missing' in made)) return made;
    if (key === 'work') throw new Error(`source: ${made.missing}`);
  }
  throw new Error('source: no session');
}

function startSegue(source: Source, { agent, recipe }: Target, place: Place): Pty {
  const own = recipe.setup(place);
  const { NO_COLOR: _plain, ...vars } = own;
  const flags = recipe.tui?.flags?.(place) ?? [];
  const words = [source.agent.id, '1', '--in', agent.id, ...(flags.length > 0 ? ['--', ...flags] : [])];
  return openPty([process.execPath, segue, ...words], {
    cwd: place.cwd,
    env: {
      PATH: agentPath(place.modules),
      HOME: place.home,
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      COLORTERM: 'truecolor',
      SEGUE_DATA_DIR: join(place.home, '.segue-data'),
      ...vars,
    },
    columns: COLUMNS,
    rows: ROWS,
  });
}

/** Waits until the screen shows the two texts that the session ends with. */
async function seesTheEnd(pty: Pty, made: Made, steps: [RegExp, string][]): Promise<void> {
  for (const [shown, keys] of steps) {
    await seen(pty, (screen) => shown.test(screen), `${shown}`, START_MS);
    await pause(SETTLED_MS);
    pty.keys(keys);
  }
  const said = made.expected.flatMap(({ piece }) => (piece.kind === 'said' ? piece.text : []));
  const wanted = said.slice(-2).map(firstLine);
  const isThere = (screen: string): boolean => wanted.every((text) => bare(screen).includes(bare(text)));
  await seen(pty, isThere, wanted.join(' … '), START_MS);
}

/** Types a prompt: the request must hold the conversation, the answer must come on the screen. */
async function asks(
  pty: Pty,
  endpoint: Endpoint,
  source: Source,
  { agent, recipe }: Target,
  made: Made,
  place: Place,
): Promise<void> {
  const mark = `PROBE-${randomUUID().slice(0, 8)}`;
  const answer = `ANSWER-${randomUUID().slice(0, 8)}`;
  await pause(SETTLED_MS);
  pty.keys(`${mark} SAY: "${answer}"`);
  await seen(pty, (screen) => bare(screen).includes(bare(mark)), 'the prompt that was typed', ANSWER_MS);
  await pause(SETTLED_MS / 3);
  pty.keys('\r');
  const sent = () => requestsFor(endpoint.requests, recipe, mark)[0]?.request;
  // an interface may show a prompt in two places before it sends it
  await arrived(sent);
  // twice: in the prompt and as the answer
  const isAnswered = (screen: string): boolean => bare(screen).split(bare(answer)).length > 2;
  await seen(pty, isAnswered, `the answer ${answer}`, ANSWER_MS);
  // the first may have been one for a title
  const request = sent();
  if (request === undefined) throw new Error(`the endpoint got no such prompt; ${shownBy(pty)}`);
  const problem = judgeRequest(request, source, made, { agent, recipe, place }, mark)[0];
  if (problem !== undefined) throw new Error(`${problem.scenario}: ${problem.message}`);
}

/** Waits until `look` finds something, but not too long. */
async function arrived(look: () => unknown): Promise<void> {
  const last = Date.now() + ANSWER_MS;
  while (look() === undefined && Date.now() < last) await pause(SETTLED_MS / 15);
}

async function leave(pty: Pty, keys = ['\u0003', '\u0003']): Promise<TuiCell['ended']> {
  for (const key of keys) {
    if (pty.isOver()) break;
    pty.keys(key);
    await pause(SETTLED_MS / 3);
  }
  await Promise.race([pty.ended, pause(LEAVE_MS)]);
  return pty.isOver() ? 'left' : 'killed';
}

/** Ends whatever is left of it. */
async function end(pty: Pty, home: string): Promise<void> {
  // segue and the agent share the terminal's process group
  endGroup(pty.pid);
  // and its home with the servers that agents leave behind
  endAllWith('HOME', home);
  await pty.ended;
  pty.emulator.dispose();
}

async function seen(
  pty: Pty,
  isWanted: (screen: string) => boolean,
  what: string,
  patienceMs: number,
): Promise<void> {
  const gone = pty.ended.then(({ exitCode }) => {
    throw new Error(`it ended with exit code ${exitCode} before it showed ${what}; ${shownBy(pty)}`);
  });
  const found = pty.until(isWanted, patienceMs).catch(() => {
    throw new Error(`it never showed ${what}; ${shownBy(pty)}`);
  });
  await Promise.race([found, gone]);
}

/** What the screen shows, in one line. */
function shownBy(pty: Pty): string {
  const lines = pty.screen().map((line) => line.replace(/[─━═│┃╭╮╰╯┌┐└┘▀▄█]+/g, ' ').trim());
  return `the screen: ${lines.filter((line) => line !== '').join(' / ')}`;
}

/** Letters and digits only: lines are wrapped and framed in many ways. */
function bare(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, '');
}

function firstLine(text: string): string {
  return (text.split('\n').find((line) => line.trim() !== '') ?? '').slice(0, 60);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
