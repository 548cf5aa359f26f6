/** Messages of OpenCode and its forks → entries of the session model. Pure; one message in memory at a time. */
import { asNumber, asObject, asString, asText, asTimestamp, parseObject } from '../../model/narrow.ts';
import type {
  CompactionEntry,
  Diagnostic,
  Entry,
  EventEntry,
  Evidence,
  FilePart,
  JsonObject,
  Part,
  Timestamp,
} from '../../model/session.ts';
import { errorText, limitOf } from './opencode-limits.ts';
import { filePath, imageOf, readResult, unwrapRead } from './opencode-results.ts';
import { isInjected, modelName, type StoredMessage, type StoredPart, usageOf } from './opencode-source.ts';
import { readCall } from './opencode-tools.ts';

/** Who reasoning with provider metadata belongs to: only this family can send it back as it was. */
export const REASONING_VENDOR = 'opencode';

export interface EntryOptions {
  /** Directory of the session, for relative paths in tool calls. */
  cwd?: string;
  diagnostics: Diagnostic[];
}

/** An entry before its place in the session (unique id, parent) is known. */
type Draft = DistributiveOmit<Entry, 'parentId'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** The entries of a session, in order; each follows the one before it. */
export function* entriesOf(
  messages: Iterable<StoredMessage>,
  options: EntryOptions,
): Generator<Entry, void, void> {
  const ids = new Set<string>();
  const calls = new Set<string>();
  const placed: { messageId: string; entryId: string }[] = [];
  const cuts = new Map<string, string | undefined>();
  let parentId: string | null = null;
  for (const message of messages) {
    for (const draft of drafts(message, cuts, calls, options)) {
      const id = unique(draft.id, ids);
      if (draft.type === 'compaction') draft.keeps = keptSince(draft.keeps[0], placed);
      yield { ...draft, id, parentId };
      parentId = id;
      placed.push({ messageId: message.id, entryId: id });
    }
  }
}

function* drafts(
  message: StoredMessage,
  cuts: Map<string, string | undefined>,
  calls: Set<string>,
  options: EntryOptions,
): Generator<Draft, void, void> {
  const { data } = message;
  if (data.role === 'user') {
    const cut = message.parts.find((part) => part.data.type === 'compaction');
    if (cut !== undefined) cuts.set(message.id, asText(cut.data.tail_start_id));
    yield* userDrafts(message, options);
    return;
  }
  if (data.role !== 'assistant') {
    const path = message.evidence.path;
    options.diagnostics.push({
      code: 'unknown-record',
      message: 'message without a known role',
      path,
      at: message.id,
    });
    return;
  }
  const summary = summaryDraft(message, cuts);
  if (summary !== undefined) yield summary;
  else yield* assistantDrafts(message, calls, options);
  yield* endDrafts(message);
}

/**
 * The summary that replaces everything before it: an assistant message marked `summary` that answers a message with a
 * `compaction` part, finished and without error (the same conditions by which 1.18.33 cuts its model's view).
 * `keeps` holds the id of the first message that stays in view until it is resolved.
 */
function summaryDraft(
  message: StoredMessage,
  cuts: Map<string, string | undefined>,
): Omit<CompactionEntry, 'parentId'> | undefined {
  const { data } = message;
  const cut = asText(data.parentID);
  if (data.summary !== true || cut === undefined || !cuts.has(cut)) return undefined;
  if (asText(data.finish) === undefined || data.error !== undefined) return undefined;
  const tail = cuts.get(cut);
  return {
    type: 'compaction',
    id: message.id,
    time: createdAt(data),
    evidence: evidenceOf(message, message.parts),
    summary: message.parts
      .flatMap(({ data: part }) => (part.type === 'text' ? (asText(part.text) ?? []) : []))
      .join('\n'),
    keeps: tail === undefined ? [] : [tail],
  };
}

function keptSince(tail: string | undefined, placed: { messageId: string; entryId: string }[]): string[] {
  const from = tail === undefined ? -1 : placed.findIndex((place) => place.messageId === tail);
  return from < 0 ? [] : placed.slice(from).map((place) => place.entryId);
}

/** A user message: runs of a person's parts and of parts that the program put in become entries of their own. */
function* userDrafts(message: StoredMessage, options: EntryOptions): Generator<Draft, void, void> {
  let run: { origin: 'human' | 'harness'; parts: Part[]; stored: StoredPart[] } | undefined;
  let humanSeen = false;
  const finish = (): Draft[] => {
    const [first] = run?.stored ?? [];
    if (run === undefined || first === undefined) return [];
    const { origin, parts, stored } = run;
    const id = origin === 'human' && !humanSeen ? message.id : first.id;
    humanSeen ||= origin === 'human';
    run = undefined;
    const evidence = evidenceOf(message, stored);
    return [{ type: 'message', id, role: 'user', origin, time: createdAt(message.data), evidence, parts }];
  };
  for (let at = 0; at < message.parts.length; at++) {
    const attached = attachedText(message.parts, at);
    const stored = attached?.stored ?? message.parts.slice(at, at + 1);
    const read = attached ?? userPart(stored[0], message, options);
    at += stored.length - 1;
    if (read === undefined) continue;
    if (run !== undefined && run.origin !== read.origin) yield* finish();
    run ??= { origin: read.origin, parts: [], stored: [] };
    run.parts.push(read.part);
    run.stored.push(...stored);
  }
  yield* finish();
}

