/** Claude Code. The format is described in README.md. */
import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Env } from '../../io/paths.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import type { Agent, StoreFacts } from '../contract.ts';
import { discover, recognize } from './discover.ts';
import { encode } from './encode.ts';
import { INJECTED } from './harness.ts';
import { launch } from './launch.ts';
import { encodeCwd, projectsFolder } from './places.ts';
import { read, readOn } from './read.ts';
import { summarize } from './summarize.ts';
import { MAX_TOOL_NAME, tools } from './tools.ts';

/** Whether a session can be put into the folder of `cwd`. Throws `write-failed` when it cannot. */
function probe(env: Env, cwd: string): StoreFacts {
  let folder = join(projectsFolder(env), encodeCwd(cwd));
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new SegueError('write-failed', `${folder} cannot be written (${systemCode(error) ?? 'error'})`, {
      cause: error,
      hint: 'check the permissions of this folder',
    });
  }
  return {};
}

export const agent: Agent = {
  id: 'claude',
  name: 'Claude Code',
  bins: ['claude'],
  aliases: ['claude-code', 'cc'],
  roots: (env) => [projectsFolder(env)],
  discover,
  summarize,
  read,
  readOn,
  recognize,
  tools,
  launch,
  writer: {
    accepts: {
      callId: { pattern: /^[a-zA-Z0-9_-]{1,64}$/, prefix: 'toolu_' },
      toolName: { pattern: /^[a-zA-Z0-9_-]{1,128}$/, maxLength: MAX_TOOL_NAME },
      images: { user: true, result: true },
      reasoningVendor: 'anthropic',
      foreignTools: 'structured',
      compaction: true,
      guardedPrefixes: INJECTED,
    },
    probe,
    encode,
  },
};
