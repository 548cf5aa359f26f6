/** Gemini CLI (https://github.com/google-gemini/gemini-cli). The format is described in README.md. */
import type { Agent } from '../contract.ts';
import { discover, recognize, roots } from './discover.ts';
import { encode } from './encode.ts';
import { launch } from './launch.ts';
import { VENDOR } from './messages.ts';
import { probe } from './probe.ts';
import { read, readOn } from './read.ts';
import { summarize } from './summary.ts';
import { tools } from './tools.ts';

export const agent: Agent = {
  id: 'gemini',
  name: 'Gemini CLI',
  bins: ['gemini'],
  aliases: ['gemini-cli'],
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
      callId: { pattern: /^[\w.:-]{1,64}$/, prefix: 'call-' },
      toolName: { pattern: /^[a-zA-Z_][\w.:-]{0,62}$/, maxLength: 63 },
      images: { user: true, result: true },
      reasoningVendor: VENDOR,
      foreignTools: 'structured',
      compaction: true,
      // what the agent itself drops from a resumed history
      guardedPrefixes: /^\s*(?:[/?]|<session_context>|<hook_context>)/,
    },
    probe,
    encode,
  },
};
