/** Continue: the command line `cn`, and the editor extensions, which share its store. */
import type { Agent } from '../contract.ts';
import { discover, recognize, roots } from './discover.ts';
import { writer } from './encode.ts';
import { launch } from './launch.ts';
import { read, summarize } from './read.ts';
import { tools } from './tools.ts';

export const agent: Agent = {
  id: 'continue',
  name: 'Continue',
  bins: ['cn'],
  aliases: ['cn', 'continue-cli', 'continuedev'],
  roots,
  discover,
  summarize,
  read,
  recognize,
  tools,
  launch,
  writer,
};
