/** Kilo CLI as a member of its family. */
import type { Family } from '../_shared/opencode-family.ts';

export const family: Family = {
  id: 'kilo',
  name: 'Kilo CLI',
  aliases: ['kilo-cli', 'kilocode-cli'],
  envPrefix: 'KILO',
  defaultAgent: 'code',
  testedVersion: '7.7.7',
  // its version numbers are those of the vendor's editor extension
  wrote: (version, mode) => !/^[01]\./.test(version) || mode === 'code',
  install: 'npm install -g @kilocode/cli',
};
