/** What a command gets to run with. */
import type { Env } from '../io/paths.ts';
import { SegueError } from '../model/errors.ts';
import type { Terminal } from './terminal.ts';

export interface Invocation {
  /** Words that are not options. */
  args: string[];
  options: OptionValues;
  /** Words after `--`, for commands that pass them on. */
  flags: string[];
  terminal: Terminal;
  env: Env;
}

/** Of one option: given, given with a value, given several times. */
export type OptionValue = true | string | readonly string[];

/** Parsed options by their long name. */
export class OptionValues {
  readonly #values: ReadonlyMap<string, OptionValue>;

  constructor(values: ReadonlyMap<string, OptionValue>) {
    this.#values = values;
  }

  /** The same options with one more, or with another value for one. */
  with(name: string, value: OptionValue): OptionValues {
    return new OptionValues(new Map([...this.#values, [name, value]]));
  }

  /** Whether a flag was given. */
  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  /** Every value of an option that may be given several times. */
  texts(name: string): readonly string[] {
    const value = this.#values.get(name);
    if (value === undefined || value === true) return [];
    return typeof value === 'string' ? [value] : value;
  }

  /** A whole number of at least 1. */
  count(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < 1 || !Number.isSafeInteger(value)) {
      throw new SegueError('bad-usage', `--${name} needs a whole number of 1 or more, not "${text}"`);
    }
    return value;
  }

  /** Words separated by commas. */
  list(name: string): string[] | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const words = text
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '');
    if (words.length === 0) throw new SegueError('bad-usage', `--${name} needs a value`);
    return [...new Set(words)];
  }
}
