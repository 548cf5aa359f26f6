/** Records → entries. */
import { asNumber, asObject, asText } from '../../model/narrow.ts';
import type {
  Diagnostic,
  Entry,
  Evidence,
  JsonObject,
  MessageEntry,
  Part,
  Timestamp,
  ToolResultPart,
} from '../../model/session.ts';
import { modelParts, splitResponses } from '../_shared/gemini-messages.ts';
import { type CallBook, contentParts } from '../_shared/gemini-parts.ts';
import { recordedStatus } from '../_shared/gemini-results.ts';
import { type KeptRecords, readCompaction } from './compaction.ts';
import { apiFailure } from './limits.ts';
import { type Node, readUsage } from './skeleton.ts';

/** Reasoning is stored as text, which the agent gives back to whatever model it talks to. */
export const VENDOR = 'qwen';

export interface StoredRecord {
  node: Node;
  record: JsonObject;
  /** Of all its fragments. */
  parts: JsonObject[];
  evidence: Evidence[];
  time: Timestamp | undefined;
}

/** What one pass over a session knows. */
export interface Reading {
  book: CallBook;
  diagnostics: Diagnostic[];
  /** The transcript's path. */
  place: string;
}

/** `content` instead of `parts` is nothing to the agent, and not read here either. */
export function messageParts(record: JsonObject): JsonObject[] {
  return contentParts(asObject(record.message)?.parts);
}

/** The entries of one record. `seen` is kept only for sessions with a compaction. */
export function* recordEntries(
  stored: StoredRecord,
  reading: Reading,
  seen: KeptRecords | undefined,
): Generator<Entry, void, void> {
  const { node, record, parts, evidence, time } = stored;
  const base = { id: node.uuid, parentId: null, evidence, ...(time === undefined ? {} : { time }) };
  switch (node.type) {
    case 'user':
    case 'tool_result': {
      const { results, said } = userParts(record, parts, reading, node);
      if (results.length > 0)
        yield { ...base, type: 'message', role: 'user', origin: 'agent', parts: results };
      const { spoken, injected } = splitContext(said);
      const origin = isHuman(node, record) ? ('human' as const) : ('harness' as const);
      if (spoken.length > 0) yield { ...base, type: 'message', role: 'user', origin, parts: spoken };
      if (injected.length > 0)
        yield { ...base, type: 'message', role: 'user', origin: 'harness', parts: injected };
      return;
    }
    case 'assistant':
      yield* assistantEntry(base, record, parts, reading);
      return;
    default:
      yield* systemEntries(base, node, record, seen);
  }
}

type Base = Pick<Entry, 'id' | 'parentId' | 'evidence' | 'time'>;

function* assistantEntry(
  base: Base,
  record: JsonObject,
  parts: JsonObject[],
  { book }: Reading,
): Generator<MessageEntry> {
  const read = modelParts(parts, book, VENDOR);
  if (read.length === 0) return;
  const model = asText(record.model);
  const usage = readUsage(record.usageMetadata);
  yield {
    ...base,
    type: 'message',
    role: 'assistant',
    origin: 'agent',
    ...(model === undefined ? {} : { model }),
    ...(usage === undefined ? {} : { usage }),
    parts: read,
  };
}

/** Prompts are a person's; notifications, scheduled prompts and the like have a subtype or another provenance. */
function isHuman(node: Node, { provenance }: JsonObject): boolean {
  if (node.subtype !== undefined && node.subtype !== 'mid_turn_user_message') return false;
  return provenance === undefined || provenance === 'real_user' || provenance === 'tool_result';
}

/** Context that a hook added stands in a part of its own, last. */
function splitContext(said: Part[]): { spoken: Part[]; injected: Part[] } {
  const last = said.at(-1);
  const isContext =
    said.length > 1 &&
    last?.type === 'text' &&
    /^\s*<qwen:user-prompt-submit-context>\n[\s\S]*\n<\/qwen:user-prompt-submit-context>\s*$/.test(last.text);
  return isContext ? { spoken: said.slice(0, -1), injected: said.slice(-1) } : { spoken: said, injected: [] };
}

function userParts(
  record: JsonObject,
  parts: JsonObject[],
  { book, diagnostics, place }: Reading,
  node: Node,
): { results: ToolResultPart[]; said: Part[] } {
  const outcome = asObject(record.toolCallResult);
  const of = (id: string | undefined): boolean => id !== undefined && outcome?.callId === id;
  const { results, said } = splitResponses(parts, {
    book,
    vendor: VENDOR,
    recorded: (id) => (of(id) ? recordedStatus(outcome?.status) : undefined),
    orphan: () =>
      diagnostics.push({
        code: 'orphan-result',
        message: 'a result without a call',
        path: place,
        at: node.ranges[0]?.start,
      }),
  });
  const display = asObject(outcome?.resultDisplay);
  if (results.length === 1 && display?.type === 'shell_result')
    return { results: results.map((result) => withDisplay(result, display)), said };
  return { results, said };
}

/** What the interface's copy of a command's outcome says beyond the text: its exit code, and whether it was cut. */
function withDisplay(result: ToolResultPart, display: JsonObject): ToolResultPart {
  const exitCode = result.exitCode ?? asNumber(display.exitCode);
  const failed = exitCode !== undefined && exitCode !== 0 && result.status === 'ok';
  return {
    ...result,
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(failed ? { status: 'error' as const } : {}),
    ...(display.truncated === true ? { truncated: true } : {}),
  };
}

function* systemEntries(
  base: Base,
  node: Node,
  record: JsonObject,
  seen: KeptRecords | undefined,
): Generator<Entry> {
  const payload = asObject(record.systemPayload) ?? {};
  switch (node.subtype) {
    case 'chat_compression':
      if (seen !== undefined) yield* readCompaction(base, payload, seen);
      return;
    case 'ui_telemetry': {
      const failure = apiFailure(record);
      if (failure === undefined) return;
      const { text, limit } = failure;
      yield limit === undefined
        ? { ...base, type: 'event', event: 'error', text }
        : { ...base, type: 'event', event: 'limit', text, limit };
      return;
    }
    case 'custom_title':
      yield { ...base, type: 'event', event: 'title', text: asText(payload.customTitle) ?? '' };
      return;
    case 'rewind':
      yield { ...base, type: 'event', event: 'rollback' };
  }
}
