/** `npm run conformance`: see README.md in this folder. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Agent } from '../../src/agents/contract.ts';
import { cacheDir, install } from './install.ts';
import { inParallel } from './process.ts';
import type { Recipe, Scenario } from './recipe.ts';
import { markdown, proven, type Report } from './report.ts';
import { groups, SCENARIOS, SESSIONS } from './scenarios.ts';
import { type Made, type Missing, newSource, type Source } from './source.ts';
import { type Cell, runPair, type Target } from './target.ts';
import { buildSegue, runTui, tuiSource } from './tui.ts';
import { withInterfaces } from './tui-report.ts';
import { versions } from './versions.ts';

const QUICK_TUI = ['claude', 'codex'];
/** More failures than this are no accident. */
const MOST_AGAIN = 40;
const started = performance.now();

function say(line: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(0).padStart(4);
  process.stdout.write(`${seconds} s  ${line}\n`);
}

const { values } = parseArgs({
  options: {
    agent: { type: 'string', multiple: true },
    pair: { type: 'string', multiple: true },
    scenario: { type: 'string', multiple: true },
    quick: { type: 'boolean' },
    tui: { type: 'boolean' },
    keep: { type: 'boolean' },
    width: { type: 'string' },
    write: { type: 'boolean' },
  },
});
const list = (given: string[] | undefined): string[] => (given ?? []).flatMap((value) => value.split(','));

/** A target: agent id and version; older versions are named `id@version`. */
interface Variant {
  id: string;
  version: string;
  name: string;
}

/** Agents that run at once. One more than there are cores: they also wait. */
const width = Number(values.width ?? availableParallelism() + 1);
const recipes = await loadRecipes();
// an interface is looked at with a real session
const possible: readonly Scenario[] = values.tui ? SESSIONS.real : SCENARIOS;
const scenarios =
  list(values.scenario).length === 0 ? possible : possible.filter((s) => list(values.scenario).includes(s));
const pairs = choosePairs();
const tuiPairs = chooseTuiPairs();
const report: Report = {
  cells: [],
  excused: new Map(),
  absent: new Map(),
  tui: [],
  date: new Date().toISOString().slice(0, 10),
  cores: availableParallelism(),
  seconds: 0,
};
if (pairs.length + tuiPairs.length === 0 || scenarios.length === 0 || !(width >= 1)) {
  process.stderr.write('no pair is left by --agent, --pair and --scenario, or --width is no number\n');
  process.exit(2);
}

const root = join(cacheDir(), 'runs', `${Date.now()}-${process.pid}`);
mkdirSync(root, { recursive: true });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    // the groups of the agents are ended by their own listeners, which were added later: let them run first
    setImmediate(() => {
      if (!values.keep) rmSync(root, { recursive: true, force: true });
      process.exit(130);
    });
  });
const modules = await installAll();
const sources = await makeSources();
await runPairs(pairs, width, root);
await runFailedAgain();
await runTuis();
finish();

async function loadRecipes(): Promise<Map<string, Recipe>> {
  const found = new Map<string, Recipe>();
  for (const file of readdirSync(join(import.meta.dirname, 'recipes')).sort()) {
    if (!file.endsWith('.ts') || file.startsWith('_')) continue;
    const { recipe } = (await import(`./recipes/${file}`)) as { recipe: Recipe };
    found.set(recipe.id, recipe);
  }
  return found;
}

async function loadAgent(id: string): Promise<Agent> {
  const { agent } = (await import(`../../src/agents/${id}/index.ts`)) as { agent: Agent };
  return agent;
}

function choosePairs(): { source: string; target: Variant }[] {
  if (values.tui) return [];
  const ids = [...recipes.keys()];
  const variants = ids.flatMap((id): Variant[] => {
    const pinned = versions[id];
    if (pinned === undefined) return [];
    const older = (pinned.older ?? []).map((version) => ({ id, version, name: `${id}@${version}` }));
    return [{ id, version: pinned.version, name: id }, ...older];
  });
  const all = ids.flatMap((source) => variants.map((target) => ({ source, target })));
  const agents = list(values.agent);
  const wanted = list(values.pair);
  return all.filter(({ source, target }) => {
    if (values.quick && !isQuick(source, target)) return false;
    if (wanted.length > 0) return wanted.includes(`${source}:${target.name}`);
    return agents.length === 0 || agents.includes(source) || agents.includes(target.id);
  });
}

/** Enough for every change: the first two agents with each other and all their versions, every other one there and back. */
function isQuick(source: string, target: Variant): boolean {
  const first = ['claude', 'codex'];
  if (first.includes(source) && first.includes(target.id)) return true;
  return target.name === target.id && (source === 'claude' || target.id === 'claude');
}

