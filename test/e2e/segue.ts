/** Runs the built command in a home of its own. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export const root = join(import.meta.dirname, '../..');
export const bin = join(root, 'bin/cli.mjs');

export interface Home {
  path: string;
  /** First folder on PATH, for stand-ins of agents. */
  bin: string;
  /** A project folder that exists. */
  project: string;
}

/** A home with the given folders' content copied into it; removed after the test. */
export function makeHome(...contents: string[]): Home {
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'segue-e2e-')));
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true }));
  const home = { path: join(scratch, 'home'), bin: join(scratch, 'bin'), project: join(scratch, 'project') };
  for (const folder of Object.values(home)) mkdirSync(folder);
  for (const content of contents) {
    if (!existsSync(content)) throw new Error(`no fixture ${content}`);
    cpSync(content, home.path, { recursive: true });
  }
  return home;
}

/** The bundled sample sessions. */
export const samples = join(root, 'demo/home');

/** Puts a program on the home's PATH. */
export function addProgram(home: Home, name: string, script: string): void {
  const path = join(home.bin, name);
  writeFileSync(path, script);
  chmodSync(path, 0o755);
}

/** Writes a file below the home. */
export function addFile(home: Home, path: string, content: string | Uint8Array): string {
  const target = join(home.path, path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
  return target;
}

export interface Said {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  vars?: Record<string, string>;
  cwd?: string;
  input?: string;
  node?: string;
  nodeFlags?: string[];
}

/** Runs `segue` and waits for its end. */
export function segue(home: Home, words: readonly string[], options: RunOptions = {}): Promise<Said> {
  const child = start(home, words, options);
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  child.stdin.end(options.input ?? '');
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, ...said }));
  });
}

/** Starts `segue` and returns its process. */
export function start(home: Home, words: readonly string[], options: RunOptions = {}) {
  return spawn(options.node ?? process.execPath, [...(options.nodeFlags ?? []), bin, ...words], {
    cwd: options.cwd ?? home.project,
    env: { HOME: home.path, PATH: `${home.bin}:/usr/bin:/bin`, ...options.vars },
    stdio: 'pipe',
  });
}

/** Parsed standard output. */
export function json(said: Said): unknown {
  return JSON.parse(said.stdout);
}
