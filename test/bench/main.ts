/**
 * `npm run bench [-- --size small|medium|large] [--whale MB] [--rounds N] [--write]`: what the commands cost on a generated
 * corpus, each beside the physical limit that was measured in the same run. CPU time is the number to trust on a shared
 * machine. `--write` puts the table into docs/performance.md.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Corpus, makeCorpus, type Size, sizes } from './corpus.ts';
import { type Cost, median, run } from './measure.ts';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'small' },
    whale: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '5' },
    write: { type: 'boolean', default: false },
  },
});
const root = join(import.meta.dirname, '../..');
const size = values.size as Size;
if (!(size in sizes)) throw new Error(`--size: ${Object.keys(sizes).join(', ')}`);
const rounds = Number(values.rounds);
const folder = join(process.env.SEGUE_BENCH_DIR ?? tmpdir(), 'segue-bench');
const limits = join(root, 'test/bench/limits.ts');
const segue = join(root, 'bin/cli.mjs');

execFileSync(process.execPath, [join(root, 'scripts/build.ts')], { stdio: 'inherit' });
const lines: string[] = [];
const tell = (line: string): void => {
  console.log(line);
  lines.push(line);
};

measureCorpus(makeCorpus(join(folder, size), sizes[size]));
if (Number(values.whale) > 0)
  measureWhale(makeCorpus(join(folder, `whale-${values.whale}`), 1, Number(values.whale) * 1e6));
if (values.write) write();

function measureCorpus(corpus: Corpus): void {
  const data = join(corpus.home, 'data');
  const env = { HOME: corpus.home, SEGUE_DATA_DIR: data };
  const stores = ['.claude', '.codex', '.gemini'].map((name) => join(corpus.home, name));
  tell(`\n## ${size}: ${corpus.sessions.length} sessions, ${(corpus.bytes / 1e6).toFixed(0)} MB\n`);
  tell('| what | CPU ms | wall ms | peak MB | limit | ratio |');
  tell('|---|---|---|---|---|---|');
  const empty = several(() => run([limits, 'empty'], env));
  const ends = several(() => run([limits, 'headtail', ...stores], env));
  const parse = several(() => run([limits, 'parse', ...stores], env));
  row('empty node process', empty);
  row('32 KB head and tail of every file', ends);
  row('JSON.parse of everything', parse);
  const fresh = (): void => rmSync(data, { recursive: true, force: true });
  const first = several(() => {
    fresh();
    return run([segue, 'list', '--all', '--json'], env);
  });
  row('first list', first, ends, '32 KB head and tail');
  checkTitles(corpus, first.stdout);
  row(
    'warm list',
    several(() => run([segue, 'list'], env)),
    empty,
    'empty process',
  );
  fresh();
  row('full index', run([segue, 'index'], env), parse, 'JSON.parse of everything');
  tell(
    `| size of the index | | | | corpus | ${((100 * statSync(join(data, 'index.db')).size) / corpus.bytes).toFixed(1)} % |`,
  );
  const rare = corpus.sessions[Math.floor(corpus.sessions.length / 2)]?.rare ?? '';
  row(
    'search, a rare word',
    several(() => run([segue, 'search', rare], env)),
    empty,
    'empty process',
  );
  row(
    'search, a common word',
    several(() => run([segue, 'search', 'handler'], env)),
    empty,
    'empty process',
  );
  row(
    'search, a phrase',
    several(() => run([segue, 'search', '"request handler"'], env)),
    empty,
    'empty process',
  );
}

function measureWhale(corpus: Corpus): void {
  const whale = corpus.sessions.at(-1);
  if (whale === undefined) return;
  const cwd = join(corpus.home, 'work');
  mkdirSync(cwd, { recursive: true });
  const env = { HOME: corpus.home, SEGUE_DATA_DIR: join(corpus.home, 'data') };
  tell(`\n## one session of ${(whale.bytes / 1e6).toFixed(0)} MB\n`);
  tell('| what | CPU ms | wall ms | peak MB | limit | ratio |');
  tell('|---|---|---|---|---|---|');
  const parse = several(() => run([limits, 'parse', whale.path], env));
  row('JSON.parse of it', parse);
  row('handoff', run([segue, 'handoff', `claude:${whale.id}`], env), parse, 'JSON.parse');
  row('show', run([segue, 'show', `claude:${whale.id}`, '--at', '3'], env), parse, 'JSON.parse');
  row(
    'convert to Codex',
    run([segue, 'convert', `claude:${whale.id}`, '--to', 'codex', '--fit', 'none', '--cwd', cwd], env),
    parse,
    'JSON.parse',
  );
  run([segue, 'undo'], env);
}

/** Pairs of runs would only matter for wall time; CPU time of the median run is compared. */
function several(work: () => Cost): Cost {
  return median(Array.from({ length: rounds }, work));
}

function row(what: string, cost: Cost, limit?: Cost, name = ''): void {
  const ratio = limit === undefined ? '' : `${(cost.cpuMs / limit.cpuMs).toFixed(2)} ×`;
  tell(
    `| ${what} | ${cost.cpuMs.toFixed(0)} | ${cost.wallMs.toFixed(0)} | ${cost.peakMb.toFixed(0)} | ${name} | ${ratio} |`,
  );
}

/** A fast list that is wrong is no result. */
function checkTitles(corpus: Corpus, stdout: string): void {
  const listed = (JSON.parse(stdout) as { sessions: { id: string; title: string | null }[] }).sessions;
  const titles = new Map(listed.map(({ id, title }) => [id, title]));
  const wrong = corpus.sessions.filter(({ id, title }) => titles.get(id) !== title);
  if (wrong.length > 0 || listed.length !== corpus.sessions.length) {
    throw new Error(
      `list: ${listed.length} of ${corpus.sessions.length} sessions, ${wrong.length} wrong titles, e.g. ${JSON.stringify(wrong[0])}`,
    );
  }
}

function write(): void {
  const model = cpus()[0]?.model ?? 'unknown processor';
  const text = [
    '# Performance',
    '',
    `Measured ${new Date().toISOString().slice(0, 10)} with \`npm run bench -- --size ${size} --whale ${values.whale} --rounds ${rounds} --write\` on Node ${process.versions.node}, ${cpus().length} × ${model}.`,
    'Every number stands beside a physical limit from the same run; the ratio compares CPU time (user + system), which other load on the machine disturbs least. The corpus is generated (`test/bench/corpus.ts`), the same for everybody.',
    ...lines,
    '',
  ].join('\n');
  writeFileSync(join(root, 'docs/performance.md'), text);
}
