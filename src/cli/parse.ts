/** The words of a command line → arguments, options and passed-on flags, by the command's entry in the table. */
import { parseArgs } from 'node:util';
import { closest } from '../model/closest.ts';
import { SegueError } from '../model/errors.ts';
import type { CommandSpec, OptionSpec } from './commands.ts';
import { type OptionValue, OptionValues } from './invocation.ts';

export interface Parsed {
  args: string[];
  options: OptionValues;
  flags: string[];
  help: boolean;
}

/** A word that begins like an option and is none. */
const NEGATIVE = /^-(?:\d+|\d*\.\d+)(?:e[+-]?\d+)?$/i;
const HELP: OptionSpec = { name: 'help', short: 'h', summary: '' };

/** Options stand anywhere before `--`: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-abc`. Throws `bad-usage`. */
export function parse(spec: CommandSpec, words: readonly string[]): Parsed {
  const end = spec.passesFlags ? words.indexOf('--') : -1;
  const own = withImplied(spec, end < 0 ? words : words.slice(0, end));
  const known = optionsByName(spec);
  const { tokens } = parseArgs({
    args: own,
    options: Object.fromEntries([...known].map(([name, option]) => [name, tokenKind(name, option)])),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const values = new Map<string, OptionValue>();
  const args: string[] = [];
  let unknown: string | undefined;
  let lastNegative = -1;
  for (const token of tokens) {
    if (token.kind === 'positional') args.push(token.value);
    if (token.kind !== 'option') continue;
    const word = own[token.index] ?? '';
    const option = known.get(token.name);
    const isFlag = option?.value === undefined;
    if (option !== undefined && !(isFlag && token.value !== undefined))
      put(spec, values, option, isFlag ? true : token.value);
    else if (!NEGATIVE.test(word)) unknown ??= word;
    // its digits are a token each
    else if (token.index !== lastNegative) args.push(word);
    if (NEGATIVE.test(word)) lastNegative = token.index;
  }
  if (unknown !== undefined) throw unknownOption(spec, unknown, [...known.keys()]);
  const help = values.delete(HELP.name);
  if (!help) checkArguments(spec, args);
  return { args, options: new OptionValues(values), flags: end < 0 ? [] : words.slice(end + 1), help };
}

/** Options by all their long names. */
function optionsByName(spec: CommandSpec): Map<string, OptionSpec> {
  const options = new Map<string, OptionSpec>();
  for (const option of [...spec.options, HELP])
    for (const name of [option.name, ...(option.aliases ?? [])]) options.set(name, option);
  return options;
}

function tokenKind(name: string, { name: own, short, value }: OptionSpec) {
  const type = value === undefined ? ('boolean' as const) : ('string' as const);
  return name === own && short !== undefined ? { type, short } : { type };
}

function put(
  spec: CommandSpec,
  values: Map<string, OptionValue>,
  { name, short, value }: OptionSpec,
  given: string | true | undefined,
): void {
  const flags = `${short === undefined ? '' : `-${short}, `}--${name} <value>`;
  if (given === undefined) throw usage(spec, `option '${flags}' argument missing`);
  if (given !== true && value?.choices !== undefined && !value.choices.includes(given))
    throw usage(
      spec,
      `option '${flags}' argument '${given}' is invalid. Allowed choices are ${value.choices.join(', ')}.`,
    );
  const before = values.get(name);
  if (value?.many && given !== true) values.set(name, [...(Array.isArray(before) ? before : []), given]);
  else if (value?.kind === 'agents' && before) values.set(name, `${before},${given}`);
  else values.set(name, given);
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

function unknownOption(spec: CommandSpec, word: string, names: readonly string[]): SegueError {
  const [name] = word.split('=');
  const meant =
    name === undefined || !name.startsWith('--')
      ? undefined
      : closest(
          name,
          names.map((other) => `--${other}`),
        );
  return usage(spec, `unknown option '${word}'`, meant === undefined ? '' : `did you mean ${meant}? `);
}

function usage(spec: CommandSpec, message: string, hint = ''): SegueError {
  return new SegueError('bad-usage', message, { hint: `${hint}segue ${spec.name} --help shows how` });
}
