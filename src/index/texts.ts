/** Sessions' texts, read for the index: beside this thread where there is enough of it, so that reading and writing overlap. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Agent, MarkedSession, ReadMark, ReadOptions, SessionRef } from '../agents/contract.ts';
import { prefixCheck } from '../io/ends.ts';
import type { Env } from '../io/paths.ts';
import { SegueError, systemCode } from '../model/errors.ts';
import type { Entry } from '../model/session.ts';
import type { Counts } from '../model/tally.ts';
import { type Block, BlockWriter } from './blocks.ts';
import { Extractor, type ExtractorState, type Prompts, type Touch } from './extract.ts';

/** A session to be read. */
export interface Task {
  sid: number;
  ref: SessionRef;
  /** What was read of it before. */
  from?: Continuation;
}

/** Where reading can go on when a session's file has grown. */
export interface Continuation {
  mark: ReadMark;
  /** Of the file up to the mark. */
  check: number;
  state: ExtractorState;
}

/** A part of what a task's reading gives. A task's pieces come in order, those of several tasks mixed; the last one has `end`. */
export interface Piece {
  /** Place of its task in the list. */
  task: number;
  /** The first one of a reading. It voids what came before of its task: a thread may have failed in the middle. */
  first: boolean;
  blocks: Block[];
  /** Entries that were read before and stay as they are. */
  kept: number;
  /** Of the texts in `blocks`. */
  bytes: number;
  end?: { touches: Touch[]; counts: Counts; prompts?: Prompts; next?: Continuation };
}

/** What a reading thread is given. */
export interface TextWorkerData {
  tasks: Task[];
  env: Env;
  /** `NEXT` and `WAITING`. */
  shared: SharedArrayBuffer;
}

/** Shared counters: the next task to take, and bytes on their way, so that a slow writer is not flooded. */
const NEXT = 0;
const WAITING = 1;
/** Less than this for each thread is read sooner than the thread starts. */
const THREAD_BYTES = 8 << 20;
/** More readers than this do not get ahead of the one writer. */
const MOST_THREADS = 4;
/** Longer texts come cut in the middle: beyond what is indexed, no byte of them has to be decoded. */
const CLIPPED: ReadOptions = { clip: 16 << 10, clipOutput: 2400, textsOnly: true };
const PIECE_BYTES = 1 << 20;
/** Bytes of text read but not yet written, at most. */
const MOST_WAITING = 8 << 20;

/** Memory for short-lived values in the thread: with more, it takes more before it tidies up, and is not faster. */
const YOUNG_MB = 16;

/**
 * Reads the tasks, about in their order, in threads that run `threadFile`. Where none can be had, or they fail, this thread
 * reads.
 */
export async function* readTexts(
  tasks: Task[],
  agents: ReadonlyMap<string, Agent>,
  env: Env,
  threadFile: URL = workerFile(),
): AsyncGenerator<Piece, void, void> {
  const left = new Set(tasks.keys());
  const bytes = tasks.reduce((sum, { ref }) => sum + ref.bytes, 0);
  const threads = Math.min(availableParallelism(), MOST_THREADS, Math.floor(bytes / THREAD_BYTES));
  if (threads > 0 && availableParallelism() > 1) {
    for await (const piece of readBeside(tasks, env, threads, threadFile)) {
      if (piece.end !== undefined) left.delete(piece.task);
      yield piece;
    }
  }
  for (const n of left) {
    const task = tasks[n] as Task;
    const agent = agents.get(task.ref.agent);
    if (agent !== undefined) yield* readText(n, agent, task, env);
  }
}

