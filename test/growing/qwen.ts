/** Records of Qwen Code. */
import { CWD, ID, type Log, time } from './log.ts';

/** A record that follows the one before, unless `more` says otherwise. */
const record = (type: string, more: (n: number) => object) => (n: number) => ({
  uuid: `u${n}`,
  parentUuid: `u${n - 1}`,
  sessionId: ID,
  timestamp: time(n),
  type,
  cwd: CWD,
  ...more(n),
});

const message = (role: 'user' | 'model', ...parts: object[]) => ({ message: { role, parts } });

const system = (subtype: string, payload: (n: number) => object) =>
  record('system', (n) => ({ subtype, systemPayload: payload(n) }));

export const qwen: Log = {
  path: `.qwen/projects/-home-dev-app/chats/${ID}.jsonl`,
  begin: record('user', () => ({
    parentUuid: null,
    cwd: undefined,
    ...message('user', { text: 'Said first' }),
  }))(2),
  records: {
    prompt: record('user', (n) => message('user', { text: `Said ${n}` })),
    answer: record('assistant', (n) => ({ model: 'q', ...message('model', { text: `Said ${n}` }) })),
    placeless: record('user', (n) => ({ cwd: undefined, ...message('user', { text: `Said ${n}` }) })),
    call: record('assistant', (n) =>
      message(
        'model',
        { text: `Said ${n}` },
        { functionCall: { id: `c${n % 3}`, name: 'read_file', args: { file_path: `src/${n}.ts` } } },
      ),
    ),
    result: record('tool_result', (n) =>
      message('user', {
        functionResponse: { id: `c${n % 3}`, name: 'read_file', response: { output: `New ${n}` } },
      }),
    ),
    both: record('user', (n) =>
      message(
        'user',
        { functionResponse: { id: `c${n % 3}`, name: 'read_file', response: { output: `New ${n}` } } },
        { text: `Other ${n}` },
        {
          text: `<qwen:user-prompt-submit-context>\nNew ${n}\n</qwen:user-prompt-submit-context>`,
        },
      ),
    ),
    fragment: record('assistant', (n) => ({
      uuid: `u${n - 2}`,
      parentUuid: `u${n - 3}`,
      ...message('model', { text: `Other ${n}` }),
    })),
    twin: record('user', (n) => ({ uuid: `u${n >> 1}`, ...message('user', { text: `Other ${n}` }) })),
    again: record('user', (n) => ({ parentUuid: `u${n - 4}`, ...message('user', { text: `New ${n}` }) })),
    lost: record('assistant', (n) => ({ parentUuid: 'gone', ...message('model', { text: `New ${n}` }) })),
    root: record('user', (n) => ({ parentUuid: null, ...message('user', { text: `New ${n}` }) })),
    back: record('system', (n) => ({ parentUuid: `u${n - 5}`, subtype: 'rewind', systemPayload: {} })),
    compacted: system('chat_compression', (n) => ({
      compressedHistory: [
        { role: 'user', parts: [{ text: `<state_snapshot>Other ${n}</state_snapshot>` }] },
        { role: 'model', parts: [{ text: 'Got it. Thanks for the additional context!' }] },
        { role: 'user', parts: [{ text: `Said ${n - 3}` }] },
      ],
    })),
    title: system('custom_title', (n) => ({ customTitle: `Title ${n}` })),
    aside: system('session_artifact_event', () => ({})),
    failed: system('ui_telemetry', () => ({
      uiEvent: { 'event.name': 'qwen-code.api_error', status_code: 429, error_message: 'no' },
    })),
  },
};
