/** A thread of the index that fails as `FAIL` says: at its start, or with a session half written. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workerData } from 'node:worker_threads';
import type { Agent, MarkedSession } from '../src/agents/contract.ts';
import { loadAgents } from '../src/agents/registry.ts';
import { indexSessions } from '../src/index/fulltext.ts';
import { openIndex } from '../src/index/store.ts';
import { inTurn, type ThreadData, tell, untaken } from '../src/index/threads.ts';
import { TextWriter } from '../src/index/writer.ts';
import type { Entry } from '../src/model/session.ts';

const data = workerData as ThreadData;
const { env, claim } = data;
const how = env.vars.FAIL;
if (how === 'start') throw new Error('no thread today');

/** Entries after which it writes what it has. */
const FLUSHED = 500;

const index = openIndex(env);
const agents = new Map((await loadAgents()).map((agent): [string, Agent] => [agent.id, failing(agent)]));
const writer = new TextWriter(index, claim, (write) => inTurn(data, write));
tell(indexSessions(untaken(data), index, agents, env, writer));
index.close();

/** The agent, whose sessions make this thread fail as soon as one of them is partly written. */
function failing(agent: Agent): Agent {
  return {
    ...agent,
    read(ref, context, options): MarkedSession {
      const session = agent.read(ref, context, options);
      return {
        ...session,
        *entries(): Generator<Entry, void, void> {
          let n = 0;
          for (const entry of session.entries()) {
            if (++n % FLUSHED === 0) {
              writer.flush();
              const blocks = blocksOf(ref.id);
              if (blocks > 0) fail(blocks);
            }
            yield entry;
          }
        },
      };
    },
  };
}

function blocksOf(id: string): number {
  const row = index.get(
    'SELECT count(*) AS n FROM block b JOIN session s ON s.sid = b.sid WHERE s.id = ? AND s.claim = ?',
    id,
    claim,
  );
  return Number(row?.n);
}

function fail(blocks: number): never {
  writeFileSync(join(String(env.vars.SEGUE_DATA_DIR), 'failed'), String(blocks));
  if (how === 'exit') process.exit(1);
  // an error would be taken for one of the session's file
  throw 'half way';
}
