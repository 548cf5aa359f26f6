/** Starting agents: the command line, the checks before it, and the run with the terminal handed over. */
import type { Agent, CommandLine, LaunchRequest } from '../agents/contract.ts';
import { type Env, pathKind } from '../io/paths.ts';
import { findBinary, runInherited, startable } from '../io/process.ts';
import { SegueError } from '../model/errors.ts';
import { findAgentBinary } from './installed.ts';

/** The agent's command line that resumes a session. Throws when the agent has no such door or takes no prompt. */
export function resumeCommand(
  agent: Agent,
  session: { id: string; path: string },
  request: LaunchRequest,
): CommandLine {
  if (session.id.startsWith('-')) {
    throw new SegueError('cannot-resume', `a session id that starts with "-" would be taken as an option`);
  }
  const command = agent.launch.resume(session, request);
  if (command === undefined) {
    const how = request.headless ? 'without its interface' : 'by its id';
    throw new SegueError('cannot-resume', `${agent.name} cannot resume a session ${how}`, {
      hint: 'segue resume REF --in AGENT goes on in another agent',
    });
  }
  return { ...command, cwd: command.cwd ?? request.cwd };
}

/** The agent's command line that starts a new session with a prompt. Throws when the agent takes none. */
export function startCommand(agent: Agent, request: LaunchRequest): CommandLine {
  const command = agent.launch.start(request);
  if (command === undefined) {
    throw new SegueError('cannot-resume', `${agent.name} cannot be started with a prompt`, {
      hint: 'segue handoff REF prints the document: give it to the agent by hand',
    });
  }
  return { ...command, cwd: command.cwd ?? request.cwd };
}

/** Throws when the agent is not installed or the directory is missing: asked before anything is written for it. */
export function checkLaunch(agent: Agent, cwd: string | undefined, env: Env): void {
  if (cwd !== undefined && pathKind(cwd) !== 'folder') {
    throw new SegueError('cwd-missing', `the session's directory does not exist: ${cwd}`, {
      hint: '--cwd DIR goes on in another directory, --cwd . in this one',
    });
  }
  if (findAgentBinary(agent, env) === undefined) {
    throw new SegueError(
      'not-installed',
      `${agent.name} is not installed: no ${agent.bins.join(' or ')} on PATH`,
      {
        hint: `install it: ${agent.launch.install}`,
      },
    );
  }
}

/** Runs a command line of an agent until it ends and returns its exit code. Its output is this process's output. */
export async function run(agent: Agent, command: CommandLine, headless: boolean, env: Env): Promise<number> {
  checkLaunch(agent, command.cwd, env);
  const [name = '', ...args] = command.argv;
  const binary = findBinary(name, env) ?? findAgentBinary(agent, env) ?? name;
  const argv = startable(binary, args, env);
  if (argv === undefined) {
    throw new SegueError('launch-failed', `cannot tell which program ${binary} starts`, {
      hint: 'run it by hand: --print shows the command line',
    });
  }
  const vars = { ...env.vars, ...command.env };
  const stdin = command.stdin ?? (headless ? 'ignore' : 'inherit');
  try {
    return await runInherited(argv, { cwd: command.cwd, vars, stdin });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new SegueError('launch-failed', `${binary} could not be started: ${why}`, { cause });
  }
}
