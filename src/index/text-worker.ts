/** The thread that reads sessions for the index (see texts.ts). */
import { parentPort, workerData } from 'node:worker_threads';
import { loadAgentsOf } from '../agents/registry.ts';
import { readForWriter, type TextWorkerData } from './texts.ts';

const data = workerData as TextWorkerData;
const agents = await loadAgentsOf(data.tasks.map(({ ref }) => ref));
readForWriter(data, agents, (piece) =>
  parentPort?.postMessage(
    piece,
    piece.blocks.map(({ bytes }) => bytes.buffer as ArrayBuffer),
  ),
);
