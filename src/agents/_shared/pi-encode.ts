/** Entries of the session model → records of a pi transcript (version 3). */
import { timeMs } from '../../model/ids.ts';
import { asObject, asString } from '../../model/narrow.ts';
import type {
  CompactionEntry,
  Entry,
  JsonObject,
  MessageEntry,
  NativeCall,
  Part,
  ReasoningPart,
  Session,
  ToolResultPart,
} from '../../model/session.ts';
import { jsonLine } from '../../model/text.ts';
import type { EncodeTarget } from '../contract.ts';
import { type Answer, answers } from './answers.ts';
import { PROVENANCE } from './pi-session.ts';

/** In what the family's transcripts differ when written. */
export interface PiTranscript {
  sessionId: string;
  /** Makes the id of the n-th record; the same n gives the same id. */
  recordId(n: number): string;
  /** What the agent's own interface keeps beside a result; undefined for none. */
  details(call: NativeCall | undefined, result: ToolResultPart): JsonObject | undefined;
}

/** Provider and API of messages whose own are not known: none that exists, so that no model takes them for its own. */
const FOREIGN = 'segue';

/**
 * The lines of a transcript. Each record follows the one before it.
 * Usage is written as zeros: all-zero counts make pi estimate the size of the context from the messages (0.87.1, read in
 * its source), while another agent's counts, with its system prompt in them, would make it compact too early.
 */
export function* transcriptLines(
  session: Session,
  target: EncodeTarget,
  transcript: PiTranscript,
): Generator<string, void, void> {
  const chain = newChain(target, transcript);
  yield jsonLine({
    type: 'session',
    version: 3,
    id: transcript.sessionId,
    timestamp: target.now.toISOString(),
    cwd: target.cwd,
  });
  const { agent, id } = session.info;
  yield chain.record({ type: 'custom', customType: PROVENANCE, data: { agent, id } });
  if (target.title !== undefined) yield chain.record({ type: 'session_info', name: target.title });

  const calls = new Map<string, NativeCall>();
  const written: Written[] = [];
  for (const item of answers(session.entries())) {
    const record = chain.next();
    if (item.type === 'answer') {
      chain.at(item.entry);
      written.push(...item.ids.map((entry) => ({ entry, record, startsTurn: true })));
      for (const part of item.parts) if (part.type === 'tool_call') calls.set(part.callId, part.native);
      yield chain.message(assistantMessage(item));
    } else if (item.type === 'compaction') {
      chain.at(item);
      yield chain.record(compactionRecord(item, written, record));
      written.push({ entry: item.id, record, startsTurn: true });
    } else if (item.type === 'message') {
      chain.at(item);
      written.push({ entry: item.id, record, startsTurn: !item.parts.some(isResult) });
      for (const message of userMessages(item, calls, transcript)) yield chain.message(message);
    }
  }
}

interface Written {
  entry: string;
  /** Id of the entry's first record. */
  record: string;
  startsTurn: boolean;
}

/** Hands out ids, parents and times that never run backwards. */
function newChain(target: EncodeTarget, transcript: PiTranscript) {
  let count = 0;
  let parentId: string | null = null;
  let ms: number | undefined;
  const time = (): number => ms ?? target.now.getTime();
  return {
    /** Takes an entry's time for the records that follow. */
    at(entry: Entry): void {
      ms = timeMs(entry.time, time());
    },
    next: (): string => transcript.recordId(count),
    record,
    message: (message: JsonObject): string =>
      record({ type: 'message', message: { ...message, timestamp: time() } }),
  };

  function record(fields: JsonObject): string {
    const id = transcript.recordId(count++);
    const { type, ...rest } = fields;
    const line = jsonLine({ type, id, parentId, timestamp: new Date(time()).toISOString(), ...rest });
    parentId = id;
    return line;
  }
}

/** pi keeps everything from one record on: the first kept entry, or the call before it when that is a result. */
function compactionRecord(entry: CompactionEntry, written: Written[], own: string): JsonObject {
  const kept = new Set(entry.keeps);
  let first = written.findIndex((item) => kept.has(item.entry));
  while (first > 0 && written[first]?.startsTurn === false) first--;
  return {
    type: 'compaction',
    summary: entry.summary,
    firstKeptEntryId: written[first]?.record ?? own,
    tokensBefore: 0,
  };
}

function isResult(part: Part): boolean {
  return part.type === 'tool_result';
}

/** The API messages of one user entry: results each on their own, everything else together. */
function* userMessages(
  entry: MessageEntry,
  calls: Map<string, NativeCall>,
  transcript: PiTranscript,
): Generator<JsonObject, void, void> {
  let blocks: JsonObject[] = [];
  for (const part of entry.parts) {
    if (part.type !== 'tool_result') {
      blocks.push(...contentBlock(part));
      continue;
    }
    if (blocks.length > 0) yield { role: 'user', content: blocks };
    blocks = [];
    yield resultMessage(part, calls.get(part.callId), transcript);
  }
  if (blocks.length > 0) yield { role: 'user', content: blocks };
}

function assistantMessage({ entry, parts }: Answer): JsonObject {
  const reasoning = parts.find((part) => part.type === 'reasoning');
  const source = reasoning?.opaque ?? {};
  return {
    role: 'assistant',
    content: parts.flatMap(assistantBlock),
    api: asString(source.api) ?? FOREIGN,
    provider: asString(source.provider) ?? FOREIGN,
    model: asString(source.model) ?? entry.model ?? 'unknown',
    usage: {
      input: 0,
      output: 0,
      cacheRead: 0,
      cacheWrite: 0,
      totalTokens: 0,
      cost: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, total: 0 },
    },
    stopReason: parts.some((part) => part.type === 'tool_call') ? 'toolUse' : 'stop',
  };
}

function assistantBlock(part: Part): JsonObject[] {
  if (part.type === 'tool_call') {
    const { name, input } = part.native;
    return [{ type: 'toolCall', id: part.callId, name, arguments: asObject(input) ?? { input } }];
  }
  return part.type === 'reasoning' ? [thinkingBlock(part)] : contentBlock(part);
}

function thinkingBlock(part: ReasoningPart): JsonObject {
  const block: JsonObject = { type: 'thinking', thinking: part.text };
  for (const key of ['thinkingSignature', 'redacted']) {
    const value = part.opaque?.[key];
    if (value !== undefined) block[key] = value;
  }
  return block;
}

function resultMessage(
  part: ToolResultPart,
  call: NativeCall | undefined,
  transcript: PiTranscript,
): JsonObject {
  const details = transcript.details(call, part);
  const message: JsonObject = {
    role: 'toolResult',
    toolCallId: part.callId,
    toolName: call?.name ?? 'unknown',
    content: part.content.flatMap(contentBlock),
  };
  if (details !== undefined) message.details = details;
  message.isError = part.status !== 'ok';
  return message;
}

function contentBlock(part: Part): JsonObject[] {
  if (part.type === 'text') return [{ type: 'text', text: part.text }];
  if (part.type === 'image') {
    if (part.data === undefined) return [{ type: 'text', text: `[image ${part.path ?? part.mediaType}]` }];
    return [{ type: 'image', data: part.data, mimeType: part.mediaType }];
  }
  if (part.type === 'file') {
    const name = part.path ?? part.name ?? 'file';
    return [{ type: 'text', text: `<file name="${name}">\n${part.text ?? ''}\n</file>` }];
  }
  return [];
}
