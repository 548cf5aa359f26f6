/** Codex's own indexes: names from `session_index.jsonl`, facts about threads from `state_<N>.sqlite`. */
import { join } from 'node:path';
import { fileBytes } from '../../io/files.ts';
import { openLines } from '../../io/lines.ts';
import type { Env } from '../../io/paths.ts';
import { openForeign, type ReadDatabase } from '../../io/sqlite.ts';
import { list } from '../../io/walk.ts';
import { systemCode } from '../../model/errors.ts';
import { asText, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, JsonObject } from '../../model/session.ts';
import { once, type ReadContext } from '../contract.ts';
import { readConfig } from './config.ts';

/** Path of the names index below a Codex home. */
export function sessionIndexPath(home: string): string {
  return join(home, 'session_index.jsonl');
}

/** Names that people gave sessions, by id; the newest line wins. */
export function sessionNames(home: string, context: ReadContext): ReadonlyMap<string, string> {
  return once(context, `codex names ${home}`, () => {
    const names = new Map<string, string>();
    for (const entry of namesIndex(home)) {
      const id = asText(entry.id);
      const name = asText(entry.thread_name);
      if (id !== undefined && name !== undefined) names.set(id, name);
    }
    return names;
  });
}

/** Name that a person gave a session. Only lines that hold the id are parsed. */
export function sessionName(home: string, id: string): string | undefined {
  let name: string | undefined;
  for (const entry of namesIndex(home, id))
    if (asText(entry.id) === id) name = asText(entry.thread_name) ?? name;
  return name;
}

/** Lines of the names index, those with `text` in them; none when there is no index. */
function* namesIndex(home: string, text = ''): Generator<JsonObject, void, void> {
  const path = sessionIndexPath(home);
  if (fileBytes(path) === 0) return;
  try {
    const file = openLines(path);
    try {
      for (const line of file.lines()) {
        const json = line.buffer.toString('utf8', line.start, line.end);
        const entry = json.includes(text) ? parseObject(json) : undefined;
        if (entry !== undefined) yield entry;
      }
    } finally {
      file.close();
    }
  } catch (error) {
    if (systemCode(error) === undefined) throw error; // an index that cannot be read: no names
  }
}

/** The state database with the highest schema number, or undefined. */
export function stateDatabase(home: string, env: Env): string | undefined {
  const folder = readConfig(home, env).sqliteHome;
  let best: { path: string; number: number } | undefined;
  for (const item of list(folder, [])) {
    const number = Number(/^state_(\d+)\.sqlite$/.exec(item.name)?.[1] ?? Number.NaN);
    if (Number.isNaN(number) || item.isDirectory()) continue;
    if (best === undefined || number > best.number) best = { path: join(folder, item.name), number };
  }
  return best?.path;
}

/** Child → parent of all subagent threads that the database knows. A database that cannot be read is a diagnostic. */
export function spawnParents(home: string, env: Env, diagnostics: Diagnostic[]): Map<string, string> {
  const parents = new Map<string, string>();
  withState(home, env, diagnostics, (database) => {
    if (database.columns('thread_spawn_edges').length === 0) return;
    for (const row of database.iterate('SELECT child_thread_id, parent_thread_id FROM thread_spawn_edges'))
      parents.set(String(row.child_thread_id), String(row.parent_thread_id));
  });
  return parents;
}

/** Ids of the threads that a session spawned. */
export function spawnedBy(home: string, env: Env, id: string, diagnostics: Diagnostic[]): string[] {
  let children: string[] = [];
  withState(home, env, diagnostics, (database) => {
    if (database.columns('thread_spawn_edges').length === 0) return;
    const sql = 'SELECT child_thread_id FROM thread_spawn_edges WHERE parent_thread_id = ?';
    children = database.all(sql, id).map((row) => String(row.child_thread_id));
  });
  return children;
}

function withState(
  home: string,
  env: Env,
  diagnostics: Diagnostic[],
  work: (database: ReadDatabase) => void,
): void {
  const path = stateDatabase(home, env);
  if (path === undefined) return;
  try {
    const database = openForeign(path);
    try {
      work(database);
    } finally {
      database.close();
    }
  } catch (error) {
    const reason = systemCode(error) ?? 'error';
    diagnostics.push({ code: 'unreadable', message: `cannot read the state database (${reason})`, path });
  }
}
