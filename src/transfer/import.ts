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
  const folder = join(dataDir(env), 'journal', `import-${receiptId}`);
  const file = join(folder, planned.inputName);
  journal.intend({ op: 'temp', path: folder });
  step('mkdir', () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
  const { size } = createFile(file, planned.input(), 0o600, step);

  const told = planned.sessionId;
  const op: ImportOp = { op: 'import', undo: planned.undo, cwd: planned.cwd, done: false };
  if (told === undefined) op.id = plan.sessionId;
  const at = journal.intend(op);
  const argv = planned.argv.map((word) => word.replaceAll('{file}', file));
  step('import-begin', () => undefined);
  const outcome = await run(argv, planned.cwd, env);
  step('import-end', () => undefined);
  const id = told === undefined ? plan.sessionId : told(outcome.stdout);
  journal.replace(
    at,
    id === undefined && outcome.code !== 0 ? null : { ...op, id, done: outcome.code === 0 },
  );
  if (outcome.code !== 0 || id === undefined) {
    throw new SegueError(
      'import-failed',
      `${argv[0] ?? 'the agent'} did not import the session: ${lastLine(outcome)}`,
    );
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
  step('import-undo-begin', () => undefined);
  const outcome = await run(
    undo.map((word) => word.replaceAll('{id}', id)),
    cwd,
    env,
  );
  step('import-undo-end', () => undefined);
  return outcome.code === 0 ? undefined : lastLine(outcome);
}

async function run(argv: string[], cwd: string, env: Env): Promise<Captured> {
  const [name = '', ...args] = argv;
  const binary = findBinary(name, env);
  const command = binary === undefined ? undefined : startable(binary, args, env);
  if (command === undefined)
    throw new SegueError('not-installed', `${name} is not installed (or not on PATH)`);
  return await capture(command, { cwd, vars: { ...env.vars, HOME: env.home }, timeoutMs: TIMEOUT_MS });
}

function lastLine({ stdout, stderr, code, timedOut }: Captured): string {
  if (timedOut) return 'it took too long';
  const line = (stderr.trim() === '' ? stdout : stderr).trim().split('\n').at(-1) ?? '';
  return line === '' ? `exit code ${code}` : oneLine(line, 200);
}
