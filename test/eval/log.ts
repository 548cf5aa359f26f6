/** Writes a session entry by entry, as an agent would have stored it. */
import type { Entry, EventEntry, MessageEntry, Part, PlanItem, Session } from '../../src/model/session.ts';
import type { ToolCall } from '../../src/model/tools.ts';
import { type Random, shape } from './random.ts';

export interface Outcome {
  output: string;
  exitCode?: number;
  failed?: boolean;
}

export interface Log {
  entries: Entry[];
  human(text: string): void;
  /** Text before the next call, in the same message or in one of its own. */
  say(text: string, how?: 'text' | 'reasoning'): void;
  call(call: ToolCall, outcome: Outcome | undefined): void;
  run(command: string, output: string, exitCode?: number): void;
  plan(items: PlanItem[]): void;
  harness(text: string): void;
  compaction(summary: string): void;
  event(event: EventEntry['event'], text: string): void;
  session(agent: string, id: string, cwd: string, branch: string): Session;
}

const names: Record<ToolCall['tool'], string> = {
  execute: 'Bash',
  read: 'Read',
  write: 'Write',
  edit: 'Edit',
  patch: 'apply_patch',
  list: 'LS',
  glob: 'Glob',
  grep: 'Grep',
  web_fetch: 'WebFetch',
  web_search: 'WebSearch',
  task: 'Task',
  plan: 'TodoWrite',
  mcp: 'mcp',
  other: 'other',
};

/** An empty log. */
export function newLog(random: Random): Log {
  const entries: Entry[] = [];
  let time = Date.UTC(2026, 9, 5, 8);
  let serial = 0;
  let pending: Part[] = [];

  const base = (): { id: string; parentId: null; time: string; evidence: [] } => {
    time += 2000 + Math.floor(random() * 40_000);
    return { id: `e${++serial}`, parentId: null, time: new Date(time).toISOString(), evidence: [] };
  };
  const message = (role: MessageEntry['role'], origin: MessageEntry['origin'], parts: Part[]): void => {
    entries.push({ type: 'message', ...base(), role, origin, parts });
  };
  const flush = (): void => {
    if (pending.length > 0) message('assistant', 'agent', pending);
    pending = [];
  };

  const log: Log = {
    entries,
    human(text) {
      flush();
      message('user', 'human', [{ type: 'text', text }]);
    },
    say(text, how = 'text') {
      if (how === 'text' && random() < 0.4) flush();
      pending.push({ type: how, text });
    },
    call(call, outcome) {
      const callId = `call_${shape(random)}`;
      pending.push({
        type: 'tool_call',
        callId,
        ...call,
        native: { name: call.tool === 'other' ? call.input.name : names[call.tool], input: {} },
      });
      flush();
      if (outcome === undefined) return;
      message('user', 'agent', [
        {
          type: 'tool_result',
          callId,
          status: outcome.failed === true || (outcome.exitCode ?? 0) !== 0 ? 'error' : 'ok',
          ...(outcome.exitCode === undefined ? {} : { exitCode: outcome.exitCode }),
          content: [{ type: 'text', text: outcome.output }],
        },
      ]);
    },
    run: (command, output, exitCode = 0) =>
      log.call({ tool: 'execute', input: { command } }, { output, exitCode }),
    plan: (items) => log.call({ tool: 'plan', input: { items } }, { output: 'Todos have been modified' }),
    harness(text) {
      flush();
      message('user', 'harness', [{ type: 'text', text }]);
    },
    compaction(summary) {
      flush();
      entries.push({ type: 'compaction', ...base(), summary, keeps: [] });
    },
    event(event, text) {
      flush();
      entries.push({ type: 'event', ...base(), event, text });
    },
    session(agent, id, cwd, branch) {
      flush();
      return {
        info: { agent, id, cwd, git: { branch }, models: ['model-x'], lineage: [] },
        entries: () => entries,
        branches: [],
        subagents: [],
        diagnostics: [],
      };
    },
  };
  return log;
}
