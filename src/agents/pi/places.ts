/** Where pi keeps its sessions. */
import { join, resolve } from 'node:path';
import { readJsonFile } from '../../io/json-file.ts';
import type { Env } from '../../io/paths.ts';
import { asObject, asText } from '../../model/narrow.ts';

/** `PI_CODING_AGENT_DIR`, else `~/.pi/agent` on every system. */
export function agentDir(env: Env): string {
  const custom = env.vars.PI_CODING_AGENT_DIR;
  return custom ? expandHome(custom, env) : join(env.home, '.pi', 'agent');
}

/** Default folder: one subfolder for each directory. */
export function sessionsDir(env: Env): string {
  return join(agentDir(env), 'sessions');
}

/** A folder that holds the files of all directories flat: the variable, which wins over the setting. */
export function customDir(env: Env): string | undefined {
  const variable = env.vars.PI_CODING_AGENT_SESSION_DIR;
  return variable ? expandHome(variable, env) : undefined;
}

/** The `sessionDir` of pi's settings for a directory: the project's file, then the user's. Reads files. */
export function configuredDir(env: Env, cwd?: string): string | undefined {
  const files = [join(agentDir(env), 'settings.json')];
  if (cwd !== undefined) files.unshift(join(cwd, '.pi', 'settings.json'));
  for (const file of files) {
    const value = asText(asObject(readJsonFile(file))?.sessionDir);
    if (value !== undefined) return expandHome(value, env);
  }
  return undefined;
}

/** The subfolder of a directory: `/` `\` `:` become `-`. Not reversible. */
export function encodeCwd(cwd: string): string {
  return `--${cwd.replace(/^[/\\]/, '').replace(/[/\\:]/g, '-')}--`;
}

function expandHome(path: string, env: Env): string {
  if (path === '~') return env.home;
  return path.startsWith('~/') || path.startsWith('~\\') ? join(env.home, path.slice(2)) : resolve(path);
}
