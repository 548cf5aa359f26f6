/** Where OpenCode and its forks keep things. Places are the same on every platform (XDG, else below the home). */
import { isAbsolute, join } from 'node:path';
import type { Env } from '../../io/paths.ts';
import type { Family } from './opencode-family.ts';

/** Data folder: `$XDG_DATA_HOME/<id>`, else `~/.local/share/<id>`. */
export function dataFolder(family: Family, env: Env): string {
  return join(env.vars.XDG_DATA_HOME || join(env.home, '.local', 'share'), family.id);
}

/** The database that the agent opens: `<PREFIX>_DB` (absolute or below the data folder), else `<id>.db`. */
export function databasePath(family: Family, env: Env): string | undefined {
  const override = env.vars[`${family.envPrefix}_DB`];
  if (override === ':memory:') return undefined;
  if (override) return isAbsolute(override) ? override : join(dataFolder(family, env), override);
  return join(dataFolder(family, env), `${family.id}.db`);
}

/** Names of databases in the data folder: the release's own and those of preview channels. */
export function isDatabaseName(family: Family, name: string): boolean {
  return new RegExp(`^${family.id}(-[\\w.-]+)?\\.db$`).test(name);
}

/** Folder of the file store that came before the database (OpenCode up to 1.1). */
export function storageFolder(family: Family, env: Env): string {
  return join(dataFolder(family, env), 'storage');
}

/**
 * Configuration files that can name the default model, the strongest first. `folders` are the session's directory and
 * its parents up to the repository's root.
 */
export function configFiles(family: Family, env: Env, folders: string[]): string[] {
  const global = join(env.vars.XDG_CONFIG_HOME || join(env.home, '.config'), family.id);
  const names = [`${family.id}.jsonc`, `${family.id}.json`];
  const own = env.vars[`${family.envPrefix}_CONFIG_DIR`];
  const file = env.vars[`${family.envPrefix}_CONFIG`];
  const project = folders.flatMap((folder) => [join(folder, `.${family.id}`), folder]);
  return [
    ...[...(own ? [own] : []), ...project].flatMap((folder) => names.map((name) => join(folder, name))),
    ...(file ? [file] : []),
    ...[...names, 'config.json'].map((name) => join(global, name)),
  ];
}

/** File with the models that were chosen last. */
export function modelStateFile(family: Family, env: Env): string {
  return join(env.vars.XDG_STATE_HOME || join(env.home, '.local', 'state'), family.id, 'model.json');
}
