/** How cn is started and resumed. Measured with 1.5.47. */
import type { CommandLine, Launch, LaunchRequest } from '../contract.ts';

export const launch: Launch = {
  start: (request) => command([], request),
  // cn resumes only the newest session by itself; a fork takes a session by id, whole, under a new id
  resume: (session, request) => command(['--fork', session.id], request),
  version: ['cn', '--version'],
  flags: {
    yolo: ['--auto'],
    plan: ['--readonly'],
    readOnly: ['--readonly'],
  },
  install: 'npm install -g @continuedev/cli',
};

function command(session: string[], request: LaunchRequest): CommandLine {
  const print = request.headless ? ['-p'] : [];
  const prompt = request.prompt === undefined ? [] : [guarded(request.prompt)];
  return { argv: ['cn', ...session, ...(request.flags ?? []), ...print, ...prompt], cwd: request.cwd };
}

/** A prompt that looks like a flag would be taken for one. */
function guarded(prompt: string): string {
  return prompt.startsWith('-') ? ` ${prompt}` : prompt;
}