/** The pieces of one session; only what was appended, where that can be. One that cannot be read gives what could be read. */
export function* readText(
  task: number,
  agent: Agent,
  { ref, from }: Task,
  env: Env,
): Generator<Piece, void, void> {
  const continued = from === undefined ? undefined : readOn(agent, ref, from, env);
  const before = continued === undefined ? undefined : from;
  const kept = before?.state.entries ?? 0;
  let piece: Piece = { task, first: true, blocks: [], kept, bytes: 0 };
  const writer = new BlockWriter((block) => {
    piece.blocks.push(block);
    piece.bytes += block.bytes.length;
  });
  const extractor = new Extractor((doc) => writer.add(doc), before?.state);
  let next = before;
  try {
    const session = continued ?? agent.read(ref, { env }, CLIPPED);
    const { marks } = session;
    let last: { offset: number; state: ExtractorState } | undefined;
    let place: number | undefined;
    for (const entry of session.entries()) {
      const offset = placeOf(entry);
      // a record that makes several entries is read again as a whole
      const mark = offset === place ? 'no' : marks?.at(offset);
      place = offset;
      if (mark === 'always' || (mark === 'closed' && !extractor.waiting))
        last = { offset, state: extractor.state() };
      extractor.add(entry);
      if (piece.bytes < PIECE_BYTES) continue;
      yield piece;
      piece = { task, first: false, blocks: [], kept, bytes: 0 };
    }
    if (marks !== undefined && last !== undefined) {
      const { offset, state } = last;
      const mark = marks.make(offset);
      next = { mark, check: prefixCheck(ref.path, mark.offset), state };
    }
  } catch (error) {
    // unreadable: its summary says so; what was read before the failure stays searchable
    if (!(error instanceof Error)) throw error;
    next = undefined;
  }
  writer.flush();
  const { counts, prompts } = extractor.state();
  piece.end = { touches: [...extractor.touches.values()], counts, prompts, next };
  yield piece;
}

/** The session from where it was read to; undefined when it has to be read as a whole. */
function readOn(
  agent: Agent,
  ref: SessionRef,
  { mark, check }: Continuation,
  env: Env,
): MarkedSession | undefined {
  try {
    if (agent.readOn === undefined || ref.bytes < mark.offset) return undefined;
    if (prefixCheck(ref.path, mark.offset) !== check) return undefined;
    return agent.readOn(ref, { env }, mark, CLIPPED);
  } catch (error) {
    if (!(error instanceof SegueError) && systemCode(error) === undefined) throw error;
    return undefined; // reading all of it will say what is wrong
  }
}

/** Where an entry's record starts in its file. */
function placeOf({ evidence: [first] }: Entry): number {
  return first?.kind === 'range' ? first.start : -1;
}

/** Reads in threads. Ends early, without an error, when they fail. */
async function* readBeside(
  tasks: Task[],
  env: Env,
  threads: number,
  threadFile: URL,
): AsyncGenerator<Piece, void, void> {
  const shared = new SharedArrayBuffer(8);
  const counters = new Int32Array(shared);
  const workerData: TextWorkerData = { tasks, env: { ...env, vars: { ...env.vars } }, shared };
  const pieces: Piece[] = [];
  let running = threads;
  let wake = (): void => {};
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(threadFile, {
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
        Atomics.sub(counters, WAITING, piece.bytes);
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
    const wanted = tasks[task];
    if (wanted === undefined) return;
    const agent = agents.get(wanted.ref.agent);
    if (agent === undefined) continue;
    for (const piece of readText(task, agent, wanted, env)) {
      let waiting = Atomics.load(counters, WAITING);
      for (; waiting > MOST_WAITING; waiting = Atomics.load(counters, WAITING))
        Atomics.wait(counters, WAITING, waiting);
      // counted afterwards: what a thread that fails here never posted must not hold up the others
      post(piece);
      Atomics.add(counters, WAITING, piece.bytes);
    }
  }
}

/** The thread's file: beside this one in the sources, at the top of the bundle. */
function workerFile(): URL {
  const { url } = import.meta;
  return new URL(url.endsWith('.ts') ? './text-worker.ts' : '../text-worker.js', url);
}
