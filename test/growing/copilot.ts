/** Events of Copilot CLI. */
import { CWD, ID, type Log, time } from './log.ts';

const event =
  (type: string, data: (n: number) => object, more: object = {}) =>
  (n: number) => ({
    type,
    data: data(n),
    id: `u${n}`,
    timestamp: time(n),
    parentId: n === 2 ? null : `u${n - 1}`,
    ...more,
  });

const context = (cwd: string) => ({ cwd, branch: 'main' });

/** Ids that come again often. */
const callId = (n: number): string => (n % 4 === 0 ? 'c1' : 'c0');

export const copilot: Log = {
  path: `.copilot/session-state/${ID}/events.jsonl`,
  begin: event('session.start', () => ({ sessionId: ID, startTime: time(2), context: context(CWD) }))(2),
  records: {
    prompt: event('user.message', (n) => ({ content: `Said ${n}` })),
    answer: event('assistant.message', (n) => ({ content: `Said ${n}`, model: 'm', toolRequests: [] })),
    call: event('assistant.message', (n) => ({
      content: `Said ${n}`,
      toolRequests: [
        n % 2 === 0
          ? { toolCallId: callId(n), name: 'bash', arguments: { command: `echo ${n}` } }
          : { toolCallId: callId(n), name: 'view', arguments: { path: `src/${n}.ts` } },
      ],
    })),
    result: event('tool.execution_complete', (n) => ({
      toolCallId: callId(n),
      success: true,
      shellExecution: { exitCode: n % 2 },
      result: { content: `New ${n}\n<shellId: 0 completed with exit code ${n % 2}>` },
    })),
    usage: event('session.usage_record', () => ({ usage: { inputTokens: 3, outputTokens: 4 } })),
    skill: event('user.message', (n) => ({ content: `Other ${n}`, source: 'skill-a' })),
    // the id of what a person ran is its own
    ran: event('tool.execution_complete', (n) => ({
      toolCallId: `own${n}`,
      isUserRequested: true,
      success: true,
      result: { content: `Other ${n}` },
    })),
    asset: event('session.binary_asset', () => ({ assetId: 'a', data: 'AAAA' })),
    image: event('user.message', (n) => ({
      content: `Said ${n}`,
      attachments: [{ type: 'blob', mimeType: 'image/png', assetId: 'a' }],
    })),
    subagent: event('subagent.started', () => ({ agentName: 'a' }), { agentId: 'sub' }),
    beside: event('assistant.message', (n) => ({ content: `Other ${n}` }), { agentId: 'sub' }),
    compacted: event('session.compaction_complete', (n) => ({ success: true, summaryContent: `Other ${n}` })),
    copy: event('user.message', (n) => ({ content: `Said ${n}`, segueCopyOf: `u${n - 3}` })),
    cleared: event('session.context_cleared', () => ({})),
    back: event('session.snapshot_rewind', (n) => ({ upToEventId: `u${n - 4}` })),
    listed: event('session.snapshot_rewind', (n) => ({ eventIds: [`u${n - 1}`, `u${n - 3}`] })),
    twin: (n) => ({ ...event('user.message', () => ({ content: `Other ${n}` }))(n), id: `u${n >> 1}` }),
    moved: event('session.context_changed', () => context('/home/dev/other')),
    resumed: event('session.resume', () => ({ context: context(CWD) })),
    nowhere: event('session.resume', () => ({ context: { branch: 'main' } })),
    failed: event('session.error', () => ({ errorType: 'rate_limit', message: 'no' })),
    aborted: event('abort', () => ({ reason: 'user' })),
    model: event('session.model_change', (n) => ({ newModel: `m${n}` })),
    title: event('session.title_changed', (n) => ({ title: `Title ${n}` })),
  },
};
