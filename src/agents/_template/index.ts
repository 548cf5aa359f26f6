/** Template: see README.md for its format. */
import type { Agent } from '../contract.ts';
import { discover, recognize, roots } from './discover.ts';
import { encode } from './encode.ts';
import { launch } from './launch.ts';
import { read, summarize } from './read.ts';
import { tools } from './tools.ts';

export const agent: Agent = {
  id: 'template',
  name: 'Template',
  bins: ['template'],
  aliases: [],
  roots,
  discover,
  summarize,
  read,
  recognize,
  tools,
  launch,
  writer: {
    accepts: {
      callId: { pattern: /^[a-zA-Z0-9_-]{1,64}$/, prefix: 'call_' },
      toolName: { pattern: /^[a-zA-Z0-9_-]{1,64}$/, maxLength: 64 },
      images: { user: true, result: true },
      foreignTools: 'structured',
      compaction: false,
    },
    probe: () => ({}),
    encode,
  },
};
