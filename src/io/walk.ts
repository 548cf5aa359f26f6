/** Directory walking that never follows loops and never fails as a whole. */
import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { systemCode } from '../model/errors.ts';
import type { Diagnostic } from '../model/session.ts';

/** What a file's status says of its content. */
export interface FileFacts {
  bytes: number;
  mtimeMs: number;
  ctimeMs: number;
}

export interface FoundFile extends FileFacts {
  path: string;
  name: string;
  /** Folder names between the root and the file. */
  folders: string[];
}

/**
 * Files below `root` whose name passes `wanted`, to a depth of `depth` folders. Symbolic links to files are followed,
 * to folders not (loops). A missing root is an empty result; what cannot be read is a diagnostic.
 */
export function walk(
  root: string,
  depth: number,
  wanted: (name: string, folders: string[]) => boolean,
  diagnostics: Diagnostic[],
  enter: (name: string, folders: string[]) => boolean = () => true,
): FoundFile[] {
  const found: FoundFile[] = [];
  const visit = (folder: string, folders: string[]): void => {
    for (const item of list(folder, diagnostics)) {
      if (item.isDirectory()) {
        if (folders.length < depth && enter(item.name, folders))
          visit(`${folder}${sep}${item.name}`, [...folders, item.name]);
      } else if ((item.isFile() || item.isSymbolicLink()) && wanted(item.name, folders)) {
        const path = `${folder}${sep}${item.name}`;
        const stat = statOrDiagnose(path, diagnostics);
        // written out: there are very many, and copying members takes longer than the look at the disk
        if (stat?.isFile())
          found.push({
            path,
            name: item.name,
            folders,
            bytes: stat.size,
            mtimeMs: stat.mtimeMs,
            ctimeMs: stat.ctimeMs,
          });
      }
    }
  };
  visit(resolve(root), []);
  return found;
}

export function factsOf(stat: Stats): FileFacts {
  return { bytes: stat.size, mtimeMs: stat.mtimeMs, ctimeMs: stat.ctimeMs };
}

/** Entries of one folder, sorted by name; empty and a diagnostic (unless it is simply missing) when it cannot be read. */
export function list(folder: string, diagnostics: Diagnostic[]): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') {
      diagnostics.push({
        code: 'unreadable',
        message: `cannot list folder (${systemCode(error) ?? 'error'})`,
        path: folder,
      });
    }
    return [];
  }
}

function statOrDiagnose(path: string, diagnostics: Diagnostic[]) {
  try {
    return statSync(path);
  } catch (error) {
    diagnostics.push({ code: 'unreadable', message: `cannot stat (${systemCode(error) ?? 'error'})`, path });
    return undefined;
  }
}
