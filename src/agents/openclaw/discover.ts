/** Every OpenClaw session: rows of the agents' databases, and transcript files that were not imported yet. */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { headAndTail } from '../../io/lines.ts';
import type { Env } from '../../io/paths.ts';
import type { Row } from '../../io/sqlite.ts';
import { type FileFacts, factsOf, list, walk } from '../../io/walk.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { parseObject } from '../../model/narrow.ts';
import type { Diagnostic } from '../../model/session.ts';
import { transcriptId } from '../_shared/pi-session.ts';
import type { DiscoverResult, ReadContext, SessionRef } from '../contract.ts';
import { databaseOf, legacyDir, stateDirs } from './places.ts';
import { withDatabase } from './store.ts';

export function roots(env: Env): string[] {
  return stateDirs(env).map((state) => join(state, 'agents'));
}

export function discover({ env }: ReadContext): DiscoverResult {
  const diagnostics: Diagnostic[] = [];
  const refs: SessionRef[] = [];
  for (const state of stateDirs(env)) {
    for (const folder of list(join(state, 'agents'), diagnostics)) {
      if (!folder.isDirectory()) continue;
      const rows = databaseRefs(databaseOf(state, folder.name), diagnostics);
      const known = new Set(rows.map((ref) => ref.id));
      // a session that is in both was imported: the database is what the agent goes on with
      const files = fileRefs(legacyDir(state, folder.name), diagnostics).filter((ref) => !known.has(ref.id));
      refs.push(...rows, ...files);
    }
  }
  return { refs, diagnostics };
}

const SESSIONS = `select w.session_id, w.updated_at, w.parent_session_key, n.archived_at, p.current_session_id as parent,
    (select sum(e.event_utf8_bytes) from transcript_events e where e.session_id = w.session_id) as bytes
  from session_windows w
  left join session_nodes n on n.session_key = w.session_key
  left join session_nodes p on p.session_key = w.parent_session_key
  order by w.updated_at`;

function databaseRefs(path: string, diagnostics: Diagnostic[]): SessionRef[] {
  if (!existsSync(path)) return [];
  try {
    return withDatabase(path, (database) => database.all(SESSIONS).map((row) => rowRef(path, row)));
  } catch (error) {
    if (!(error instanceof SegueError)) throw error;
    diagnostics.push({ code: 'unreadable', message: error.message, path });
    return [];
  }
}

function rowRef(path: string, row: Row): SessionRef {
  const id = String(row.session_id);
  return {
    agent: 'openclaw',
    id,
    path,
    key: id,
    bytes: Number(row.bytes ?? 0),
    mtimeMs: Number(row.updated_at ?? 0),
    ...(typeof row.parent === 'string' ? { parent: row.parent } : {}),
    ...(row.archived_at === null ? {} : { archived: true }),
  };
}

function fileRefs(folder: string, diagnostics: Diagnostic[]): SessionRef[] {
  return walk(folder, 0, (name) => name.endsWith('.jsonl'), diagnostics).map((file) =>
    fileRef(file.path, file),
  );
}

function fileRef(path: string, { bytes, mtimeMs, ctimeMs }: FileFacts): SessionRef {
  return { agent: 'openclaw', id: transcriptId(path), path, bytes, mtimeMs, ctimeMs };
}

/** An old transcript by its path: in `agents/<id>/sessions`, or with a header newer than pi's. */
export function recognize(path: string): SessionRef | undefined {
  const absolute = resolve(path);
  if (!absolute.endsWith('.jsonl')) return undefined;
  const folder = dirname(absolute);
  const inPlace = basename(folder) === 'sessions' && basename(dirname(dirname(folder))) === 'agents';
  try {
    const stat = statSync(absolute);
    if (!stat.isFile()) return undefined;
    const header = parseObject(headAndTail(absolute, 64 << 10, 0).head[0] ?? '');
    if (header?.type !== 'session' || typeof header.id !== 'string') return undefined;
    const newer = typeof header.version === 'number' && header.version > 3;
    return inPlace || newer ? fileRef(absolute, factsOf(stat)) : undefined;
  } catch (error) {
    // not there or not readable: not ours to say
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
