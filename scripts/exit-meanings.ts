/** What the exit codes mean, for README and man page. */
import { exitCodes } from '../src/model/errors.ts';

const meanings: Record<keyof typeof exitCodes, string> = {
  done: 'done',
  failed: 'failed',
  usage: 'wrong usage',
  notFound: 'session not found, or the reference is ambiguous',
  refused: 'refused: unsafe, not supported, not installed, directory missing',
  limit: 'stopped by a usage limit',
  interrupted: 'interrupted',
};

export const exitMeanings: [number, string][] = Object.entries(exitCodes).map(([name, code]) => [
  code,
  meanings[name as keyof typeof exitCodes],
]);
