/** OpenCode. What its store looks like: README.md. */
import { opencodeAgent } from '../_shared/opencode-agent.ts';
import { discover } from './discover.ts';
import { family } from './family.ts';

export const agent = opencodeAgent(family, discover);
