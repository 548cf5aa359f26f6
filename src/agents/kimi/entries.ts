/** Records of a wire file → entries. Folded as Kimi Code folds them into its context (2.1.0, `loopEventFold`). */
import {
  asArray,
  asNumber,
  asObject,
  asString,
  asText,
  asTimestamp,
  isObject,
  parseJson,
} from '../../model/narrow.ts';
import type {
  Diagnostic,
  Entry,
  JsonObject,
  JsonValue,
  MessageEntry,
  NativeCall,
  Part,
} from '../../model/session.ts';
import type { DiagnosticSink } from '../_shared/pi-store.ts';
import type { WirePlaces } from './continue.ts';
import { errorText, limitOf } from './limits.ts';
import { contentParts, resultContent } from './parts.ts';
import { readResult } from './results.ts';
import { tools } from './tools.ts';
import { keptOf, newView } from './view.ts';
import { isHuman, isTask, readUsage, type WireRecord } from './wire.ts';

/** What one pass over a path needs to know. */
export interface FoldContext {
  path: string;
  cwd: string | undefined;
  /** Folder of media. */
  blobs: string;
  diagnostics: DiagnosticSink;
}

/** `context.clear` cuts the context like a compaction, but leaves no summary. */
const STARTED_ANEW = 'The conversation was started anew here.';

/** A step of the loop: one answer, its calls and their results. */
interface Step {
  entry: MessageEntry;
  uuid: string | undefined;
  /** Stored ids of calls that have no result yet. */
  open: Set<string>;
  results: Entry[];
  /** Messages that came while calls were open: the agent puts them behind the results. */
  later: Entry[];
}

type Base = Pick<Entry, 'parentId' | 'time' | 'evidence'>;

export interface Fold {
  /** Takes the next record and gives the entries that it completes; without a record, those that are still open. */
  take(loaded?: WireRecord): Entry[];
  /** All entries of the records so far were given. */
  settled(): boolean;
  /** The model that answers. */
  model(): string | undefined;
}

