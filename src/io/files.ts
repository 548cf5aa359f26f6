/** Small files that may or may not be there. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';

/** The text of a small file; undefined when it is missing or cannot be read. */
export function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // absent or closed to us: the same to the caller
  }
}

/** Names in a folder, sorted; empty when it is missing or cannot be read. */
export function listNames(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return []; // absent or closed to us: the same to the caller
  }
}

/** Deletes files that may not exist. */
export function removeFiles(paths: readonly string[]): void {
  for (const path of paths) rmSync(path, { force: true });
}
