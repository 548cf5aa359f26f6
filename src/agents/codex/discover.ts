/** Every Codex session: rollout files by name, subagents by the state database. */
import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { headAndTail } from '../../io/lines.ts';
import { systemCode } from '../../model/errors.ts';
import { asObject, asText, parseObject } from '../../model/narrow.ts';
import type { DiscoverResult, ReadContext, SessionRef } from '../contract.ts';
import { spawnParents } from './index-files.ts';
import { codexHome, findRollouts, isArchived, rolloutFolders, rolloutId } from './paths.ts';

/** Sessions below the Codex home; an id that is both active and archived is listed once, as active. */
export function discover({ env }: ReadContext): DiscoverResult {
  const home = codexHome(env);
  const diagnostics: DiscoverResult['diagnostics'] = [];
  const refs = new Map<string, SessionRef>();
  for (const { path: folder, archived } of rolloutFolders(home)) {
    for (const [id, file] of findRollouts(folder, diagnostics)) {
      if (refs.has(id)) continue;
      const { path, bytes, mtimeMs, ctimeMs } = file;
      const ref: SessionRef = { agent: 'codex', id, path, bytes, mtimeMs, ctimeMs };
      if (archived) ref.archived = true;
      refs.set(id, ref);
    }
  }
  if (refs.size > 0) {
    for (const [child, parent] of spawnParents(home, env, diagnostics)) {
      const ref = refs.get(child);
      if (ref !== undefined) ref.parent = parent;
    }
  }
  return { refs: [...refs.values()], diagnostics };
}

/** A rollout anywhere on the disk: by its name, else by its first record. */
export function recognize(path: string): SessionRef | undefined {
  try {
    const stat = statSync(path);
    if (!stat.isFile() || !/\.jsonl(\.zst)?$/i.test(path)) return undefined;
    const id = rolloutId(basename(path)) ?? firstRecordId(path);
    if (id === undefined) return undefined;
    const ref: SessionRef = { agent: 'codex', id, path, bytes: stat.size, mtimeMs: stat.mtimeMs };
    return isArchived(path) ? { ...ref, archived: true } : ref;
  } catch (error) {
    void systemCode(error); // missing, unreadable or not what its name says: not a rollout
    return undefined;
  }
}

function firstRecordId(path: string): string | undefined {
  const { head } = headAndTail(path, 1 << 18, 0);
  const record = parseObject(head[0] ?? '');
  if (record?.type !== 'session_meta') return undefined;
  const payload = asObject(record.payload);
  return asText(payload?.id) ?? asText(payload?.session_id);
}
