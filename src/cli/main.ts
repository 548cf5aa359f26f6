/** The command: finds the entry in the table, parses, runs it, tells failures. Returns the exit code. */
import { type Env, processEnv } from '../io/paths.ts';
import { exitCodes } from '../model/errors.ts';
import { report } from './errors.ts';
import { commandHelp, overview } from './help.ts';
import { parse } from './parse.ts';
import { commandNamed, quickResume, wantedBy } from './quick.ts';
import { processTerminal, type Terminal } from './terminal.ts';
import { version } from './version.ts';

/** Runs one command line (without the program's name). */
export async function main(all: readonly string[]): Promise<number> {
  const env = processEnv();
  const { words, colour, pages } = takeCommon(all);
  const terminal = processTerminal(colour);
  const flagsAt = words.indexOf('--');
  const own = flagsAt < 0 ? words : words.slice(0, flagsAt);
  const json = own.includes('--json') || own.includes('--jsonl');
  try {
    return await dispatch(words, env, terminal, pages);
  } catch (error) {
    return report(error, json, terminal, env.vars);
  }
}

/** `--color` and `--no-pager` go with every command, before `--`: they are taken out before anything is parsed. */
function takeCommon(all: readonly string[]): {
  words: string[];
  colour: boolean | undefined;
  pages: boolean;
} {
  const end = all.indexOf('--');
  let colour: boolean | undefined;
  let pages = true;
  const words = all.filter((word, i) => {
    if (end >= 0 && i >= end) return true;
    if (word === '--no-pager') pages = false;
    const option = /^--(?:(no-)?colou?r|colou?r=(always|never|auto))$/.exec(word);
    if (option !== null && option[2] !== 'auto') colour = option[1] === undefined && option[2] !== 'never';
    return option === null && word !== '--no-pager';
  });
  return { words, colour, pages };
}

async function dispatch(
  words: readonly string[],
  env: Env,
  terminal: Terminal,
  pages: boolean,
): Promise<number> {
  const { style, width } = terminal;
  const paged = async (work: (terminal: Terminal) => Promise<number>): Promise<number> => {
    if (!pages || terminal.height === undefined) return await work(terminal);
    const { withPager } = await import('./pager.ts');
    return await withPager(terminal, env, work);
  };
  const print = async (text: string): Promise<number> =>
    await paged(async ({ out }) => {
      out.write(text);
      return exitCodes.done;
    });
  const [first, ...rest] = words;
  switch (first) {
    case '-h':
    case '--help':
    case 'help': {
      const about = first === 'help' && rest[0] !== undefined ? commandNamed(rest[0]) : undefined;
      return await print(about ? commandHelp(about, style, width) : overview(version, style, width));
    }
    case '-V':
    case '--version':
      terminal.out.write(`${version}\n`);
      return exitCodes.done;
  }
  const { command, words: own, agent } = wantedBy(words);
  const isHelp = own.length === 1 && (own[0] === '--help' || own[0] === '-h');
  if (isHelp) return await print(commandHelp(command, style, width));
  const { flags, help, ...parsed } = parse(command, own);
  if (help) return await print(commandHelp(command, style, width));
  const { run } = await command.load();
  const { args, options } = agent === undefined ? parsed : quickResume(agent, parsed.args, parsed.options);
  const work = async (given: Terminal): Promise<number> =>
    await run({ args, options, flags, terminal: given, env });
  return command.pages && !options.has('json') && !options.has('jsonl')
    ? await paged(work)
    : await work(terminal);
}
