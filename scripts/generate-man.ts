/** Writes man/segue.1 from the command table. `--check` fails when it is not current. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type CommandSpec, commands } from '../src/cli/commands.ts';
import { commonOptions, optionUsage, usageOf } from '../src/cli/help.ts';
import { exitMeanings } from './exit-meanings.ts';

const path = join(import.meta.dirname, '../man/segue.1');
const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
  version: string;
};

const text = [
  `.TH SEGUE 1 "" "segue ${version}" "User Commands"`,
  '.SH NAME',
  'segue \\- takes a session from one coding agent to another',
  '.SH SYNOPSIS',
  '.B segue',
  '.br',
  '.B segue',
  '.I AGENT',
  '[\\fIN\\fR|\\fIREF\\fR] [\\fB\\-\\-in\\fR \\fIAGENT\\fR]',
  '.br',
  '.B segue',
  '.I COMMAND',
  '[\\fIoptions\\fR]',
  '.SH DESCRIPTION',
  'Without words: choose a session on the screen and go on with it. With the name of an agent: go on with its N\\-th latest session.',
  '.PP',
  'A session (\\fIREF\\fR) is named by agent:id, an id or its beginning (4 characters or more), agent:N or agent N (N\\-th latest), last, or the path of a session file.',
  '.SH COMMANDS',
  ...commands.filter(({ hidden }) => !hidden).flatMap(section),
  '.SH OPTIONS',
  ...commonOptions.flatMap(([option, what]) => ['.TP', `.B ${roff(option.trim())}`, roff(what)]),
  '.SH EXIT STATUS',
  ...exitMeanings.flatMap(([code, meaning]) => ['.TP', `.B ${code}`, roff(meaning)]),
  '.SH ENVIRONMENT',
  ...[
    ['NO_COLOR, FORCE_COLOR', 'no colours, or colours in any case'],
    ['SEGUE_PAGER, PAGER', 'the pager for long output on a terminal; default less'],
    ['SEGUE_CONFIG', "the user's configuration file"],
    ['SEGUE_DATA_DIR', 'where index, receipts and journal are kept'],
    ['SEGUE_DEBUG', 'errors are told with where they came from'],
  ].flatMap(([name = '', what = '']) => ['.TP', `.B ${name}`, roff(what)]),
  '',
].join('\n');

if (!process.argv.includes('--check')) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
} else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
  console.error('man/segue.1 is not current: run npm run generate');
  process.exitCode = 1;
}

function section(command: CommandSpec): string[] {
  const { aliases, description, summary, options, examples } = command;
  return [
    `.SS "segue ${roff(usageOf(command))}"`,
    roff(`${summary[0]?.toUpperCase()}${summary.slice(1)}.`),
    ...(description === undefined ? [] : ['.PP', roff(description)]),
    ...(aliases.length === 0 ? [] : ['.PP', roff(`Also called: ${aliases.join(', ')}.`)]),
    ...options
      .filter(({ hidden }) => !hidden)
      .flatMap((option) => ['.TP', `.B ${roff(optionUsage(option).trim())}`, roff(option.summary)]),
    ...examples.flatMap(({ line, what }) => ['.PP', `Example: \\fB${roff(line)}\\fR`, `(${roff(what)})`]),
  ];
}

/** Text that roff takes as it is. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1')
    .replace(/[^ -~]/gu, (character) => {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
      return `\\[u${code.padStart(4, '0')}]`;
    });
}
