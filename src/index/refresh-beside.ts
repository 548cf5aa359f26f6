/** A refresh in a thread: it looks at every session, and what it took of memory is free again when it ends. */
import type { Env } from '../io/paths.ts';
import type { AgentDiagnostic } from './catalog.ts';
import type { Progress } from './refresh.ts';
import { startThread, threadFile } from './threads.ts';

/** What the thread is given. */
export interface RefreshData {
  env: Env;
  agents: readonly string[];
}

/** What it says: how far it is, and at the end which stores could not be looked at. */
export type RefreshMessage = Parameters<Progress> | { diagnostics: AgentDiagnostic[] };

/**
 * As `refresh`, in a thread that runs `file`. Undefined when that failed: `refresh` itself goes on from what was written, and
 * throws what is wrong.
 */
export async function refreshBeside(
  env: Env,
  agents: readonly string[],
  progress?: Progress,
  file: URL = threadFile('refresh-thread'),
): Promise<AgentDiagnostic[] | undefined> {
  const data: RefreshData = { env, agents };
  const worker = startThread(file, data);
  return await new Promise((resolve) => {
    let diagnostics: AgentDiagnostic[] | undefined;
    worker.on('message', (message: RefreshMessage) => {
      if (Array.isArray(message)) progress?.(...message);
      else diagnostics = message.diagnostics;
    });
    worker.on('exit', () => resolve(diagnostics));
  });
}
