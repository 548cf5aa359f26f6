/** How Gemini CLI is started and resumed. */
import type { FlagTable, Launch, LaunchRequest } from '../contract.ts';

const flags: FlagTable = {
  model: (name) => ['-m', name],
  modelNames: /^gemini-/,
  yolo: ['--approval-mode', 'yolo'],
  plan: ['--approval-mode', 'plan'],
  autoEdit: ['--approval-mode', 'auto_edit'],
  sandbox: ['-s'],
  addDir: (dir) => ['--include-directories', dir],
};

export const launch: Launch = {
  start: (request) => command([], request),
  resume: (session, request) => command(['--resume', session.id], request),
  version: ['gemini', '--version'],
  flags,
  install: 'npm install -g @google/gemini-cli',
  contextTokens: 1_048_576,
};

/** `-p` answers once and exits, `-i` goes on interactively. */
function command(door: string[], { cwd, prompt, headless, flags: extra = [] }: LaunchRequest) {
  const said = prompt === undefined ? [] : [headless ? '-p' : '-i', prompt];
  if (headless && prompt === undefined) return undefined;
  return {
    argv: ['gemini', ...door, ...extra, ...said],
    cwd,
    stdin: headless ? ('ignore' as const) : ('inherit' as const),
  };
}
