/** What the fault tests write: each plan takes one session into one kind of store. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Agent } from '../../src/agents/contract.ts';
import { loadAgent } from '../../src/agents/registry.ts';
import type { Env } from '../../src/io/paths.ts';
import type { Entry, Session } from '../../src/model/session.ts';
import { planTransfer, type Transfer } from '../../src/transfer/index.ts';
import { holding, makeDatabase, makeToyDatabase, projectOf } from '../scratch.ts';
import { sessionOf } from '../session-of.ts';
import { toyAgent } from '../toy-agent.ts';

export interface FaultPlan {
  name: string;
  agent: (importer: string) => Promise<Agent>;
  /** What is in the store before. */
  store: (home: string) => void;
}

const used = (id: string) => (home: string) => {
  const folder = join(home, `.${id}`);
  put(join(folder, 'sessions', '2026', 'old.jsonl'), '{"type":"head","id":"old"}\n');
  put(join(folder, 'history.jsonl'), '{"id":"one"}\n{"id":"tor');
  put(join(folder, 'index.json'), '{\n  "sessions": {\n    "one": { "path": "/x" }\n  }\n}\n');
  put(join(folder, 'recent.json'), '["one"]');
  makeToyDatabase(join(folder, 'state.db'));
};

export const plans: FaultPlan[] = [
  {
    name: 'files, line, members and row, in a store in use',
    agent: async () => toyAgent({ id: 'filed', store: 'file' }),
    store: used('filed'),
  },
  {
    name: 'the same, in no store at all',
    agent: async () => toyAgent({ id: 'filed', store: 'file' }),
    store: () => undefined,
  },
  {
    name: 'rows only',
    agent: async () => toyAgent({ id: 'rowed', store: 'rows' }),
    store: used('rowed'),
  },
  {
    name: "the agent's own import",
    agent: async (importer) => toyAgent({ id: 'imported', store: 'import', importer, keepsId: true }),
    store: used('imported'),
  },
  { name: 'claude', agent: () => loadAgent('claude'), store: () => undefined },
  { name: 'codex', agent: () => loadAgent('codex'), store: codexStore },
];

/** A Codex home with a thread index, in the form of 0.169.0 as far as a transfer needs it. */
function codexStore(home: string): void {
  put(
    join(home, '.codex', 'session_index.jsonl'),
    '{"id":"x","thread_name":"One","updated_at":"2026-01-01"}\n',
  );
  put(join(home, '.codex', 'config.toml'), 'model = "gpt-6"\n');
  makeDatabase(
    join(home, '.codex', 'state_5.sqlite'),
    `CREATE TABLE threads (id TEXT PRIMARY KEY, rollout_path TEXT NOT NULL, created_at INTEGER NOT NULL,
      updated_at INTEGER NOT NULL, source TEXT NOT NULL, model_provider TEXT NOT NULL, cwd TEXT NOT NULL,
      title TEXT NOT NULL, sandbox_policy TEXT NOT NULL, approval_mode TEXT NOT NULL)`,
  );
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** The same transfer each time: same session, ids and time. */
export async function planIn(env: Env, { agent }: FaultPlan, importer: string): Promise<Transfer> {
  const origin = toyAgent({ id: 'origin', store: 'file' });
  return planTransfer({
    env,
    ...holding(origin, conversation(projectOf(env))),
    target: await agent(importer),
    now: new Date('2026-11-23T10:00:00.000Z'),
    seed: new Uint8Array(32).fill(11),
  });
}

/** Big enough for several writes of one file. */
function conversation(cwd: string): Session {
  const base = { parentId: null, evidence: [], type: 'message' as const };
  const entries: Entry[] = Array.from({ length: 3 }, (_, n): Entry[] => [
    { ...base, id: `u${n}`, role: 'user', origin: 'human', parts: [{ type: 'text', text: `prompt ${n}` }] },
    {
      ...base,
      id: `a${n}`,
      role: 'assistant',
      origin: 'agent',
      parts: [
        { type: 'text', text: 'x'.repeat(400_000) },
        {
          type: 'tool_call',
          callId: `t_${n}`,
          tool: 'execute',
          input: { command: 'ls' },
          native: { name: 'sh', input: { cmd: 'ls' } },
        },
      ],
    },
    {
      ...base,
      id: `r${n}`,
      role: 'user',
      origin: 'agent',
      parts: [
        {
          type: 'tool_result',
          callId: `t_${n}`,
          status: 'ok',
          exitCode: 0,
          content: [{ type: 'text', text: 'out' }],
        },
      ],
    },
  ]).flat();
  return sessionOf('origin', entries, cwd);
}
