/** The recipe of one agent: how the suite runs the real program. One file per agent in `recipes/`. */
import type { Agent } from '../../src/agents/contract.ts';
import type { ExtraRoute, LogEntry } from './endpoint/server.ts';

/** Where one agent runs: a throw-away home, a project, an endpoint. */
export interface Place {
  home: string;
  /** The project directory, a git repository; the same for every agent. */
  cwd: string;
  /** `http://127.0.0.1:PORT`, without a path. */
  url: string;
  /** Version of the agent that runs here. */
  version: string;
  /** `node_modules` of the installation. */
  modules: string;
}

/** A process to run. The suite adds PATH, HOME and the recipe's `env`, closes standard input and limits the time. */
export interface Run {
  argv: string[];
  /** Default: the place's `cwd`. */
  cwd?: string;
  env?: Record<string, string>;
  /** Written to standard input, which is closed then; default: no input. */
  stdin?: string;
}

/** A session in the agent's own list, as far as the list tells. */
export interface Listed {
  id: string | undefined;
  title?: string;
  cwd?: string;
  /** When it last changed, as the list says it: ISO text, or milliseconds since the epoch. */
  updated?: string | number;
}

export type Scenario = 'text' | 'tool' | 'fail' | 'edit' | 'reasoning' | 'image' | 'long' | 'odd';

export interface Recipe {
  /** Agent id, as in `src/agents` and `versions.ts`. */
  id: string;
  /** Writes the configuration into `place.home` (again and again: keep it repeatable) and returns the variables to run with. */
  setup(place: Place): Record<string, string>;
  /** Flags for every headless run, for instance to skip approvals. */
  flags?(place: Place): string[];
  /**
   * A new session, headless. Default: the agent's own `launch.start`.
   * `image`: the path of a PNG that is to be shown to the model, only when `image` below says `prompt`.
   */
  start?(place: Place, prompt: string, image?: string): Run;
  /** Resume headless. Default: the agent's own `launch.resume`, which is what the product gives to people. */
  resume?(place: Place, session: { id: string; path: string }, prompt: string): Run;
  /**
   * Directives (`CALL: tool {json}`, one a line) that change `src/index.js` (its text: `EDIT_FROM`) to hold `EDIT_TO`
   * with the agent's own editing tools.
   */
  edit(place: Place): string;
  /**
   * How an image gets into a session: `prompt`: given to `start`; or directives that make a tool return the PNG at the
   * path. Absent: the agent has no way.
   */
  image?: 'prompt' | ((place: Place, path: string) => string);
  /** Each resume makes a new session that has the old one's past. */
  resumeForks?: true;
  /**
   * A text that this agent's own harness sent, less what is the harness's: '' when all of it is. Called for each text of
   * a request, and for prompts as sessions hold them. Default: removes `<system-reminder>` blocks.
   */
  withoutHarness?(text: string, role: 'user' | 'assistant'): string;
  /** What a result in a request says, where the agent puts it into a form of its own. Default: the text as it is sent. */
  resultText?(text: string): string;
  /** Lists the sessions of the project, headless (undefined: this version cannot); and what it printed. */
  list?: { run(place: Place): Run | undefined; sessions(stdout: string): Listed[] };
  /** The answers of the agent's own service, beside the model API. */
  routes?(place: { home: string; cwd: string }): ExtraRoute[];
  /**
   * The request that answers the probe, among those the endpoint got. Default: the first that has the probe in its last
   * prompt and offers tools.
   */
  pick?(requests: LogEntry[], probe: string): LogEntry | undefined;
  /** Milliseconds for one run; default 60 000. */
  timeoutMs?: number;
  /** What is known not to work, measured: scenario → reason, as source or as target. */
  cannot?: { source?: Partial<Record<Scenario, string>>; target?: Partial<Record<Scenario, string>> };
  /** The agent's interface in a terminal: see `tui.ts`. Absent: started and left as most are. */
  tui?: TuiRecipe;
  /** The session that `start` made, when the newest that the agent's reader finds is not it. */
  made?(place: Place, agent: Agent, stdout: string): string | undefined;
}

/** How the agent's interface is driven. */
export interface TuiRecipe {
  /** Flags that are given to `segue` behind `--`. */
  flags?(place: Place): string[];
  /** Keys on the way to the conversation; each is pressed once the screen shows what stands before it. */
  steps?: [shown: RegExp, keys: string][];
  /** Keys that end it, one after the other. Default: Ctrl-C twice. */
  leave?: string[];
  /** Why its interface cannot be started offline, measured. */
  cannot?: string;
}

export const EDIT_FROM = 'listen(3000)';
export const EDIT_TO = 'listen(8080)';
