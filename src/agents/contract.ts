/** The agent contract: one typed object per agent. See ARCHITECTURE.md for the rules behind each member. */

import type { Env } from '../io/paths.ts';
import type { Ids } from '../model/ids.ts';
import type {
  Diagnostic,
  JsonObject,
  JsonValue,
  LimitState,
  NativeCall,
  ResultContent,
  Session,
  Timestamp,
  ToolCallPart,
  ToolResultPart,
} from '../model/session.ts';
import type { ToolCall } from '../model/tools.ts';

/** A session as discovery sees it: found, not opened. */
export interface SessionRef {
  agent: string;
  id: string;
  /** File, folder or database that holds it. */
  path: string;
  /** Row key, for sessions inside a database. */
  key?: string;
  bytes: number;
  /** Milliseconds since the epoch. */
  mtimeMs: number;
  /**
   * When the file's status last changed (ctime, milliseconds): notices a file that was replaced by another of the same size
   * and time. An inode would not do: it is used again at once.
   */
  ctimeMs?: number;
  /** Parent session id, when the place itself says that this is a subagent's. */
  parent?: string;
  archived?: boolean;
}

/** Bounded facts about a session, for lists. Absent numbers were not counted. */
export interface SessionSummary {
  agent: string;
  id: string;
  title?: string;
  cwd?: string;
  branch?: string;
  remote?: string;
  model?: string;
  createdAt?: Timestamp;
  updatedAt?: Timestamp;
  /** `user` counts what a person said, `assistant` model messages. */
  messages?: { user: number; assistant: number };
  toolCalls?: number;
  /** Beginnings of what a person said first and last; known once the full text was read. */
  prompts?: { first: string; last: string };
  /** Total tokens that the agent recorded. */
  tokens?: number;
  bytes: number;
  path: string;
  /** Parent session, for a subagent's. */
  parent?: string;
  archived?: boolean;
  /** Present when the session stopped at a usage limit. */
  limit?: LimitState;
  /** Why it cannot be read as a session, or which part is damaged. */
  damaged?: string;
}

/** What discovery and reading run in. */
export interface ReadContext {
  env: Env;
  /** Facts about a store that are the same for all its sessions, kept while many are read one after the other (`once`). */
  known?: Map<string, unknown>;
}

/** A fact about a store, found out once where the caller keeps it. `key` names it in all agents. */
export function once<T>({ known }: ReadContext, key: string, find: () => T): T {
  if (known === undefined) return find();
  if (!known.has(key)) known.set(key, find());
  return known.get(key) as T;
}

export interface DiscoverResult {
  refs: SessionRef[];
  /** Stores or folders that could not be looked at. */
  diagnostics: Diagnostic[];
}

export interface ReadOptions {
  /** Id of a branch's last entry (`Session.branches`); default: the active path. */
  branch?: string;
  /**
   * For work that needs the conversation only, on sessions of any size: texts longer than this many bytes may be cut in the
   * middle, where a line "..." then stands; checksums of evidence and token counts may be missing. Never set for what is
   * written to another agent.
   */
  clip?: number;
  /** The same for what tools said that did not fail; default: `clip`. Readers that cannot tell beforehand take no notice. */
  clipOutput?: number;
  /** Only with `clip`: what is stored of a call's outcome beside its output (status, details) is not wanted and may be missing. */
  textsOnly?: boolean;
}

/** How much of a record is wanted. */
export type Clipping = Pick<ReadOptions, 'clip' | 'clipOutput' | 'textsOnly'>;

/** A place in a session's file from which a later reading can go on; what is before it does not change by appending. */
export interface ReadMark {
  /** Bytes from the start of the file: entries whose record starts here or later are read again. */
  offset: number;
  /** What the agent has to know of what is before. */
  state: JsonObject;
}

/** Where reading a session can go on when its file has grown. */
export interface Marks {
  /** Before the entry whose record starts at `offset`? `closed`: only where every earlier call has its result. */
  at(offset: number): 'always' | 'closed' | 'no';
  /** The mark at such a place, or a little before it, where its entry begins that is told in several records. */
  make(offset: number): ReadMark;
}

