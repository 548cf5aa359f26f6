/** Runs a program in its own process group, with a time limit after which the whole group is ended. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
  timedOut: boolean;
  ms: number;
}

export interface ProcessOptions {
  cwd: string;
  env: Record<string, string>;
  stdin?: string;
  timeoutMs: number;
}

const OUTPUT_LIMIT = 4 * 1024 * 1024;

/** Runs `argv`. Rejects only when the program cannot be started. */
export function runProcess(argv: string[], options: ProcessOptions): Promise<Outcome> {
  const started = performance.now();
  const [command = '', ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      // its own group: ending the group ends what the program started, too
      detached: true,
      stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    // the group does not get the signals that end this process
    const endNow = (): void => endGroup(child.pid);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    for (const signal of signals) process.on(signal, endNow);
    const done = (): void => {
      clearTimeout(timer);
      for (const signal of signals) process.off(signal, endNow);
    };
    const timer = setTimeout(() => {
      timedOut = true;
      endGroup(child.pid);
    }, options.timeoutMs);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (stdout.length < OUTPUT_LIMIT) stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < OUTPUT_LIMIT) stderr += text;
    });
    child.on('error', (error) => {
      done();
      reject(error);
    });
    child.on('exit', (code) => {
      done();
      // helpers that the program left behind would keep the pipes open
      endGroup(child.pid);
      setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ code, stdout, stderr, timedOut, ms: Math.round(performance.now() - started) });
      }, 20);
    });
    if (options.stdin !== undefined) child.stdin?.end(options.stdin);
  });
}

/** Ends a process group; it may be gone already. */
export function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: the group is gone already
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/**
 * Ends what still runs with this variable in its environment: some agents leave servers of their own behind, outside the
 * group. Only where the system tells environments as files (Linux).
 */
export function endAllWith(name: string, value: string): void {
  if (!existsSync('/proc/self/environ')) return;
  const wanted = Buffer.from(`${name}=${value}\0`);
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    try {
      if (readFileSync(`/proc/${entry}/environ`).includes(wanted)) process.kill(Number(entry), 'SIGKILL');
    } catch (error) {
      // it has ended meanwhile, or belongs to somebody else
      void error;
    }
  }
}

/** PATH for an agent: its own programs, this Node, the system. */
export function agentPath(modules: string): string {
  return [`${modules}/.bin`, dirname(process.execPath), '/usr/local/bin', '/usr/bin', '/bin'].join(':');
}

/** Runs `work` over `items`, at most `width` at a time; results in the order of `items`. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [i, item] of queue) results.set(i, await work(item));
  };
  await Promise.all(Array.from({ length: width }, lane));
  return items.flatMap((_, i) => (results.has(i) ? [results.get(i) as R] : []));
}
