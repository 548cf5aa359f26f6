/** pi, the coding agent. */
import type { Agent } from '../contract.ts';
import { discover, recognize, roots } from './discover.ts';
import { writer } from './encode.ts';
import { launch } from './launch.ts';
import { read, readOn, summarize } from './read.ts';
import { tools } from './tools.ts';

export const agent: Agent = {
  id: 'pi',
  name: 'pi',
  bins: ['pi'],
  aliases: ['pi-coding-agent', 'pi-mono'],
  roots,
  discover,
  summarize,
  read,
  readOn,
  recognize,
  tools,
  launch,
  writer,
};
