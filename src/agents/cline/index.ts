/** Cline: the command line `cline`, and the editor extension, which shares its store since 4.0. */
import type { Agent } from '../contract.ts';
import { discover, recognize, roots } from './discover.ts';
import { writer } from './encode.ts';
import { launch } from './launch.ts';
import { read } from './read.ts';
import { summarize } from './summarize.ts';
import { tools } from './tools.ts';

export const agent: Agent = {
  id: 'cline',
  name: 'Cline',
  bins: ['cline'],
  aliases: ['cline-cli', 'claude-dev'],
  roots,
  discover,
  summarize,
  read,
  recognize,
  tools,
  launch,
  writer,
};
