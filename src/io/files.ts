/** Small files that may or may not be there. */
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';

/** The text of a small file; undefined when it is missing or cannot be read. */
export function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // absent or closed to us: the same to the caller
  }
}

/** The bytes of a file that belongs to the program. Throws Node system errors. */
export function readBytes(file: URL): Uint8Array {
  return readFileSync(file);
}

/** Names in a folder, sorted; empty when it is missing or cannot be read. */
export function listNames(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return []; // absent or closed to us: the same to the caller
  }
}

/** Names of the folders (and of links, which may lead to one) in a folder; empty when it is missing or cannot be read. */
export function folderNames(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((item) => (item.isFile() ? [] : item.name));
  } catch {
    return []; // absent or closed to us: the same to the caller
  }
}

/** Deletes files that may not exist. */
export function removeFiles(paths: readonly string[]): void {
  for (const path of paths) rmSync(path, { force: true });
}

/** Size of a file; 0 when it is missing. */
export function fileBytes(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** Writes a file that only its owner can read, in one step; a long text may come in pieces. Throws Node system errors. */
export function writePrivateFile(path: string, text: string | Iterable<string>): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = openSync(temporary, 'wx', 0o600);
    try {
      for (const piece of typeof text === 'string' ? [text] : text) writeFileSync(file, piece);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Whether someone else on this machine may look into it; false where rights are not kept this way. */
export function isOpenToOthers(path: string): boolean {
  if (process.platform === 'win32') return false;
  return ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o077) !== 0;
}

/** Makes a folder (with its parents) that only its owner can enter. */
export function ensurePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 });
}
