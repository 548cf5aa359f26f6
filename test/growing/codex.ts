/** Records of Codex. */
import { CWD, ID, type Log, time } from './log.ts';

function record(type: string, payload: (n: number) => object): (n: number) => object {
  return (n) => ({ timestamp: time(n), type, payload: payload(n) });
}
const message = (role: string, kind: string) =>
  record('response_item', (n) => ({ type: 'message', role, content: [{ type: kind, text: `Said ${n}` }] }));

export const codex: Log = {
  path: `.codex/sessions/2026/10/01/rollout-2026-10-01T00-00-00-${ID}.jsonl`,
  begin: record('session_meta', () => ({ id: ID, timestamp: time(0), cwd: CWD }))(0),
  records: {
    prompt: message('user', 'input_text'),
    answer: message('assistant', 'output_text'),
    context: record('turn_context', (n) => ({ cwd: CWD, model: `gpt-${n % 2}` })),
    call: record('response_item', (n) => ({
      type: 'function_call',
      name: 'exec_command',
      arguments: JSON.stringify({ cmd: `echo ${n}` }),
      call_id: `call-${n % 2}`,
    })),
    result: record('response_item', (n) => ({
      type: 'function_call_output',
      call_id: `call-${n % 2}`,
      output: `Said ${n}`,
    })),
    started: record('event_msg', () => ({ type: 'task_started' })),
    told: record('event_msg', (n) => ({ type: 'user_message', message: `Said ${n}` })),
    failed: record('event_msg', () => ({ type: 'error', message: 'no' })),
    back: record('event_msg', () => ({ type: 'thread_rolled_back', num_turns: 1 })),
    compacted: record('compacted', (n) => ({ message: `Other ${n}` })),
  },
};
