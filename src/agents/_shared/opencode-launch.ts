/** Command lines of OpenCode and its forks. */
import type { CommandLine, Launch, LaunchRequest } from '../contract.ts';
import type { Family } from './opencode-family.ts';

export function launch(family: Family): Launch {
  const command = (request: LaunchRequest, session: string[]): CommandLine => {
    const { cwd, prompt, headless = false, flags = [] } = request;
    if (!headless) {
      const opening = prompt === undefined ? [] : [`--prompt=${prompt}`];
      return { argv: [family.id, ...session, ...flags, ...opening], cwd };
    }
    // a prompt as an argument is stored with double quotes around it; from standard input it is stored as it is
    const stdin = prompt === undefined ? ('ignore' as const) : { text: prompt };
    return { argv: [family.id, 'run', ...session, ...flags], cwd, stdin };
  };
  return {
    start: (request) =>
      request.headless === true && request.prompt === undefined ? undefined : command(request, []),
    resume: (session, request) => command(request, ['-s', session.id]),
    version: [family.id, '--version'],
    flags: {
      model: (name) => ['-m', name],
      modelNames: /^[\w.-]+\/\S+$/,
      yolo: ['--auto'],
      plan: ['--agent', 'plan'],
    },
    install: family.install,
  };
}
