/** A refresh in a thread: it looks at every session, and what it took of memory is free again when it ends. */
import { Worker } from 'node:worker_threads';
import type { Env } from '../io/paths.ts';
import type { AgentDiagnostic } from './catalog.ts';
import type { Progress } from './refresh.ts';
import { threadFile, YOUNG_MB } from './threads.ts';

/** What the thread is given. */
export interface RefreshData {
  env: Env;
  agents: readonly string[];
}

/** What it says: how far it is, and at the end which stores could not be looked at. */
export type RefreshMessage = Parameters<Progress> | { diagnostics: AgentDiagnostic[] };

/**
 * As `refresh`, in a thread that runs `file`. Undefined when that failed: what it wrote is as good as any, and doing it here
 * tells why.
 */
export async function refreshBeside(
  env: Env,
  agents: readonly string[],
  progress?: Progress,
  file: URL = threadFile('refresh-thread'),
): Promise<AgentDiagnostic[] | undefined> {
  const workerData: RefreshData = { env: { ...env, vars: { ...env.vars } }, agents };
  const worker = new Worker(file, {
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
  });
  return await new Promise((resolve) => {
    let diagnostics: AgentDiagnostic[] | undefined;
    worker.on('message', (message: RefreshMessage) => {
      if (Array.isArray(message)) progress?.(...message);
      else diagnostics = message.diagnostics;
    });
    // told by the exit that follows
    worker.on('error', () => {});
    worker.on('exit', () => resolve(diagnostics));
  });
}
