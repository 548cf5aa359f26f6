/** The bundle's entry. What only tells (version, help) loads nothing else: starting is most of what it costs. */
import { version } from './version.ts';

const words = process.argv.slice(2);
const [only] = words.length === 1 ? words : [];
if (only === '--version' || only === '-V') process.stdout.write(`${version}\n`);
else if ((only !== '--help' && only !== '-h') || !(await toldInShort())) {
  const { main } = await import('./main.ts');
  await end(await main(words));
}

/** Ends the process once its output was taken. Left to end by itself, it would first tidy up all of its memory. */
async function end(code: number): Promise<never> {
  const taken = [process.stdout, process.stderr].map(
    (stream) => new Promise<void>((resolve) => void stream.write('', () => resolve())),
  );
  await Promise.all(taken);
  process.exit(code);
}

async function toldInShort(): Promise<boolean> {
  const { printOverview } = await import('./help.ts');
  return printOverview(version);
}
