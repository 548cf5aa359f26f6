/** The third step of reading: parsed records → entries. */
import { asArray, asObject, asString, asText, asTimestamp, defined, isObject } from '../../model/narrow.ts';
import type {
  CompactionEntry,
  Diagnostic,
  Entry,
  EventEntry,
  Evidence,
  JsonObject,
  JsonValue,
  MessageEntry,
  NativeCall,
  Part,
  ResultContent,
  ToolResultPart,
  Usage,
} from '../../model/session.ts';
import { unwrapSummary } from './compaction.ts';
import { INJECTED, INTERRUPTED, isInjectedRecord } from './harness.ts';
import { announcedLimit, isErrorRecord, limitOf, messageText } from './limits.ts';
import { answeringModel, SYNTHETIC_MODEL } from './models.ts';
import { unwrapResult } from './results.ts';
import { readCall } from './tools.ts';

/** A parsed record and where it came from. */
export interface Parsed {
  record: JsonObject;
  evidence: Evidence;
  /** Tokens of the response that the record belongs to. */
  usage?: Usage;
}

/** What entries are made with. */
export interface RecordContext {
  cwd: string | undefined;
  /** Full text behind a `<persisted-output>` stub, or undefined when it cannot be had. */
  spilled(stub: string): string | undefined;
  problem(code: Diagnostic['code'], message: string, at: Evidence): void;
}

/** An entry before it is placed in the chain. */
export type Draft = DistributiveOmit<Entry, 'parentId'>;
type DistributiveOmit<T, K extends keyof Entry> = T extends Entry ? Omit<T, K> : never;

/** The records of one API response (or one synthetic error) → one entry; undefined when nothing is in it. */
export function assistantEntry(id: string, parsed: Parsed[], context: RecordContext): Draft | undefined {
  const first = parsed[0];
  if (first === undefined) return undefined;
  const base = {
    id,
    time: asTimestamp(first.record.timestamp),
    evidence: parsed.map((item) => item.evidence),
  };
  if (isErrorRecord(first.record)) {
    const limit = limitOf(first.record);
    const text = messageText(first.record);
    return { ...base, type: 'event', event: limit === undefined ? 'error' : 'limit', text, limit };
  }
  const parts = parsed.flatMap(({ record, evidence }) =>
    blocksOf(record).flatMap((block) => assistantPart(block, context, evidence)),
  );
  if (parts.length === 0) return undefined;
  const stored = asObject(first.record.message)?.model;
  const model = answeringModel(stored);
  const usage = parsed.at(-1)?.usage;
  return {
    ...base,
    type: 'message',
    role: 'assistant',
    origin: stored === SYNTHETIC_MODEL ? 'harness' : 'agent',
    ...(model === undefined ? {} : { model }),
    ...(usage === undefined ? {} : { usage }),
    parts,
  };
}

function assistantPart(block: JsonObject, context: RecordContext, evidence: Evidence): Part[] {
  switch (block.type) {
    case 'text': {
      const text = asText(block.text);
      return text === undefined ? [] : [{ type: 'text', text }];
    }
    case 'thinking': {
      const text = asString(block.thinking) ?? '';
      const signature = asText(block.signature);
      if (signature === undefined && text === '') return [];
      const opaque = signature === undefined ? {} : { opaque: { signature } };
      return [{ type: 'reasoning', text, vendor: 'anthropic', ...opaque }];
    }
    case 'redacted_thinking': {
      const data = asText(block.data);
      return data === undefined
        ? []
        : [{ type: 'reasoning', text: '', vendor: 'anthropic', opaque: { redacted: data } }];
    }
    case 'tool_use': {
      const callId = asText(block.id);
      const name = asText(block.name);
      if (callId === undefined || name === undefined) {
        context.problem('bad-record', 'a tool call has no id or no name', evidence);
        return [];
      }
      const native: NativeCall = { name, input: block.input ?? {} };
      return [{ type: 'tool_call', callId, native, ...readCall(native, context.cwd) }];
    }
    default:
      context.problem('unknown-record', 'a block of an unknown type in an assistant record', evidence);
      return [];
  }
}

