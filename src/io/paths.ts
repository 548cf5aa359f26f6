/** Where segue keeps its own things, and the machine as agents see it. */
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The machine as agents see it. Tests pass their own. */
export interface Env {
  home: string;
  vars: Readonly<Record<string, string | undefined>>;
  platform: NodeJS.Platform;
}

/** The environment of this process. */
export function processEnv(): Env {
  return { home: homedir(), vars: process.env, platform: process.platform };
}

/** Data folder (journal, receipts, index): `SEGUE_DATA_DIR`, else the platform's convention. */
export function dataDir(env: Env): string {
  if (env.vars.SEGUE_DATA_DIR) return resolve(env.vars.SEGUE_DATA_DIR);
  if (env.platform === 'win32')
    return join(env.vars.LOCALAPPDATA ?? join(env.home, 'AppData', 'Local'), 'segue');
  if (env.platform === 'darwin') return join(env.home, 'Library', 'Application Support', 'segue');
  return join(env.vars.XDG_DATA_HOME || join(env.home, '.local', 'share'), 'segue');
}

/** User's configuration folder. `SEGUE_CONFIG` names a file and is handled where configuration is read. */
export function configDir(env: Env): string {
  if (env.platform === 'win32')
    return join(env.vars.APPDATA ?? join(env.home, 'AppData', 'Roaming'), 'segue');
  if (env.platform === 'darwin') return join(env.home, 'Library', 'Application Support', 'segue');
  return join(env.vars.XDG_CONFIG_HOME || join(env.home, '.config'), 'segue');
}

/** The real path of a directory, or its absolute path when it does not exist. */
export function realDir(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
