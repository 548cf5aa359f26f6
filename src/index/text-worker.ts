/** The thread that reads sessions for the index (see texts.ts). */
import { parentPort, workerData } from 'node:worker_threads';
import { loadAgents } from '../agents/registry.ts';
import { readForWriter, type TextWorkerData } from './texts.ts';

const agents = new Map((await loadAgents()).map((agent) => [agent.id, agent]));
readForWriter(workerData as TextWorkerData, agents, (piece) =>
  parentPort?.postMessage(
    piece,
    piece.blocks.map(({ bytes }) => bytes.buffer as ArrayBuffer),
  ),
);
