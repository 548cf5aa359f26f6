/**
 * The command table: the single source of parsing, help, documentation and completions.
 * Importing it costs nothing; a command's code is loaded when it runs.
 */
import type { Invocation } from './invocation.ts';

/** What can stand for a value, for completions. */
export type ValueKind = 'session' | 'agent' | 'agents' | 'directory' | 'receipt' | 'number' | 'text';

export interface ArgumentSpec {
  name: string;
  kind: ValueKind;
  required: boolean;
  /** Takes all remaining words. */
  variadic?: boolean;
  summary: string;
}

export interface OptionSpec {
  /** Without dashes. */
  name: string;
  short?: string;
  /** Absent for a flag. */
  value?: { name: string; kind: ValueKind };
  summary: string;
}

export interface Example {
  line: string;
  what: string;
}

export interface CommandSpec {
  name: string;
  aliases: string[];
  summary: string;
  /** What `--help` says beyond the summary. */
  description?: string;
  args: ArgumentSpec[];
  options: OptionSpec[];
  examples: Example[];
  /** Words after `--` are passed on to the agent. */
  passesFlags?: boolean;
  load(): Promise<{ run(invocation: Invocation): Promise<number> }>;
}

const json: OptionSpec = { name: 'json', summary: 'print JSON' };
const session: ArgumentSpec = {
  name: 'REF',
  kind: 'session',
  required: true,
  variadic: true,
  summary: 'agent:id, an id or its beginning, agent:N or agent N (N-th latest), last, or a path',
};
const cwd: OptionSpec = {
  name: 'cwd',
  value: { name: 'DIR', kind: 'directory' },
  summary: "directory to work in, instead of the session's",
};

export const commands: CommandSpec[] = [
  {
    name: 'list',
    aliases: ['ls'],
    summary: 'list sessions of all agents, newest first',
    args: [],
    options: [
      { name: 'agent', short: 'a', value: { name: 'A[,B…]', kind: 'agents' }, summary: 'only these agents' },
      {
        name: 'cwd',
        value: { name: 'DIR', kind: 'directory' },
        summary: 'only sessions of this directory and those below it',
      },
      { name: 'all', summary: "no limit; subagents' and archived sessions too" },
      { name: 'number', short: 'n', value: { name: 'N', kind: 'number' }, summary: 'at most N (text: 20)' },
      json,
      { name: 'jsonl', summary: 'print one JSON object a line' },
    ],
    examples: [
      { line: 'segue list --cwd .', what: "this project's sessions" },
      { line: 'segue list --agent codex -n 5', what: "Codex's five newest" },
    ],
    load: () => import('./commands/list.ts'),
  },
  {
    name: 'show',
    aliases: ['info'],
    summary: 'show a session',
    args: [session],
    options: [
      {
        name: 'at',
        value: { name: 'N|ID', kind: 'text' },
        summary: 'only this entry, whole: its number or its id',
      },
      { name: 'branch', value: { name: 'ID', kind: 'text' }, summary: 'a path that is not the active one' },
      { name: 'full', summary: 'long texts and results whole' },
      json,
    ],
    examples: [
      { line: 'segue show last', what: 'the newest session' },
      { line: 'segue show claude 2 --at 14', what: 'entry 14 of the second-newest of Claude Code' },
      { line: 'segue show codex:019e --json', what: 'the whole session in the session model' },
    ],
    load: () => import('./commands/show.ts'),
  },
  {
    name: 'convert',
    aliases: [],
    summary: 'write a session into the store of another agent',
    description:
      'The source is not changed. The new session is read back and compared before it counts; undo takes it away again.',
    args: [session],
    options: [
      { name: 'to', value: { name: 'A[,B…]', kind: 'agents' }, summary: 'target agents' },
      { name: 'dry-run', summary: 'say what would be carried; write nothing' },
      cwd,
      json,
    ],
    examples: [
      { line: 'segue convert last --to codex', what: 'the newest session, for Codex' },
      { line: 'segue convert 364ebac8 --to claude,codex --dry-run', what: 'what each would hold' },
    ],
    load: () => import('./commands/convert.ts'),
  },
  {
    name: 'resume',
    aliases: ['r'],
    summary: 'go on with a session, in its own agent or in another',
    description:
      'With --in the session is written into the store of that agent first (an earlier transfer is used again when nothing changed).',
    args: [session],
    options: [
      { name: 'in', value: { name: 'AGENT', kind: 'agent' }, summary: 'agent to go on in' },
      {
        name: 'prompt',
        short: 'p',
        value: { name: 'TEXT', kind: 'text' },
        summary: 'first prompt',
      },
      { name: 'headless', summary: "the agent's one-shot mode: answer --prompt, print, exit" },
      { name: 'print', summary: 'print the command line instead of starting it' },
      cwd,
    ],
    examples: [
      { line: 'segue resume last --in codex', what: 'the newest session, in Codex' },
      { line: 'segue resume claude 1 --headless -p "run the tests"', what: 'for scripts and CI' },
      { line: 'segue resume last -- --model opus', what: 'flags after -- go to the agent' },
    ],
    passesFlags: true,
    load: () => import('./commands/resume.ts'),
  },
  {
    name: 'undo',
    aliases: [],
    summary: 'take a transfer back',
    description: 'Removes exactly what the transfer added, unless the new session was worked in since.',
    args: [
      {
        name: 'RECEIPT',
        kind: 'receipt',
        required: false,
        summary: 'its receipt; default: the newest transfer',
      },
    ],
    options: [{ name: 'force', summary: 'also when the session was continued at the target since' }, json],
    examples: [{ line: 'segue undo', what: 'the newest transfer' }],
    load: () => import('./commands/undo.ts'),
  },
  {
    name: 'agents',
    aliases: [],
    summary: 'which agents there are, and what segue can do with each',
    args: [
      { name: 'show', kind: 'text', required: false, summary: '`show AGENT`: one agent in detail' },
      { name: 'AGENT', kind: 'agent', required: false, summary: 'the agent to show' },
    ],
    options: [json],
    examples: [{ line: 'segue agents show codex', what: 'places, commands and flags of one agent' }],
    load: () => import('./commands/agents.ts'),
  },
  {
    name: 'demo',
    aliases: [],
    summary: 'try it on bundled sample sessions; nothing of yours is touched',
    args: [],
    options: [{ name: 'keep', summary: 'keep the scratch folder and say where it is' }],
    examples: [{ line: 'segue demo', what: 'list, show, and hand over Claude Code → Codex → Claude Code' }],
    load: () => import('./commands/demo.ts'),
  },
];

/** The command of a name or alias. */
export function findCommand(name: string): CommandSpec | undefined {
  return commands.find((command) => command.name === name || command.aliases.includes(name));
}
