/** Where Codex keeps rollouts and indexes. */
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Env } from '../../io/paths.ts';
import { type FoundFile, walk } from '../../io/walk.ts';
import type { Diagnostic } from '../../model/session.ts';

/** `CODEX_HOME`, else `~/.codex` (documented; also on Windows). */
export function codexHome(env: Env): string {
  return env.vars.CODEX_HOME ? resolve(env.vars.CODEX_HOME) : join(env.home, '.codex');
}

const ROLLOUT =
  /^rollout-(?:\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl(\.zst)?$/i;

/** Session id in a rollout's file name; undefined for other files. */
export function rolloutId(name: string): string | undefined {
  return ROLLOUT.exec(name)?.[1]?.toLowerCase();
}

/** Folders with rollouts: dated or flat, and archived. */
export function rolloutFolders(home: string): { path: string; archived: boolean }[] {
  return [
    { path: join(home, 'sessions'), archived: false },
    { path: join(home, 'archived_sessions'), archived: true },
  ];
}

/**
 * Rollouts below one folder, each id once: a plain file wins over its compressed form (as in Codex), the newer one
 * among several. `id` limits the search.
 */
export function findRollouts(folder: string, diagnostics: Diagnostic[], id?: string): Map<string, FoundFile> {
  const found = new Map<string, FoundFile>();
  const wanted = (name: string): boolean =>
    /^rollout-/i.test(name) && (id === undefined || rolloutId(name) === id);
  for (const file of walk(folder, 4, wanted, diagnostics)) {
    const key = rolloutId(file.name);
    if (key === undefined) continue;
    const other = found.get(key);
    if (other === undefined || isBetter(file, other)) found.set(key, file);
  }
  return found;
}

function isBetter(file: FoundFile, other: FoundFile): boolean {
  const plain = !file.name.endsWith('.zst');
  return plain === !other.name.endsWith('.zst') ? file.mtimeMs > other.mtimeMs : plain;
}

/** The rollout of a session in one store, archived or not. */
export function findRollout(home: string, id: string): FoundFile | undefined {
  for (const { path } of rolloutFolders(home)) {
    const file = findRollouts(path, [], id.toLowerCase()).get(id.toLowerCase());
    if (file !== undefined) return file;
  }
  return undefined;
}

const HOME = /^(.*)[\\/](?:archived_)?sessions[\\/]/;

/** The Codex home that a rollout lies in; the environment's when it lies elsewhere. */
export function homeOf(path: string, env: Env): string {
  const home = HOME.exec(resolve(path))?.[1];
  return home === undefined ? codexHome(env) : home || sep;
}

/** Whether a rollout lies among the archived ones. */
export function isArchived(path: string): boolean {
  return basename(dirname(resolve(path))) === 'archived_sessions';
}

/** `sessions/YYYY/MM/DD/rollout-YYYY-MM-DDTHH-MM-SS-<id>.jsonl`, in local time. */
export function rolloutPath(home: string, id: string, time: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const year = String(time.getFullYear()).padStart(4, '0');
  const month = two(time.getMonth() + 1);
  const day = two(time.getDate());
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join('-');
  return join(home, 'sessions', year, month, day, `rollout-${year}-${month}-${day}T${clock}-${id}.jsonl`);
}
