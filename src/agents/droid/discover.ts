/** Every Droid session: one `.jsonl` file in the folder of its directory. */
import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { headAndTail } from '../../io/lines.ts';
import type { Env } from '../../io/paths.ts';
import { type FileFacts, factsOf, walk } from '../../io/walk.ts';
import { systemCode } from '../../model/errors.ts';
import { parseObject } from '../../model/narrow.ts';
import type { Diagnostic } from '../../model/session.ts';
import type { DiscoverResult, ReadContext, SessionRef } from '../contract.ts';
import { sessionsDir } from './places.ts';

export function roots(env: Env): string[] {
  return [sessionsDir(env)];
}

export function discover({ env }: ReadContext): DiscoverResult {
  const diagnostics: Diagnostic[] = [];
  const files = walk(sessionsDir(env), 1, (name) => name.endsWith('.jsonl'), diagnostics);
  return { refs: files.map((file) => refOf(file.path, file)), diagnostics };
}

/** A session file by its path: below a folder `sessions`, with a `session_start` in front. */
export function recognize(path: string): SessionRef | undefined {
  const absolute = resolve(path);
  const folder = dirname(absolute);
  if (!absolute.endsWith('.jsonl')) return undefined;
  if (basename(folder) !== 'sessions' && basename(dirname(folder)) !== 'sessions') return undefined;
  try {
    const stat = statSync(absolute);
    if (!stat.isFile()) return undefined;
    const [first = ''] = headAndTail(absolute, 64 << 10, 0).head;
    if (parseObject(first)?.type !== 'session_start') return undefined;
    return refOf(absolute, factsOf(stat));
  } catch (error) {
    // not there or not readable: not ours to say
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

function refOf(path: string, { bytes, mtimeMs, ctimeMs }: FileFacts): SessionRef {
  return { agent: 'droid', id: basename(path, '.jsonl'), path, bytes, mtimeMs, ctimeMs };
}
