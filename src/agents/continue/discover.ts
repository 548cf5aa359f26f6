/** Every Continue session: one JSON file each, beside the index. */
import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Env } from '../../io/paths.ts';
import { type FileFacts, factsOf, walk } from '../../io/walk.ts';
import { systemCode } from '../../model/errors.ts';
import type { Diagnostic } from '../../model/session.ts';
import type { DiscoverResult, ReadContext, SessionRef } from '../contract.ts';
import { INDEX, sessionsDir } from './places.ts';
import { headFacts } from './store.ts';

export function roots(env: Env): string[] {
  return [sessionsDir(env)];
}

export function discover({ env }: ReadContext): DiscoverResult {
  const diagnostics: Diagnostic[] = [];
  const files = walk(sessionsDir(env), 0, (name) => name.endsWith('.json') && name !== INDEX, diagnostics);
  return { refs: files.map((file) => refOf(file.path, file)), diagnostics };
}

/** A session file by its path: in a folder `sessions`, with a session id and a history. */
export function recognize(path: string): SessionRef | undefined {
  const absolute = resolve(path);
  if (!absolute.endsWith('.json') || basename(dirname(absolute)) !== 'sessions') return undefined;
  if (basename(absolute) === INDEX) return undefined;
  try {
    const stat = statSync(absolute);
    const facts = stat.isFile() ? headFacts(absolute) : undefined;
    if (facts?.sessionId === undefined || facts.items.length === 0) return undefined;
    return refOf(absolute, factsOf(stat));
  } catch (error) {
    // not there or not readable: not ours to say
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

function refOf(path: string, { bytes, mtimeMs, ctimeMs }: FileFacts): SessionRef {
  return { agent: 'continue', id: basename(path, '.json'), path, bytes, mtimeMs, ctimeMs };
}
