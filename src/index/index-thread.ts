/** The thread that indexes sessions (see threads.ts). */
import { workerData } from 'node:worker_threads';
import { loadAgentsOf } from '../agents/registry.ts';
import { indexSessions } from './fulltext.ts';
import { openIndex } from './store.ts';
import { inTurn, type ThreadData, tell, untaken } from './threads.ts';
import { TextWriter } from './writer.ts';

const data = workerData as ThreadData;
const { env, claim } = data;
const agents = await loadAgentsOf(data.agents.map((agent) => ({ agent })));
const index = openIndex(env);
const writer = new TextWriter(index, claim, (write) => inTurn(data, write));
tell(indexSessions(untaken(data), index, agents, env, writer));
index.close();
