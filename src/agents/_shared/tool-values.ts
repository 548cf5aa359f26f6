/** What tool tables are made with. */
import { isAbsolute, resolve } from 'node:path';
import type { JsonObject, JsonValue, NativeCall } from '../../model/session.ts';

/** A call as the only one. */
export function oneCall(name: string, input: JsonObject): NativeCall[] {
  return [{ name, input }];
}

/** A stored path, resolved against the session's directory. */
export function absolutePath(path: JsonValue | undefined, cwd: string | undefined): string | undefined {
  if (typeof path !== 'string') return undefined;
  return cwd === undefined || isAbsolute(path) || path.startsWith('~') ? path : resolve(cwd, path);
}

/** Without undefined members. */
export function lean<T extends Record<string, string | number | boolean | undefined>>(values: T) {
  return Object.fromEntries(
    Object.entries(values).filter(
      (entry): entry is [string, string | number | boolean] => entry[1] !== undefined,
    ),
  );
}
