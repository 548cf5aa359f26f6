/**
 * The bundle's entry. What only tells (version, help) loads nothing else: starting is most of what it costs.
 * The exit code is set, not forced, so that output still on its way is not lost.
 */
import { version } from './version.ts';

const words = process.argv.slice(2);
const [only] = words.length === 1 ? words : [];
if (only === '--version' || only === '-V') process.stdout.write(`${version}\n`);
else if ((only !== '--help' && only !== '-h') || !(await toldInShort())) {
  const { main } = await import('./main.ts');
  process.exitCode = await main(words);
}

async function toldInShort(): Promise<boolean> {
  const { printOverview } = await import('./help.ts');
  return printOverview(version);
}
