/** The files that make up one session: a fork of a paginated session holds only its own records and points to its parent. */
import { openLines } from '../../io/lines.ts';
import type { Env } from '../../io/paths.ts';
import { systemCode } from '../../model/errors.ts';
import { asNumber, asObject, asText, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, JsonObject } from '../../model/session.ts';
import { findRollout, homeOf } from './paths.ts';
import type { ChainFile } from './skeleton.ts';

/** First `session_meta` of a rollout (a copied fork has its parent's as a second one). Throws Node system errors. */
export function readMeta(path: string): JsonObject | undefined {
  const file = openLines(path);
  try {
    let looked = 0;
    for (const line of file.lines()) {
      const record = parseObject(line.buffer.toString('utf8', line.start, line.end));
      if (record?.type === 'session_meta') return asObject(record.payload);
      // Codex wants it first; a few damaged lines before it are forgiven
      if (++looked === 20) break;
    }
    return undefined;
  } finally {
    file.close();
  }
}

export interface Chain {
  /** Parents first, the session's own file last. */
  files: ChainFile[];
  /** `session_meta` payload of the session's own file. */
  meta?: JsonObject;
}

/** Follows `history_base` from file to file. A parent that is missing, or its own ancestor, is a diagnostic. */
export function readChain(path: string, env: Env, diagnostics: Diagnostic[]): Chain {
  const meta = readMeta(path);
  const files: ChainFile[] = [{ path }];
  const visited = new Set([asText(meta?.id)?.toLowerCase()]);
  let pointing = path;
  let base = asObject(meta?.history_base);
  while (base !== undefined) {
    const id = asText(base.thread_id)?.toLowerCase();
    if (id === undefined || visited.has(id)) {
      diagnostics.push({
        code: 'broken-chain',
        message: 'a fork points to itself or to nothing',
        path: pointing,
      });
      break;
    }
    visited.add(id);
    const parent = findRollout(homeOf(pointing, env), id);
    if (parent === undefined) {
      const message = `the rollout that this one continues is missing (${id})`;
      diagnostics.push({ code: 'missing-file', message, path: pointing });
      break;
    }
    const endOrdinal = asNumber(base.end_ordinal_exclusive);
    files.unshift({ path: parent.path, endOrdinal });
    try {
      base = asObject(readMeta(parent.path)?.history_base);
    } catch (error) {
      files.shift();
      const message = `the rollout that this one continues cannot be read (${systemCode(error) ?? 'error'})`;
      diagnostics.push({ code: 'unreadable', message, path: parent.path });
      break;
    }
    pointing = parent.path;
  }
  return { files, meta };
}