/** Interfaces to look at: one session of another agent for each. In runs of a part of the matrix only with `--tui`. */
function chooseTuiPairs(): typeof pairs {
  const part = [values.agent, values.pair, values.scenario].some((value) => value !== undefined);
  if (part && !values.tui) return [];
  const agents = list(values.agent);
  const wanted = list(values.pair);
  return [...recipes.keys()].flatMap((id) => {
    const source = tuiSource(id);
    const version = versions[id]?.version;
    if (version === undefined || (values.quick && !QUICK_TUI.includes(id))) return [];
    if (agents.length > 0 && !agents.includes(id)) return [];
    if (wanted.length > 0 && !wanted.includes(`${source}:${id}`)) return [];
    return [{ source, target: { id, version, name: id } }];
  });
}

/** `id@version` → node_modules; what cannot be installed is absent. */
async function installAll(): Promise<Map<string, string>> {
  const needed = new Map<string, { id: string; version: string }>();
  for (const { source, target } of [...pairs, ...tuiPairs]) {
    const version = versions[source]?.version ?? '';
    needed.set(`${source}@${version}`, { id: source, version });
    needed.set(`${target.id}@${target.version}`, { id: target.id, version: target.version });
  }
  const done = new Map<string, string>();
  await inParallel([...needed], 3, async ([key, { id, version }]) => {
    try {
      done.set(key, await install(id, version, say));
    } catch (error) {
      absent(key, error);
    }
  });
  return done;
}

function absent(key: string, error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  report.absent.set(key, message);
  say(`${key}: ${message}`);
}

/** Sets every agent up and lets it make its joint sessions. */
async function makeSources(): Promise<Map<string, Source>> {
  // targets, too: their homes are where transfers go to, and their own sessions show which rules they break
  const all = [...pairs, ...tuiPairs];
  const ids = [...new Set(all.flatMap(({ source, target }) => [source, target.id]))];
  return await makeSourcesOf(ids, new Set(all.map(({ source }) => source)), root, width);
}

async function makeSourcesOf(
  ids: readonly string[],
  asSource: ReadonlySet<string>,
  folder: string,
  width: number,
): Promise<Map<string, Source>> {
  const made = new Map<string, Source>();
  await inParallel([...ids], width, async (id) => {
    const version = versions[id]?.version ?? '';
    const recipe = recipes.get(id);
    const installed = modules.get(`${id}@${version}`);
    if (recipe === undefined || installed === undefined) return;
    try {
      const before = performance.now();
      const agent = await loadAgent(id);
      const source = newSource(agent, recipe, { version, modules: installed }, folder, values.keep === true);
      made.set(id, source);
      const keys = asSource.has(id)
        ? groups(scenarios).flatMap(({ joint, parts }) => joint ?? parts)
        : (['work'] as const);
      const outcomes: string[] = [];
      for (const key of keys) outcomes.push(told(key, await source.session(key)));
      if (source.excused.size > 0) report.excused.set(id, [...source.excused].sort());
      const broken =
        source.excused.size > 0 ? `; its own requests break ${[...source.excused].join(', ')}` : '';
      say(`sessions of ${id} ${version}: ${outcomes.join(', ')} (${seconds(before)} s)${broken}`);
    } catch (error) {
      absent(id, error);
    }
  });
  return made;
}

function told(key: string, made: Made | Missing): string {
  if ('missing' in made) return `${key} – ${made.missing}`;
  const problem = made.problems[0];
  return problem === undefined ? key : `${key} ✗ ${problem.scenario}: ${problem.message}`;
}

type Pair = (typeof pairs)[number];

/**
 * A failure on a busy machine says little: every pair that had one is run once more, alone, with new sessions. What passes
 * then is passed, and the document says that it was the second attempt.
 */
async function runFailedAgain(): Promise<void> {
  const failed = (cell: Cell): boolean => cell.verdict === 'fail';
  const again = pairs.filter(({ source, target }) =>
    report.cells.some((cell) => failed(cell) && cell.source === source && cell.target === target.name),
  );
  if (again.length === 0 || again.length > MOST_AGAIN) return;
  say(`${again.length} pairs had a failure: each is run once more, alone`);
  const first = report.cells.splice(0);
  const ids = [...new Set(again.map(({ source }) => source))];
  const folder = join(root, 'again');
  for (const [id, source] of await makeSourcesOf(ids, new Set(ids), folder, 1)) sources.set(id, source);
  await runPairs(again, 1, folder);
  const second = report.cells.splice(0);
  for (const cell of first) {
    const repeated = second.find(
      (c) => c.source === cell.source && c.target === cell.target && c.scenario === cell.scenario,
    );
    // what passed once is not undone by a run that was made for something else
    report.cells.push(failed(cell) && repeated !== undefined ? { ...repeated, again: true } : cell);
  }
}

