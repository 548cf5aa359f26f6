/** Records of the pi family. */
import { CWD, ID, type Log, time } from './log.ts';

/** A record that follows the one before, unless `more` says otherwise. */
const record = (type: string, more: (n: number) => object) => (n: number) => ({
  type,
  id: `u${n}`,
  parentId: n === 3 ? null : `u${n - 1}`,
  timestamp: time(n),
  ...more(n),
});

const message = (message: (n: number) => object, more: (n: number) => object = () => ({})) =>
  record('message', (n) => ({ ...more(n), message: message(n) }));

const said = (role: string, word: string) => (n: number) => ({
  role,
  content: [{ type: 'text', text: `${word} ${n}` }],
});

/** Ids that come again often. */
const callId = (n: number): string => (n % 4 === 0 ? 'c1' : 'c0');

const log: Omit<Log, 'path'> = {
  begin: { type: 'session', version: 3, id: ID, timestamp: time(0), cwd: CWD },
  records: {
    prompt: message(said('user', 'Said')),
    answer: message(said('assistant', 'Said')),
    call: message((n) => ({
      role: 'assistant',
      content: [
        { type: 'text', text: `Said ${n}` },
        n % 2 === 0
          ? { type: 'toolCall', id: callId(n), name: 'bash', arguments: { command: `echo ${n}` } }
          : { type: 'toolCall', id: callId(n), name: 'read', arguments: { path: `src/${n}.ts` } },
      ],
    })),
    result: message((n) => ({
      role: 'toolResult',
      toolCallId: callId(n),
      toolName: 'bash',
      content: [{ type: 'text', text: `New ${n}\n\nCommand exited with code 3` }],
      isError: true,
    })),
    skill: message((n) => ({
      role: 'user',
      content: `<skill name="a" location="/b">\nOther ${n}\n</skill>\n\nSaid ${n}`,
    })),
    aborted: message((n) => ({ ...said('assistant', 'Said')(n), stopReason: 'aborted' })),
    failed: message(() => ({ role: 'assistant', content: [], stopReason: 'error', errorMessage: '429 no' })),
    hidden: record('context_edit', (n) => ({ targetId: `u${n - 2}`, replacement: null })),
    edited: record('context_edit', (n) => ({ targetId: `u${n - 3}`, replacement: { content: `New ${n}` } })),
    foretold: record('context_edit', (n) => ({ targetId: `u${n + 2}`, replacement: null })),
    twin: message(said('user', 'Other'), (n) => ({ id: `u${n >> 1}` })),
    again: message(said('user', 'New'), (n) => ({ parentId: `u${n - 4}` })),
    lost: message(said('assistant', 'New'), () => ({ parentId: 'gone' })),
    loose: message(said('assistant', 'New'), () => ({ parentId: undefined })),
    nameless: message(said('assistant', 'Said'), () => ({ id: undefined })),
    root: message(said('user', 'New'), () => ({ parentId: null })),
    branch: record('branch_summary', (n) => ({ parentId: `u${n - 5}`, summary: `Other ${n}` })),
    compacted: record('compaction', (n) => ({ summary: `Other ${n}`, firstKeptEntryId: `u${n - 3}` })),
    model: record('model_change', (n) => ({ modelId: `m${n}` })),
    title: record('session_info', (n) => ({ name: `Title ${n}` })),
    label: record('label', (n) => ({ targetId: `u${n - 4}`, label: 'here' })),
    usage: record('usage', () => ({})),
  },
};

export const pi: Log = {
  ...log,
  path: `.pi/agent/sessions/--home-dev-app--/2026-10-01T00-00-00-000Z_${ID}.jsonl`,
};

/** OpenClaw kept its transcripts so before it had a database. */
export const openclaw: Log = {
  path: `.openclaw/agents/main/sessions/${ID}.jsonl`,
  begin: log.begin,
  records: {
    ...log.records,
    side: message(said('assistant', 'Other'), () => ({ appendMode: 'side' })),
    leaf: record('leaf', (n) => ({ targetId: `u${n - 3}` })),
    reset: record('reset', (n) => ({ firstKeptEntryId: `u${n - 3}` })),
  },
};
