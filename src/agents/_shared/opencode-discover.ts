/** Finds the sessions of OpenCode and its forks: one query for each database, names and sizes in the older file store. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import type { Row } from '../../io/sqlite.ts';
import { factsOf, list, walk } from '../../io/walk.ts';
import { asNumber, asText, parseObject } from '../../model/narrow.ts';
import type { Diagnostic } from '../../model/session.ts';
import type { DiscoverResult, ReadContext, SessionRef } from '../contract.ts';
import { databaseProblem, withDatabase } from './opencode-database.ts';
import type { Family } from './opencode-family.ts';
import { documentInfo } from './opencode-files.ts';
import { databasePath, dataFolder, isDatabaseName, storageFolder } from './opencode-places.ts';

/** Every session, each once: one that is in a database and in the file store is the database's. */
export function discover(family: Family, { env }: ReadContext): DiscoverResult {
  const diagnostics: Diagnostic[] = [];
  const refs: SessionRef[] = [];
  const seen = new Set<string>();
  const stored = databases(family, { env }, diagnostics).flatMap((path) =>
    databaseRefs(family, path, diagnostics),
  );
  for (const ref of [...stored, ...fileRefs(family, { env }, diagnostics)]) {
    if (seen.has(ref.id)) continue;
    seen.add(ref.id);
    refs.push(ref);
  }
  return { refs, diagnostics };
}

/** The database that the agent opens first, then those of preview channels beside it. */
function databases(family: Family, { env }: ReadContext, diagnostics: Diagnostic[]): string[] {
  const own = databasePath(family, env);
  if (env.vars[`${family.envPrefix}_DB`]) return own !== undefined && existsSync(own) ? [own] : [];
  const folder = dataFolder(family, env);
  const found = list(folder, diagnostics)
    .filter((item) => !item.isDirectory() && isDatabaseName(family, item.name))
    .map((item) => join(folder, item.name));
  return found.sort((a, b) => Number(b === own) - Number(a === own));
}

/** Sizes are not asked for: they would cost a look at every part. */
function databaseRefs(family: Family, path: string, diagnostics: Diagnostic[]): SessionRef[] {
  try {
    return withDatabase(path, (database) => {
      const columns = new Set(database.columns('session'));
      // a database that was just made has no tables yet
      if (columns.size === 0) return [];
      const wanted = ['id', 'parent_id', 'time_updated', 'time_archived'].filter((name) => columns.has(name));
      return database
        .all(
          `SELECT ${wanted.map((name) => `s.${name}`).join(', ')}, (${LAST_CHANGE}) AS last FROM session s`,
        )
        .map((row) => rowRef(family, path, row));
    });
  } catch (error) {
    diagnostics.push({ code: 'unreadable', message: databaseProblem(error), path });
    return [];
  }
}

/** The session's own time does not move when its last message is completed. One index step. */
const LAST_CHANGE =
  'SELECT m.time_updated FROM message m WHERE m.session_id = s.id ORDER BY m.time_created DESC, m.id DESC LIMIT 1';

function rowRef(family: Family, path: string, row: Row): SessionRef {
  const id = String(row.id);
  const parent = asText(row.parent_id);
  return {
    agent: family.id,
    id,
    path,
    key: id,
    bytes: 0,
    mtimeMs: Math.max(asNumber(row.time_updated) ?? 0, asNumber(row.last) ?? 0),
    ...(parent === undefined ? {} : { parent }),
    ...(asNumber(row.time_archived) === undefined ? {} : { archived: true }),
  };
}

function fileRefs(family: Family, { env }: ReadContext, diagnostics: Diagnostic[]): SessionRef[] {
  const root = join(storageFolder(family, env), 'session');
  return walk(
    root,
    1,
    (name, folders) => folders.length === 1 && /^ses_.*\.json$/.test(name),
    diagnostics,
  ).map((file) => ({
    agent: family.id,
    id: basename(file.name, '.json'),
    path: file.path,
    bytes: file.bytes,
    mtimeMs: file.mtimeMs,
    ctimeMs: file.ctimeMs,
  }));
}

/** A session file of the file store, or a document that `export` printed, by its path. */
export function recognize(family: Family, path: string, { env }: ReadContext): SessionRef | undefined {
  if (!path.endsWith('.json') || !existsSync(path)) return undefined;
  const stat = statSync(path);
  if (!stat.isFile()) return undefined;
  const ref = { agent: family.id, path, ...factsOf(stat) };
  if (/[\\/]storage[\\/]session[\\/][^\\/]+[\\/]ses_[^\\/]*\.json$/.test(path)) {
    const own = path.startsWith(dataFolder(family, env) + sep) || storeName(path) === family.id;
    return own && asText(parseObject(readFileSync(path, 'utf8'))?.projectID) !== undefined
      ? { ...ref, id: basename(path, '.json') }
      : undefined;
  }
  const info = documentInfo(path);
  const id = asText(info?.id);
  const version = asText(info?.version);
  if (id?.startsWith('ses') !== true || version === undefined) return undefined;
  return family.wrote(version, asText(info?.agent)) ? { ...ref, id } : undefined;
}

/** The folder that holds `storage`: `opencode` or `kilo`. */
function storeName(path: string): string {
  return basename(dirname(dirname(dirname(dirname(path)))));
}
