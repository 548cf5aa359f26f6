/** Every Auggie session: one JSON file each. */
import { statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { Env } from '../../io/paths.ts';
import { type FileFacts, factsOf, walk } from '../../io/walk.ts';
import { systemCode } from '../../model/errors.ts';
import { asText } from '../../model/narrow.ts';
import type { Diagnostic } from '../../model/session.ts';
import { headOfArrayFile } from '../_shared/array-file.ts';
import type { DiscoverResult, ReadContext, SessionRef } from '../contract.ts';

/** The name of the array that holds the conversation. */
export const HISTORY = 'chatHistory';

/** `~/.augment/sessions` on every system. `--augment-cache-dir` puts it elsewhere, which no file tells. */
export function sessionsDir(env: Env): string {
  return join(env.home, '.augment', 'sessions');
}

export function roots(env: Env): string[] {
  return [sessionsDir(env)];
}

export function discover({ env }: ReadContext): DiscoverResult {
  const diagnostics: Diagnostic[] = [];
  const files = walk(sessionsDir(env), 0, (name) => name.endsWith('.json'), diagnostics);
  return { refs: files.map((file) => refOf(file.path, file)), diagnostics };
}

/** A session file by its path: in a folder `sessions`, with an id and a history. */
export function recognize(path: string): SessionRef | undefined {
  const absolute = resolve(path);
  if (!absolute.endsWith('.json') || basename(dirname(absolute)) !== 'sessions') return undefined;
  try {
    const stat = statSync(absolute);
    const head = stat.isFile() ? headOfArrayFile(absolute, HISTORY, 64 << 10) : undefined;
    if (asText(head?.members.sessionId) === undefined) return undefined;
    return refOf(absolute, factsOf(stat));
  } catch (error) {
    // not there or not readable: not ours to say
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

/** The file's name is the id that Auggie resumes by, whatever stands inside. */
function refOf(path: string, { bytes, mtimeMs, ctimeMs }: FileFacts): SessionRef {
  return { agent: 'auggie', id: basename(path, '.json'), path, bytes, mtimeMs, ctimeMs };
}