/** A session that can be read on when its file has grown. */
export interface MarkedSession extends Session {
  marks?: Marks;
}

/** What a prepared session may hold so that this agent loads it whole. Read by `transfer/prepare`. */
export interface Acceptance {
  callId: {
    /** Ids that the agent and its model APIs take. */
    pattern: RegExp;
    prefix: string;
  };
  toolName: { pattern: RegExp; maxLength: number };
  images: { user: boolean; result: boolean };
  /** Vendor whose signed or encrypted reasoning this agent can hold; others' is left out. */
  reasoningVendor?: string;
  /** Calls to tools the agent does not have: kept as structured calls, or told as text. */
  foreignTools: 'structured' | 'text';
  /** The agent has a record of its own for compaction. Without one, covered entries are left out and the summary is told. */
  compaction: boolean;
  /** Prompts that start with one of these are dropped or taken as commands; a zero-width space is put in front. */
  guardedPrefixes?: RegExp;
}

/** Native tool ⇄ canonical tool. Both directions are total: unknown tools are `other`. */
export interface ToolTable {
  /** Native call → canonical call. `cwd` resolves relative paths where the agent stores them so. */
  read(call: NativeCall, cwd?: string): ToolCall;
  /**
   * Canonical call → the agent's own calls, in order; undefined when it has no equivalent.
   * More than one call means that the agent needs several (a patch over three files).
   */
  write(call: ToolCall, cwd?: string): NativeCall[] | undefined;
  /** Canonical result → the content this agent stores for it; default: as it is. */
  writeResult?(call: ToolCallPart, result: ToolResultPart): ResultContent[];
}

/** What `encode` writes for. Nothing in it does I/O. */
export interface EncodeTarget {
  env: Env;
  /** Real path of the session's directory at the target. */
  cwd: string;
  now: Date;
  /** New ids; the same seed gives the same ids. */
  ids: Ids;
  title?: string;
  /** Facts about the target's store that the plan depends on, from `Agent.probe`. */
  store: StoreFacts;
}

/** Agent-specific, produced by `probe` and read by the same agent's `encode`. */
export type StoreFacts = Readonly<Record<string, JsonValue>>;

/** A file to be created; it must not exist. Called once or more; each call starts anew. */
export interface PlannedFile {
  path: string;
  content(): Iterable<string | Uint8Array>;
  /** Permission bits; default 0600. */
  mode?: number;
}

/** One line to be appended to a JSON-lines index (created when missing). `undo` removes exactly this line. */
export interface PlannedLine {
  path: string;
  line: string;
}

/**
 * One member to be added to a JSON index file (created as `create` when missing). `at` is the path of object keys to
 * the container; an array gets `value` at its `end`, an object gets it under `key` (which must be free).
 * `undo` removes what equals `value`.
 */
export interface PlannedMember {
  path: string;
  at: string[];
  key?: string;
  end?: 'first' | 'last';
  value: JsonValue;
  create: JsonValue;
}

/** Rows to be inserted into one database of the agent; the key must be free. */
export interface PlannedRow {
  database: string;
  table: string;
  /** Column → value; columns the table lacks are left out by the executor. */
  values: Readonly<Record<string, string | number | null>>;
  /** Columns that identify the row, for read-back and undo. */
  key: string[];
}

/** The agent's own import door. `{file}` in argv stands for the path of the staged `input`. */
export interface PlannedImport {
  argv: string[];
  cwd: string;
  /** Content staged in a private temporary file for the command. */
  input(): Iterable<string | Uint8Array>;
  inputName: string;
  /** Finds the new session's id in the command's output. Default: the plan's `sessionId`. */
  sessionId?(stdout: string): string | undefined;
  /** Deletes what was imported; `{id}` stands for the session id. */
  undo: string[];
}

