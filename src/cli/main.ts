/** The command: finds the entry in the table, parses, runs it, tells failures. Returns the exit code. */
import { findAgentId } from '../agents/registry.ts';
import { type Env, processEnv } from '../io/paths.ts';
import { closest } from '../model/closest.ts';
import { exitCodes, SegueError } from '../model/errors.ts';
import { type CommandSpec, commands, findCommand } from './commands.ts';
import { report } from './errors.ts';
import { commandHelp, overview } from './help.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { version } from './version.ts';

/** Runs one command line (without the program's name). */
export async function main(words: readonly string[]): Promise<number> {
  const env = processEnv();
  const terminal = processTerminal();
  const flagsAt = words.indexOf('--');
  const own = flagsAt < 0 ? words : words.slice(0, flagsAt);
  const json = own.includes('--json') || own.includes('--jsonl');
  try {
    return await dispatch(words, env, terminal);
  } catch (error) {
    return report(error, json, terminal, env.vars);
  }
}

async function dispatch(words: readonly string[], env: Env, terminal: Terminal): Promise<number> {
  const [first, ...rest] = words;
  switch (first) {
    case undefined:
    case '-h':
    case '--help':
    case 'help': {
      const about = first === 'help' && rest[0] !== undefined ? commandNamed(rest[0]) : undefined;
      terminal.out.write(about ? commandHelp(about, terminal.style) : overview(version, terminal.style));
      return exitCodes.done;
    }
    case '-V':
    case '--version':
      terminal.out.write(`${version}\n`);
      return exitCodes.done;
  }
  const command = commandNamed(first);
  if (rest.length === 1 && (rest[0] === '--help' || rest[0] === '-h')) {
    terminal.out.write(commandHelp(command, terminal.style));
    return exitCodes.done;
  }
  const { parse } = await import('./parse.ts');
  const { args, options, flags, help } = parse(command, rest);
  if (help) {
    terminal.out.write(commandHelp(command, terminal.style));
    return exitCodes.done;
  }
  const { run } = await command.load();
  return await run({ args, options, flags, terminal, env });
}

function commandNamed(name: string): CommandSpec {
  const command = findCommand(name);
  if (command !== undefined) return command;
  if (name.startsWith('-'))
    throw new SegueError('bad-usage', `unknown option ${name}`, { hint: 'segue --help' });
  const agent = findAgentId(name);
  const names = commands.flatMap((candidate) => [candidate.name, ...candidate.aliases]);
  const meant = closest(name, names);
  throw new SegueError('bad-usage', `unknown command "${name}"`, {
    hint:
      agent !== undefined
        ? `${name} is an agent: segue list --agent ${agent}, segue resume ${agent}:1`
        : meant === undefined
          ? 'segue --help shows the commands'
          : `did you mean ${meant}?`,
    candidates: meant === undefined ? undefined : [meant],
  });
}
