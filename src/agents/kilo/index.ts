/** Kilo CLI, a fork of OpenCode. What its store looks like: README.md. */
import { opencodeAgent } from '../_shared/opencode-agent.ts';

export const agent = opencodeAgent({
  id: 'kilo',
  name: 'Kilo CLI',
  aliases: ['kilo-cli', 'kilocode-cli'],
  envPrefix: 'KILO',
  defaultAgent: 'code',
  testedVersion: '7.7.7',
  // its version numbers are those of the vendor's editor extension
  wrote: (version, mode) => !/^[01]\./.test(version) || mode === 'code',
  install: 'npm install -g @kilocode/cli',
});
