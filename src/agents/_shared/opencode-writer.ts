/** Prepared entries → messages of the import document, one after the other. Pure. */
import { timeMs } from '../../model/ids.ts';
import type {
  CompactionEntry,
  Entry,
  ImagePart,
  JsonObject,
  MessageEntry,
  Part,
  Session,
  ToolCallPart,
  ToolResultPart,
  Usage,
} from '../../model/session.ts';
import type { PlanNote } from '../contract.ts';
import { REASONING_VENDOR } from './opencode-entries.ts';
import type { IdSequence } from './opencode-ids.ts';
import { splitModel } from './opencode-models.ts';
import { pendingState, resultState } from './opencode-states.ts';

export interface WriterOptions {
  /** Id of the agent that is written for. */
  agent: string;
  session: Session;
  ids: IdSequence;
  /** Directory of the session at the target. */
  cwd: string;
  nowMs: number;
  /** `provider/model` that the session goes on with: that of the last user message. */
  model: string;
  /** The agent (mode) that messages are filed under. */
  mode: string;
  note(code: PlanNote['code'], detail: string): void;
}

/** An assistant message that is still being filled: its calls wait for their results. */
interface OpenMessage {
  id: string;
  model: string | undefined;
  created: number;
  usage: Usage | undefined;
  parts: JsonObject[];
  waiting: Map<string, { part: JsonObject; call: ToolCallPart }>;
  /** When the latest result came; undefined before the first. The order of results is read from these times. */
  answeredAt: number | undefined;
}

