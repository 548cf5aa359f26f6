/** Help texts, from the command table. */

import type { Style } from '../terminal/style.ts';
import { type ArgumentSpec, type CommandSpec, commands, type OptionSpec } from './commands.ts';
import { processTerminal } from './terminal.ts';

/** `segue --help`. */
export function overview(version: string, { bold, dim }: Style): string {
  const rows = commands
    .filter((command) => !command.hidden)
    .map((command): [string, string] => [usageOf(command), command.summary]);
  return [
    `${bold('segue')} ${version}: takes a session from one coding agent to another`,
    '',
    bold('Usage'),
    '  segue                                the picker: choose a session, go on with it',
    '  segue AGENT [N|REF] [--in AGENT]     go on with the N-th latest session of an agent',
    '  segue COMMAND [options]',
    '',
    bold('Commands'),
    ...aligned(rows),
    '',
    bold('Sessions (REF)'),
    '  agent:id, an id or its beginning (4 characters or more), agent:N or agent N (N-th latest), last, or a path',
    '',
    bold('Options'),
    ...aligned([
      ['-h, --help', 'help; segue COMMAND --help for one command'],
      ['-V, --version', 'the version'],
      ['    --color[=WHEN]', 'always (default), never or auto; NO_COLOR and FORCE_COLOR are honoured'],
    ]),
    '',
    bold('Exit codes'),
    '  0 done, 1 failed, 2 usage, 3 not found or ambiguous, 4 refused, 5 stopped by a limit, 130 interrupted',
    '',
    dim('segue demo shows it on sample sessions.'),
    '',
  ].join('\n');
}

/** Writes `segue --help` to standard output. */
export function printOverview(version: string): void {
  const { out, style } = processTerminal();
  out.write(overview(version, style));
}

/** `segue COMMAND --help`. */
export function commandHelp(command: CommandSpec, { bold }: Style): string {
  const lines = [`${bold(`segue ${command.name}`)}: ${command.summary}`, ''];
  if (command.description !== undefined) lines.push(command.description, '');
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

function aligned(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
