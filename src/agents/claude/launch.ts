/** How Claude Code is started. */
import type { CommandLine, Launch, LaunchRequest } from '../contract.ts';

/** Longer prompts, and those that look like a flag, go through standard input. */
const MAX_ARGUMENT = 100_000;

function command(request: LaunchRequest, session: string[]): CommandLine {
  const { prompt, headless = false, flags = [], cwd } = request;
  const unfit = prompt !== undefined && (prompt.startsWith('-') || prompt.length > MAX_ARGUMENT);
  const piped = headless && unfit;
  // the prompt stands before the flags: some of Claude Code's flags take all words that follow
  const words = prompt === undefined || piped ? [] : [prompt.startsWith('-') ? ` ${prompt}` : prompt];
  const argv = ['claude', ...(headless ? ['-p'] : []), ...session, ...words, ...flags];
  return piped ? { argv, cwd, stdin: { text: prompt } } : { argv, cwd };
}

export const launch: Launch = {
  start: (request) => command(request, []),
  resume: (session, request) => command(request, ['--resume', session.id]),
  version: ['claude', '--version'],
  flags: {
    model: (name) => ['--model', name],
    modelNames: /^(?:claude-|(?:opus|sonnet|haiku|fable|default|best|opusplan)\b)/i,
    yolo: ['--dangerously-skip-permissions'],
    plan: ['--permission-mode', 'plan'],
    autoEdit: ['--permission-mode', 'acceptEdits'],
    readOnly: ['--permission-mode', 'plan'],
    addDir: (dir) => ['--add-dir', dir],
  },
  install: 'npm install -g @anthropic-ai/claude-code',
  contextTokens: 200_000,
};
