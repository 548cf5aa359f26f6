/** Opening transcripts, with the error that readers throw. */
import { type LineFile, openLines } from '../../io/lines.ts';
import { SegueError, systemCode } from '../../model/errors.ts';

/** Throws `unreadable`. */
export function openOrThrow(path: string): LineFile {
  try {
    return openLines(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Runs `work` over the open file. Throws `unreadable` for system errors. */
export function withFile<T>(path: string, work: (file: LineFile) => T): T {
  const file = openOrThrow(path);
  try {
    return work(file);
  } catch (error) {
    throw systemCode(error) === undefined ? error : unreadable(path, error);
  } finally {
    file.close();
  }
}

function unreadable(path: string, error: unknown): SegueError {
  return new SegueError('unreadable', `cannot read ${path} (${systemCode(error) ?? 'error'})`, {
    cause: error,
  });
}
