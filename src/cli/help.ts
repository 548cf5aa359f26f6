/** Help texts, from the command table. */

import type { Style } from '../terminal/style.ts';
import { wrap } from '../terminal/width.ts';
import { type ArgumentSpec, type CommandSpec, commands, type OptionSpec } from './commands.ts';
import { processTerminal } from './terminal.ts';

/** What goes with every command. */
export const commonOptions: readonly Row[] = [
  ['-h, --help', 'help; segue COMMAND --help for one command'],
  ['-V, --version', 'the version'],
  ['    --color[=WHEN]', 'always (default), never or auto; NO_COLOR and FORCE_COLOR are honoured'],
  ['    --no-pager', 'long output on a terminal as it is; else through $SEGUE_PAGER, $PAGER or less'],
];

/** `segue --help`, at most `columns` wide. */
export function overview(version: string, { bold, dim }: Style, columns = WIDE): string {
  const aligned = (pairs: readonly Row[]): string[] => alignedRows(pairs, columns);
  const rows = commands
    .filter((command) => !command.hidden)
    .map((command): [string, string] => [usageOf(command), command.summary]);
  return [
    ...wrap(`segue ${version}: takes a session from one coding agent to another`, columns).map((line, i) =>
      i === 0 ? bold('segue') + line.slice(5) : line,
    ),
    '',
    bold('Usage'),
    ...aligned([
      ['segue', 'the picker: choose a session, go on with it'],
      ['segue AGENT [N|REF] [--in AGENT]', 'go on with the N-th latest session of an agent'],
      ['segue COMMAND [options]', ''],
    ]),
    '',
    bold('Commands'),
    ...aligned(rows),
    '',
    bold('Sessions (REF)'),
    ...wrap(
      '  agent:id, an id or its beginning (4 characters or more), agent:N or agent N (N-th latest), last, or a path',
      columns,
    ),
    '',
    bold('Options'),
    ...aligned(commonOptions),
    '',
    bold('Exit codes'),
    ...wrap(
      '  0 done, 1 failed, 2 usage, 3 not found or ambiguous, 4 refused, 5 stopped by a limit, 130 interrupted',
      columns,
    ),
    '',
    dim('segue demo shows it on sample sessions.'),
    '',
  ].join('\n');
}

/** Writes `segue --help` to standard output; false, and nothing, when it does not fit the screen. */
export function printOverview(version: string): boolean {
  const { out, style, width, height } = processTerminal();
  const text = overview(version, style, width);
  if (height !== undefined && text.split('\n').length > height) return false;
  out.write(text);
  return true;
}

/** `segue COMMAND --help`, at most `columns` wide. */
export function commandHelp(command: CommandSpec, { bold }: Style, columns = WIDE): string {
  const aligned = (pairs: readonly Row[]): string[] => alignedRows(pairs, columns);
  const [head = '', ...rest] = wrap(`segue ${command.name}: ${command.summary}`, columns);
  const name = `segue ${command.name}`;
  const lines = [head.startsWith(name) ? bold(name) + head.slice(name.length) : head, ...rest, ''];
  if (command.description !== undefined) lines.push(...wrap(command.description, columns), '');
  lines.push(bold('Usage'), `  segue ${usageOf(command)}${command.passesFlags ? ' [-- flags…]' : ''}`, '');
  if (command.aliases.length > 0) lines.push(bold('Also called'), `  ${command.aliases.join(', ')}`, '');
  if (command.args.length > 0)
    lines.push(bold('Arguments'), ...aligned(command.args.map((arg) => [arg.name, arg.summary])), '');
  lines.push(
    bold('Options'),
    ...aligned([
      ...command.options
        .filter((option) => !option.hidden)
        .map((option): [string, string] => [optionUsage(option), option.summary]),
      ['-h, --help', 'this help'],
    ]),
    '',
    bold('Examples'),
    ...aligned(command.examples.map((example) => [example.line, example.what])),
    '',
  );
  return lines.join('\n');
}

/** `convert REF [options]`. */
export function usageOf(command: CommandSpec): string {
  return [command.name, ...command.args.map(argumentUsage)].join(' ');
}

function argumentUsage({ name, required }: ArgumentSpec): string {
  return required ? name : `[${name}]`;
}

/** `-n, --number N`. */
export function optionUsage({ name, short, value }: OptionSpec): string {
  return `${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value.name}`}`;
}

type Row = readonly [left: string, right: string];

/** What a file or a pipe gets: terminals wrap at their own width. */
const WIDE = 160;
/** Fewer columns for the right side are not worth having: it goes below then. */
const LEAST_RIGHT = 24;

function alignedRows(rows: readonly Row[], columns: number): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  const indent = width + 4;
  if (columns - indent < LEAST_RIGHT)
    return rows.flatMap(([left, right]) => [
      `  ${left}`,
      ...(right === '' ? [] : wrap(right, columns - 6).map((line) => `      ${line}`)),
    ]);
  return rows.flatMap(([left, right]) => {
    const [first = '', ...more] = wrap(right, columns - indent);
    return [`  ${left.padEnd(width)}  ${first}`.trimEnd(), ...more.map((line) => ' '.repeat(indent) + line)];
  });
}
