import { expect, test } from 'vitest';
import { SegueError } from '../model/errors.ts';
import { style } from '../terminal/style.ts';
import { commands, findCommand } from './commands.ts';
import { commandHelp, overview } from './help.ts';
import { type Parsed, parse } from './parse.ts';
import { wantedBy } from './quick.ts';

function parsed(line: string): Parsed {
  const [name = '', ...words] = line.split(' ');
  const command = findCommand(name);
  if (command === undefined) throw new Error(name);
  return parse(command, words);
}

function refusal(line: string): { message: string; hint: string | undefined } {
  try {
    parsed(line).options.count('number');
  } catch (error) {
    if (error instanceof SegueError && error.code === 'bad-usage')
      return { message: error.message, hint: error.hint };
    throw error;
  }
  throw new Error('was accepted');
}

test('words, options in any order, and flags to pass on', () => {
  const { args, options, flags } = parsed(
    'resume --in codex claude 3 --headless -p hi -- --model opus --json',
  );
  expect(args).toEqual(['claude', '3']);
  expect(options.text('in')).toBe('codex');
  expect(options.text('prompt')).toBe('hi');
  expect(options.has('headless')).toBe(true);
  expect(options.has('print')).toBe(false);
  expect(flags).toEqual(['--model', 'opus', '--json']);
});

test('an option that begins with no- is given when it is given', () => {
  expect(parsed('handoff last').options.has('no-redact')).toBe(false);
  expect(parsed('handoff last --no-redact').options.has('no-redact')).toBe(true);
});

test('lists: commas and repeats, once each', () => {
  expect(parsed('convert last --to codex,claude --to pi --to codex').options.list('to')).toEqual([
    'codex',
    'claude',
    'pi',
  ]);
  expect(parsed('list').options.list('agent')).toBeUndefined();
});

test('an option in all its forms', () => {
  const of = (line: string): (string | boolean | undefined)[] => {
    const { options } = parsed(line);
    return [options.text('agent'), options.text('number'), options.has('all')];
  };
  expect(of('list --all --agent=pi -n5')).toEqual(['pi', '5', true]);
  expect(of('list -an --number 5')).toEqual(['n', '5', false]);
  expect(of('list --source pi --tool=codex -n -5')).toEqual(['pi,codex', '-5', false]);
  expect(parsed('resume last --sandbox').options.text('sandbox')).toBe('on');
  expect(parsed('resume last --sandbox read-only').options.text('sandbox')).toBe('read-only');
  expect(parsed('resume last --add-dir a --add-dir=b=c').options.texts('add-dir')).toEqual(['a', 'b=c']);
  expect(parsed('show last -5 -').args).toEqual(['last', '-5', '-']);
  expect(parsed('show -55 -1.5').args).toEqual(['-55', '-1.5']);
});

test('without passed-on flags, -- ends the options', () => {
  expect(parsed('show -- -odd-id').args).toEqual(['-odd-id']);
});

test('wrong usage says what is wrong and how it goes', () => {
  expect(refusal('list --agnet codex')).toEqual({
    message: "unknown option '--agnet'",
    hint: 'did you mean --agent? segue list --help shows how',
  });
  expect(refusal('convert')).toEqual({ message: 'REF is missing', hint: 'segue convert --help shows how' });
  expect(refusal('undo a b').message).toBe('unexpected word "b"');
  expect(refusal('convert last --to').message).toBe("option '--to <value>' argument missing");
  expect(refusal('list -n').message).toBe("option '-n, --number <value>' argument missing");
  expect(refusal('list --all=yes')).toEqual({
    message: "unknown option '--all=yes'",
    hint: 'did you mean --all? segue list --help shows how',
  });
  expect(refusal('list -x').message).toBe("unknown option '-x'");
  expect(refusal('resume last --sandbox=no').message).toBe(
    "option '--sandbox <value>' argument 'no' is invalid. Allowed choices are workspace-write, read-only, danger-full-access, on.",
  );
  expect(refusal('list -n 0').message).toBe('--number needs a whole number of 1 or more, not "0"');
  expect(refusal('list -n ten').message).toBe('--number needs a whole number of 1 or more, not "ten"');
});

test('help is asked for anywhere, also without the required words', () => {
  expect(parsed('convert --help').help).toBe(true);
  expect(parsed('resume last -h').help).toBe(true);
  expect(parsed('resume last -- --help').help).toBe(false);
});

test('every command has a name of its own, a summary, an example that parses, and help that names its options', () => {
  const names = commands.flatMap((command) => [command.name, ...command.aliases]);
  expect(new Set(names).size).toBe(names.length);
  for (const command of commands) {
    if (command.hidden) expect(overview('1.0.0', style(false))).not.toContain(command.summary);
    else expect(overview('1.0.0', style(false))).toContain(command.summary);
    const help = commandHelp(command, style(false));
    for (const { name, hidden } of command.options) {
      if (hidden) expect(help).not.toContain(`--${name}`);
      else expect(help).toContain(`--${name}`);
    }
    expect(command.examples.length).toBeGreaterThan(0);
    for (const example of command.examples) {
      const words = [...example.line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
      expect(words[0]).toBe('segue');
      const wanted = wantedBy(words.slice(1));
      expect(wanted.command.name).toBe(command.name);
      expect(parse(wanted.command, wanted.words).help).toBe(false);
    }
  }
});
