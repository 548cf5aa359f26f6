/**
 * Handoffs of sessions of 200 MB: time and peak memory of the built command against a bare chunked read with
 * JSON.parse of every line. `bulk` is long by outputs and pictures, `talk` by very many short records.
 * Build first.
 *   node test/eval/large.ts [--folder DIR] [--rounds N]
 */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeCorpus, type Shape, type Truth } from '../bench/corpus.ts';
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

for (const agent of ['claude', 'codex', 'gemini'] as const)
  for (const shape of ['bulk', 'talk'] as const) measure(agent, shape);

function measure(agent: Truth['agent'], shape: Shape): void {
  const home = join(values.folder, `${agent}-${shape}`);
  mkdirSync(home, { recursive: true });
  const [whale] = makeCorpus(home, 0, { bytes: 200e6, agent, shape }).sessions;
  if (whale === undefined) throw new Error('no session was made');
  const env = { HOME: home, SEGUE_DATA_DIR: join(home, 'data') };
  const bare: Cost[] = [];
  const handoff: Cost[] = [];
  // interleaved: the machine's load changes
  for (let round = 0; round < Number(values.rounds); round++) {
    bare.push(run([limits, 'parse', whale.path], env));
    handoff.push(run([cli, 'handoff', `${agent}:${whale.id}`], env));
  }
  const read = medianCost(bare);
  const own = medianCost(handoff);
  console.log(
    `${agent}, ${shape}: ${(whale.bytes / 1e6).toFixed(0)} MB, ${whale.user + whale.assistant} messages`,
  );
  console.log(`  read and parse  ${told(read)}`);
  console.log(`  handoff         ${told(own)}`);
  console.log(
    `  ratio           cpu ${(own.cpuMs / read.cpuMs).toFixed(2)}  wall ${(own.wallMs / read.wallMs).toFixed(2)}`,
  );
}

function told({ cpuMs, wallMs, peakMb }: Cost): string {
  return `cpu ${cpuMs.toFixed(0)} ms  wall ${wallMs.toFixed(0)} ms  peak ${peakMb.toFixed(0)} MB`;
}
