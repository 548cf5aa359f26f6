/** Small JSON files of segue's own, for facts that may be lost. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode } from '../model/errors.ts';
import { parseJson } from '../model/narrow.ts';
import type { JsonValue } from '../model/session.ts';

/** The value in a JSON file; undefined when it is missing, unreadable or damaged. */
export function readJsonFile(path: string): JsonValue | undefined {
  try {
    return parseJson(readFileSync(path, 'utf8'));
  } catch (error) {
    void systemCode(error);
    return undefined;
  }
}

/** Replaces a JSON file in one step; says whether it could be written. */
export function writeJsonFile(path: string, value: JsonValue): boolean {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, `${JSON.stringify(value)}\n`, { mode: 0o600 });
    renameSync(temporary, path);
    return true;
  } catch (error) {
    void systemCode(error);
    return false;
  }
}
