/** A reading thread of the index that fails as `FAIL` says: at its start, or with a session half read. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadAgents } from '../src/agents/registry.ts';
import { type Piece, readForWriter, type TextWorkerData } from '../src/index/texts.ts';

const data = workerData as TextWorkerData;
const how = data.env.vars.FAIL;
if (how === 'start') throw new Error('no thread today');

const agents = new Map((await loadAgents()).map((agent) => [agent.id, agent]));
readForWriter(data, agents, (piece: Piece) => {
  const half = !piece.first && piece.end === undefined;
  if (half && how === 'unsent') throw new Error('half way');
  parentPort?.postMessage(piece);
  if (half && how === 'exit') process.exit(1);
  if (half && how === 'throw') throw new Error('half way');
});
