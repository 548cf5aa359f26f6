/** Writing through an agent's own import command. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { PlannedImport, WritePlan } from '../agents/contract.ts';
import { dataDir, type Env } from '../io/paths.ts';
import { type Captured, capture, findBinary, startable } from '../io/process.ts';
import { SegueError } from '../model/errors.ts';
import { oneLine } from '../model/text.ts';
import { createFile, removeFile, removeFolder, type Step } from './disk.ts';
import type { Journal } from './journal.ts';
import type { ImportOp } from './ops.ts';

const TIMEOUT_MS = 10 * 60_000;

/** Runs the import command. Returns the new session's id and the bytes it was given. */
export async function runImport(
  plan: WritePlan,
  planned: PlannedImport,
  receiptId: string,
  env: Env,
  journal: Journal,
  step: Step,
): Promise<{ id: string; bytes: number }> {
  const name = planned.argv[0] ?? '';
  if (commandOf(planned.argv, env) === undefined)
    throw new SegueError('not-installed', `${name} is not installed (or not on PATH)`);
  const folder = join(dataDir(env), 'journal', `import-${receiptId}`);
  const file = join(folder, planned.inputName);
  journal.intend({ op: 'temp', path: folder });
  step('mkdir', () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
  const { size } = createFile(file, planned.input(), 0o600, step);

  const told = planned.sessionId;
  const { undo, cwd } = planned;
  const op: ImportOp = {
    op: 'import',
    undo,
    cwd,
    id: plan.sessionId,
    guessed: told !== undefined,
    done: false,
  };
  const at = journal.intend(op);
  const argv = planned.argv.map((word) => word.replaceAll('{file}', file));
  const command = commandOf(argv, env) ?? argv;
  step('import-begin', () => undefined);
  const outcome = await run(command, cwd, env);
  step('import-end', () => undefined);
  const id = told === undefined ? plan.sessionId : told(outcome.stdout);
  if (id !== undefined) journal.replace(at, { ...op, id, guessed: false, done: outcome.code === 0 });
  if (outcome.code !== 0 || id === undefined) {
    throw new SegueError('import-failed', `${name} did not import the session: ${lastLine(outcome)}`);
  }
  removeFile(file, step);
  removeFolder(folder, step);
  return { id, bytes: size };
}

/** Runs the agent's own command that deletes a session. Returns why it failed, if it did. */
export async function runUndo(
  undo: string[],
  id: string,
  cwd: string,
  env: Env,
  step: Step,
): Promise<string | undefined> {
  const argv = undo.map((word) => word.replaceAll('{id}', id));
  const command = commandOf(argv, env);
  if (command === undefined) return `${argv[0]} is not installed`;
  step('import-undo-begin', () => undefined);
  const outcome = await run(command, cwd, env);
  step('import-undo-end', () => undefined);
  return outcome.code === 0 ? undefined : lastLine(outcome);
}

/** The program and arguments to start; undefined when it is not installed. */
function commandOf([name = '', ...args]: string[], env: Env): string[] | undefined {
  const binary = findBinary(name, env);
  return binary === undefined ? undefined : startable(binary, args, env);
}

async function run(command: string[], cwd: string, env: Env): Promise<Captured> {
  return await capture(command, { cwd, vars: { ...env.vars, HOME: env.home }, timeoutMs: TIMEOUT_MS });
}

function lastLine({ stdout, stderr, code, timedOut }: Captured): string {
  if (timedOut) return 'it took too long';
  const line = (stderr.trim() === '' ? stdout : stderr).trim().split('\n').at(-1) ?? '';
  return line === '' ? `exit code ${code}` : oneLine(line, 200);
}
