/** Folders that exist for one run, and proof that files stayed as they were. */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { realDir } from './paths.ts';

/** A new private folder in the system's temporary folder; the caller removes it. */
export function makeScratch(prefix: string): string {
  return realDir(mkdtempSync(join(tmpdir(), prefix)));
}

export function removeTree(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}

/** Copies a folder with everything in it; makes the target. */
export function copyTree(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  cpSync(from, to, { recursive: true });
}

export function makeDir(path: string): void {
  mkdirSync(path, { recursive: true });
}

/** Files below a folder → hash of their content. */
export function treeDigest(root: string): Map<string, string> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((item) => item.isFile());
  return new Map(
    files.map((item) => {
      const path = join(item.parentPath, item.name);
      return [relative(root, path), createHash('sha256').update(readFileSync(path)).digest('hex')];
    }),
  );
}
