/** OpenClaw (before: clawdbot, moltbot): a personal assistant whose transcripts are pi's. */
import type { Agent } from '../contract.ts';
import { discover, recognize, roots } from './discover.ts';
import { accepts, encode } from './encode.ts';
import { launch } from './launch.ts';
import { probe } from './probe.ts';
import { read, readOn, summarize } from './read.ts';
import { tools } from './tools.ts';

export const agent: Agent = {
  id: 'openclaw',
  name: 'OpenClaw',
  bins: ['openclaw'],
  aliases: ['clawdbot', 'moltbot', 'claw'],
  roots,
  discover,
  summarize,
  read,
  readOn,
  recognize,
  tools,
  launch,
  writer: { accepts, probe, encode },
};
