/** The command: finds the entry in the table, parses, runs it, tells failures. Returns the exit code. */
import { type Env, processEnv } from '../io/paths.ts';
import { exitCodes } from '../model/errors.ts';
import { report } from './errors.ts';
import { commandHelp, overview } from './help.ts';
import { commandNamed, quickResume, wantedBy } from './quick.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { version } from './version.ts';

/** Runs one command line (without the program's name). */
export async function main(all: readonly string[]): Promise<number> {
  const env = processEnv();
  const { words, colour } = takeColour(all);
  const terminal = processTerminal(colour);
  const flagsAt = words.indexOf('--');
  const own = flagsAt < 0 ? words : words.slice(0, flagsAt);
  const json = own.includes('--json') || own.includes('--jsonl');
  try {
    return await dispatch(words, env, terminal);
  } catch (error) {
    return report(error, json, terminal, env.vars);
  }
}

/** `--color` goes with every command, before `--`: it is taken out before anything is parsed. */
function takeColour(all: readonly string[]): { words: string[]; colour: boolean | undefined } {
  const end = all.indexOf('--');
  let colour: boolean | undefined;
  const words = all.filter((word, i) => {
    const option = end < 0 || i < end ? /^--(?:(no-)?colou?r|colou?r=(always|never|auto))$/.exec(word) : null;
    if (option === null) return true;
    if (option[2] !== 'auto') colour = option[1] === undefined && option[2] !== 'never';
    return false;
  });
  return { words, colour };
}

async function dispatch(words: readonly string[], env: Env, terminal: Terminal): Promise<number> {
  const [first, ...rest] = words;
  switch (first) {
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
  const { command, words: own, agent } = wantedBy(words);
  if (own.length === 1 && (own[0] === '--help' || own[0] === '-h')) {
    terminal.out.write(commandHelp(command, terminal.style));
    return exitCodes.done;
  }
  const { parse } = await import('./parse.ts');
  const { flags, help, ...parsed } = parse(command, own);
  if (help) {
    terminal.out.write(commandHelp(command, terminal.style));
    return exitCodes.done;
  }
  const { run } = await command.load();
  const { args, options } = agent === undefined ? parsed : quickResume(agent, parsed.args, parsed.options);
  return await run({ args, options, flags, terminal, env });
}
