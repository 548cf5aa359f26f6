/** How Kimi Code is started and resumed. Measured with 2.1.0. */
import type { CommandLine, Launch, LaunchRequest } from '../contract.ts';
import { isLegacy } from './places.ts';

export const launch: Launch = {
  start: (request) => command([], request),
  resume: (session, request) =>
    // kimi-cli's own sessions have to be moved first
    isLegacy(session.path) ? undefined : command(['--session', session.id], request),
  version: ['kimi', '--version'],
  flags: {
    model: (name) => ['--model', name],
    yolo: ['--auto'],
    autoEdit: ['--yolo'],
    plan: ['--plan'],
    addDir: (dir) => ['--add-dir', dir],
  },
  install: 'npm install -g @moonshot-ai/kimi-code',
};

/** There is no argument for a first prompt: only the one-shot mode takes one. */
function command(session: string[], request: LaunchRequest): CommandLine | undefined {
  const { cwd, prompt, headless, flags = [] } = request;
  if (headless !== true)
    return prompt === undefined ? { argv: ['kimi', ...session, ...flags], cwd } : undefined;
  // joined, because a prompt that looks like a flag would be taken for one
  return { argv: ['kimi', ...session, ...flags, `--prompt=${prompt ?? ''}`], cwd };
}
