/** Other programs: where they are, and running them. Never through a shell. */
import { type SpawnOptions, spawn } from 'node:child_process';
import { accessSync, constants, readFileSync, realpathSync, statSync } from 'node:fs';
import { constants as system } from 'node:os';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { systemCode } from '../model/errors.ts';
import type { Env } from './paths.ts';

/** The file that a command name starts (PATH, and PATHEXT on Windows), or undefined. */
export function findBinary(name: string, env: Env): string | undefined {
  return candidates(name, env).next().value;
}

/** Every file on PATH that a command name could start, the one that it does start first; links to one file count once. */
export function findBinaries(name: string, env: Env): string[] {
  const seen = new Set<string>();
  return [...candidates(name, env)].filter((path) => {
    const real = realpathSync(path);
    return !seen.has(real) && seen.add(real);
  });
}

function* candidates(name: string, env: Env): Generator<string, undefined> {
  const windows = env.platform === 'win32';
  const suffixes = windows
    ? ['', ...(env.vars.PATHEXT ?? '.COM;.EXE;.BAT;.CMD').toLowerCase().split(';')]
    : [''];
  const folders = isAbsolute(name) ? [''] : pathFolders(env);
  for (const folder of folders) {
    for (const suffix of suffixes) {
      const path = folder === '' ? name + suffix : join(folder, name + suffix);
      // a file without an extension cannot be started on Windows (npm puts a shell script there)
      if (windows && suffix === '' && !/\.[a-z]{3}$/i.test(name)) continue;
      if (isExecutable(path, windows)) yield path;
    }
  }
  return undefined;
}

function pathFolders(env: Env): string[] {
  const path = env.vars.PATH ?? env.vars.Path ?? '';
  return path.split(env.platform === 'win32' ? ';' : delimiter).filter((folder) => folder !== '');
}

function isExecutable(path: string, windows: boolean): boolean {
  try {
    if (!statSync(path).isFile()) return false;
    if (!windows) accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    void systemCode(error); // whatever the reason, it cannot be started from here
    return false;
  }
}

/**
 * Program and arguments that start `binary`. On Windows a batch file cannot be started without a shell, and a shell
 * would cut arguments at their first newline: the JavaScript or program file that npm's batch file names is started instead.
 * Undefined when the batch file names neither.
 */
export function startable(binary: string, args: readonly string[], env: Env): string[] | undefined {
  if (env.platform !== 'win32' || !/\.(?:cmd|bat)$/i.test(binary)) return [binary, ...args];
  const named = [...readFileSync(binary, 'utf8').matchAll(/"%~?dp0%?\\([^"%]+\.(?:[cm]?js|exe))"/gi)];
  const target = named.map((match) => match[1] ?? '').find((name) => !/^node\.exe$/i.test(name));
  if (target === undefined) return undefined;
  const path = join(dirname(binary), ...target.split('\\'));
  return /\.exe$/i.test(path) ? [path, ...args] : [process.execPath, path, ...args];
}

export interface Captured {
  /** Exit code; 128 + n after signal n. */
  code: number;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}

/** Runs a program without input and collects what it says (at most 1 MB each way). Rejects when it cannot be started. */
export async function capture(
  argv: readonly string[],
  options: { cwd?: string; vars: Env['vars']; timeoutMs: number },
): Promise<Captured> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...options.vars },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, options.timeoutMs);
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      if (texts[name].length < 1 << 20) texts[name] += text;
    });
  }
  try {
    return { code: await exitOf(child), ...texts, timedOut };
  } finally {
    clearTimeout(timer);
  }
}

/** Starts a program that nobody listens to; it is stopped when this process stops it or ends. */
export function runBeside(argv: readonly string[], vars: Env['vars']): { stop(): void; ended(): boolean } {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { env: { ...vars }, stdio: 'ignore' });
  let ended = false;
  const stop = (): void => {
    process.off('exit', stop);
    if (!ended) child.kill();
  };
  const over = (): void => {
    ended = true;
    process.off('exit', stop);
  };
  child.once('error', over).once('close', over);
  child.unref();
  process.on('exit', stop);
  return { stop, ended: () => ended };
}

/** A program that reads what is written to it. */
export interface Piped {
  write(text: string): void;
  /** Resolves when it can take more, or has ended. */
  drained(): Promise<void>;
  hasEnded(): boolean;
  /** Closes its input and waits for its end; false when it could not be started. */
  end(): Promise<boolean>;
}

/**
 * Starts a program (a pager) that gets its input from this process and has the terminal. The interrupt key is left to it
 * until it ends: without the program's own ending the terminal would not be as before.
 */
export function pipeTo(argv: readonly string[], vars: Env['vars']): Piped {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { env: { ...vars }, stdio: ['pipe', 'inherit', 'inherit'] });
  const leaveIt = (): void => {};
  process.on('SIGINT', leaveIt);
  let ended = false;
  const over = exitOf(child)
    .then(
      () => true,
      () => false,
    )
    .finally(() => {
      ended = true;
      process.off('SIGINT', leaveIt);
    });
  const { stdin } = child;
  stdin.on('error', (error) => void error); // it was left before everything was read
  return {
    write: (text) => void (ended || stdin.write(text)),
    drained: async () => {
      if (stdin.writableNeedDrain)
        await Promise.race([new Promise((resolve) => stdin.once('drain', resolve)), over]);
    },
    hasEnded: () => ended,
    end: async () => {
      stdin.end();
      return await over;
    },
  };
}

/** Runs the work when this process is told to stop, before it does. Returns what calls it off. */
export function onStop(work: () => void): () => void {
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  const stop = (signal: NodeJS.Signals): void => {
    callOff();
    work();
    process.kill(process.pid, signal);
  };
  const callOff = (): void => {
    for (const signal of signals) process.off(signal, stop);
  };
  for (const signal of signals) process.on(signal, stop);
  return callOff;
}

const FORWARDED: NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'];

/**
 * Runs a program with this process's output, and its input unless told otherwise, until it ends; returns its exit code.
 * Signals are passed on. Those of the keyboard reach both programs by themselves: passed on, they would count twice.
 */
export async function runInherited(
  argv: readonly string[],
  options: { cwd?: string; vars: Env['vars']; stdin?: 'inherit' | 'ignore' | { text: string } },
): Promise<number> {
  const [program = '', ...args] = argv;
  const stdin = options.stdin ?? 'inherit';
  const spawning: SpawnOptions = {
    cwd: options.cwd,
    env: { ...options.vars },
    stdio: [typeof stdin === 'object' ? 'pipe' : stdin, 'inherit', 'inherit'],
  };
  const child = spawn(program, args, spawning);
  const keyboard =
    process.stdin.isTTY === true || process.stdout.isTTY === true || process.stderr.isTTY === true;
  const handlers = FORWARDED.map((signal) => {
    const fromKeyboard = keyboard && (signal === 'SIGINT' || signal === 'SIGQUIT');
    const handler = (): void => {
      if (!fromKeyboard) child.kill(signal);
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  if (typeof stdin === 'object' && child.stdin !== null) {
    child.stdin.on('error', (error) => void error); // it ended without reading everything: its exit code says why
    child.stdin.end(stdin.text);
  }
  try {
    return await exitOf(child);
  } finally {
    for (const { signal, handler } of handlers) process.off(signal, handler);
  }
}

function exitOf(child: ReturnType<typeof spawn>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      resolve(code ?? 128 + (signal === null ? 0 : (system.signals[signal] ?? 0)));
    });
  });
}
