/** What pi puts around tool results. Wording: read in 0.87.1 (`dist/core/tools/bash.js`), measured. */
import { piResults } from '../_shared/pi-results.ts';

export const { readResult, writeResult, details } = piResults({
  shells: new Set(['bash', 'powershell']),
  exited: (code) => `Command exited with code ${code}`,
  exitedPattern: /(?:^|\n\n)Command exited with code (\d+)$/,
  aborted: { shell: 'Command aborted', other: 'Operation aborted' },
  abortedPattern: /(?:^|\n\n)(?:Command|Operation) aborted$/,
  silentSuccess: true,
});
