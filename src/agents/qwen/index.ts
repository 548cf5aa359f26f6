/** Qwen Code (https://github.com/QwenLM/qwen-code). The format is described in README.md. */
import type { Agent } from '../contract.ts';
import { discover, recognize, roots } from './discover.ts';
import { encode } from './encode.ts';
import { launch } from './launch.ts';
import { read, readOn } from './read.ts';
import { VENDOR } from './records.ts';
import { summarize } from './summary.ts';
import { tools } from './tools.ts';

export const agent: Agent = {
  id: 'qwen',
  name: 'Qwen Code',
  bins: ['qwen'],
  aliases: ['qwen-code'],
  roots,
  discover,
  summarize,
  read,
  readOn,
  recognize,
  tools,
  launch,
  writer: {
    accepts: {
      // OpenAI takes ids of 40 characters at most
      callId: { pattern: /^[a-zA-Z0-9_-]{1,40}$/, prefix: 'call_' },
      toolName: { pattern: /^[a-zA-Z0-9_-]{1,64}$/, maxLength: 64 },
      images: { user: true, result: true },
      reasoningVendor: VENDOR,
      foreignTools: 'structured',
      compaction: true,
    },
    probe: () => ({}),
    encode,
  },
};
