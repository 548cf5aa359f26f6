/** Repair at start: what a crashed transfer left is put right before anything else is written. */
import type { Env } from '../io/paths.ts';
import { recover } from '../transfer/index.ts';
import type { Terminal } from './terminal.ts';
import { tell, warn } from './warn.ts';

export async function repair(env: Env, terminal: Terminal): Promise<void> {
  const { rolledBack, completed, problems } = await recover(env);
  for (const { agent, id } of rolledBack)
    tell(terminal, `an interrupted transfer to ${agent}:${id} was taken back`);
  for (const { agent, id } of completed)
    tell(terminal, `an interrupted transfer to ${agent}:${id} was completed`);
  for (const { message, path } of problems)
    warn(terminal, `${message}${path === undefined ? '' : `: ${path}`}`);
}