/**
 * A user record → entries: results are the agent's, words the person's or the harness's, and a record may hold both.
 * The first keeps the record's id.
 */
export function userEntries({ record, evidence }: Parsed, context: RecordContext): Draft[] {
  const injected = isInjectedRecord(record) || record.isCompactSummary === true;
  const entries: Draft[] = [];
  const uuid = asText(record.uuid) ?? idAt(evidence);
  const base = (): Pick<MessageEntry, 'id' | 'time' | 'evidence'> => ({
    id: entries.length === 0 ? uuid : `${uuid}.${entries.length}`,
    time: asTimestamp(record.timestamp),
    evidence: [evidence],
  });
  for (const block of blocksOf(record)) {
    const part = userPart(block, record, context, evidence);
    if (part === undefined) continue;
    if (part.type === 'text' && INTERRUPTED.test(part.text)) {
      entries.push({ ...base(), type: 'event', event: 'interrupted', text: part.text });
      continue;
    }
    const origin = originOf(part, injected);
    const last = entries.at(-1);
    if (last?.type === 'message' && last.origin === origin) last.parts.push(part);
    else entries.push({ ...base(), type: 'message', role: 'user', origin, parts: [part] });
  }
  return entries;
}

function originOf(part: Part, injected: boolean): MessageEntry['origin'] {
  if (part.type === 'tool_result') return 'agent';
  if (injected || (part.type === 'text' && INJECTED.test(part.text))) return 'harness';
  return 'human';
}

function userPart(
  block: JsonObject,
  record: JsonObject,
  context: RecordContext,
  evidence: Evidence,
): Part | undefined {
  if (block.type !== 'tool_result') return contentPart(block, context, evidence);
  const callId = asText(block.tool_use_id);
  if (callId === undefined) {
    context.problem('bad-record', 'a tool result names no call', evidence);
    return undefined;
  }
  return toolResult(callId, block, record.toolUseResult, context, evidence);
}

function toolResult(
  callId: string,
  block: JsonObject,
  details: JsonValue | undefined,
  context: RecordContext,
  evidence: Evidence,
): ToolResultPart {
  let unresolved = false;
  const content = contentBlocks(block.content).flatMap((item): ResultContent[] => {
    const part = contentPart(item, context, evidence);
    if (part?.type === 'image') return [part];
    if (part?.type === 'file') return [{ type: 'text', text: part.text ?? part.name ?? '' }];
    if (part?.type !== 'text') return [];
    if (!part.text.startsWith('<persisted-output>')) return [part];
    const full = context.spilled(part.text);
    unresolved ||= full === undefined;
    return [{ type: 'text', text: full ?? part.text }];
  });
  const outcome = unwrapResult(content, block.is_error === true, details);
  return { type: 'tool_result', callId, ...outcome, ...(unresolved ? { truncated: true } : {}) };
}

/** Text, images and documents, wherever they stand. */
function contentPart(
  block: JsonObject,
  context: RecordContext,
  evidence: Evidence,
): Extract<Part, { type: 'text' | 'image' | 'file' }> | undefined {
  const source = asObject(block.source);
  switch (block.type) {
    case 'text': {
      const text = asText(block.text);
      return text === undefined ? undefined : { type: 'text', text };
    }
    case 'image': {
      const data = asText(source?.data);
      const path = asText(source?.url);
      if (data === undefined && path === undefined) break;
      return {
        type: 'image',
        mediaType: asText(source?.media_type) ?? 'image/png',
        ...(data === undefined ? { path } : { data }),
      };
    }
    case 'document': {
      const text = source?.type === 'text' ? asString(source.data) : undefined;
      const name = asText(block.title);
      const mediaType = asText(source?.media_type);
      return { type: 'file', ...defined({ name, mediaType, text }) };
    }
    case 'tool_reference': {
      const name = asText(block.tool_name);
      return name === undefined ? undefined : { type: 'text', text: name };
    }
  }
  context.problem('unknown-record', 'a content block that is not read', evidence);
  return undefined;
}

