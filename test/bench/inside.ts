/** How long searches take inside a process that runs already: `node inside.ts QUERY…` prints the median of each, in milliseconds. */
import { parseQuery } from '../../src/index/query.ts';
import { search } from '../../src/index/search.ts';
import { openIndex } from '../../src/index/store.ts';
import { processEnv } from '../../src/io/paths.ts';
import { median } from './measure.ts';

const ROUNDS = 7;
const LIMIT = 20;

const index = openIndex(processEnv());
const times = process.argv.slice(2).map((text) => {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const started = performance.now();
    search(index, parseQuery(text, new Date()), LIMIT);
    return performance.now() - started;
  });
  // the first one also prepares its statements, as in a command
  return { first: rounds[0] ?? Number.NaN, median: median(rounds) };
});
index.close();
process.stdout.write(JSON.stringify(times));
