/** Every pi session: `.jsonl` files in the folders of directories, and flat in a custom folder. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { headAndTail } from '../../io/lines.ts';
import type { Env } from '../../io/paths.ts';
import { factsOf, walk } from '../../io/walk.ts';
import { systemCode } from '../../model/errors.ts';
import { parseObject } from '../../model/narrow.ts';
import type { Diagnostic } from '../../model/session.ts';
import { transcriptId } from '../_shared/pi-session.ts';
import type { DiscoverResult, ReadContext, SessionRef } from '../contract.ts';
import { configuredDir, customDir, sessionsDir } from './places.ts';

/** Folders that may hold sessions. The `sessionDir` setting is not among them: `discover` reads it. */
export function roots(env: Env): string[] {
  const custom = customDir(env);
  return custom === undefined ? [sessionsDir(env)] : [custom, sessionsDir(env)];
}

export function discover({ env }: ReadContext): DiscoverResult {
  const diagnostics: Diagnostic[] = [];
  const configured = configuredDir(env);
  const folders = new Set([...roots(env), ...(configured === undefined ? [] : [configured])]);
  const refs = new Map<string, SessionRef>();
  for (const folder of folders) {
    for (const file of walk(folder, 1, (name) => name.endsWith('.jsonl'), diagnostics)) {
      const { path, bytes, mtimeMs, ctimeMs } = file;
      refs.set(path, { agent: 'pi', id: transcriptId(path), path, bytes, mtimeMs, ctimeMs });
    }
  }
  return { refs: [...refs.values()], diagnostics };
}

/** A pi transcript by its path. OpenClaw's old files look the same; their place (`agents/<id>/sessions`) tells. */
export function recognize(path: string): SessionRef | undefined {
  const absolute = resolve(path);
  if (!absolute.endsWith('.jsonl') || /[\\/]agents[\\/][^\\/]+[\\/]sessions[\\/][^\\/]+$/.test(absolute))
    return undefined;
  try {
    const stat = statSync(absolute);
    if (!stat.isFile()) return undefined;
    const header = parseObject(headAndTail(absolute, 64 << 10, 0).head[0] ?? '');
    const version = header?.version ?? 1;
    if (header?.type !== 'session' || typeof header.id !== 'string') return undefined;
    if (typeof version !== 'number' || version > 3) return undefined;
    return { agent: 'pi', id: header.id, path: absolute, ...factsOf(stat) };
  } catch (error) {
    // not there or not readable: not ours to say
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
