/** Where Kimi Code keeps its sessions, and where the older kimi-cli did. */
import { basename, dirname, join, resolve } from 'node:path';
import { readJsonFile } from '../../io/json-file.ts';
import type { Env } from '../../io/paths.ts';
import { asArray, asObject, asText } from '../../model/narrow.ts';

/** `KIMI_CODE_HOME`, else `~/.kimi-code` on every system. */
export function kimiDir(env: Env): string {
  const custom = env.vars.KIMI_CODE_HOME;
  return custom ? resolve(custom) : join(env.home, '.kimi-code');
}

/** One folder for each workspace, in it one for each session. */
export function sessionsDir(env: Env): string {
  return join(kimiDir(env), 'sessions');
}

/** The folder of kimi-cli: `KIMI_SHARE_DIR`, else `~/.kimi`. */
function legacyDir(env: Env): string {
  const custom = env.vars.KIMI_SHARE_DIR;
  return custom ? resolve(custom) : join(env.home, '.kimi');
}

export function legacySessionsDir(env: Env): string {
  return join(legacyDir(env), 'sessions');
}

/** The workspace's folder: `wd_<slug>_<hash>`. Windows paths are hashed with `/` (read in 2.1.0). */
export function workspaceId(cwd: string, env: Env): string {
  const path = env.platform === 'win32' ? cwd.replaceAll('\\', '/') : cwd;
  const name = path.replace(/\/+$/, '').split('/').at(-1) ?? '';
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  const hash = hashing().createHash('sha256').update(path).digest('hex').slice(0, 12);
  return `wd_${slug || 'workspace'}_${hash}`;
}

/** The folder of the session that a wire file belongs to: three above it. */
export function sessionFolder(wirePath: string): string {
  return dirname(dirname(dirname(wirePath)));
}

/** The name of the agent that a wire file belongs to: `main`, `agent-0`, … */
export function agentName(wirePath: string): string {
  return basename(dirname(wirePath));
}

/** A subagent's id: its own name repeats in every session. */
export function subagentId(sessionId: string, name: string): string {
  return `${sessionId}.${name}`;
}

/** Whether a transcript is one of kimi-cli. */
export function isLegacy(path: string): boolean {
  return basename(path) !== 'wire.jsonl';
}

/** The directory of a kimi-cli session: `kimi.json` names the paths whose MD5 is the folder. */
export function legacyCwd(path: string): string | undefined {
  const folder = basename(path) === 'context.jsonl' ? dirname(dirname(path)) : dirname(path);
  const name = basename(folder);
  const known = asObject(readJsonFile(join(dirname(dirname(folder)), 'kimi.json')));
  for (const item of asArray(known?.work_dirs) ?? []) {
    const candidate = asText(asObject(item)?.path);
    if (candidate === undefined) continue;
    const hash = hashing().createHash('md5').update(candidate).digest('hex');
    if (name === hash || name.endsWith(`_${hash}`)) return candidate;
  }
  return undefined;
}

/** Loaded when it is needed: looking for sessions, which every list does, is not held up by it. */
function hashing(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}
