/**
 * A handoff of a 200 MB Claude session: time and peak memory of the built command against a bare chunked read with
 * JSON.parse of every line. Build first.
 *   node test/eval/large.ts [--folder DIR] [--rounds N]
 */
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeCorpus } from '../bench/corpus.ts';
import { type Cost, median, run } from '../bench/measure.ts';

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: join(tmpdir(), 'segue-eval-large') },
    rounds: { type: 'string', default: '3' },
  },
});
mkdirSync(values.folder, { recursive: true });
const { sessions } = makeCorpus(values.folder, 0, 200e6);
const [whale] = sessions;
if (whale === undefined) throw new Error('no session was made');

const cli = join(import.meta.dirname, '../../bin/cli.mjs');
const limits = join(import.meta.dirname, '../bench/limits.ts');
const env = { HOME: values.folder, SEGUE_DATA_DIR: join(values.folder, 'data') };
const bare: Cost[] = [];
const handoff: Cost[] = [];
// interleaved: the machine's load changes
for (let round = 0; round < Number(values.rounds); round++) {
  bare.push(run([limits, 'parse', whale.path], env));
  handoff.push(run([cli, 'handoff', `claude:${whale.id}`], env));
}
const read = median(bare);
const own = median(handoff);
console.log(`session ${(whale.bytes / 1e6).toFixed(0)} MB, rounds ${values.rounds}, medians`);
console.log(
  `read and parse  cpu ${read.cpuMs.toFixed(0)} ms  wall ${read.wallMs.toFixed(0)} ms  peak ${read.peakMb.toFixed(0)} MB`,
);
console.log(
  `handoff         cpu ${own.cpuMs.toFixed(0)} ms  wall ${own.wallMs.toFixed(0)} ms  peak ${own.peakMb.toFixed(0)} MB`,
);
console.log(
  `ratio           cpu ${(own.cpuMs / read.cpuMs).toFixed(2)}  wall ${(own.wallMs / read.wallMs).toFixed(2)}`,
);
