// The toy agent's own import command: puts a session into its store under its file's name or an id of its own, or deletes one.
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';

const [action, what, folder] = process.argv.slice(2);
if (action === 'import') {
  const name = basename(what, '.jsonl');
  const id = name === 'session' ? `imported-${process.pid}` : name;
  mkdirSync(folder, { recursive: true });
  copyFileSync(what, join(folder, `${id}.jsonl`));
  console.log(`imported ${id}`);
} else {
  rmSync(join(folder, `${what}.jsonl`));
}
