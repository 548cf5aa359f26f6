/** The words of a command line → arguments, options and passed-on flags, by the command's entry in the table. */
import { Command, CommanderError, Option } from 'commander';
import { SegueError } from '../model/errors.ts';
import type { CommandSpec } from './commands.ts';
import { type OptionValue, OptionValues } from './invocation.ts';

export interface Parsed {
  args: string[];
  options: OptionValues;
  flags: string[];
  help: boolean;
}

/** Throws `bad-usage`. */
export function parse(spec: CommandSpec, words: readonly string[]): Parsed {
  const end = spec.passesFlags ? words.indexOf('--') : -1;
  const own = withImplied(spec, end < 0 ? words : words.slice(0, end));
  const parser = new Command(spec.name)
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: () => {} })
    .helpOption(false)
    .argument('[words...]')
    .option('-h, --help');
  const names = new Map<string, string>();
  for (const { name, short, value, aliases = [] } of spec.options) {
    for (const alias of aliases) {
      const same = new Option(`--${alias}${value === undefined ? '' : ' <value>'}`);
      names.set(same.attributeName(), name);
      parser.addOption(same);
    }
    const flags = `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ' <value>'}`;
    const option = new Option(flags);
    if (value?.many)
      option.argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]);
    else if (value?.kind === 'agents')
      option.argParser((text: string, before: string | undefined) => (before ? `${before},${text}` : text));
    if (value?.choices !== undefined) option.choices(value.choices);
    option.negate = false; // `--no-redact` is a flag like any other here, not the opposite of one that is on
    names.set(option.attributeName(), name);
    parser.addOption(option);
  }
  try {
    parser.parse([...own], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) throw usage(spec, error.message);
    throw error;
  }
  const raw: Record<string, unknown> = parser.opts();
  const values = new Map<string, OptionValue>();
  for (const [attribute, value] of Object.entries(raw)) {
    const name = names.get(attribute);
    if (name !== undefined && (typeof value === 'string' || value === true || Array.isArray(value)))
      values.set(name, value);
  }
  const help = raw.help === true;
  const { args } = parser;
  if (!help) checkArguments(spec, args);
  return { args, options: new OptionValues(values), flags: end < 0 ? [] : words.slice(end + 1), help };
}

/** An option whose value may be left out takes the next word only when that is one of its values. */
function withImplied(spec: CommandSpec, words: readonly string[]): string[] {
  const values = spec.options.flatMap(({ name, value }) =>
    value?.implied ? [{ flag: `--${name}`, value }] : [],
  );
  return words.map((word, i) => {
    const option = values.find(({ flag }) => flag === word);
    if (option === undefined || option.value.choices?.includes(words[i + 1] ?? '')) return word;
    return `${word}=${option.value.implied}`;
  });
}

function checkArguments(spec: CommandSpec, args: readonly string[]): void {
  const missing = spec.args.find((arg, i) => arg.required && args[i] === undefined);
  if (missing !== undefined) throw usage(spec, `${missing.name} is missing`);
  const most = spec.args.some((arg) => arg.variadic) ? Number.POSITIVE_INFINITY : spec.args.length;
  if (args.length > most) throw usage(spec, `unexpected word "${args[most]}"`);
}

function usage(spec: CommandSpec, message: string): SegueError {
  const [first = '', second] = message.replace(/^error: /, '').split('\n');
  const meant = /\(Did you mean (.+)\?\)/.exec(second ?? '')?.[1];
  const help = `segue ${spec.name} --help shows how`;
  return new SegueError('bad-usage', first, {
    hint: meant === undefined ? help : `did you mean ${meant}? ${help}`,
  });
}
