/** OpenCode. What its store looks like: README.md. */
import { opencodeAgent } from '../_shared/opencode-agent.ts';

export const agent = opencodeAgent({
  id: 'opencode',
  name: 'OpenCode',
  aliases: ['oc', 'open-code'],
  envPrefix: 'OPENCODE',
  defaultAgent: 'build',
  testedVersion: '1.18.33',
  wrote: (version, mode) => /^[01]\./.test(version) && mode !== 'code',
  install: 'npm install -g opencode-ai',
});
