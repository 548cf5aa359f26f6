/** Auggie, Augment's command line. */
import type { Agent } from '../contract.ts';
import { discover, recognize, roots } from './discover.ts';
import { writer } from './encode.ts';
import { launch } from './launch.ts';
import { read } from './read.ts';
import { summarize } from './summarize.ts';
import { tools } from './tools.ts';

export const agent: Agent = {
  id: 'auggie',
  name: 'Auggie',
  bins: ['auggie'],
  aliases: ['augment', 'augment-cli'],
  roots,
  discover,
  summarize,
  read,
  recognize,
  tools,
  launch,
  writer,
};
