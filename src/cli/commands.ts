/**
 * The command table: the single source of parsing, help, documentation and completions.
 * Importing it costs nothing; a command's code is loaded when it runs.
 */
import type { Invocation } from './invocation.ts';

/** What can stand for a value, for completions. */
export type ValueKind = 'session' | 'agent' | 'agents' | 'directory' | 'file' | 'receipt' | 'number' | 'text';

export interface ArgumentSpec {
  name: string;
  kind: ValueKind;
  required: boolean;
  /** Takes all remaining words. */
  variadic?: boolean;
  /** Words that it may be; others may do as well. */
  choices?: readonly string[];
  summary: string;
}

export interface OptionSpec {
  /** Without dashes. */
  name: string;
  short?: string;
  /** Other names, without dashes; they work but are not advertised. */
  aliases?: string[];
  /** Absent for a flag. */
  value?: {
    name: string;
    kind: ValueKind;
    /** All values that there are. */
    choices?: readonly string[];
    /** Stands for a value that was left out; needs `choices`. */
    implied?: string;
    /** May be given several times. */
    many?: boolean;
  };
  /** Works but is not advertised. */
  hidden?: boolean;
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
  /** What it prints for people may be long: on a terminal it goes through the pager. */
  pages?: boolean;
  /** For programs: not in help. */
  hidden?: boolean;
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

const fit: OptionSpec = {
  name: 'fit',
  value: { name: 'N', kind: 'text' },
  summary:
    "tell the oldest part by a handoff so that the rest fits N tokens (default: the target's context); none: never",
};
const agents: OptionSpec = {
  name: 'agent',
  short: 'a',
  aliases: ['tool', 'source'],
  value: { name: 'A[,B…]', kind: 'agents' },
  summary: 'only these agents',
};

/** Flags that agents have in common; each is put into the words of the agent that is started. */
const common: OptionSpec[] = [
  {
    name: 'model',
    short: 'm',
    value: { name: 'NAME', kind: 'text' },
    summary: 'model, when it is one that the agent takes',
  },
  {
    name: 'yolo',
    aliases: [
      'dangerously-skip-permissions',
      'dangerously-bypass-approvals-and-sandbox',
      'allow-all',
      'allow-all-tools',
    ],
    summary: "everything without asking, in the agent's own words; never added unasked",
  },
  { name: 'auto-edit', aliases: ['full-auto'], summary: 'edit files without asking' },
  { name: 'plan', summary: 'plan only' },
  { name: 'read-only', aliases: ['readonly'], summary: 'read only' },
  {
    name: 'sandbox',
    value: {
      name: '[MODE]',
      kind: 'text',
      choices: ['workspace-write', 'read-only', 'danger-full-access', 'on'],
      implied: 'on',
    },
    summary: "in the agent's sandbox",
  },
  {
    name: 'add-dir',
    value: { name: 'DIR', kind: 'directory', many: true },
    summary: 'a further directory to work in',
  },
  {
    name: 'approval-mode',
    value: { name: 'MODE', kind: 'text', choices: ['default', 'plan', 'auto_edit', 'auto-edit', 'yolo'] },
    summary: '',
    hidden: true,
  },
  {
    name: 'permission-mode',
    value: { name: 'MODE', kind: 'text', choices: ['default', 'plan', 'acceptEdits', 'bypassPermissions'] },
    summary: '',
    hidden: true,
  },
];
const noRedact: OptionSpec = { name: 'no-redact', summary: 'leave secrets as they are' };
const presets = ['minimal', 'standard', 'verbose', 'full'];

export const commands: CommandSpec[] = [
  {
    name: 'pick',
    aliases: [],
    summary: 'choose a session on the screen and go on with it; `segue` alone does this',
    description:
      "This project's sessions come first. Typing filters; Enter resumes, Tab chooses another agent, ? shows all keys.",
    args: [],
    options: [{ name: 'no-tui', aliases: ['plain'], summary: 'a plain numbered list instead' }],
    examples: [
      { line: 'segue', what: 'the picker' },
      { line: 'segue --no-tui', what: 'a numbered list, also where there is no terminal' },
    ],
    load: () => import('./commands/pick.ts'),
  },
  {
    name: 'list',
    aliases: ['ls'],
    summary: "list sessions of all agents: this project's first, newest first",
    args: [],
    options: [
      agents,
      {
        name: 'cwd',
        value: { name: 'DIR', kind: 'directory' },
        summary: 'only sessions of this directory and those below it',
      },
      {
        name: 'since',
        value: { name: 'WHEN', kind: 'text' },
        summary: 'changed since: 3d, 12h, today, 2026-11-22',
      },
      { name: 'until', value: { name: 'WHEN', kind: 'text' }, summary: 'changed before' },
      { name: 'model', value: { name: 'TEXT', kind: 'text' }, summary: "part of the model's name" },
      { name: 'branch', value: { name: 'NAME', kind: 'text' }, summary: 'worked on this branch' },
      { name: 'limited', summary: 'only sessions that stopped at a usage limit' },
      {
        name: 'grep',
        value: { name: 'TEXT', kind: 'text' },
        summary: 'part of title, directory, branch or id',
      },
      {
        name: 'sort',
        value: { name: 'KEY', kind: 'text', choices: ['updated', 'created', 'size', 'messages', 'title'] },
        summary: 'updated (default), created, size, messages, title',
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
    pages: true,
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
    pages: true,
    load: () => import('./commands/show.ts'),
  },
  {
    name: 'search',
    aliases: [],
    summary: 'search inside the sessions of all agents',
    description:
      'Words must all occur; "a phrase", begin*, -without. Filters: agent:codex cwd:api role:user|assistant|tool tool:Bash file:src/a.ts before:2026-11-01 after:3d. What was said is searched up to 12,000 characters a message, what tools were given up to 1,200, what they said in its first 500 and last 250; encoded data is left out.',
    args: [{ name: 'QUERY', kind: 'text', required: true, variadic: true, summary: 'what to look for' }],
    options: [
      agents,
      {
        name: 'number',
        short: 'n',
        value: { name: 'N', kind: 'number' },
        summary: 'at most N sessions (20)',
      },
      json,
    ],
    examples: [
      { line: 'segue search rate limit role:user', what: 'what you asked about it' },
      {
        line: 'segue search "E_CONN_RESET" agent:codex after:2w',
        what: 'an error, in Codex, in the last two weeks',
      },
    ],
    pages: true,
    load: () => import('./commands/search.ts'),
  },
  {
    name: 'files',
    aliases: [],
    summary: 'which sessions read or changed a file',
    args: [{ name: 'PATH', kind: 'file', required: true, summary: 'a path, or the end of one' }],
    options: [
      { name: 'number', short: 'n', value: { name: 'N', kind: 'number' }, summary: 'at most N (20)' },
      json,
    ],
    examples: [{ line: 'segue files src/server.ts', what: 'sessions that touched it' }],
    pages: true,
    load: () => import('./commands/files.ts'),
  },
  {
    name: 'handoff',
    aliases: ['inspect'],
    summary: 'print a document for the next agent, within a token budget',
    description:
      'Secrets are masked. Every claim carries the number of its entry: segue show REF --at N prints it whole.',
    args: [session],
    options: [
      {
        name: 'for',
        value: { name: 'AGENT', kind: 'agent' },
        summary: 'agent that will read it (its settings apply)',
      },
      {
        name: 'preset',
        value: { name: 'NAME', kind: 'text', choices: presets },
        summary: 'minimal 1500, standard 6000, verbose 16000 tokens, full',
      },
      { name: 'budget', value: { name: 'N', kind: 'number' }, summary: 'tokens it may take' },
      {
        name: 'output',
        short: 'o',
        aliases: ['write-md'],
        value: { name: 'FILE', kind: 'file' },
        summary: 'write it to a file that only you can read',
      },
      noRedact,
      json,
    ],
    examples: [
      { line: 'segue handoff last', what: 'the newest session, 6,000 tokens' },
      { line: 'segue handoff claude:1 --budget 1500 -o handoff.md', what: 'short, into a file' },
    ],
    pages: true,
    load: () => import('./commands/handoff.ts'),
  },
  {
    name: 'dump',
    aliases: [],
    summary: 'write every session to a folder, as Markdown or JSON that only you can read',
    description:
      'Secrets are masked. A file of an earlier dump is replaced; nothing else in the folder is touched.',
    args: [
      { name: 'AGENT|all', kind: 'agents', required: true, choices: ['all'], summary: 'whose sessions' },
      { name: 'DIR', kind: 'directory', required: true, summary: 'where to; made when it is missing' },
    ],
    options: [
      { name: 'json', summary: 'whole sessions as segue.session/1, instead of Markdown' },
      {
        name: 'preset',
        value: { name: 'NAME', kind: 'text', choices: presets },
        summary: 'size of the Markdown: minimal, standard, verbose, full (default)',
      },
      {
        name: 'number',
        short: 'n',
        aliases: ['limit'],
        value: { name: 'N', kind: 'number' },
        summary: 'only the N newest',
      },
      { name: 'all', summary: "subagents' and archived sessions too" },
      noRedact,
    ],
    examples: [
      { line: 'segue dump all ./sessions', what: 'every session as Markdown' },
      { line: 'segue dump codex ./sessions --json -n 10', what: "Codex's ten newest, whole" },
    ],
    load: () => import('./commands/dump.ts'),
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
      fit,
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
      'Short form: segue AGENT [N|ID]. With --in the session is written into the store of that agent first (an earlier transfer is used again when nothing changed).',
    args: [session],
    options: [
      { name: 'in', value: { name: 'AGENT', kind: 'agent' }, summary: 'agent to go on in' },
      {
        name: 'source',
        value: { name: 'AGENT', kind: 'agent' },
        summary: 'agent whose session REF is',
      },
      {
        name: 'prompt',
        short: 'p',
        value: { name: 'TEXT', kind: 'text' },
        summary: 'first prompt',
      },
      {
        name: 'as',
        value: { name: 'FORM', kind: 'text', choices: ['native', 'handoff'] },
        summary: 'native (default where the agent has a door) or handoff',
      },
      {
        name: 'preset',
        value: { name: 'NAME', kind: 'text', choices: presets },
        summary: 'size of the handoff (makes it one): minimal, standard, verbose, full',
      },
      {
        name: 'budget',
        value: { name: 'N', kind: 'number' },
        summary: 'tokens of the handoff (makes it one)',
      },
      { name: 'debug-prompt', summary: 'print the handoff and start nothing' },
      { name: 'no-redact', summary: 'leave secrets in the handoff as they are' },
      fit,
      { name: 'headless', summary: "the agent's one-shot mode: answer --prompt, print, exit" },
      { name: 'print', summary: 'print the command line instead of starting it' },
      { name: 'dry-run', summary: 'say what would be carried and started; do neither' },
      { name: 'json', summary: 'with --dry-run: as JSON' },
      cwd,
      ...common,
    ],
    examples: [
      { line: 'segue resume last --in codex', what: 'the newest session, in Codex' },
      { line: 'segue resume claude 1 --headless -p "run the tests"', what: 'for scripts and CI' },
      { line: 'segue codex 1 --in gemini', what: "short: Codex's newest session, in Gemini CLI" },
      { line: 'segue claude resume ID --source codex', what: 'go on in Claude Code with a session of Codex' },
      {
        line: 'segue claude 2 --plan -- --verbose',
        what: 'common flags are translated; after -- they go as they are',
      },
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
    options: [
      { name: 'list', summary: 'list all transfers instead' },
      { name: 'force', summary: 'also when the session was continued at the target since' },
      json,
    ],
    examples: [
      { line: 'segue undo', what: 'the newest transfer' },
      { line: 'segue undo --list', what: 'which there are' },
    ],
    load: () => import('./commands/undo.ts'),
  },
  {
    name: 'agents',
    aliases: [],
    summary: 'which agents there are, and what segue can do with each',
    args: [
      {
        name: 'show',
        kind: 'text',
        required: false,
        choices: ['show'],
        summary: '`show AGENT`: one agent in detail',
      },
      { name: 'AGENT', kind: 'agent', required: false, summary: 'the agent to show' },
    ],
    options: [json],
    examples: [{ line: 'segue agents show codex', what: 'places, commands and flags of one agent' }],
    pages: true,
    load: () => import('./commands/agents.ts'),
  },
  {
    name: 'scan',
    aliases: [],
    summary: 'what is where: agents, sessions, bytes, and the state of the index',
    args: [],
    options: [json],
    examples: [{ line: 'segue scan', what: 'one line for each agent' }],
    load: () => import('./commands/scan.ts'),
  },
  {
    name: 'index',
    aliases: [],
    summary: 'make everything searchable now, instead of when it is first searched',
    args: [],
    options: [json],
    examples: [{ line: 'segue index', what: 'read what is new' }],
    load: () => import('./commands/index.ts'),
  },
  {
    name: 'rebuild',
    aliases: [],
    summary: 'throw the index away and make it anew',
    args: [],
    options: [json],
    examples: [{ line: 'segue rebuild', what: 'never needed, always safe' }],
    load: () => import('./commands/rebuild.ts'),
  },
  {
    name: 'config',
    aliases: [],
    summary: 'effective settings, and where each comes from',
    args: [],
    options: [
      { name: 'for', value: { name: 'AGENT', kind: 'agent' }, summary: 'with the overrides for this target' },
      { name: 'keys', summary: 'list every key and what it sets' },
      json,
    ],
    examples: [{ line: 'segue config', what: 'for the current directory' }],
    pages: true,
    load: () => import('./commands/config.ts'),
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
  {
    name: 'doctor',
    aliases: [],
    summary: 'check stores, agents, configuration and index; say what to do, and what readers do not know',
    args: [],
    options: [
      {
        name: 'number',
        short: 'n',
        value: { name: 'N', kind: 'number' },
        summary: 'read the N newest sessions of each agent (10)',
      },
      { name: 'all', summary: 'read all sessions' },
      json,
    ],
    examples: [{ line: 'segue doctor', what: 'when something does not work, or after an agent was updated' }],
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'completions',
    aliases: [],
    summary: 'print the completion script for a shell',
    description:
      'bash: source <(segue completions bash) in ~/.bashrc. zsh: the same in ~/.zshrc. fish: into ~/.config/fish/completions/segue.fish. PowerShell: segue completions powershell | Out-String | Invoke-Expression in $PROFILE.',
    args: [
      {
        name: 'SHELL',
        kind: 'text',
        required: true,
        choices: ['bash', 'zsh', 'fish', 'powershell'],
        summary: 'bash, zsh, fish or powershell',
      },
    ],
    options: [],
    examples: [{ line: 'segue completions fish', what: 'its script' }],
    load: () => import('./commands/completions.ts'),
  },
  {
    name: 'complete',
    aliases: [],
    hidden: true,
    summary: 'what may come next, for completion scripts: a value and what it is, a line each',
    args: [],
    options: [{ name: 'next', summary: 'a new word is begun' }],
    examples: [{ line: 'segue complete -- resume la', what: 'what the word may become' }],
    passesFlags: true,
    load: () => import('./commands/complete.ts'),
  },
];

/** The command of a name or alias. */
export function findCommand(name: string): CommandSpec | undefined {
  return commands.find((command) => command.name === name || command.aliases.includes(name));
}
