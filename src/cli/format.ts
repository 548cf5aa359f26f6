/** Times, sizes and paths as people read them. */
import type { Env } from '../io/paths.ts';
import { stripControls } from '../model/text.ts';

/** `5m ago`; older than 30 days: the date. */
export function ago(ms: number, nowMs: number): string {
  const seconds = Math.floor((nowMs - ms) / 1000);
  if (seconds < 60) return 'just now';
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)}h ago`;
  if (seconds < 30 * 86_400) return `${Math.floor(seconds / 86_400)}d ago`;
  return new Date(ms).toISOString().slice(0, 10);
}

/** `12 B`, `3.4 KB`, `56 MB`. */
export function size(bytes: number): string {
  let value = bytes;
  for (const unit of ['B', 'KB', 'MB', 'GB']) {
    if (value < 1000 || unit === 'GB')
      return `${value < 10 && unit !== 'B' ? value.toFixed(1) : Math.round(value)} ${unit}`;
    value /= 1000;
  }
  return `${bytes} B`;
}

/** The path with the home folder as `~`, safe to print. */
export function shortPath(path: string, env: Env): string {
  const home = env.home;
  const inHome = path === home || path.startsWith(`${home}/`) || path.startsWith(`${home}\\`);
  return stripControls(home !== '' && home !== '/' && inHome ? `~${path.slice(home.length)}` : path);
}

/** `1 message`, `2 messages`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
