/** Where Gemini CLI keeps sessions, and which project a folder belongs to. */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readJsonFile } from '../../io/json-file.ts';
import type { Env } from '../../io/paths.ts';
import { list } from '../../io/walk.ts';
import { systemCode } from '../../model/errors.ts';
import { asObject, asText } from '../../model/narrow.ts';

/** `~/.gemini`; `GEMINI_CLI_HOME` names the folder that holds `.gemini` (read in source). */
export function geminiDir(env: Env): string {
  return join(env.vars.GEMINI_CLI_HOME || env.home, '.gemini');
}

/** The folder with one folder for each project. */
export function tmpDir(env: Env): string {
  return join(geminiDir(env), 'tmp');
}

/** SHA-256 of a project's path, in hex: `projectHash` in records, and the folder's name before 0.29. */
export function projectHash(path: string): string {
  return hashing().createHash('sha256').update(path).digest('hex');
}

/** A path as the agent compares and stores it: lower-case on Windows. */
export function projectKey(path: string, env: Env): string {
  return env.platform === 'win32' ? path.toLowerCase() : path;
}

/** `projects.json`: path → folder name. As the agent reads it: empty when any name is not of its form. */
export function registry(env: Env): Map<string, string> {
  const entries = Object.entries(asObject(asObject(readJsonFile(registryPath(env)))?.projects) ?? {});
  const found = new Map<string, string>();
  for (const [path, slug] of entries) {
    const name = asText(slug);
    if (name === undefined || !/^[a-z0-9-]+$/.test(name)) return new Map();
    found.set(path, name);
  }
  return found;
}

export function registryPath(env: Env): string {
  return join(geminiDir(env), 'projects.json');
}

/** The path in a folder's `.project_root`: undefined when there is none, `unreadable` when it cannot be read. */
export function projectRoot(folder: string): { path: string } | 'unreadable' | undefined {
  try {
    const path = readFileSync(join(folder, '.project_root'), 'utf8').trim();
    return path === '' ? undefined : { path };
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? undefined : 'unreadable';
  }
}

/**
 * The project directory of a session file: by its folder's marker, by `projects.json`, or by a candidate whose hash is the
 * session's `projectHash` (folders before 0.29 are named by the hash alone).
 */
export function projectOf(
  file: string,
  hash: string | undefined,
  env: Env,
  candidates: () => Iterable<string>,
): string | undefined {
  const folder = projectFolder(file);
  const marker = projectRoot(folder);
  if (typeof marker === 'object') return marker.path;
  const known = registry(env);
  for (const [path, slug] of known) if (slug === basename(folder)) return path;
  if (hash === undefined) return undefined;
  for (const source of [known.keys(), markedProjects(env), candidates()])
    for (const path of source) if (projectHash(path) === hash) return path;
  return undefined;
}

/** Projects that newer versions put a marker for. */
function* markedProjects(env: Env): Generator<string> {
  for (const item of list(tmpDir(env), [])) {
    const marker = item.isDirectory() ? projectRoot(join(tmpDir(env), item.name)) : undefined;
    if (typeof marker === 'object') yield marker.path;
  }
}

/** The project's folder: the one above `chats`. */
export function projectFolder(file: string): string {
  let folder = dirname(file);
  while (basename(folder) !== 'chats' && dirname(folder) !== folder) folder = dirname(folder);
  return basename(folder) === 'chats' ? dirname(folder) : dirname(file);
}

/** Loaded when it is needed: looking for sessions, which every list does, is not held up by it. */
function hashing(): typeof import('node:crypto') {
  return process.getBuiltinModule('node:crypto');
}