/** The `{info, parts}` objects of a session, in order. */
export function* writeMessages(options: WriterOptions): Generator<JsonObject, void, void> {
  const { session, ids, cwd, nowMs, mode, note } = options;
  const { sessionId: sessionID } = ids;
  const next = ids.start();
  const resumeModel = splitModel(options.model);
  // its own sessions keep the exit code from the model, and stay as they are
  const tellExit = session.info.agent !== options.agent;
  // ordered by time, then id: times never go back, and never lie ahead of what follows on resume
  let clock = Math.min(timeMs(session.info.createdAt, nowMs), nowMs);
  let lastUser: string | undefined;
  let open: OpenMessage | undefined;
  /** Entries in order, with the message that each went into: what a compaction keeps is found here. */
  const placed: { entryId: string; messageId: string }[] = [];

  for (const entry of session.entries()) {
    if (entry.type === 'message' && entry.role === 'assistant') yield* assistant(entry);
    else if (entry.type === 'message' && entry.role === 'user') yield* user(entry);
    else if (entry.type === 'message') note('system-message', 'a system message has no place in the target');
    else if (entry.type === 'compaction' && entry.summary !== '') yield* compaction(entry);
  }
  yield* close();

  function* assistant(entry: MessageEntry): Generator<JsonObject, void, void> {
    // what is said after results belongs to the next model step
    if (open?.answeredAt !== undefined) yield* close();
    open ??= begin(entry);
    for (const part of entry.parts) say(part, open);
    placed.push({ entryId: entry.id, messageId: open.id });
  }

  function begin(entry: MessageEntry): OpenMessage {
    const { model, usage } = entry;
    const created = tick(entry);
    return {
      id: next.message(),
      model,
      created,
      usage,
      parts: [],
      waiting: new Map(),
      answeredAt: undefined,
    };
  }

  function say(part: Part, message: OpenMessage): void {
    const time = { start: message.created, end: message.created };
    const place = { id: next.part(), sessionID, messageID: message.id };
    if (part.type === 'text') message.parts.push({ ...place, type: 'text', text: part.text, time });
    else if (part.type === 'reasoning') {
      const stored: JsonObject = { ...place, type: 'reasoning', text: part.text, time };
      if (part.vendor === REASONING_VENDOR && part.opaque !== undefined) stored.metadata = part.opaque;
      message.parts.push(stored);
    } else if (part.type === 'tool_call') {
      const state = pendingState(part);
      const stored = { ...place, type: 'tool', tool: part.native.name, callID: part.callId, state };
      message.waiting.set(part.callId, { part: stored, call: part });
      message.parts.push(stored);
    } else note('part-left-out', `a part of type ${part.type} has no place in an answer`);
  }

  function* user(entry: MessageEntry): Generator<JsonObject, void, void> {
    const said: Part[] = [];
    for (const part of entry.parts) {
      if (part.type === 'tool_result') answer(part, entry);
      else said.push(part);
    }
    if (said.length === 0) {
      if (open !== undefined) placed.push({ entryId: entry.id, messageId: open.id });
      return;
    }
    yield* close();
    const id = next.message();
    const parts = said.flatMap((part) => userPart(part, id));
    if (parts.length === 0) return;
    placed.push({ entryId: entry.id, messageId: id });
    yield userMessage(id, tick(entry), parts);
  }

  function userPart(part: Part, messageID: string): JsonObject[] {
    if (part.type === 'text')
      return [{ id: next.part(), sessionID, messageID, type: 'text', text: part.text }];
    if (part.type === 'image' && part.data !== undefined) return [imagePart(part, messageID)];
    note('part-left-out', `a part of type ${part.type} has no place in a prompt`);
    return [];
  }

  function imagePart(image: ImagePart, messageID: string): JsonObject {
    const { mediaType, data = '' } = image;
    const url = `data:${mediaType};base64,${data}`;
    const filename = `image.${mediaType.replace(/^image\/|\+.*$/g, '')}`;
    return { id: next.part(), sessionID, messageID, type: 'file', mime: mediaType, filename, url };
  }

  function answer(result: ToolResultPart, entry: MessageEntry): void {
    const message = open;
    const waiting = message?.waiting.get(result.callId);
    if (message === undefined || waiting === undefined) {
      note('orphan-result', 'a result that does not follow its call was left out');
      return;
    }
    message.waiting.delete(result.callId);
    const earliest = message.answeredAt === undefined ? message.created : message.answeredAt + 1;
    message.answeredAt = Math.max(Math.min(timeMs(entry.time, clock), nowMs), earliest);
    const time = { start: message.created, end: message.answeredAt };
    const attach = (image: ImagePart) => imagePart(image, message.id);
    waiting.part.state = resultState(waiting.call, result, { time, attach, tellExit });
  }

  function* close(): Generator<JsonObject, void, void> {
    const message = open;
    open = undefined;
    if (message === undefined || message.parts.length === 0) return;
    const calls = message.parts.some((part) => part.type === 'tool');
    const model = message.model === undefined ? resumeModel : splitModel(message.model);
    const info = {
      ...assistantInfo(message.id, message.created, model, mode),
      tokens: tokens(message.usage ?? {}),
      finish: calls ? 'tool-calls' : 'stop',
    };
    yield { info, parts: message.parts };
  }

  function assistantInfo(
    id: string,
    created: number,
    model: { providerID: string; modelID: string },
    agent: string,
  ): JsonObject {
    return {
      id,
      sessionID,
      role: 'assistant',
      // may name a message that is not there: a session can begin with an answer
      parentID: lastUser ?? id,
      mode: agent,
      agent,
      path: { cwd, root: cwd },
      cost: 0,
      tokens: tokens({}),
      ...model,
      time: { created, completed: created },
    };
  }

  function userMessage(id: string, created: number, parts: JsonObject[]): JsonObject {
    lastUser = id;
    const info = { id, sessionID, role: 'user', time: { created }, agent: mode, model: resumeModel };
    return { info, parts };
  }

  /** A user message with the mark, and the summary as its answer: from there on the model sees the summary instead. */
  function* compaction(entry: CompactionEntry): Generator<JsonObject, void, void> {
    yield* close();
    const created = tick(entry);
    const id = next.message();
    const place = { sessionID, messageID: id };
    const tail = tailStart(entry.keeps);
    const kept = tail === undefined ? keptTexts(entry) : [];
    const told = kept.map((text) => ({ id: next.part(), ...place, type: 'text', text, synthetic: true }));
    const mark: JsonObject = { id: next.part(), ...place, type: 'compaction', auto: false };
    if (tail !== undefined) mark.tail_start_id = tail;
    yield userMessage(id, created, [...told, mark]);
    const answerId = next.message();
    const text = { type: 'text', text: entry.summary, time: { start: created, end: created } };
    const info = assistantInfo(answerId, created, resumeModel, 'compaction');
    yield {
      info: { ...info, summary: true, finish: 'stop' },
      parts: [{ id: next.part(), sessionID, messageID: answerId, ...text }],
    };
    placed.push({ entryId: entry.id, messageId: answerId });
  }

  /** First message of what is kept, when that is all there is from some message on: the one form that can be said. */
  function tailStart(keeps: string[]): string | undefined {
    const wanted = new Set(keeps);
    const first = placed.findIndex((place) => wanted.has(place.entryId));
    if (first < 0 || !placed.slice(first).every((place) => wanted.has(place.entryId))) return undefined;
    return placed[first]?.messageId;
  }

  /** Messages that are kept from here and there are told in front of the summary; the entries are gone through again. */
  function keptTexts(entry: CompactionEntry): string[] {
    const wanted = new Set(entry.keeps.filter((id) => placed.some((place) => place.entryId === id)));
    if (wanted.size === 0) return [];
    note('kept-as-text', 'messages kept beside a summary are told in front of it');
    const kept: string[] = [];
    for (const before of session.entries()) {
      if (before.id === entry.id) break;
      if (before.type !== 'message' || !wanted.has(before.id)) continue;
      const texts = before.parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
      if (texts.length > 0) kept.push(`[${before.role}, earlier]\n${texts.join('\n')}`);
    }
    return kept;
  }

  function tick(entry: Entry): number {
    clock = Math.min(Math.max(timeMs(entry.time, clock), clock), nowMs);
    return clock;
  }
}

function tokens(usage: Usage): JsonObject {
  return {
    input: usage.input ?? 0,
    output: usage.output ?? 0,
    reasoning: usage.reasoning ?? 0,
    cache: { read: usage.cacheRead ?? 0, write: usage.cacheWrite ?? 0 },
  };
}
