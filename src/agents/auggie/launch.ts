/** How Auggie is started and resumed. Flags: help of 0.36.0; headless runs measured. */
import type { CommandLine, Launch, LaunchRequest } from '../contract.ts';

export const launch: Launch = {
  start: (request) => command([], request),
  resume: (session, request) => command(['--resume', session.id], request),
  version: ['auggie', '--version'],
  flags: {
    model: (name) => ['--model', name],
    plan: ['--ask'],
    readOnly: ['--ask'],
    addDir: (dir) => ['--add-workspace', dir],
  },
  install: 'npm install -g @augmentcode/auggie',
};

function command(session: string[], { cwd, prompt, headless, flags = [] }: LaunchRequest): CommandLine {
  // joined, because a prompt that looks like a flag would be taken for one
  const words = prompt === undefined ? [] : [`--instruction=${prompt}`];
  return { argv: ['auggie', ...session, ...(headless ? ['--print'] : []), ...flags, ...words], cwd };
}
