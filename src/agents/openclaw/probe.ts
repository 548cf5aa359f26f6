/** What the plan of a transfer to OpenClaw depends on. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Env } from '../../io/paths.ts';
import { list } from '../../io/walk.ts';
import { SegueError } from '../../model/errors.ts';
import type { StoreFacts } from '../contract.ts';
import { databaseOf, legacyDir, stateDir } from './places.ts';

/**
 * `state` and `agentId`: the agent `main`, or the only one there is. Throws when OpenClaw was never used here, and when
 * sessions of an older version wait for its import: that would take them along.
 */
export function probe(env: Env): StoreFacts {
  const state = stateDir(env);
  const agents = list(join(state, 'agents'), []).map((folder) => folder.name);
  const agentId = agents.length === 1 ? (agents[0] ?? 'main') : 'main';
  if (!existsSync(databaseOf(state, agentId)))
    throw new SegueError('not-installed', 'OpenClaw has no session database here', {
      hint: 'start OpenClaw once, then try again',
    });
  const waiting = list(legacyDir(state, agentId), []).some(
    ({ name }) => name === 'sessions.json' || name.endsWith('.jsonl'),
  );
  if (waiting)
    throw new SegueError('write-failed', 'sessions of an older OpenClaw wait for its own import', {
      hint: 'stop the gateway and run: openclaw doctor --fix',
    });
  return { state, agentId };
}
