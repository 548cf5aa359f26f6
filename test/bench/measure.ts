/** Runs a command and says what it cost. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Cost {
  wallMs: number;
  cpuMs: number;
  peakMb: number;
  stdout: string;
}

/** Costs of one run of Node with these arguments. Throws when it fails. */
export function run(args: readonly string[], env: Record<string, string>, expected = 0): Cost {
  const folder = mkdtempSync(join(tmpdir(), 'segue-bench-'));
  const report = join(folder, 'usage.json');
  const hook = join(folder, 'hook.mjs');
  writeFileSync(
    hook,
    `import { writeFileSync } from 'node:fs'; process.on('exit', () => { const u = process.resourceUsage(); writeFileSync(${JSON.stringify(report)}, JSON.stringify({ cpuMs: (u.userCPUTime + u.systemCPUTime) / 1000, peakMb: u.maxRSS / 1024 })); });`,
  );
  try {
    const started = performance.now();
    const result = spawnSync(process.execPath, ['--import', hook, ...args], {
      env: { PATH: process.env.PATH ?? '', ...env },
      encoding: 'utf8',
      maxBuffer: 1 << 30,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const wallMs = performance.now() - started;
    if (result.status !== expected)
      throw new Error(`${args.join(' ')}: exit ${result.status}\n${result.stderr}`);
    const usage = JSON.parse(readFileSync(report, 'utf8')) as { cpuMs: number; peakMb: number };
    return { wallMs, ...usage, stdout: result.stdout };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The run with the median CPU time. */
export function median(costs: readonly Cost[]): Cost {
  const sorted = [...costs].sort((a, b) => a.cpuMs - b.cpuMs);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('nothing was measured');
  return middle;
}
