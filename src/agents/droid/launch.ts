/** How Droid is started and resumed. Flags: help of 0.225.2; headless runs measured. */
import type { CommandLine, Launch, LaunchRequest } from '../contract.ts';

export const launch: Launch = {
  start: (request) => command(request, [], []),
  resume: (session, request) => command(request, ['--resume', session.id], ['--session-id', session.id]),
  version: ['droid', '--version'],
  flags: {
    // the interface takes no model: it is chosen inside
    yolo: ['--auto', 'high'],
    autoEdit: ['--auto', 'low'],
    plan: ['--use-spec'],
  },
  install: 'npm install -g @factory/cli',
};

function command(request: LaunchRequest, interactive: string[], headless: string[]): CommandLine | undefined {
  const { cwd, prompt, flags = [] } = request;
  const words = prompt === undefined ? [] : ['--', prompt];
  if (request.headless === true) return { argv: ['droid', 'exec', ...headless, ...flags, ...words], cwd };
  return { argv: ['droid', ...interactive, ...flags, ...words], cwd };
}
