/** Where Factory Droid keeps its sessions. */
import { join } from 'node:path';
import type { Env } from '../../io/paths.ts';

/** `~/.factory`; `FACTORY_HOME_OVERRIDE` stands for the home folder (read in 0.225.2). */
export function factoryDir(env: Env): string {
  return join(env.vars.FACTORY_HOME_OVERRIDE || env.home, '.factory');
}

/** One folder for each directory. */
export function sessionsDir(env: Env): string {
  return join(factoryDir(env), 'sessions');
}

/** The folder of a directory: every slash becomes `-`. Not reversible; a session's first line has the path. */
export function folderName(cwd: string): string {
  return cwd.replace(/[/\\:]/g, '-');
}
