/** OpenCode as a member of its family. */
import type { Family } from '../_shared/opencode-family.ts';

export const family: Family = {
  id: 'opencode',
  name: 'OpenCode',
  aliases: ['oc', 'open-code'],
  envPrefix: 'OPENCODE',
  defaultAgent: 'build',
  testedVersion: '1.18.33',
  wrote: (version, mode) => /^[01]\./.test(version) && mode !== 'code',
  install: 'npm install -g opencode-ai',
};
