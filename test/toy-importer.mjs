// The toy agent's own import command: puts a session into its store under an id of its own choice, or deletes one.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const [action, what, folder] = process.argv.slice(2);
if (action === 'import') {
  const id = `imported-${process.pid}`;
  mkdirSync(folder, { recursive: true });
  copyFileSync(what, join(folder, `${id}.jsonl`));
  console.log(`imported ${id}`);
} else {
  rmSync(join(folder, `${what}.jsonl`));
}
