/**
 * The session model: what every agent's store is translated through.
 * Pure types; the names are the field's standard terms.
 */
import type { ToolCall } from './tools.ts';

/** ISO 8601 with milliseconds and `Z`, e.g. `2026-11-22T16:52:13.113Z`. */
export type Timestamp = string;

/** Token counts; a missing number was not recorded. `input` excludes cached tokens. */
export interface Usage {
  input?: number;
  output?: number;
  cacheRead?: number;
  cacheWrite?: number;
  reasoning?: number;
}

/** Where a session's work happened in version control. */
export interface GitState {
  branch?: string;
  commit?: string;
  remote?: string;
}

/** A usage limit that an agent recorded. */
export interface LimitState {
  /** What ran out: the account's quota, one model's, a per-minute rate, the service's capacity, or the context window. */
  scope: 'account' | 'model' | 'minute' | 'overload' | 'context';
  /** When the limit resets, if the record says so. */
  resetsAt?: Timestamp;
  /** `certain`: a structured record names it. `likely`: inferred from structured fields. */
  confidence: 'certain' | 'likely';
}

/** How a session came to be. */
export interface Lineage {
  kind: 'fork' | 'transplant' | 'subagent';
  agent: string;
  /** Session that this one came from (its parent for a subagent). */
  id: string;
}

/**
 * The native record an entry came from: a reference, not a copy.
 * `crc32` is over the raw bytes (range), the JSON text of the value (pointer) or of the row object (row); a range of a session
 * that was read clipped has none.
 */
export type Evidence =
  | { kind: 'range'; path: string; start: number; end: number; crc32?: number }
  | { kind: 'pointer'; path: string; pointer: string; crc32: number }
  | { kind: 'row'; path: string; table: string; key: string; crc32: number };

/** Plain text. */
export interface TextPart {
  type: 'text';
  text: string;
}

/** Model reasoning. `opaque` is what only its vendor can read: a signature, encrypted content, ids. */
export interface ReasoningPart {
  type: 'reasoning';
  /** Readable text; may be empty when only the opaque form was stored. */
  text: string;
  /** Who signed or encrypted it, e.g. `anthropic`, `openai`. */
  vendor?: string;
  opaque?: JsonObject;
}

/** A call as its agent stored it. */
export interface NativeCall {
  name: string;
  /** The input as stored: an object, or free text for tools that take text. */
  input: JsonValue;
}

/** One tool call: the canonical call (`tool` + `input`) and the agent's own form of it. */
export type ToolCallPart = ToolCall & {
  type: 'tool_call';
  /** Pairs the call with its result; unique in the session. */
  callId: string;
  native: NativeCall;
};

/** The outcome of one tool call. */
export interface ToolResultPart {
  type: 'tool_result';
  callId: string;
  /** `error` also for commands that ran and exited non-zero. */
  status: 'ok' | 'error' | 'interrupted';
  /** What the tool said, without the agent's wrapping (exit-code headers, truncation notes). */
  content: ResultContent[];
  /** Exit code of a command, where the agent recorded it. */
  exitCode?: number;
  /** The stored text is known to be cut. */
  truncated?: boolean;
}

/** Content that a tool result can hold. */
export type ResultContent = TextPart | ImagePart;

/** An image, base64. `data` is absent when only a path to it was stored. */
export interface ImagePart {
  type: 'image';
  mediaType: string;
  data?: string;
  path?: string;
}

/** An attached file: its text, or a path to it. */
export interface FilePart {
  type: 'file';
  name?: string;
  path?: string;
  mediaType?: string;
  text?: string;
}

export type Part = TextPart | ReasoningPart | ToolCallPart | ToolResultPart | ImagePart | FilePart;

interface EntryBase {
  /** Unique in the session; the native id where there is one. */
  id: string;
  /** The entry this one follows; null at the start. */
  parentId: string | null;
  time?: Timestamp;
  evidence: Evidence[];
}

/**
 * One message. Tool results live in `user` messages of origin `agent` (the field's API convention),
 * tool calls and reasoning in `assistant` messages.
 */
export interface MessageEntry extends EntryBase {
  type: 'message';
  role: 'user' | 'assistant' | 'system';
  /** `human`: a person's words. `agent`: model output and tool results. `harness`: injected by the agent program. */
  origin: 'human' | 'agent' | 'harness';
  model?: string;
  usage?: Usage;
  parts: Part[];
}

/**
 * The context was cut: the model's view from here on is `summary`, then the entries named in `keeps`, then what follows.
 * An empty `summary` means that it is stored in a form only the vendor can read.
 */
export interface CompactionEntry extends EntryBase {
  type: 'compaction';
  summary: string;
  /** Ids of earlier entries that stayed in the model's view verbatim. */
  keeps: string[];
}

/** Something that happened beside the conversation. */
export interface EventEntry extends EntryBase {
  type: 'event';
  event: 'limit' | 'error' | 'interrupted' | 'model' | 'mode' | 'title' | 'rollback';
  /** Message, model name, mode or title. */
  text?: string;
  limit?: LimitState;
}

/** One step of a plan. */
export interface PlanItem {
  text: string;
  status: 'pending' | 'in_progress' | 'completed' | 'cancelled';
}

/** A plan state that the agent stored outside a tool call. */
export interface PlanEntry extends EntryBase {
  type: 'plan';
  items: PlanItem[];
}

export type Entry = MessageEntry | CompactionEntry | EventEntry | PlanEntry;

/** What is known of a session as a whole. */
export interface SessionInfo {
  agent: string;
  id: string;
  title?: string;
  /** Absolute working directory. */
  cwd?: string;
  git?: GitState;
  /** Models that answered, in order of first use. */
  models: string[];
  usage?: Usage;
  createdAt?: Timestamp;
  updatedAt?: Timestamp;
  /** Version of the agent that wrote it. */
  agentVersion?: string;
  lineage: Lineage[];
}

/** A path through the session that is not the active one. */
export interface Branch {
  /** Id of its last entry; pass it to `read` as `branch`. */
  id: string;
  /** Entries on this path that the active path does not have. */
  entries: number;
}

/** Something in a store that could not be read as it should be; content-free. */
export interface Diagnostic {
  code:
    | 'bad-record'
    | 'torn-record'
    | 'unknown-record'
    | 'broken-chain'
    | 'missing-file'
    | 'unreadable'
    | 'too-large'
    | 'duplicate-id'
    | 'orphan-result'
    | 'not-a-session';
  /** What and where, without session content. */
  message: string;
  path?: string;
  /** Byte offset, line or row, where known. */
  at?: number | string;
}

/**
 * A session that can be read. `entries()` starts anew each time it is called and yields the active path
 * (or the branch asked for) in order; nothing holds the whole session unless the caller collects it.
 */
export interface Session {
  info: SessionInfo;
  entries(): Iterable<Entry>;
  branches: Branch[];
  /** Sessions of subagents; each can be read the same way. */
  subagents: Session[];
  /** Grows while `entries()` is consumed. */
  diagnostics: Diagnostic[];
}

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [key: string]: JsonValue;
}
