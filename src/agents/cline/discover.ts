/** Every Cline session: folders of the command line and the extension, and tasks of older extensions. */
import { statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Env } from '../../io/paths.ts';
import { type FileFacts, factsOf, walk } from '../../io/walk.ts';
import { systemCode } from '../../model/errors.ts';
import type { Diagnostic } from '../../model/session.ts';
import type { DiscoverResult, ReadContext, SessionRef } from '../contract.ts';
import { MESSAGES, sessionsDir, TASK_MESSAGES, taskStores } from './places.ts';

export function roots(env: Env): string[] {
  return [sessionsDir(env), ...taskStores(env).map((store) => join(store, 'tasks'))];
}

export function discover({ env }: ReadContext): DiscoverResult {
  const diagnostics: Diagnostic[] = [];
  const [sessions = '', ...tasks] = roots(env);
  const own = (name: string, [folder]: string[]): boolean => name === `${folder}${MESSAGES}`;
  const files = walk(sessions, 1, own, diagnostics);
  for (const folder of tasks)
    files.push(...walk(folder, 1, (name, at) => at.length === 1 && name === TASK_MESSAGES, diagnostics));
  return { refs: files.map((file) => refOf(file.path, file)), diagnostics };
}

/** A session's folder, its manifest or its messages by path; the folder of a task. */
export function recognize(path: string): SessionRef | undefined {
  const absolute = resolve(path);
  try {
    const folder = statSync(absolute).isDirectory() ? absolute : dirname(absolute);
    for (const name of [`${basename(folder)}${MESSAGES}`, TASK_MESSAGES]) {
      const file = join(folder, name);
      const stat = statSync(file, { throwIfNoEntry: false });
      if (stat?.isFile() && isPartOf(absolute, folder, file)) return refOf(file, factsOf(stat));
    }
  } catch (error) {
    // not there or not readable: not ours to say
    if (systemCode(error) === undefined) throw error;
  }
  return undefined;
}

/** The folder itself, its messages, or the manifest beside them. */
function isPartOf(path: string, folder: string, messages: string): boolean {
  return path === folder || path === messages || path === join(folder, `${basename(folder)}.json`);
}

function refOf(path: string, { bytes, mtimeMs, ctimeMs }: FileFacts): SessionRef {
  return { agent: 'cline', id: basename(dirname(path)), path, bytes, mtimeMs, ctimeMs };
}