/** A command line to run or to show. Never a shell string. */
export interface CommandLine {
  argv: string[];
  cwd?: string;
  env?: Readonly<Record<string, string>>;
  /** What to do with standard input; default `inherit` for interactive, `ignore` for headless. */
  stdin?: 'inherit' | 'ignore' | { text: string };
}

/** Everything that a transfer adds to the target's store. Pure data and generators. */
export interface WritePlan {
  agent: string;
  sessionId: string;
  /** What `read` opens afterwards. */
  ref: { path: string; key?: string };
  /** Written in order; content generators of later files may use what earlier ones gathered. */
  files: PlannedFile[];
  lines: PlannedLine[];
  members: PlannedMember[];
  /** Called after the files are written. */
  rows(): PlannedRow[];
  import?: PlannedImport;
  /** What encoding had to change beyond what `accepts` says; complete once every file's content was drained. */
  notes?(): PlanNote[];
}

/** A declared difference between what was asked to be written and what the target can hold. */
export interface PlanNote {
  /** Stable code, kebab-case. */
  code: string;
  count: number;
  detail: string;
}

/** What a resume or a start is asked to do. */
export interface LaunchRequest {
  cwd: string;
  prompt?: string;
  /** One-shot mode: answer, print, exit. */
  headless?: boolean;
  /** Passed to the agent as they are. */
  flags?: string[];
}

/** Flags of other agents ⇄ this agent's. */
export interface FlagTable {
  model?(name: string): string[];
  /** Models whose names this agent takes. */
  modelNames?: RegExp;
  yolo?: string[];
  /** `yolo` inside the sandbox, where the two contradict each other. */
  yoloSandboxed?: string[];
  plan?: string[];
  autoEdit?: string[];
  readOnly?: string[];
  sandbox?: string[];
  addDir?(dir: string): string[];
  /** Instead of `addDir`, where a second one would replace the first. */
  addDirs?(dirs: readonly string[]): string[];
}

export interface Launch {
  /** A new session with `prompt` first; undefined when the agent cannot be started so. */
  start(request: LaunchRequest): CommandLine | undefined;
  /** Resume by id; undefined when there is no such door. */
  resume(session: { id: string; path: string }, request: LaunchRequest): CommandLine | undefined;
  /** Prints the version. */
  version: string[];
  /** Context of the agent's default model in tokens, where it is known. */
  contextTokens?: number;
  flags: FlagTable;
  /** How to install the agent, one line. */
  install: string;
}

export interface Agent {
  /** Folder name and id. */
  id: string;
  name: string;
  bins: string[];
  aliases: string[];
  /** Absolute folders (or files) that hold this agent's sessions, with every override applied. Pure. */
  roots(env: Env): string[];
  /** Every session there is; stat and names only (one query for a database). */
  discover(context: ReadContext): DiscoverResult;
  /** Bounded work: head, tail and byte filters. Never throws for a damaged session: says so in `damaged`. */
  summarize(ref: SessionRef, context: ReadContext): SessionSummary;
  /** Throws `SegueError` `not-a-session` or `unreadable`; everything less is a diagnostic. */
  read(ref: SessionRef, context: ReadContext, options?: ReadOptions): MarkedSession;
  /**
   * The entries from `mark` on, for a file that is the same up to there; undefined when what was appended may have changed
   * what is before. Only for files that are appended to.
   */
  readOn?(
    ref: SessionRef,
    context: ReadContext,
    mark: ReadMark,
    options?: ReadOptions,
  ): MarkedSession | undefined;
  /** A session file or folder given by path → ref; undefined when it is not this agent's. */
  recognize?(path: string, context: ReadContext): SessionRef | undefined;
  tools: ToolTable;
  launch: Launch;
  /** Writing; absent when the agent has no usable native door. */
  writer?: Writer;
  /** Why there is no writer. */
  noWriter?: string;
}

export interface Writer {
  accepts: Acceptance;
  /** Facts about the store at the target, read-only. Throws `SegueError` when writing would be unsafe. */
  probe(env: Env, cwd: string): StoreFacts;
  /** Prepared session → plan. Pure. */
  encode(session: Session, target: EncodeTarget): WritePlan;
}
