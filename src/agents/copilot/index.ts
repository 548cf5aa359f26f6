/** GitHub Copilot CLI. */
import type { Agent } from '../contract.ts';
import { discover, recognize, roots } from './discover.ts';
import { writer } from './encode.ts';
import { launch } from './launch.ts';
import { read, readOn } from './read.ts';
import { summarize } from './summarize.ts';
import { tools } from './tools.ts';

export const agent: Agent = {
  id: 'copilot',
  name: 'GitHub Copilot CLI',
  bins: ['copilot'],
  aliases: ['copilot-cli', 'github-copilot'],
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
