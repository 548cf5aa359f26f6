/** What OpenClaw puts around tool results. Wording: read in 2026.9.6 (its exec tool), measured. */
import { piResults } from '../_shared/pi-results.ts';

export const { readResult, writeResult, details } = piResults({
  shells: new Set(['exec', 'bash']),
  exited: (code) => `(Command exited with code ${code})`,
  exitedPattern: /(?:^|\n\n)\(?Command exited with code (\d+)\)?$/,
  aborted: { shell: 'Command aborted before exit code was captured', other: 'Operation aborted' },
  abortedPattern:
    /(?:^|\n\n)(?:(?:Command|Operation) aborted|Command aborted before exit code was captured)$/,
  silentSuccess: false,
});
