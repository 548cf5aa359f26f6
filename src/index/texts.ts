/** Sessions' texts, read for the index: beside this thread where there is enough of it, so that reading and writing overlap. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Agent, SessionRef } from '../agents/contract.ts';
import type { Env } from '../io/paths.ts';
import type { Counts } from '../model/tally.ts';
import { type Block, BlockWriter } from './blocks.ts';
import { Extractor, type Touch, totalTokens } from './extract.ts';

/** A session to be read. */
export interface Task {
  sid: number;
  ref: SessionRef;
}

/** What a session's whole text says beside its texts. */
export interface TextFacts extends Counts {
  tokens?: number;
}

/** A part of what a task's reading gives. A task's pieces come in order, those of several tasks mixed; the last one has `end`. */
export interface Piece {
  /** Place of its task in the list. */
  task: number;
  blocks: Block[];
  /** Characters in `blocks`. */
  chars: number;
  end?: { touches: Touch[]; facts: TextFacts };
}

/** What a reading thread is given. */
export interface TextWorkerData {
  tasks: Task[];
  env: Env;
  /** `NEXT` and `WAITING`. */
  shared: SharedArrayBuffer;
}

/** Shared counters: the next task to take, and characters on their way, so that a slow writer is not flooded. */
const NEXT = 0;
const WAITING = 1;
/** Less than this for each thread is read sooner than the thread starts. */
const THREAD_BYTES = 8 << 20;
/** More readers than this do not get ahead of the one writer. */
const MOST_THREADS = 3;
/** Longer texts come cut in the middle: beyond what is indexed, no byte of them has to be decoded. */
const CLIP = 16 << 10;
const PIECE_CHARS = 1 << 20;
/** Characters read but not yet written, at most. */
const MOST_WAITING = 4 << 20;

/** Memory for short-lived values in the thread: with more, it takes more before it tidies up, and is not faster. */
const YOUNG_MB = 16;

/** Reads the tasks, about in their order. Where no threads can be had, or they fail, this thread reads. */
export async function* readTexts(
  tasks: Task[],
  agents: ReadonlyMap<string, Agent>,
  env: Env,
): AsyncGenerator<Piece, void, void> {
  const left = new Set(tasks.keys());
  const bytes = tasks.reduce((sum, { ref }) => sum + ref.bytes, 0);
  const threads = Math.min(availableParallelism(), MOST_THREADS, Math.floor(bytes / THREAD_BYTES));
  if (threads > 0 && availableParallelism() > 1) {
    for await (const piece of readBeside(tasks, env, threads)) {
      if (piece.end !== undefined) left.delete(piece.task);
      yield piece;
    }
  }
  for (const task of left) {
    const { ref } = tasks[task] as Task;
    const agent = agents.get(ref.agent);
    if (agent !== undefined) yield* readText(task, agent, ref, env);
  }
}

/** The pieces of one session. A session that cannot be read gives what could be read. */
export function* readText(
  task: number,
  agent: Agent,
  ref: SessionRef,
  env: Env,
): Generator<Piece, void, void> {
  let piece: Piece = { task, blocks: [], chars: 0 };
  const writer = new BlockWriter((block) => {
    piece.blocks.push(block);
    for (const text of block.texts) piece.chars += text.length;
  });
  const extractor = new Extractor((doc) => writer.add(doc));
  let tokens: number | undefined;
  try {
    const session = agent.read(ref, { env }, { clip: CLIP });
    tokens = totalTokens(session);
    for (const entry of session.entries()) {
      extractor.add(entry);
      if (piece.chars < PIECE_CHARS) continue;
      yield piece;
      piece = { task, blocks: [], chars: 0 };
    }
  } catch (error) {
    // unreadable: its summary says so; what was read before the failure stays searchable
    if (!(error instanceof Error)) throw error;
  }
  writer.flush();
  piece.end = { touches: [...extractor.touches.values()], facts: { ...extractor.tally.counts, tokens } };
  yield piece;
}

/** Reads in threads. Ends early, without an error, when they fail. */
async function* readBeside(tasks: Task[], env: Env, threads: number): AsyncGenerator<Piece, void, void> {
  const shared = new SharedArrayBuffer(8);
  const counters = new Int32Array(shared);
  const workerData: TextWorkerData = { tasks, env: { ...env, vars: { ...env.vars } }, shared };
  const pieces: Piece[] = [];
  let running = threads;
  let wake = (): void => {};
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(workerFile(), {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    worker.on('message', (piece: Piece) => {
      pieces.push(piece);
      wake();
    });
    // told by the exit that follows; what it left is read here
    worker.on('error', () => {});
    worker.on('exit', () => {
      running--;
      wake();
    });
    return worker;
  });
  try {
    for (;;) {
      const piece = pieces.shift();
      if (piece !== undefined) {
        yield piece;
        Atomics.sub(counters, WAITING, piece.chars);
        Atomics.notify(counters, WAITING);
      } else if (running === 0) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** In a reading thread: reads one task after the other that no other thread has taken, waiting whenever the writer is behind. */
export function readForWriter(
  { tasks, env, shared }: TextWorkerData,
  agents: ReadonlyMap<string, Agent>,
  post: (piece: Piece) => void,
): void {
  const counters = new Int32Array(shared);
  for (;;) {
    const task = Atomics.add(counters, NEXT, 1);
    const ref = tasks[task]?.ref;
    if (ref === undefined) return;
    const agent = agents.get(ref.agent);
    if (agent === undefined) continue;
    for (const piece of readText(task, agent, ref, env)) {
      let waiting = Atomics.load(counters, WAITING);
      for (; waiting > MOST_WAITING; waiting = Atomics.load(counters, WAITING))
        Atomics.wait(counters, WAITING, waiting);
      Atomics.add(counters, WAITING, piece.chars);
      post(piece);
    }
  }
}

/** The thread's file: beside this one in the sources, at the top of the bundle. */
function workerFile(): URL {
  const { url } = import.meta;
  return new URL(url.endsWith('.ts') ? './text-worker.ts' : '../text-worker.js', url);
}
