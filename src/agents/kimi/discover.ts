/** Every Kimi Code session (one wire file for each of its agents), and those of kimi-cli. */
import { type Stats, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { Env } from '../../io/paths.ts';
import { type FileFacts, factsOf, walk } from '../../io/walk.ts';
import { systemCode } from '../../model/errors.ts';
import type { Diagnostic } from '../../model/session.ts';
import type { DiscoverResult, ReadContext, SessionRef } from '../contract.ts';
import { agentName, legacySessionsDir, sessionFolder, sessionsDir, subagentId } from './places.ts';

export function roots(env: Env): string[] {
  return [sessionsDir(env), legacySessionsDir(env)];
}

export function discover({ env }: ReadContext): DiscoverResult {
  const diagnostics: Diagnostic[] = [];
  const wires = walk(
    sessionsDir(env),
    4,
    (name, folders) => name === 'wire.jsonl' && folders.length === 4,
    diagnostics,
    (name, folders) => (folders.length === 2 ? name === 'agents' : !name.startsWith('.')),
  );
  const old = walk(
    legacySessionsDir(env),
    2,
    (name, folders) => (folders.length === 1 ? name.endsWith('.jsonl') : name === 'context.jsonl'),
    diagnostics,
  );
  return { refs: [...wires.map(wireRef), ...old.map(legacyRef)], diagnostics };
}

/** A wire file, a session's folder, or a kimi-cli context by its path. */
export function recognize(path: string): SessionRef | undefined {
  const absolute = resolve(path);
  if (/[\\/]agents[\\/][^\\/]+[\\/]wire\.jsonl$/.test(absolute)) return found(absolute, wireRef);
  if (/[\\/]sessions[\\/]wd_[^\\/]+[\\/][^\\/]+$/.test(absolute))
    return found(resolve(absolute, 'agents', 'main', 'wire.jsonl'), wireRef);
  if (/[\\/]sessions[\\/](\w+_)?[0-9a-f]{32}[\\/][^\\/]+([\\/]context)?\.jsonl$/.test(absolute))
    return found(absolute, legacyRef);
  return undefined;
}

type Found = FileFacts & { path: string };

function found(path: string, toRef: (file: Found) => SessionRef): SessionRef | undefined {
  let stat: Stats;
  try {
    stat = statSync(path);
  } catch (error) {
    // not there or not readable: not ours to say
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
  return stat.isFile() ? toRef({ path, ...factsOf(stat) }) : undefined;
}

function wireRef({ path, bytes, mtimeMs, ctimeMs }: Found): SessionRef {
  const session = basename(sessionFolder(path));
  const name = agentName(path);
  const place = { path, bytes, mtimeMs, ctimeMs };
  if (name === 'main') return { agent: 'kimi', id: session, ...place };
  return { agent: 'kimi', id: subagentId(session, name), ...place, parent: session };
}

/** `<uuid>/context.jsonl`, in very old versions `<uuid>.jsonl`. */
function legacyRef({ path, bytes, mtimeMs, ctimeMs }: Found): SessionRef {
  const name = basename(path);
  const id = name === 'context.jsonl' ? basename(dirname(path)) : basename(path, '.jsonl');
  return { agent: 'kimi', id, path, bytes, mtimeMs, ctimeMs };
}
