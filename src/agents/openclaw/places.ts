/** Where OpenClaw keeps its sessions. */
import { join, resolve } from 'node:path';
import type { Env } from '../../io/paths.ts';

/** `OPENCLAW_STATE_DIR`, else `.openclaw` in `OPENCLAW_HOME` or the home directory. */
export function stateDir(env: Env): string {
  const { OPENCLAW_STATE_DIR: state, OPENCLAW_HOME: home } = env.vars;
  return state ? expandHome(state, env) : join(home ? expandHome(home, env) : env.home, '.openclaw');
}

/** State folders: today's, and those of the names it had before. */
export function stateDirs(env: Env): string[] {
  return [stateDir(env), join(env.home, '.clawdbot'), join(env.home, '.moltbot')];
}

/** The database of one agent of the gateway. */
export function databaseOf(state: string, agentId: string): string {
  return join(state, 'agents', agentId, 'agent', DATABASE);
}

/** The folder that held transcripts before 2026; what lies there now waits for OpenClaw's own import. */
export function legacyDir(state: string, agentId: string): string {
  return join(state, 'agents', agentId, 'sessions');
}

export const DATABASE = 'openclaw-agent.sqlite';

function expandHome(path: string, env: Env): string {
  return /^~(?=[/\\]|$)/.test(path) ? join(env.home, path.slice(1)) : resolve(path);
}
