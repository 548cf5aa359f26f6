/** How Copilot CLI is started and resumed. Measured with 1.0.102. */
import type { CommandLine, Launch, LaunchRequest } from '../contract.ts';

export const launch: Launch = {
  start: (request) => command([], request),
  resume: (session, request) => command([`--resume=${session.id}`], request),
  version: ['copilot', '--version'],
  flags: {
    model: (name) => ['--model', name],
    yolo: ['--allow-all'],
    plan: ['--mode', 'plan'],
    autoEdit: ['--allow-tool', 'write'],
    addDir: (dir) => ['--add-dir', dir],
  },
  install: 'npm install -g @github/copilot',
};

/** A prompt always has a flag of its own, so that it cannot be taken for one. */
function command(session: string[], request: LaunchRequest): CommandLine {
  const { cwd, prompt, headless = false, flags = [] } = request;
  const name = headless ? '--prompt' : '--interactive';
  const asked = prompt === undefined ? [] : [`${name}=${prompt}`];
  const argv = ['copilot', ...session, ...flags, ...asked];
  return headless ? { argv, cwd, stdin: 'ignore' } : { argv, cwd };
}