/** `answering`: the model so far. */
export function newFold(context: FoldContext, answering?: string): Fold {
  const { path, cwd, blobs, diagnostics } = context;
  const calls = new Map<string, { callId: string; native: NativeCall }>();
  const callIds = new Set<string>();
  const ids = new Set<string>();
  const view = newView();
  let step: Step | undefined;
  let model = answering;
  let line = '';
  let at = 0;
  let done: Entry[] = [];

  return { take, settled: () => step === undefined, model: () => model };

  function take(loaded?: WireRecord): Entry[] {
    done = [];
    if (loaded === undefined) settle();
    else fold(loaded);
    return done;
  }

  function fold({ node, record, evidence }: WireRecord): void {
    at = node.start;
    line = `line-${node.line}`;
    const base: Base = { parentId: null, time: asTimestamp(record.time), evidence: [evidence] };
    switch (node.type) {
      case 'context.append_message':
        appendMessage(asObject(record.message) ?? {}, base);
        return;
      case 'context.append_loop_event':
        loopEvent(asObject(record.event) ?? {}, base);
        return;
      case 'context.apply_compaction':
        settle();
        compaction(record, base);
        return;
      case 'context.clear':
        settle();
        view.clear();
        done.push({ ...base, id: unique(line), type: 'compaction', summary: STARTED_ANEW, keeps: [] });
        return;
      case 'turn.step.retrying':
        settle();
        failure(record, base);
        return;
      case 'turn.ended':
        settle();
        turnEnded(record, base);
        return;
      default:
        modelChange(record, base);
    }
  }

  function emit(entry: Entry): void {
    if (entry.type === 'message')
      view.add({ id: entry.id, human: entry.role === 'user' && entry.origin === 'human' });
    done.push(entry);
  }

  /** Closes the open step: the answer, its results, and what had to wait for them. */
  function settle(): void {
    const closing = step;
    step = undefined;
    if (closing === undefined) return;
    if (closing.entry.parts.length > 0) emit(closing.entry);
    for (const entry of [...closing.results, ...closing.later]) emit(entry);
  }

  function appendMessage(message: JsonObject, base: Base): void {
    const entry = messageEntry(message, base);
    if (entry === undefined) return;
    if (step !== undefined && step.open.size > 0) {
      step.later.push(entry);
      return;
    }
    settle();
    emit(entry);
  }

  function messageEntry(message: JsonObject, base: Base): Entry | undefined {
    const id = asText(message.id) ?? line;
    switch (message.role) {
      case 'user': {
        const parts = contentParts(message.content, blobs);
        const source = asObject(message.origin);
        const origin = isHuman(source) || isTask(source) ? 'human' : 'harness';
        return messageOf(base, id, 'user', origin, parts);
      }
      case 'assistant': {
        const parts: Part[] = contentParts(message.content, blobs);
        for (const call of (asArray(message.toolCalls) ?? []).filter(isObject)) {
          const { name, args } = storedCall(call);
          parts.push(callPart(asString(call.id) ?? '', name, args));
        }
        return messageOf(base, id, 'assistant', 'agent', parts);
      }
      case 'tool': {
        const result = {
          content: message.content,
          failed: message.isError === true,
          exitCode: message.exitCode,
        };
        return resultEntry(base, line, asString(message.toolCallId) ?? '', result);
      }
      case 'system':
        return messageOf(base, id, 'system', 'harness', contentParts(message.content, blobs));
      default:
        note('unknown-record', 'a message of an unknown role is left out');
        return undefined;
    }
  }

  function messageOf(
    base: Base,
    id: string,
    role: MessageEntry['role'],
    origin: MessageEntry['origin'],
    parts: Part[],
  ): MessageEntry | undefined {
    if (parts.length === 0) return undefined;
    const entry: MessageEntry = { ...base, id: unique(id), type: 'message', role, origin, parts };
    if (role === 'assistant') entry.model = model;
    return entry;
  }

  function loopEvent(event: JsonObject, base: Base): void {
    switch (event.type) {
      case 'step.begin': {
        settle();
        const uuid = asText(event.uuid);
        const id = unique(uuid ?? line);
        const entry: MessageEntry = {
          ...base,
          id,
          type: 'message',
          role: 'assistant',
          origin: 'agent',
          parts: [],
        };
        entry.model = model;
        entry.evidence = [];
        step = { entry, uuid, open: new Set(), results: [], later: [] };
        return;
      }
      case 'content.part':
      case 'tool.call': {
        if (step === undefined || step.uuid !== asText(event.stepUuid)) {
          note('broken-chain', 'a part of an answer that is not open is left out');
          return;
        }
        step.entry.evidence.push(...base.evidence);
        if (event.type === 'content.part') {
          step.entry.parts.push(...contentParts(event.part === undefined ? [] : [event.part], blobs));
          return;
        }
        const stored = asString(event.toolCallId) ?? '';
        step.entry.parts.push(callPart(stored, asString(event.name) ?? '', event.args ?? {}));
        step.open.add(stored);
        return;
      }
      case 'tool.result': {
        const stored = asString(event.toolCallId) ?? '';
        const result = asObject(event.result) ?? {};
        const content = { content: result.output, failed: result.isError === true, exitCode: undefined };
        const entry = resultEntry(base, line, stored, content);
        if (step?.open.delete(stored)) step.results.push(entry);
        else emit(entry);
        return;
      }
      case 'step.end': {
        if (step === undefined) return;
        step.entry.usage = readUsage(event.usage);
        // after a failed try the answer stays open until the next one begins
        if (event.finishReason !== 'error' && event.finishReason !== 'interrupted') settle();
        return;
      }
      default:
        note('unknown-record', 'an event of an unknown type is left out');
    }
  }

  function callPart(stored: string, name: string, input: JsonValue): Part {
    const native: NativeCall = { name, input };
    let callId = stored || 'call';
    for (let n = 2; callIds.has(callId); n++) callId = `${stored || 'call'}_${n}`;
    callIds.add(callId);
    calls.set(stored, { callId, native });
    return { type: 'tool_call', callId, native, ...tools.read(native, cwd) };
  }

  function resultEntry(
    base: Base,
    id: string,
    stored: string,
    result: { content: JsonValue | undefined; failed: boolean; exitCode: JsonValue | undefined },
  ): MessageEntry {
    const call = calls.get(stored);
    if (call === undefined) note('orphan-result', 'a tool result has no call');
    const content = resultContent(contentParts(result.content, blobs));
    const outcome = readResult(call?.native, { ...result, content });
    const callId = call?.callId ?? stored;
    return {
      ...base,
      id: unique(id),
      type: 'message',
      role: 'user',
      origin: 'agent',
      parts: [{ type: 'tool_result', callId, ...outcome }],
    };
  }

  function compaction(record: JsonObject, base: Base): void {
    const summary = asText(record.summary) ?? legacySummary(record.summary) ?? asText(record.contextSummary);
    const keeps = view.cut(keptOf(record));
    done.push({ ...base, id: unique(line), type: 'compaction', summary: summary ?? '', keeps });
  }

  /** Early versions stored the summary as the message that replaces what was cut. */
  function legacySummary(value: JsonValue | undefined): string | undefined {
    const texts = contentParts(asObject(value)?.content, blobs).filter((part) => part.type === 'text');
    return asText(texts.map((part) => part.text).join(''));
  }

  function failure(record: JsonObject, base: Base): void {
    const limit = limitOf(record);
    const text = errorText(record);
    const event = { ...base, id: unique(line), type: 'event' as const, text };
    done.push(limit === undefined ? { ...event, event: 'error' } : { ...event, event: 'limit', limit });
  }

  function turnEnded(record: JsonObject, base: Base): void {
    if (record.reason === 'failed' || record.reason === 'blocked') failure(record, base);
    else if (record.reason === 'cancelled')
      done.push({ ...base, id: unique(line), type: 'event', event: 'interrupted' });
  }

  function modelChange(record: JsonObject, base: Base): void {
    const next = asText(record.modelAlias);
    if (next === undefined || next === model) return;
    model = next;
    done.push({ ...base, id: unique(line), type: 'event', event: 'model', text: next });
  }

  function unique(wanted: string): string {
    let id = wanted;
    for (let n = 2; ids.has(id); n++) id = `${wanted}@${n}`;
    ids.add(id);
    return id;
  }

  function note(code: Diagnostic['code'], message: string): void {
    diagnostics.push({ code, message, path, at });
  }
}

/** A call of a message: `{name, arguments}`, before protocol 1.1 `{function: {name, arguments}}`; arguments are JSON text. */
function storedCall(call: JsonObject): { name: string; args: JsonValue } {
  const source = asObject(call.function) ?? call;
  const text = source.arguments;
  const args = typeof text === 'string' ? (parseJson(text) ?? text) : (text ?? {});
  return { name: asString(source.name) ?? '', args: asNumber(args) === undefined ? args : { input: args } };
}

/** Each entry follows the one before it. `places` learns where reading can go on. */
export function* inOneLine(
  fold: Fold,
  records: Iterable<WireRecord>,
  places?: WirePlaces,
): Generator<Entry, void, void> {
  let parentId: string | null = null;
  const linked = function* (entries: Entry[]): Generator<Entry> {
    places?.given(entries);
    for (const entry of entries) {
      entry.parentId = parentId;
      parentId = entry.id;
      yield entry;
    }
  };
  for (const loaded of records) {
    if (fold.settled()) places?.settled(loaded.node, fold.model());
    yield* linked(fold.take(loaded));
  }
  yield* linked(fold.take());
}
