/** Where segue keeps its own things, and the machine as agents see it. */
import { realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { systemCode } from '../model/errors.ts';

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
    // many directories of old sessions are gone: asking first is cheaper than an error
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return resolve(path);
    return realpathSync.native(path);
  } catch {
    return resolve(path);
  }
}

/** What is at a path, links followed. */
export function pathKind(path: string): 'file' | 'folder' | 'other' | 'missing' {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return 'folder';
    return stat.isFile() ? 'file' : 'other';
  } catch (error) {
    // something that may not be looked at is there all the same
    return systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR' ? 'missing' : 'other';
  }
}

/** Size, time and identity of a file as text: another text means that it may have changed. */
export function fileStamp(path: string): string {
  const { size, mtimeMs, ino } = statSync(path);
  return `${size}:${mtimeMs}:${ino}`;
}

/** A file or folder of this package, from the sources or from the bundle. */
export function packagePath(...names: string[]): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (pathKind(join(folder, 'package.json')) === 'file') return join(folder, ...names);
    if (folder === dirname(folder)) return join(import.meta.dirname, ...names);
  }
}
