/** Where Copilot CLI keeps its sessions. */
import { join, resolve } from 'node:path';
import type { Env } from '../../io/paths.ts';

/** `COPILOT_HOME`, else `~/.copilot` on every system; one folder for each session. */
export function sessionsDir(env: Env): string {
  const custom = env.vars.COPILOT_HOME;
  return join(custom ? resolve(custom) : join(env.home, '.copilot'), 'session-state');
}

/** The transcript in a session's folder: the only file that Copilot needs. */
export const TRANSCRIPT = 'events.jsonl';

/** Name, directory and branch of a session, beside its transcript. */
export const WORKSPACE = 'workspace.yaml';