async function runPairs(some: readonly Pair[], width: number, folder: string): Promise<void> {
  let done = 0;
  await inParallel([...some], width, async ({ source: id, target: variant }) => {
    const before = performance.now();
    const cells = await pairCells(id, variant, folder);
    done += 1;
    // reasons may name places of this machine
    for (const cell of cells) cell.reason = cell.reason?.replaceAll(root, '…').replaceAll(cacheDir(), '…');
    report.cells.push(...cells);
    const count = (verdict: Cell['verdict']): number =>
      cells.filter((cell) => cell.verdict === verdict).length;
    const impossible = count('not possible');
    const rest = impossible > 0 ? `, ${impossible} not possible` : '';
    const verdict = `${count('pass')} passed, ${count('fail')} failed${rest}`;
    say(`${done}/${some.length}  ${id} → ${variant.name}: ${verdict} (${seconds(before)} s)`);
    const failed = Map.groupBy(
      cells.filter((cell) => cell.verdict === 'fail'),
      (cell) => cell.reason ?? '',
    );
    for (const [reason, same] of failed)
      say(`    ✗ ${same.map((cell) => cell.scenario).join(', ')}: ${reason}`);
  });
}

async function pairCells(id: string, variant: Variant, folder: string): Promise<Cell[]> {
  const source = sources.get(id);
  const recipe = recipes.get(variant.id);
  const installed = modules.get(`${variant.id}@${variant.version}`);
  const fail = (reason: string): Cell[] =>
    scenarios.map((scenario) => ({
      source: id,
      target: variant.name,
      version: variant.version,
      scenario,
      verdict: 'fail',
      reason,
    }));
  if (recipe === undefined || installed === undefined) return fail('the target is not installed');
  if (source === undefined) return fail('the source could not be run');
  try {
    const target = await targetOf(variant, recipe, installed);
    return await runPair(source, target, folder, scenarios, (line) =>
      say(`    ${id} → ${variant.name}: ${line}`),
    );
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

async function targetOf(variant: Variant, recipe: Recipe, installed: string): Promise<Target> {
  const own = sources.get(variant.id);
  const older = variant.name !== variant.id;
  return {
    agent: await loadAgent(variant.id),
    recipe,
    version: variant.version,
    modules: installed,
    name: variant.name,
    // an older version starts in a home of its own: it would not know the newer one's files
    usedHome: older ? undefined : own?.homes[0],
    excused: own?.excused ?? new Set(),
    log: values.keep === true,
  };
}

async function runTuis(): Promise<void> {
  if (tuiPairs.length === 0) return;
  buildSegue();
  // screens are waited for: no more at once than there are cores
  const some = Math.min(width, availableParallelism());
  await inParallel([...tuiPairs], some, async ({ source: id, target: variant }) => {
    const before = performance.now();
    const source = sources.get(id);
    const recipe = recipes.get(variant.id);
    const installed = modules.get(`${variant.id}@${variant.version}`);
    // the matrix and the list of what is absent say why
    if (source === undefined || recipe === undefined || installed === undefined) return;
    const cell = await runTui(source, await targetOf(variant, recipe, installed), root);
    cell.reason = cell.reason?.replaceAll(root, '…').replaceAll(cacheDir(), '…');
    report.tui.push(cell);
    const why = cell.reason === undefined ? '' : `: ${cell.reason}`;
    const end = cell.ended === 'killed' ? ', had to be killed' : '';
    say(`${id} → ${variant.id} in its interface: ${cell.verdict}${end}${why} (${seconds(before)} s)`);
  });
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(1);
}

function finish(): void {
  const full = [values.agent, values.pair, values.scenario, values.quick].every(
    (value) => value === undefined,
  );
  report.seconds = (performance.now() - started) / 1000;
  const repository = join(import.meta.dirname, '..', '..');
  const document = join(repository, 'docs', 'conformance.md');
  const before = existsSync(document) ? readFileSync(document, 'utf8') : '';
  if (values.tui && (full || values.write)) {
    writeFileSync(document, withInterfaces(before, report.tui, report.date));
    say('wrote the interfaces into docs/conformance.md');
  } else if (full || values.write) {
    mkdirSync(join(repository, 'docs'), { recursive: true });
    writeFileSync(document, markdown(report, before));
    writeFileSync(join(repository, 'src', 'agents', 'proven.generated.json'), proven(report));
    say('wrote docs/conformance.md and src/agents/proven.generated.json');
  }
  if (values.keep) say(`kept ${root}`);
  else rmSync(root, { recursive: true, force: true });
  for (const [key, why] of report.absent) process.stdout.write(`absent: ${key}: ${why}\n`);
  const cells = [...report.cells, ...report.tui];
  const failed = cells.filter((cell) => cell.verdict === 'fail').length;
  const passed = cells.filter((cell) => cell.verdict === 'pass').length;
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed > 0 || report.absent.size > 0 ? 1 : 0;
}
