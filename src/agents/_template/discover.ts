/** Every session: one JSON-lines file each. Nothing is opened. */
import { statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Env } from '../../io/paths.ts';
import { walk } from '../../io/walk.ts';
import { systemCode } from '../../model/errors.ts';
import type { Diagnostic } from '../../model/session.ts';
import type { DiscoverResult, ReadContext, SessionRef } from '../contract.ts';

/** `TEMPLATE_HOME`, else `~/.template`. */
export function roots(env: Env): string[] {
  return [join(env.vars.TEMPLATE_HOME ?? join(env.home, '.template'), 'sessions')];
}

export function discover({ env }: ReadContext): DiscoverResult {
  const diagnostics: Diagnostic[] = [];
  const files = roots(env).flatMap((root) => walk(root, 0, (name) => name.endsWith('.jsonl'), diagnostics));
  const refs = files.map(({ path, bytes, mtimeMs }) => ({
    agent: 'template',
    id: idOf(path),
    path,
    bytes,
    mtimeMs,
  }));
  return { refs, diagnostics };
}

/** A session file by its path: only what lies in this agent's own folder is sure to be its own. */
export function recognize(path: string, { env }: ReadContext): SessionRef | undefined {
  const absolute = resolve(path);
  if (!absolute.endsWith('.jsonl') || !roots(env).some((root) => absolute.startsWith(root))) return undefined;
  try {
    const { size: bytes, mtimeMs } = statSync(absolute);
    return { agent: 'template', id: idOf(absolute), path: absolute, bytes, mtimeMs };
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

function idOf(path: string): string {
  return basename(path, '.jsonl');
}
