/** Kimi Code; sessions of the older kimi-cli are read, too. */
import type { Agent } from '../contract.ts';
import { discover, recognize, roots } from './discover.ts';
import { writer } from './encode.ts';
import { launch } from './launch.ts';
import { read, readOn } from './read.ts';
import { summarize } from './summarize.ts';
import { tools } from './tools.ts';

export const agent: Agent = {
  id: 'kimi',
  name: 'Kimi Code',
  bins: ['kimi'],
  aliases: ['kimi-code', 'kimi-cli', 'moonshot'],
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