/** A prompt typed while a turn ran. */
export function queuedEntry({ record, evidence }: Parsed, context: RecordContext): Draft | undefined {
  const attachment = asObject(record.attachment);
  const parts = contentBlocks(attachment?.prompt).flatMap(
    (block) => contentPart(block, context, evidence) ?? [],
  );
  if (parts.length === 0) return undefined;
  const kind = asString(asObject(attachment?.origin)?.kind);
  const first = parts[0];
  const injected =
    (attachment?.commandMode !== undefined && attachment.commandMode !== 'prompt') ||
    (kind !== undefined && kind !== 'human') ||
    (first?.type === 'text' && INJECTED.test(first.text));
  return {
    id: asText(record.uuid) ?? idAt(evidence),
    time: asTimestamp(record.timestamp),
    evidence: [evidence],
    type: 'message',
    role: 'user',
    origin: injected ? 'harness' : 'human',
    parts,
  };
}

/** A retry, or the announcement that the agent waits for a limit; undefined for other notices. */
export function systemEntry({ record, evidence }: Parsed): EventDraft | undefined {
  const base = {
    id: asText(record.uuid) ?? idAt(evidence),
    time: asTimestamp(record.timestamp),
    evidence: [evidence],
    type: 'event' as const,
  };
  if (record.subtype === 'api_error') {
    const error = asObject(record.error);
    const text = asText(error?.formatted) ?? asText(error?.message);
    return { ...base, event: 'error', ...(text === undefined ? {} : { text }) };
  }
  const limit = announcedLimit(record);
  return limit === undefined ? undefined : { ...base, event: 'limit', text: asText(record.content), limit };
}
type EventDraft = Omit<EventEntry, 'parentId'>;

/** A boundary with its summary, or a summary that stands alone. `entryOf` maps a record's id to its entry's. */
export function compactionEntry(
  id: string,
  parsed: Parsed[],
  entryOf: (uuid: string) => string | undefined,
): Omit<CompactionEntry, 'parentId'> {
  const boundary = parsed.find((item) => item.record.type === 'system')?.record;
  const summary = parsed.find((item) => item.record.type === 'user')?.record;
  const kept = preserved(asObject(boundary?.compactMetadata)).flatMap((uuid) => entryOf(uuid) ?? []);
  return {
    id,
    time: asTimestamp(parsed[0]?.record.timestamp),
    evidence: parsed.map((item) => item.evidence),
    type: 'compaction',
    summary: summary === undefined ? '' : unwrapSummary(summaryText(summary)),
    keeps: [...new Set(kept)],
  };
}

function summaryText(record: JsonObject): string {
  return blocksOf(record)
    .flatMap((block) => (block.type === 'text' ? (asText(block.text) ?? []) : []))
    .join('\n');
}

/** Ids of the records that a boundary keeps in view. */
function preserved(metadata: JsonObject | undefined): string[] {
  const messages = asObject(metadata?.preservedMessages);
  const listed = asArray(messages?.allUuids) ?? asArray(messages?.uuids);
  const segment = asObject(metadata?.preservedSegment);
  return (listed ?? [segment?.headUuid, segment?.tailUuid]).flatMap((uuid) => asText(uuid) ?? []);
}

function blocksOf(record: JsonObject): JsonObject[] {
  return contentBlocks(asObject(record.message)?.content);
}

function contentBlocks(content: JsonValue | undefined): JsonObject[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return (asArray(content) ?? []).filter(isObject);
}

/** The id of a record that has none, as the skeleton gives it. */
function idAt(evidence: Evidence): string {
  return evidence.kind === 'range' ? `at-${evidence.start}` : '';
}
