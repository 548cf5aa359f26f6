/** Records of Gemini CLI. */
import { ID, type Log, time } from './log.ts';

export const gemini: Log = {
  path: '.gemini/tmp/app/chats/session-2026-10-01T00-00-01a2043e.jsonl',
  begin: {
    sessionId: ID,
    projectHash: 'f'.repeat(64),
    startTime: time(0),
    lastUpdated: time(0),
    kind: 'main',
  },
  records: {
    prompt: (n) => ({ id: `m${n}`, timestamp: time(n), type: 'user', content: [{ text: `Said ${n}` }] }),
    answer: (n) => ({
      id: `m${n}`,
      timestamp: time(n),
      type: 'gemini',
      content: [{ text: `Said ${n}` }],
      model: 'g',
    }),
    call: (n) => ({
      id: `m${n}`,
      timestamp: time(n),
      type: 'gemini',
      content: [
        { functionCall: { id: `c${n % 3}`, name: 'read_file', args: { file_path: `/home/dev/${n}` } } },
      ],
    }),
    result: (n) => ({
      id: `m${n}`,
      timestamp: time(n),
      type: 'user',
      content: [
        { functionResponse: { id: `c${n % 3}`, name: 'read_file', response: { output: `New ${n}` } } },
      ],
    }),
    again: (n) => ({
      id: `m${n - 2}`,
      timestamp: time(n),
      type: 'gemini',
      content: [{ text: `Other ${n}` }],
    }),
    long: (n) => ({
      id: `m${n >> 1}`,
      timestamp: time(n),
      type: 'user',
      content: [{ text: `Other ${n}` }],
    }),
    back: (n) => ({ $rewindTo: `m${n - 3}` }),
    updated: (n) => ({ $set: { lastUpdated: time(n) } }),
    replaced: (n) => ({
      $set: {
        messages: [{ id: `m${n}`, timestamp: time(n), type: 'user', content: [{ text: `Other ${n}` }] }],
      },
    }),
  },
};
