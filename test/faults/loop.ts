/**
 * Kills a run at each of its steps, one after the other, then repairs as the next start does and looks at the store: it
 * must be exactly as before, or hold the complete session.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { build } from 'esbuild';
import { listReceipts, recover } from '../../src/transfer/index.ts';
import { leftovers, scratchEnv, snapshot } from '../scratch.ts';
import type { FaultPlan } from './plans.ts';

export interface Outcome {
  /** Steps at which a run was killed. */
  kills: number;
  /** After the repair: how often the store was as before, and how often complete. */
  before: number;
  complete: number;
  /** What was wrong, with the step it was killed at; must be empty. */
  faults: string[];
}

export type Action = 'apply' | 'undo' | 'recover';

/** The children, built once. */
export interface Lab {
  script: string;
  importer: string;
  /** Folder for scratch homes. */
  root: string;
}

export async function makeLab(): Promise<Lab> {
  // in memory where there is such a folder: every step is synced
  const root = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'segue-faults-'));
  const script = join(root, 'child.mjs');
  await build({
    entryPoints: [join(import.meta.dirname, 'child.ts')],
    outdir: root,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
  return { script, importer: join(import.meta.dirname, '..', 'toy-importer.mjs'), root };
}

export function closeLab(lab: Lab): void {
  rmSync(lab.root, { recursive: true, force: true });
}

/** What one home holds, and what segue knows of it. */
interface State {
  home: Record<string, unknown>;
  receipts: string[];
}

/**
 * Kills `action` at each step. For `recover`, what is repaired are the homes that an apply killed at `from` (a share of
 * its steps) left.
 */
export async function killEverywhere(
  lab: Lab,
  plan: FaultPlan,
  action: Action,
  from = 0.9,
): Promise<Outcome> {
  const base = mkdtempSync(join(lab.root, 'plan-'));
  const place = (name: string): string => join(base, name);
  const envAt = (name: string) => scratchEnv(place(name));

  const empty = envAt('work');
  plan.store(empty.home);
  cpSync(place('work'), place('empty'), { recursive: true });
  const applySteps = await steps('apply', 'empty');
  const done = stateOf(place('work'));
  cpSync(place('work'), place('done'), { recursive: true });
  const before: State = { home: snapshot(envAt('empty').home), receipts: [] };
  const undone: State = { ...before, receipts: done.receipts };

  const start = { apply: 'empty', undo: 'done', recover: 'killed' }[action];
  if (action === 'recover') {
    restore('empty');
    await run('apply', Math.floor(applySteps.length * from));
    cpSync(place('work'), place('killed'), { recursive: true });
  }
  const all = action === 'apply' ? applySteps : await steps(action, start);
  const outcome: Outcome = { kills: 0, before: 0, complete: 0, faults: [] };
  for (const [n, step] of all.entries()) {
    restore(start);
    const ended = await run(action, n + 1);
    if (ended.signal !== 'SIGKILL') outcome.faults.push(`${n + 1} ${step}: was not killed`);
    outcome.kills++;
    judge(`${n + 1} ${step}`, await recover(envAt('work'), { loadAgent: () => plan.agent(lab.importer) }));
  }
  rmSync(base, { recursive: true });
  return outcome;

  function judge(where: string, recovery: Awaited<ReturnType<typeof recover>>): void {
    const now = stateOf(place('work'));
    const left = leftovers(envAt('work'));
    if (recovery.problems.length > 0) outcome.faults.push(`${where}: ${JSON.stringify(recovery.problems)}`);
    if (left.length > 0) outcome.faults.push(`${where}: left ${left.join(', ')}`);
    if (isDeepStrictEqual(now, action === 'undo' ? undone : before)) outcome.before++;
    else if (isDeepStrictEqual(now, done)) outcome.complete++;
    else outcome.faults.push(`${where}: neither as before nor complete: ${difference(now, before)}`);
  }

  /** Runs to the end and returns the steps. */
  async function steps(of: Action, first: string): Promise<string[]> {
    restore(first);
    const { signal, output } = await run(of, 0);
    if (signal !== null || output === '') throw new Error(`${plan.name}: ${of} does not run to its end`);
    return output.trim().split('\n');
  }

  function restore(name: string): void {
    rmSync(place('work'), { recursive: true, force: true });
    mkdirSync(place('work'));
    cpSync(place(name), place('work'), { recursive: true });
  }

  function run(of: Action, killAt: number): Promise<{ signal: NodeJS.Signals | null; output: string }> {
    const args = [lab.script, of, plan.name, place('work'), String(killAt), lab.importer];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (_code, signal) => resolve({ signal, output }));
    });
  }
}

function stateOf(root: string): State {
  const env = scratchEnv(root);
  const receipts = listReceipts(env).map(({ id, target }) => `${id} ${target.id}`);
  return { home: snapshot(env.home), receipts };
}

/** Names that differ; contents are long. */
function difference(now: State, before: State): string {
  const names = new Set([...Object.keys(now.home), ...Object.keys(before.home)]);
  const changed = [...names].filter((name) => !isDeepStrictEqual(now.home[name], before.home[name]));
  return `${changed.join(', ')}; receipts ${now.receipts.length}`;
}
