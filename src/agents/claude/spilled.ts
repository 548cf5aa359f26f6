/** Results that are too long for a transcript and lie beside it. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import { systemCode } from '../../model/errors.ts';
import type { Diagnostic } from '../../model/session.ts';
import { sessionFolder } from './places.ts';

/** A spilled result above this is left as its stub. */
const MAX_SPILLED = 64 << 20;

/**
 * The text of a spilled result. Only the name is taken from the stub: the file must lie in this session's own folder
 * (also after links are followed), wherever that folder is now.
 */
export function spilledText(
  path: string,
  stub: string,
  problem: (code: Diagnostic['code'], message: string, at: number | undefined) => void,
): string | undefined {
  const named = /Full output saved to: (\S[^\n]*)/.exec(stub)?.[1];
  if (named === undefined) return undefined;
  const file = join(sessionFolder(path), 'tool-results', named.split(/[\\/]/).at(-1) ?? '');
  try {
    const real = realpathSync(file);
    // neither the file nor a folder on the way may be a link that leads out of the session
    const own = join(realpathSync(dirname(sessionFolder(path))), basename(sessionFolder(path)));
    if (!real.startsWith(own + sep)) {
      problem('missing-file', 'a spilled result points out of its session and was not followed', undefined);
      return undefined;
    }
    const stat = statSync(real);
    if (!stat.isFile() || stat.size > MAX_SPILLED) {
      problem('too-large', 'a spilled result is too large to be read', undefined);
      return undefined;
    }
    return readFileSync(real, 'utf8');
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    problem('missing-file', 'a spilled result is not there any more', undefined);
    return undefined;
  }
}
