/** Threads that index: each reads and writes sessions of its own, so that reading and writing overlap and texts stay where they are. */
import { availableParallelism } from 'node:os';
import { parentPort, type ResourceLimits, Worker } from 'node:worker_threads';
import type { Env } from '../io/paths.ts';

/** What threads have to do. */
export interface Work {
  sids: number[];
  /** Size of all of them. */
  bytes: number;
  /** Agents that they are of. */
  agents: string[];
  env: Env;
  /** As whose they are marked. */
  claim: string;
}

/** What a thread is given. */
export interface ThreadData extends Omit<Work, 'sids' | 'bytes'> {
  /** The sessions, for all threads. */
  sids: Int32Array;
  /** `NEXT` and `WRITING`. */
  shared: SharedArrayBuffer;
}

/** Shared numbers: the next session to take, and whether a thread is writing. */
const NEXT = 0;
const WRITING = 1;
/** Less than this for each thread is read sooner than the thread starts. */
const THREAD_BYTES = 8 << 20;
/** Another takes 45 MB more, and they wait for each other: only one can write at a time. */
const MOST_THREADS = 2;
/** Memory for short-lived values in a thread: with more, it takes more before it tidies up, and is hardly faster. */
const YOUNG_MB = 6;
/**
 * Memory for what lives longer. Where 2 GB are allowed, as is usual, V8 lets much more wait to be tidied up: 45 MB more for each
 * thread. One that needs more than this is ended, and in the worst case the process with it.
 */
const OLD_MB = 512;
/** So larger sessions are not for threads: a file that has to be parsed as a whole takes several times its size. */
export const THREAD_MOST_BYTES = 64 << 20;
/** A thread that was ended while it wrote gives nobody the turn; the database's own lock is what keeps writers apart. */
const TURN_MS = 1000;
const TELL_MS = 50;

/**
 * Indexes these sessions in threads that run `file`, about in their order; gives the number of each that was read. Gives
 * nothing where there is too little to read for threads, and ends early, without an error, when they fail: the index knows what
 * is left. With one processor there is one thread: it tidies up sooner than this one would.
 */
export async function* indexBeside(
  { sids, bytes, ...work }: Work,
  file: URL = threadFile('index-thread'),
): AsyncGenerator<number, void, void> {
  const threads = Math.min(availableParallelism(), MOST_THREADS, Math.floor(bytes / THREAD_BYTES));
  if (threads === 0) return;
  const data: ThreadData = { ...work, sids: Int32Array.from(sids), shared: new SharedArrayBuffer(8) };
  const read: number[] = [];
  let running = threads;
  let wake = (): void => {};
  const workers = Array.from({ length: threads }, () => {
    const worker = startThread(file, data, { maxOldGenerationSizeMb: OLD_MB });
    worker.on('message', (sids: number[]) => {
      read.push(...sids);
      wake();
    });
    worker.on('exit', () => {
      running--;
      wake();
    });
    return worker;
  });
  try {
    for (;;) {
      const sid = read.shift();
      if (sid !== undefined) yield sid;
      else if (running === 0) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Starts a thread that tidies up its memory soon. Whether it failed is seen by what it said before its exit. */
export function startThread<T extends { env: Env }>(file: URL, data: T, limits?: ResourceLimits): Worker {
  const { env } = data;
  const worker = new Worker(file, {
    // the process's own variables cannot be sent as they are
    workerData: { ...data, env: { ...env, vars: { ...env.vars } } },
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB, ...limits },
  });
  // told by the exit that follows
  worker.on('error', () => {});
  return worker;
}

/** In a thread: the sessions that no other thread has taken. */
export function* untaken({ sids, shared }: ThreadData): Generator<number, void, void> {
  const counters = new Int32Array(shared);
  for (;;) {
    const sid = sids[Atomics.add(counters, NEXT, 1)];
    if (sid === undefined) return;
    yield sid;
  }
}

/** In a thread: says which sessions were read, several at a time: a message costs as much as to read a short one. */
export function tell(sids: Iterable<number>): void {
  let read: number[] = [];
  let toldMs = Date.now();
  for (const sid of sids) {
    read.push(sid);
    const now = Date.now();
    if (now - toldMs < TELL_MS) continue;
    parentPort?.postMessage(read);
    read = [];
    toldMs = now;
  }
  parentPort?.postMessage(read);
}

/** In a thread: runs `write` when no other thread is writing. SQLite would look again and again, and sleep in between. */
export function inTurn({ shared }: ThreadData, write: () => void): void {
  const counters = new Int32Array(shared);
  while (Atomics.compareExchange(counters, WRITING, 0, 1) !== 0)
    if (Atomics.wait(counters, WRITING, 1, TURN_MS) === 'timed-out') break;
  try {
    write();
  } finally {
    Atomics.store(counters, WRITING, 0);
    Atomics.notify(counters, WRITING, 1);
  }
}

/** A thread's file: beside this one in the sources, at the top of the bundle. */
export function threadFile(name: string): URL {
  const { url } = import.meta;
  return new URL(url.endsWith('.ts') ? `./${name}.ts` : `../${name}.js`, url);
}
