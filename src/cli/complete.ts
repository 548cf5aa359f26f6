/** What a word of a command line may become. From the command table; sessions from the index only, so that it is quick. */
import { identities } from '../agents/registry.ts';
import { indexedSessions, loadSession } from '../index/sessions.ts';
import { indexPath, openIndex } from '../index/store.ts';
import { type Env, pathKind } from '../io/paths.ts';
import { oneLine } from '../model/text.ts';
import { listReceipts } from '../transfer/index.ts';
import {
  type ArgumentSpec,
  type CommandSpec,
  commands,
  type OptionSpec,
  type ValueKind,
} from './commands.ts';
import { wantedBy } from './quick.ts';

export interface Candidate {
  value: string;
  what: string;
}

/** Candidates, or what the shell itself completes. */
export type Completion = Candidate[] | 'directories' | 'files';

const MOST_SESSIONS = 50;

/** `words`: what stands before the cursor after the program's name; the last one is being typed. */
export function complete(words: readonly string[], env: Env): Completion {
  // bash makes words of their own of these
  const typed = words.filter((word, i) => i === words.length - 1 || (word !== '=' && word !== ':'));
  const current = /^[=:]$/.test(typed.at(-1) ?? '') ? '' : (typed.at(-1) ?? '');
  const before = typed.slice(0, -1);
  if (before.includes('--')) return 'files';
  if (before.length === 0) return matching(firstWords(), current);
  const wanted = commandOf(before);
  if (wanted === undefined) return [];
  const { command, agent } = wanted;
  const previous = optionNamed(command, before.at(-1));
  if (previous?.value !== undefined && !previous.value.implied)
    return ofOption(previous, current, agent, env);
  const assigned = /^(--[^=]+)=(.*)$/s.exec(current);
  const option = optionNamed(command, assigned?.[1]);
  if (assigned !== null && option?.value !== undefined) {
    const found = ofOption(option, assigned[2] ?? '', agent, env);
    return Array.isArray(found)
      ? found.map(({ value, what }) => ({ value: `${assigned[1]}=${value}`, what }))
      : found;
  }
  if (current.startsWith('-')) return matching(options(command), current);
  const args = argumentWords(command, wanted.words);
  const spec = command.args[args.length] ?? command.args.find((arg) => arg.variadic);
  if (spec === undefined) return [];
  return ofArgument(spec, args, current, agent, env);
}

function commandOf(words: readonly string[]): ReturnType<typeof wantedBy> | undefined {
  try {
    return wantedBy(words);
  } catch {
    return undefined; // not a command: nothing to complete
  }
}

function firstWords(): Candidate[] {
  return [
    ...commands
      .filter(({ hidden }) => !hidden)
      .flatMap(({ name, aliases, summary }) => [name, ...aliases].map((value) => ({ value, what: summary }))),
    ...identities.map(({ id, name }) => ({ value: id, what: `go on with a session of ${name}` })),
    { value: '--help', what: 'help' },
    { value: '--version', what: 'the version' },
    { value: '--no-tui', what: 'a plain numbered list' },
  ];
}

function options(command: CommandSpec): Candidate[] {
  return [
    ...command.options
      .filter(({ hidden }) => !hidden)
      .map(({ name, summary }) => ({ value: `--${name}`, what: summary })),
    { value: '--help', what: 'help' },
  ];
}

function optionNamed(command: CommandSpec, word: string | undefined): OptionSpec | undefined {
  return command.options.find(
    ({ name, short, aliases = [] }) =>
      word !== undefined &&
      (word === `--${name}` || word === `-${short}` || aliases.some((alias) => word === `--${alias}`)),
  );
}

/** Words that are neither options nor their values. */
function argumentWords(command: CommandSpec, words: readonly string[]): string[] {
  return words.filter((word, i) => {
    const before = optionNamed(command, words[i - 1]);
    return !word.startsWith('-') && (before?.value === undefined || before.value.implied !== undefined);
  });
}

function ofOption({ value }: OptionSpec, current: string, agent: string | undefined, env: Env): Completion {
  if (value?.choices !== undefined) return matching(plain(value.choices), current);
  return ofKind(value?.kind ?? 'text', current, agent, env);
}

function ofArgument(
  { kind, choices }: ArgumentSpec,
  before: readonly string[],
  current: string,
  agent: string | undefined,
  env: Env,
): Completion {
  // `resume codex` and `codex` are followed by a session of Codex
  const named = agent ?? identities.find(({ id }) => kind === 'session' && id === before.at(-1))?.id;
  const found = ofKind(kind, current, named, env);
  if (!Array.isArray(found)) return found;
  const more = kind === 'session' && named === undefined ? [...plain(['last']), ...agents()] : [];
  return [...matching([...plain(choices ?? []), ...more], current), ...found];
}

function ofKind(kind: ValueKind, current: string, agent: string | undefined, env: Env): Completion {
  switch (kind) {
    case 'session':
      return sessions(current, agent, env);
    case 'agent':
      return matching(agents(), current);
    case 'agents': {
      const start = current.slice(0, current.lastIndexOf(',') + 1);
      return matching(agents(), current.slice(start.length)).map(({ value, what }) => ({
        value: start + value,
        what,
      }));
    }
    case 'directory':
      return 'directories';
    case 'file':
      return 'files';
    case 'receipt':
      return matching(
        listReceipts(env)
          .filter(({ undoneAt }) => undoneAt === undefined)
          .map(({ id, source, target }) => ({ value: id, what: `${source.agent} → ${target.agent}` })),
        current,
      );
    case 'number':
    case 'text':
      return [];
  }
}

/** Newest first. `codex:01` is completed as well as `01`. */
function sessions(current: string, agent: string | undefined, env: Env): Candidate[] {
  if (pathKind(indexPath(env)) === 'missing') return [];
  const index = openIndex(env);
  try {
    const all = indexedSessions(index, agent === undefined ? {} : { agents: [agent] });
    const found: Candidate[] = [];
    for (const { sid } of all) {
      const { summary } = loadSession(index, sid);
      const value = current.includes(':') ? `${summary.agent}:${summary.id}` : summary.id;
      if (found.length === MOST_SESSIONS) break;
      if (value.startsWith(current) && /^[\w:.-]+$/.test(value))
        found.push({ value, what: oneLine(`${summary.agent} ${summary.title ?? ''}`, 80) });
    }
    return found;
  } finally {
    index.close();
  }
}

function agents(): Candidate[] {
  return identities.map(({ id, name }) => ({ value: id, what: name }));
}

function plain(values: readonly string[]): Candidate[] {
  return values.map((value) => ({ value, what: '' }));
}

function matching(candidates: Candidate[], current: string): Candidate[] {
  return candidates.filter(({ value }) => value.startsWith(current));
}
