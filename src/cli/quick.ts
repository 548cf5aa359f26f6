/** What a command line wants: a command by its name, the picker, or by an agent's name to go on with a session. */
import { type AgentId, findAgentId, identities } from '../agents/registry.ts';
import { closest } from '../model/closest.ts';
import { SegueError } from '../model/errors.ts';
import { type CommandSpec, commands, findCommand } from './commands.ts';
import type { OptionValues } from './invocation.ts';

export interface Wanted {
  command: CommandSpec;
  /** What is left to parse. */
  words: readonly string[];
  /** Present for the short form: its name stood in the command's place. */
  agent?: AgentId;
}

/** Throws `bad-usage` for a name that is neither a command nor an agent. */
export function wantedBy(words: readonly string[]): Wanted {
  const [first, ...rest] = words;
  if (first === undefined || /^--[a-z]/.test(first)) return { command: commandNamed('pick'), words };
  const agent = findCommand(first) === undefined ? findAgentId(first.split(':')[0] ?? '') : undefined;
  if (agent === undefined) return { command: commandNamed(first), words: rest };
  const resume = commandNamed('resume');
  // `codex:019e` is a reference, `codex` an agent
  if (first.includes(':')) return { command: resume, words };
  const args = resume.args.map((arg) => ({ ...arg, required: false }));
  return { command: { ...resume, args }, words: rest, agent };
}

/** The command of a name or alias. Throws `bad-usage`. */
export function commandNamed(name: string): CommandSpec {
  const command = findCommand(name);
  if (command !== undefined) return command;
  if (name.startsWith('-'))
    throw new SegueError('bad-usage', `unknown option ${name}`, { hint: 'segue --help' });
  const names = [
    ...commands.filter(({ hidden }) => !hidden).flatMap(({ name: own, aliases }) => [own, ...aliases]),
    ...identities.map(({ id }) => id),
  ];
  const meant = closest(name, names);
  throw new SegueError('bad-usage', `unknown command "${name}"`, {
    hint: meant === undefined ? 'segue --help shows the commands and agents' : `did you mean ${meant}?`,
    candidates: meant === undefined ? undefined : [meant],
  });
}

/**
 * Words after the agent's name → those of `resume`: `codex` and `codex 3` go on with Codex's own session,
 * `claude resume ID --source codex` goes on in Claude Code with a session of Codex.
 */
export function quickResume(
  agent: AgentId,
  args: readonly string[],
  options: OptionValues,
): { args: string[]; options: OptionValues } {
  const [first, ...rest] = args;
  const named = first === 'resume' || first === 'r';
  const words = named ? rest : [...args];
  const source = options.text('source');
  // its newest session; without the source's name that is the agent's own
  if (words.length === 0) words.push('1');
  const foreign = named && (source !== undefined || !/^\d{1,3}$/.test(words[0] ?? ''));
  if (source === undefined && !foreign) return { args: [agent, ...words], options };
  return { args: words, options: options.has('in') ? options : options.with('in', agent) };
}
