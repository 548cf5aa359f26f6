/**
 * `npm run bench [-- --size small|medium|large] [--rounds N] [--json] [--write]`: what the commands cost on a generated
 * corpus, each beside the physical limit that it is compared with, measured in turns. `--write` puts the tables into
 * docs/performance.md. SEGUE_BENCH_DIR: where the corpora are kept (default: the folder for temporary files).
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeCorpus, type Size, sizes, whales } from './corpus.ts';
import type { Figure } from './measure.ts';
import { measureSessions } from './single.ts';
import { measureLists } from './stores.ts';
import { compileTools } from './tools.ts';

export interface Bench {
  folder: string;
  rounds: number;
  /** The command, and the limits as plain JavaScript. */
  segue: string;
  limits: string;
  /** In-process measurements. */
  inside: string;
}

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'small' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const root = join(import.meta.dirname, '../..');
const size = values.size as Size;
if (!(size in sizes)) throw new Error(`--size: ${Object.keys(sizes).join(', ')}`);
const folder = join(process.env.SEGUE_BENCH_DIR ?? tmpdir(), 'segue-bench');
const tell = (line: string): void => {
  if (!values.json) console.log(line);
};

execFileSync(process.execPath, [join(root, 'scripts/build.ts')], { stdio: 'inherit' });
const [limits = '', inside = ''] = await compileTools(['limits', 'inside'], join(folder, 'tools'));
const bench: Bench = {
  folder,
  rounds: Number(values.rounds),
  segue: join(root, 'bin/cli.mjs'),
  limits,
  inside,
};

const corpus = makeCorpus(join(folder, size), sizes[size], whales[size]);
const title = `${size}: ${corpus.sessions.length.toLocaleString('en-US')} sessions, ${(corpus.bytes / 1e6).toFixed(0)} MB`;
const lists = measureLists(bench, corpus);
const singles = measureSessions(bench);
const text = [
  `## ${title}`,
  '',
  lists.exact,
  '',
  ...table(lists.figures),
  '',
  ...lists.notes,
  '',
  '## Single sessions',
  '',
  ...table(singles),
];
for (const line of text) tell(line);
if (values.json)
  console.log(
    JSON.stringify(
      { size, sessions: corpus.sessions.length, bytes: corpus.bytes, ...lists, singles },
      null,
      2,
    ),
  );
if (values.write) write();

function table(figures: readonly Figure[]): string[] {
  const rows = figures.map(({ what, cost, limit }) => {
    const ratios =
      limit === undefined
        ? ['', '', '']
        : [limit.name, `${limit.wallRatio.toFixed(2)} ×`, `${limit.cpuRatio.toFixed(2)} ×`];
    return [what, cost.wallMs.toFixed(0), cost.cpuMs.toFixed(0), cost.peakMb.toFixed(0), ...ratios];
  });
  return [
    '| what | wall ms | CPU ms | peak MB | limit | wall ratio | CPU ratio |',
    '|---|---|---|---|---|---|---|',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ];
}

function write(): void {
  const target = join(root, 'docs/performance.md');
  const known = readFileSync(target, 'utf8');
  const model = cpus()[0]?.model ?? 'unknown processor';
  const measured = [
    `Measured ${new Date().toISOString().slice(0, 10)} with \`npm run bench -- --size ${size} --rounds ${values.rounds} --write\` on Node ${process.versions.node}, ${cpus().length} × ${model}.`,
    '',
    ...text,
  ];
  const [before = '', rest = ''] = known.split('<!-- measured -->\n');
  const after = rest.slice(rest.indexOf('<!-- /measured -->'));
  writeFileSync(target, `${before}<!-- measured -->\n${measured.join('\n')}\n${after}`);
}
