/** Sessions' texts, read for the index: beside this thread where there is enough of it, so that reading and writing overlap. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Agent, SessionRef } from '../agents/contract.ts';
import type { Env } from '../io/paths.ts';
import { type Block, BlockWriter } from './blocks.ts';
import { type Counts, Extractor, type Touch, totalTokens } from './extract.ts';

/** A session to be read. */
export interface Task {
  sid: number;
  ref: SessionRef;
}

/** What a session's whole text says beside its texts. */
export interface TextFacts extends Counts {
  tokens?: number;
}

/** A part of what a task's reading gives. A task's pieces follow each other; the last one has `end`. */
export interface Piece {
  /** Place of its task in the list. */
  task: number;
  blocks: Block[];
  /** Characters in `blocks`. */
  chars: number;
  end?: { touches: Touch[]; facts: TextFacts };
}

/** What the reading thread is given. */
export interface TextWorkerData {
  tasks: Task[];
  env: Env;
  /** Characters on their way, so that a slow writer is not flooded. */
  waiting: SharedArrayBuffer;
}

/** Less than this is read sooner than a thread starts. */
const THREAD_BYTES = 8 << 20;
const PIECE_CHARS = 1 << 20;
/** Characters read but not yet written, at most. */
const MOST_WAITING = 4 << 20;

/** Memory for short-lived values in the thread: with more, it takes more before it tidies up, and is not faster. */
const YOUNG_MB = 16;

/** Reads the tasks in order. Where no thread can be had, or it fails, this thread reads. */
export async function* readTexts(
  tasks: Task[],
  agents: ReadonlyMap<string, Agent>,
  env: Env,
): AsyncGenerator<Piece, void, void> {
  let next = 0;
  const bytes = tasks.reduce((sum, { ref }) => sum + ref.bytes, 0);
  if (bytes > THREAD_BYTES && availableParallelism() > 1) {
    for await (const piece of readBeside(tasks, env)) {
      next = piece.end === undefined ? piece.task : piece.task + 1;
      yield piece;
    }
  }
  for (let task = next; task < tasks.length; task++) {
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
    const session = agent.read(ref, { env });
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
  piece.end = { touches: [...extractor.touches.values()], facts: { ...extractor.counts, tokens } };
  yield piece;
}

/** Reads in a thread. Ends early, without an error, when the thread fails. */
async function* readBeside(tasks: Task[], env: Env): AsyncGenerator<Piece, void, void> {
  const waiting = new SharedArrayBuffer(4);
  const count = new Int32Array(waiting);
  const workerData: TextWorkerData = { tasks, env: { ...env, vars: { ...env.vars } }, waiting };
  const worker = new Worker(workerFile(), {
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  const pieces: Piece[] = [];
  let ended = false;
  let wake = (): void => {};
  const over = (): void => {
    ended = true;
    wake();
  };
  worker.on('message', (piece: Piece) => {
    pieces.push(piece);
    wake();
  });
  worker.on('error', over);
  worker.on('exit', over);
  try {
    for (;;) {
      const piece = pieces.shift();
      if (piece !== undefined) {
        yield piece;
        Atomics.sub(count, 0, piece.chars);
        Atomics.notify(count, 0);
      } else if (ended) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    await worker.terminate();
  }
}

/** In the reading thread: reads all tasks, waiting whenever the writer is behind. */
export function readForWriter(
  { tasks, env, waiting }: TextWorkerData,
  agents: ReadonlyMap<string, Agent>,
  post: (piece: Piece) => void,
): void {
  const count = new Int32Array(waiting);
  for (const [task, { ref }] of tasks.entries()) {
    const agent = agents.get(ref.agent);
    if (agent === undefined) continue;
    for (const piece of readText(task, agent, ref, env)) {
      for (let now = Atomics.load(count, 0); now > MOST_WAITING; now = Atomics.load(count, 0))
        Atomics.wait(count, 0, now);
      Atomics.add(count, 0, piece.chars);
      post(piece);
    }
  }
}

/** The thread's file: beside this one in the sources, at the top of the bundle. */
function workerFile(): URL {
  const { url } = import.meta;
  return new URL(url.endsWith('.ts') ? './text-worker.ts' : '../text-worker.js', url);
}
