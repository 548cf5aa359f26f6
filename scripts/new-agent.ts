/** `npm run new-agent ID "Name"`: a working agent folder to start from, copied from src/agents/_template. */
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const [id = '', name = id] = process.argv.slice(2);
const agents = join(import.meta.dirname, '../src/agents');
const target = join(agents, id);
if (!/^[a-z][a-z0-9-]*$/.test(id))
  stop('usage: npm run new-agent ID "Name": the id in small letters, digits and hyphens');
if (existsSync(target)) stop(`src/agents/${id} is there already`);

cpSync(join(agents, '_template'), target, { recursive: true });
// children first, so that a renamed folder does not move what is still to come
const paths = readdirSync(target, { recursive: true, encoding: 'utf8' }).sort((a, b) => b.length - a.length);
for (const path of paths.map((item) => join(target, item))) {
  if (/\.(?:ts|md)$/.test(path)) writeFileSync(path, renamed(readFileSync(path, 'utf8')));
  const own = basename(path).replaceAll('template', id);
  if (own !== basename(path)) renameSync(path, join(dirname(path), own));
}
await import('./generate-registry.ts');
console.log(`src/agents/${id} is there and registered. Next: docs/adding-an-agent.md`);

function renamed(text: string): string {
  return text
    .replaceAll('TEMPLATE_HOME', `${id.toUpperCase().replaceAll('-', '_')}_HOME`)
    .replaceAll('template', id)
    .replaceAll('Template', name);
}

function stop(message: string): never {
  console.error(message);
  process.exit(2);
}
