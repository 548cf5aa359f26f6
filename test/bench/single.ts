/** One session at a time: showing it, and converting it to another agent. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeCorpus } from './corpus.ts';
import type { Bench } from './main.ts';
import { type Figure, pairs, run } from './measure.ts';

const SIZES: { name: string; bytes: number }[] = [
  { name: '150 KB', bytes: 150e3 },
  { name: '5 MB', bytes: 5e6 },
  { name: '50 MB', bytes: 50e6 },
  { name: '200 MB', bytes: 200e6 },
];
const FEW = 3;

/** Of each size: `show` (one entry), `handoff`, `convert` to Codex (written, verified, then undone). */
export function measureSessions({ folder, segue, limits, rounds }: Bench): Figure[] {
  return SIZES.flatMap(({ name, bytes }) => {
    const corpus = makeCorpus(join(folder, `one-${bytes}`), 0, { bytes });
    const [session] = corpus.sessions;
    if (session === undefined) return [];
    const cwd = join(corpus.home, 'work');
    mkdirSync(cwd, { recursive: true });
    const env = { HOME: corpus.home, SEGUE_DATA_DIR: join(corpus.home, 'data') };
    const parse = { name: 'JSON.parse of it', work: () => run([limits, 'parse', session.path], env) };
    const ref = `claude:${session.id}`;
    const times = bytes > 10e6 ? Math.min(rounds, FEW) : rounds;
    const convert = [segue, 'convert', ref, '--to', 'codex', '--fit', 'none', '--cwd', cwd];
    return [
      pairs(`${name}: \`show --at 3\``, times, () => run([segue, 'show', ref, '--at', '3'], env), parse),
      pairs(`${name}: \`handoff\``, times, () => run([segue, 'handoff', ref], env), parse),
      pairs(
        `${name}: \`convert\``,
        times,
        () => {
          const cost = run(convert, env);
          run([segue, 'undo'], env);
          return cost;
        },
        parse,
      ),
    ];
  });
}
