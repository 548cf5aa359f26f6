/**
 * Before and after `npm pack`: the published package.json has no workspaces (they hold the development runtime),
 * development dependencies or scripts. `before` puts it in place, `after` puts the repository's back.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const manifest = join(import.meta.dirname, '../package.json');
const kept = `${manifest}.orig`;

if (process.argv[2] === 'before') {
  const { workspaces, devDependencies, scripts, ...published } = JSON.parse(
    readFileSync(manifest, 'utf8'),
  ) as Record<string, unknown>;
  void [workspaces, devDependencies, scripts];
  renameSync(manifest, kept);
  writeFileSync(manifest, `${JSON.stringify(published, undefined, 2)}\n`);
} else if (existsSync(kept)) {
  renameSync(kept, manifest);
}