function userPart(
  stored: StoredPart | undefined,
  message: StoredMessage,
  options: EntryOptions,
): { origin: 'human' | 'harness'; part: Part } | undefined {
  const data = stored?.data;
  if (stored === undefined || data === undefined) return undefined;
  const origin = isInjected(data) ? 'harness' : 'human';
  switch (data.type) {
    case 'text': {
      const text = asText(data.text);
      return text === undefined ? undefined : { origin, part: { type: 'text', text } };
    }
    case 'file':
      // an attachment is a person's also where the program filed it as synthetic
      return { origin: 'human', part: imageOf(data) ?? fileOf(data) };
    case 'subtask': {
      const text = asText(data.prompt);
      return text === undefined ? undefined : { origin: 'human', part: { type: 'text', text } };
    }
    case 'compaction':
    case 'agent':
    case 'snapshot':
    case 'patch':
    case 'step-start':
    case 'step-finish':
    case 'retry':
      return undefined;
    default:
      unknownPart(stored, message, options);
      return undefined;
  }
}

const READ_NOTE = 'Called the Read tool with the following input: ';

/**
 * An attached text file or folder is stored as three parts: a synthetic text that names the call, a synthetic text with
 * the content, and the file part itself (which the model does not get). Together they are one file part.
 */
function attachedText(
  parts: StoredPart[],
  at: number,
): { origin: 'human'; part: FilePart; stored: StoredPart[] } | undefined {
  const stored = parts.slice(at, at + 3);
  const [note, content, file] = stored.map((part) => part.data);
  const input = asString(note?.text)?.startsWith(READ_NOTE) === true ? asString(note?.text) : undefined;
  if (input === undefined || content === undefined || file === undefined) return undefined;
  if (note?.synthetic !== true || content.synthetic !== true || content.type !== 'text') return undefined;
  if (file.type !== 'file' || imageOf(file) !== undefined) return undefined;
  const output = asString(content.text) ?? '';
  const path = asText(parseObject(input.slice(READ_NOTE.length))?.filePath);
  const part = fileOf(file);
  // a file from the screen's clipboard has a name only; its content is not framed
  const isPath = asText(file.url)?.startsWith('file:') === true;
  const { path: _place, ...unplaced } = part;
  const placed = isPath ? { ...part, path: path ?? part.path } : unplaced;
  return { origin: 'human', part: { ...placed, text: unwrapRead(output) ?? output }, stored };
}

function fileOf(file: JsonObject): FilePart {
  const url = asText(file.url);
  const part: FilePart = { type: 'file' };
  const name = asText(file.filename);
  const mediaType = asText(file.mime);
  if (name !== undefined) part.name = name;
  if (url?.startsWith('file:') === true) part.path = filePath(url);
  else if (url !== undefined && !url.startsWith('data:')) part.path = url;
  if (mediaType !== undefined) part.mediaType = mediaType;
  const text = url === undefined || mediaType?.startsWith('text/') !== true ? undefined : dataText(url);
  return text === undefined ? part : { ...part, text };
}

/** Text of a base64 `data:` address. */
function dataText(url: string): string | undefined {
  const head = /^data:[^,]*;base64,/.exec(url)?.[0];
  return head === undefined ? undefined : Buffer.from(url.slice(head.length), 'base64').toString('utf8');
}

/**
 * An assistant message: text and calls, then the calls' results in the order in which they came. Text after a call
 * starts a new round.
 */
