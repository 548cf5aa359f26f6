/** Where Qwen Code keeps sessions. */
import { join } from 'node:path';
import type { Env } from '../../io/paths.ts';

/**
 * The folder with one folder for each project. `QWEN_RUNTIME_DIR` and `QWEN_HOME` stand for `~/.qwen` itself (read in
 * source). The setting `advanced.runtimeOutputDir`, which may differ from project to project, is not followed.
 */
export function projectsDir(env: Env): string {
  const base = env.vars.QWEN_RUNTIME_DIR || env.vars.QWEN_HOME;
  return join(base === undefined || base === '' ? join(env.home, '.qwen') : expand(base, env), 'projects');
}

function expand(path: string, env: Env): string {
  return path === '~' || /^~[/\\]/.test(path) ? join(env.home, path.slice(2)) : path;
}

/** A project's folder name: every character outside `[a-zA-Z0-9]` becomes `-`; lower case on Windows. Not reversible. */
export function folderName(cwd: string, env: Env): string {
  const path = env.platform === 'win32' ? cwd.toLowerCase() : cwd;
  return path.replace(/[^a-zA-Z0-9]/g, '-');
}

/** The agent's own test for a session's file name (read in source). */
export function isSessionName(name: string): boolean {
  return /^[0-9a-fA-F-]{32,36}\.jsonl$/.test(name);
}
