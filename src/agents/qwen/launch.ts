/** How Qwen Code is started and resumed. */
import type { CommandLine, FlagTable, Launch, LaunchRequest } from '../contract.ts';

const flags: FlagTable = {
  model: (name) => ['-m', name],
  modelNames: /^qwen/i,
  yolo: ['--approval-mode', 'yolo'],
  plan: ['--approval-mode', 'plan'],
  autoEdit: ['--approval-mode', 'auto-edit'],
  sandbox: ['-s'],
  addDir: (dir) => ['--add-dir', dir],
};

export const launch: Launch = {
  start: (request) => command([], request),
  resume: (session, request) => command(['--resume', session.id], request),
  version: ['qwen', '--version'],
  flags,
  install: 'npm install -g @qwen-code/qwen-code',
};

/** `-p` answers once and exits, `-i` goes on interactively; a positional prompt is one-shot since 0.24. */
function command(
  door: string[],
  { cwd, prompt, headless, flags: extra = [] }: LaunchRequest,
): CommandLine | undefined {
  if (headless && prompt === undefined) return undefined;
  const said = prompt === undefined ? [] : [headless ? '-p' : '-i', prompt];
  return { argv: ['qwen', ...door, ...extra, ...said], cwd, stdin: headless ? 'ignore' : 'inherit' };
}
