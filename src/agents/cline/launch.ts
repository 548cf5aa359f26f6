/** How Cline is started and resumed. Measured with 3.0.65. */
import type { CommandLine, Launch, LaunchRequest } from '../contract.ts';

export const launch: Launch = {
  start: (request) => {
    const view = request.headless ? [] : ['--tui'];
    const prompt = request.prompt === undefined ? [] : [guarded(request.prompt)];
    return command([...view, ...(request.flags ?? []), ...prompt], request);
  },
  // a prompt beside --id is thrown away, and without a terminal there is no resuming but for programs (--acp)
  resume: ({ id }, request) =>
    request.headless || request.prompt !== undefined
      ? undefined
      : command(['--id', id, ...(request.flags ?? [])], request),
  version: ['cline', '--version'],
  flags: {
    model: (name) => ['--model', name],
    // approvals are on by default
    yolo: ['--auto-approve', 'true'],
    plan: ['--plan'],
  },
  install: 'npm install -g cline',
};

function command(args: string[], request: LaunchRequest): CommandLine {
  const line = { argv: ['cline', ...args], cwd: request.cwd };
  return request.headless ? { ...line, stdin: 'ignore' } : line;
}

/** A prompt that looks like a flag would be taken for one. */
function guarded(prompt: string): string {
  return prompt.startsWith('-') ? ` ${prompt}` : prompt;
}
