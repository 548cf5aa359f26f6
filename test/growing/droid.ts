/** Records of Factory Droid. */
import { CWD, ID, type Log, time } from './log.ts';

const record = (type: string, more: (n: number) => object) => (n: number) => ({
  type,
  id: `u${n}`,
  timestamp: time(n),
  parentId: `u${n - 1}`,
  ...more(n),
});

const message = (role: string, content: (n: number) => object[], more: object = {}) =>
  record('message', (n) => ({ message: { role, content: content(n), ...more } }));

const text = (word: string) => (n: number) => [{ type: 'text', text: `${word} ${n}` }];

/** Ids that come again often. */
const callId = (n: number): string => (n % 4 === 0 ? 'c1' : 'c0');

const result = (n: number) => ({
  type: 'tool_result',
  tool_use_id: callId(n),
  is_error: false,
  content: `New ${n}\n\n[Process exited with code ${n % 2}]`,
});

export const droid: Log = {
  path: `.factory/sessions/-home-dev-app/${ID}.jsonl`,
  begin: { type: 'session_start', id: ID, title: 'Title', owner: 'dev', version: 2, cwd: CWD },
  records: {
    prompt: message('user', text('Said')),
    answer: message('assistant', text('Said'), { modelId: 'm' }),
    call: message('assistant', (n) => [
      { type: 'text', text: `Said ${n}` },
      n % 2 === 0
        ? { type: 'tool_use', id: callId(n), name: 'Execute', input: { command: `echo ${n}` } }
        : { type: 'tool_use', id: callId(n), name: 'Read', input: { file_path: `src/${n}.ts` } },
    ]),
    result: message('user', (n) => [result(n)]),
    both: message('user', (n) => [
      result(n),
      { type: 'text', text: `<system-reminder>Other ${n}</system-reminder>` },
      { type: 'text', text: `Other ${n}` },
    ]),
    context: message('user', text('Other'), { visibility: 'llm_only' }),
    limited: message('user', () => [{ type: 'text', text: 'BYOK Error: 429 {"type":"error"}' }], {
      visibility: 'user_only',
    }),
    failed: message('user', () => [{ type: 'text', text: 'Some error' }], { visibility: 'user_only' }),
    shown: message('user', text('Other'), { visibility: 'user_only' }),
    ended: record('agent_turn_outcome', () => ({ reason: 'model_rate_limited' })),
    cancelled: record('agent_turn_outcome', () => ({ reason: 'cancelled' })),
    twin: record('message', (n) => ({
      id: `u${n >> 1}`,
      message: { role: 'user', content: `Other ${n}` },
    })),
    compacted: record('compaction_state', (n) => ({
      summaryText: `Other ${n}`,
      anchorMessage: { id: `u${n - 3}` },
    })),
    begun: record('session_start', (n) => ({ id: ID, title: `Title ${n}`, cwd: '/home/dev/other' })),
    plan: record('todo_state', () => ({ todos: [] })),
  },
};
