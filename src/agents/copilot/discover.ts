/** Every Copilot session: a folder with a transcript each; in early versions a flat file. */
import { statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { headAndTail } from '../../io/lines.ts';
import type { Env } from '../../io/paths.ts';
import { type FileFacts, factsOf, walk } from '../../io/walk.ts';
import { systemCode } from '../../model/errors.ts';
import { parseObject } from '../../model/narrow.ts';
import type { Diagnostic } from '../../model/session.ts';
import type { DiscoverResult, ReadContext, SessionRef } from '../contract.ts';
import { sessionsDir, TRANSCRIPT } from './places.ts';

export function roots(env: Env): string[] {
  return [sessionsDir(env)];
}

export function discover({ env }: ReadContext): DiscoverResult {
  const diagnostics: Diagnostic[] = [];
  const wanted = (name: string, folders: string[]): boolean =>
    folders.length === 0 ? name.endsWith('.jsonl') : name === TRANSCRIPT;
  const refs = new Map<string, SessionRef>();
  for (const file of walk(sessionsDir(env), 1, wanted, diagnostics)) {
    const ref = refOf(file.path, file);
    // a flat file is what an early version left of a session that has a folder now
    if (basename(file.path) === TRANSCRIPT || !refs.has(ref.id)) refs.set(ref.id, ref);
  }
  return { refs: [...refs.values()], diagnostics };
}

/** A transcript, or a session's folder, by its path. */
export function recognize(path: string): SessionRef | undefined {
  try {
    const absolute = resolve(path);
    const file = statSync(absolute).isDirectory() ? join(absolute, TRANSCRIPT) : absolute;
    const stat = statSync(file);
    if (!stat.isFile() || !file.endsWith('.jsonl')) return undefined;
    const first = parseObject(headAndTail(file, 64 << 10, 0).head[0] ?? '');
    return first?.type === 'session.start' ? refOf(file, factsOf(stat)) : undefined;
  } catch (error) {
    // not there or not readable: not ours to say
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

function refOf(path: string, { bytes, mtimeMs, ctimeMs }: FileFacts): SessionRef {
  const id = basename(path) === TRANSCRIPT ? basename(dirname(path)) : basename(path, '.jsonl');
  return { agent: 'copilot', id, path, bytes, mtimeMs, ctimeMs };
}
