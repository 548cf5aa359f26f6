/** Records of Kimi Code. */
import { CWD, type Log } from './log.ts';

const at = (n: number): number => Date.UTC(2026, 9, 1) + n * 60e3;

const record = (type: string, more: (n: number) => object) => (n: number) => ({
  type,
  time: at(n),
  ...more(n),
});

const message = (role: string, more: (n: number) => object) =>
  record('context.append_message', (n) => ({
    message: { role, content: [{ type: 'text', text: `Said ${n}` }], toolCalls: [], ...more(n) },
  }));

/** All steps have one id, so that parts find the open one. */
const event = (type: string, more: (n: number) => object = () => ({})) =>
  record('context.append_loop_event', (n) => ({ event: { type, uuid: 's', stepUuid: 's', ...more(n) } }));

/** Ids that come again often. */
const callId = (n: number): string => (n % 4 === 0 ? 'c1' : 'c0');

const call = (n: number) =>
  n % 2 === 0
    ? { name: 'Bash', args: { command: `echo ${n}` } }
    : { name: 'Read', args: { path: `src/${n}.ts` } };

const output = (n: number): string => `New ${n}\nCommand failed with exit code: 3.`;

export const kimi: Log = {
  path: '.kimi-code/sessions/wd_app_4cbd1e64e411/session_a/agents/main/wire.jsonl',
  begin: { type: 'metadata', protocol_version: '1.5', created_at: at(2) },
  common: ['prompt', 'begin', 'part', 'use', 'used', 'end', 'model'],
  records: {
    prompt: message('user', () => ({})),
    begin: event('step.begin'),
    part: event('content.part', (n) => ({ part: { type: 'text', text: `Said ${n}` } })),
    use: event('tool.call', (n) => ({ toolCallId: callId(n), ...call(n) })),
    used: event('tool.result', (n) => ({
      toolCallId: callId(n),
      result: { output: output(n), isError: true },
    })),
    end: event('step.end', () => ({ finishReason: 'end_turn' })),
    broken: event('step.end', () => ({ finishReason: 'error' })),
    answer: message('assistant', () => ({})),
    call: message('assistant', (n) => ({
      toolCalls: [
        { type: 'function', id: callId(n), name: call(n).name, arguments: JSON.stringify(call(n).args) },
      ],
    })),
    result: message('tool', (n) => ({
      toolCallId: callId(n),
      content: [{ type: 'text', text: output(n) }],
      isError: true,
    })),
    reminder: message('user', () => ({ origin: { kind: 'injection' } })),
    compacted: record('context.apply_compaction', (n) => ({ summary: `Other ${n}`, compactedCount: 2 })),
    cleared: record('context.clear', () => ({})),
    undone: record('context.undo', (n) => ({ count: 1 + (n % 3) })),
    switched: record('agent.switched', (n) => ({
      branch: `b${n}`,
      base: { branch: 'main', line: n - 4 },
      legacyUndoLine: n,
    })),
    retried: record('turn.step.retrying', () => ({ errorMessage: 'no', statusCode: 429 })),
    cancelled: record('turn.ended', () => ({ reason: 'cancelled' })),
    ended: record('turn.ended', () => ({ reason: 'completed' })),
    bound: record('profile.bind', () => ({ modelAlias: 'm0', environmentDisclosure: { cwd: CWD } })),
    model: record('config.update', (n) => ({ modelAlias: `m${n % 2}` })),
    usage: record('usage.record', () => ({ model: 'm0', usage: { output: 3 } })),
    twin: record('agent.message.appended', () => ({ kind: 'event' })),
  },
};
