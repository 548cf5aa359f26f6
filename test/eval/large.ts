/**
 * Handoffs of Claude sessions of 200 MB: time and peak memory of the built command against a bare chunked read with
 * JSON.parse of every line. `bulk` is long by outputs and pictures, `talk` by very many short records.
 * Build first.
 *   node test/eval/large.ts [--folder DIR] [--rounds N]
 */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeCorpus, type Shape } from '../bench/corpus.ts';
import { type Cost, medianCost, run } from '../bench/measure.ts';
import { compileTools } from '../bench/tools.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: join(tmpdir(), 'segue-eval-large') },
    rounds: { type: 'string', default: '5' },
  },
});
const cli = join(import.meta.dirname, '../../bin/cli.mjs');
const [limits = ''] = await compileTools(['limits'], join(values.folder, 'tools'));

measure('bulk', 'bulk');
measure('talk', 'talk');
measure('bulk, rewound near its end', 'bulk', 'rewound');

function measure(what: string, shape: Shape, folder: string = shape): void {
  const home = join(values.folder, folder);
  mkdirSync(home, { recursive: true });
  const [whale] = makeCorpus(home, 0, 200e6, 7, shape).sessions;
  if (whale === undefined) throw new Error('no session was made');
  if (folder === 'rewound') rewind(whale.path);
  const env = { HOME: home, SEGUE_DATA_DIR: join(home, 'data') };
  const bare: Cost[] = [];
  const handoff: Cost[] = [];
  // interleaved: the machine's load changes
  for (let round = 0; round < Number(values.rounds); round++) {
    bare.push(run([limits, 'parse', whale.path], env));
    handoff.push(run([cli, 'handoff', `claude:${whale.id}`], env));
  }
  const read = medianCost(bare);
  const own = medianCost(handoff);
  console.log(`${what}: ${(whale.bytes / 1e6).toFixed(0)} MB, ${whale.user + whale.assistant} messages`);
  console.log(`  read and parse  ${told(read)}`);
  console.log(`  handoff         ${told(own)}`);
  console.log(
    `  ratio           cpu ${(own.cpuMs / read.cpuMs).toFixed(2)}  wall ${(own.wallMs / read.wallMs).toFixed(2)}`,
  );
}

/** Makes the last records a branch that was left: one pass over the file is not enough then. Once. */
function rewind(path: string): void {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const last = JSON.parse(lines.at(-1) ?? '') as { uuid: string };
  if (last.uuid === 'rewound') return;
  const prompts = lines.slice(-60).filter((line) => line.includes('"turnPosition"'));
  const prompt = JSON.parse(prompts[0] ?? '') as { uuid: string };
  appendFileSync(path, `${JSON.stringify({ ...prompt, uuid: 'rewound' })}\n`);
}

function told({ cpuMs, wallMs, peakMb }: Cost): string {
  return `cpu ${cpuMs.toFixed(0)} ms  wall ${wallMs.toFixed(0)} ms  peak ${peakMb.toFixed(0)} MB`;
}
