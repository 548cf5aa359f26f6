/** Where Continue keeps its sessions: the command line and the editor extensions share the store. */
import { join, resolve } from 'node:path';
import type { Env } from '../../io/paths.ts';

/** `CONTINUE_GLOBAL_DIR`, else `~/.continue` on every system. */
export function sessionsDir(env: Env): string {
  const custom = env.vars.CONTINUE_GLOBAL_DIR;
  return join(custom ? resolve(custom) : join(env.home, '.continue'), 'sessions');
}

/** The index that `cn ls` and the extensions' history show, in the folder of the sessions. */
export const INDEX = 'sessions.json';