function* assistantDrafts(
  message: StoredMessage,
  calls: Set<string>,
  options: EntryOptions,
): Generator<Draft, void, void> {
  const time = createdAt(message.data);
  const model = modelName(message.data);
  let usage = usageOf(asObject(message.data.tokens));
  let first = true;
  let said: { parts: Part[]; stored: StoredPart[] } = { parts: [], stored: [] };
  let results: { part: Part; stored: StoredPart; endMs: number }[] = [];
  const finish = (): Draft[] => {
    const round: Draft[] = [];
    const [opening] = said.stored;
    if (opening !== undefined) {
      const id = first ? message.id : opening.id;
      const evidence = evidenceOf(message, said.stored);
      round.push({
        type: 'message',
        id,
        role: 'assistant',
        origin: 'agent',
        time,
        evidence,
        ...(model === undefined ? {} : { model }),
        ...(usage === undefined ? {} : { usage }),
        parts: said.parts,
      });
      first = false;
      usage = undefined;
    }
    const [answer, ...more] = results.sort((a, b) => a.endMs - b.endMs);
    if (answer !== undefined) {
      const inOrder = [answer, ...more];
      round.push({
        type: 'message',
        id: answer.stored.id,
        role: 'user',
        origin: 'agent',
        time: asTimestamp(answer.endMs) ?? time,
        evidence: inOrder.map(({ stored }) => stored.evidence),
        parts: inOrder.map(({ part }) => part),
      });
    }
    said = { parts: [], stored: [] };
    results = [];
    return round;
  };
  for (const stored of message.parts) {
    const { data } = stored;
    if (data.type === 'tool') {
      const callId = unique(asText(data.callID) ?? stored.id, calls);
      const state = asObject(data.state) ?? {};
      const name = asText(data.tool) ?? 'unknown';
      const native = { name, input: state.input ?? {} };
      said.parts.push({ type: 'tool_call', callId, native, ...readCall(native, options.cwd) });
      said.stored.push(stored);
      const result = readResult(name, callId, state);
      const endMs = asNumber(asObject(state.time)?.end) ?? 0;
      if (result !== undefined) results.push({ part: result, stored, endMs });
      continue;
    }
    const part = assistantPart(stored, message, options);
    if (part === undefined) continue;
    if (results.length > 0) yield* finish();
    said.parts.push(part);
    said.stored.push(stored);
  }
  yield* finish();
}

function assistantPart(stored: StoredPart, message: StoredMessage, options: EntryOptions): Part | undefined {
  const { data } = stored;
  switch (data.type) {
    case 'text': {
      const text = asText(data.text);
      return text === undefined ? undefined : { type: 'text', text };
    }
    case 'reasoning': {
      const text = asString(data.text) ?? '';
      const metadata = asObject(data.metadata);
      if (metadata !== undefined && Object.keys(metadata).length > 0)
        return { type: 'reasoning', text, vendor: REASONING_VENDOR, opaque: metadata };
      return text === '' ? undefined : { type: 'reasoning', text };
    }
    case 'file':
      return imageOf(data) ?? fileOf(data);
    case 'step-start':
    case 'step-finish':
    case 'snapshot':
    case 'patch':
    case 'retry':
    case 'agent':
      return undefined;
    default:
      unknownPart(stored, message, options);
      return undefined;
  }
}

/** How a model call ended, where it did not end well: retries, an error or a limit, a process that was killed. */
function* endDrafts(message: StoredMessage): Generator<Draft, void, void> {
  const { data } = message;
  for (const stored of message.parts) {
    const error = stored.data.type === 'retry' ? asObject(stored.data.error) : undefined;
    const time = asTimestamp(asObject(stored.data.time)?.created) ?? createdAt(data);
    if (error !== undefined) yield { ...failure(error, time), id: stored.id, evidence: [stored.evidence] };
  }
  const error = asObject(data.error);
  const completed = asTimestamp(asObject(data.time)?.completed);
  const base = { id: `${message.id}:end`, evidence: [message.evidence] };
  if (error !== undefined) yield { ...failure(error, completed ?? createdAt(data)), ...base };
  else if (completed === undefined && asText(data.finish) === undefined && data.summary !== true)
    yield { type: 'event', event: 'interrupted', time: createdAt(data), ...base };
}

function failure(
  error: JsonObject,
  time: Timestamp | undefined,
): Omit<EventEntry, 'id' | 'parentId' | 'evidence'> {
  const limit = limitOf(error, time);
  const event =
    limit !== undefined ? 'limit' : error.name === 'MessageAbortedError' ? 'interrupted' : 'error';
  const text = errorText(error);
  return {
    type: 'event',
    event,
    time,
    ...(text === undefined ? {} : { text }),
    ...(limit === undefined ? {} : { limit }),
  };
}

function unknownPart(stored: StoredPart, message: StoredMessage, options: EntryOptions): void {
  const { path } = message.evidence;
  options.diagnostics.push({ code: 'unknown-record', message: 'part of unknown type', path, at: stored.id });
}

function createdAt(data: JsonObject): Timestamp | undefined {
  return asTimestamp(asObject(data.time)?.created);
}

function evidenceOf(message: StoredMessage, parts: StoredPart[]): Evidence[] {
  return [message.evidence, ...parts.map((part) => part.evidence)];
}

/** The id, with a number behind it when it was there before. */
function unique(id: string, seen: Set<string>): string {
  let free = id;
  for (let n = 2; seen.has(free); n++) free = `${id}:${n}`;
  seen.add(free);
  return free;
}
