/** How Template is started. Say which version these flags were measured with. */
import type { CommandLine, Launch, LaunchRequest } from '../contract.ts';

export const launch: Launch = {
  start: (request) => command([], request),
  resume: (session, request) => command(['--resume', session.id], request),
  version: ['template', '--version'],
  flags: {},
  install: 'npm install -g template',
};

function command(session: string[], { cwd, prompt, headless, flags = [] }: LaunchRequest): CommandLine {
  const words = prompt === undefined ? [] : ['--', prompt];
  return { argv: ['template', ...session, ...(headless ? ['--print'] : []), ...flags, ...words], cwd };
}
