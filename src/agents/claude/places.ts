/** Where Claude Code keeps its sessions, and how it names their folders. */
import { basename, join, normalize, resolve } from 'node:path';
import type { Env } from '../../io/paths.ts';

/** A session id that `claude --resume` takes: any UUID, any case (2.1.330, measured). */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Claude Code's own folder: `$CLAUDE_CONFIG_DIR`, else `~/.claude`. */
export function configFolder(env: Env): string {
  const override = env.vars.CLAUDE_CONFIG_DIR;
  return override ? resolve(override) : join(env.home, '.claude');
}

/** The folder that holds one folder per working directory. */
export function projectsFolder(env: Env): string {
  return join(configFolder(env), 'projects');
}

const MAX_NAME = 200;

/**
 * Working directory → folder name (2.1.330, measured): each UTF-16 code unit outside `[A-Za-z0-9]` becomes `-`; a result
 * over 200 is cut there and gets the base-36 hash of the whole path. Not reversible: the directory is in the records.
 */
export function encodeCwd(cwd: string): string {
  const name = cwd.replace(/[^a-zA-Z0-9]/g, '-');
  if (name.length <= MAX_NAME) return name;
  let hash = 0;
  for (let i = 0; i < cwd.length; i++) hash = ((hash << 5) - hash + cwd.charCodeAt(i)) | 0;
  return `${name.slice(0, MAX_NAME)}-${Math.abs(hash).toString(36)}`;
}

/** The id in a transcript's file name: the stem, for a subagent without its `agent-`. */
export function idOf(path: string): string {
  const name = basename(path);
  const stem = name.replace(/\.jsonl$/i, '');
  return AGENT_FILE.test(name) ? stem.slice('agent-'.length) : stem;
}

const AGENT_FILE = /^agent-.+\.jsonl$/i;

/** Whether a transcript is a subagent's: `agent-<id>.jsonl`. */
export function isAgentFile(path: string): boolean {
  return AGENT_FILE.test(basename(path));
}

/**
 * The folder beside a transcript that holds its subagents, spilled results and title. A subagent's file lies inside its
 * session's folder, and that folder is the answer then.
 */
export function sessionFolder(path: string): string {
  if (isAgentFile(path)) {
    const inside = /^(.*)[\\/]subagents[\\/]/.exec(path);
    if (inside?.[1] !== undefined) return inside[1];
  }
  return normalize(path.replace(/\.jsonl$/i, ''));
}
