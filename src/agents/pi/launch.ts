/** How pi is started and resumed. Flags: read in 0.87.1 (`dist/cli/args.js`), resume measured. */
import type { CommandLine, Launch, LaunchRequest } from '../contract.ts';

export const launch: Launch = {
  start: (request) => command([], request),
  // by path: an id is only found without a question when it belongs to the current directory
  resume: (session, request) => command(['--session', session.path || session.id], request),
  version: ['pi', '--version'],
  flags: {
    model: (name) => ['--model', name],
    // pi asks for no approvals
    yolo: [],
    autoEdit: [],
    plan: ['--tools', 'read,grep,find,ls'],
    readOnly: ['--tools', 'read,grep,find,ls'],
  },
  install: 'npm install -g @earendil-works/pi-coding-agent',
};

function command(session: string[], request: LaunchRequest): CommandLine {
  const prompt = request.prompt === undefined ? [] : [guarded(request.prompt)];
  const print = request.headless ? ['-p'] : [];
  return { argv: ['pi', ...session, ...(request.flags ?? []), ...print, ...prompt], cwd: request.cwd };
}

/** A message that looks like a flag or a file would be taken for one. */
function guarded(prompt: string): string {
  return /^[-@]/.test(prompt) ? ` ${prompt}` : prompt;
}
