/** Runs commands and says what they cost. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Cost {
  wallMs: number;
  /** User and system time of the whole process, its threads included. */
  cpuMs: number;
  peakMb: number;
}

export interface Run extends Cost {
  stdout: string;
}

/** Costs of one run of Node with these arguments. Throws when it fails. */
export function run(args: readonly string[], env: Record<string, string>): Run {
  const folder = mkdtempSync(join(tmpdir(), 'segue-bench-run-'));
  const report = join(folder, 'usage.json');
  const hook = join(folder, 'hook.cjs');
  writeFileSync(
    hook,
    `process.on('exit', () => { const u = process.resourceUsage(); require('node:fs').writeFileSync(${JSON.stringify(report)}, JSON.stringify({ cpuMs: (u.userCPUTime + u.systemCPUTime) / 1000, peakMb: u.maxRSS / 1024 })); });`,
  );
  try {
    const started = performance.now();
    const result = spawnSync(process.execPath, ['--require', hook, ...args], {
      env: { PATH: process.env.PATH ?? '', ...env },
      encoding: 'utf8',
      maxBuffer: 1 << 30,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const wallMs = performance.now() - started;
    if (result.status !== 0) throw new Error(`${args.join(' ')}: exit ${result.status}\n${result.stderr}`);
    const usage = JSON.parse(readFileSync(report, 'utf8')) as { cpuMs: number; peakMb: number };
    return { wallMs, ...usage, stdout: result.stdout };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A figure beside its limit: medians over pairs of runs that followed each other, so that both saw the same machine. */
export interface Figure {
  what: string;
  cost: Cost;
  limit?: { name: string; cost: Cost; wallRatio: number; cpuRatio: number };
}

/** Measures `work` and `limit` in turns. */
export function pairs(
  what: string,
  rounds: number,
  work: () => Cost,
  limit: { name: string; work: () => Cost },
): Figure {
  const costs: Cost[] = [];
  const limits: Cost[] = [];
  for (let round = 0; round < rounds; round++) {
    limits.push(limit.work());
    costs.push(work());
  }
  const ratio = (key: 'wallMs' | 'cpuMs'): number =>
    median(costs.map((cost, i) => cost[key] / (limits[i]?.[key] ?? Number.NaN)));
  return {
    what,
    cost: medianCost(costs),
    limit: {
      name: limit.name,
      cost: medianCost(limits),
      wallRatio: ratio('wallMs'),
      cpuRatio: ratio('cpuMs'),
    },
  };
}

export function medianCost(costs: readonly Cost[]): Cost {
  const of = (key: keyof Cost): number => median(costs.map((cost) => cost[key]));
  return { wallMs: of('wallMs'), cpuMs: of('cpuMs'), peakMb: of('peakMb') };
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
