/** Records of a Droid session → entries. */
import { asArray, asObject, asString, asText, asTimestamp, isObject } from '../../model/narrow.ts';
import type {
  Diagnostic,
  Entry,
  Evidence,
  ImagePart,
  JsonObject,
  JsonValue,
  MessageEntry,
  NativeCall,
  Part,
  TextPart,
} from '../../model/session.ts';
import type { DiagnosticSink } from '../_shared/pi-store.ts';
import { limitOfOutcome, limitOfText } from './limits.ts';
import { readResult } from './results.ts';
import { tools } from './tools.ts';

/** Reasoning goes back to the provider that signed it, which the stored block names. */
export const VENDOR = 'droid';

/** A text that Droid put into a user message. */
export const REMINDER = /^\s*<system-reminder>[\s\S]*<\/system-reminder>\s*$/;

/** What one pass over a file needs to know. */
export interface FoldContext {
  path: string;
  cwd: string | undefined;
  diagnostics: DiagnosticSink;
}

type Base = Pick<Entry, 'parentId' | 'time' | 'evidence'>;

export interface Fold {
  /** Takes the next record; `at` is where it starts. */
  take(record: JsonObject, evidence: Evidence, at: number): Entry[];
  /** Apart from calls that wait for results, the records to come do not depend on those so far. */
  settled(): boolean;
}

export function newFold(context: FoldContext): Fold {
  const { path, cwd, diagnostics } = context;
  const calls = new Map<string, { callId: string; native: NativeCall }>();
  const callIds = new Set<string>();
  const ids = new Set<string>();
  /** Conversation entries and the stored ids of their messages, for compactions. */
  const shown: { record: string; entry: string }[] = [];
  let limited = false;
  let at = 0;

  return { take, settled: () => !limited };

  function take(record: JsonObject, evidence: Evidence, start: number): Entry[] {
    at = start;
    const base: Base = { parentId: null, time: asTimestamp(record.timestamp), evidence: [evidence] };
    const id = asText(record.id) ?? `byte-${start}`;
    switch (record.type) {
      case 'message':
        return messageEntries(asObject(record.message) ?? {}, base, id);
      case 'compaction_state':
        return [compaction(record, base, id)];
      case 'agent_turn_outcome':
        return outcome(asText(record.reason) ?? '', base);
      default:
        if (!SILENT.has(asString(record.type) ?? '')) note('unknown-record', 'a record of an unknown type');
        return [];
    }
  }

  function messageEntries(message: JsonObject, base: Base, id: string): Entry[] {
    const stored = blocks(message.content);
    if (message.visibility === 'user_only') return shownToPerson(stored, base, id);
    if (message.role === 'assistant') {
      const parts = stored.flatMap(assistantPart);
      const model = asText(message.modelId);
      const entries = messageOf(base, id, id, 'assistant', 'agent', parts);
      return model === undefined ? entries : entries.map((entry) => ({ ...entry, model }));
    }
    if (message.role !== 'user') {
      note('unknown-record', 'a message of an unknown role is left out');
      return [];
    }
    if (message.visibility === 'llm_only')
      return messageOf(base, id, id, 'user', 'harness', stored.flatMap(contentPart));
    return userEntries(stored, base, id);
  }

  /** A message may hold results, reminders and what a person said: an entry for each kind in a row. */
  function userEntries(stored: JsonObject[], base: Base, id: string): Entry[] {
    const groups: { origin: MessageEntry['origin']; parts: Part[] }[] = [];
    for (const block of stored) {
      const parts = block.type === 'tool_result' ? [resultPart(block)] : contentPart(block);
      for (const part of parts) {
        const origin = originOf(part);
        const last = groups.at(-1);
        if (last?.origin === origin) last.parts.push(part);
        else groups.push({ origin, parts: [part] });
      }
    }
    return groups.flatMap(({ origin, parts }, n) =>
      messageOf(base, id, n === 0 ? id : `${id}/${n}`, 'user', origin, parts),
    );
  }

  /** What only the person sees: errors of the provider. */
  function shownToPerson(stored: JsonObject[], base: Base, id: string): Entry[] {
    const text = stored.flatMap((block) => asText(block.text) ?? []).join('\n');
    const limit = limitOfText(text);
    limited = limit !== undefined;
    const event = { ...base, id: unique(id), type: 'event' as const, text };
    if (limit !== undefined) return [{ ...event, event: 'limit', limit }];
    if (/\berror\b/i.test(text)) return [{ ...event, event: 'error' }];
    return messageOf(base, id, `${id}/shown`, 'system', 'harness', stored.flatMap(contentPart));
  }

  function outcome(reason: string, base: Base): Entry[] {
    const known = limited;
    limited = false;
    const limit = limitOfOutcome(reason);
    const event = { ...base, id: unique(`byte-${at}`), type: 'event' as const };
    if (limit !== undefined) return known ? [] : [{ ...event, event: 'limit', limit, text: reason }];
    return reason === 'cancelled' ? [{ ...event, event: 'interrupted' }] : [];
  }

  function compaction(record: JsonObject, base: Base, id: string): Entry {
    const anchor = asText(asObject(record.anchorMessage)?.id);
    const last = shown.findLastIndex((message) => message.record === anchor);
    // nothing was removed, so nothing is named
    const whole = record.anchorMessage === undefined && record.removedCount === 0;
    const keeps = last < 0 && !whole ? [] : shown.slice(last + 1).map((message) => message.entry);
    const summary = asString(record.summaryText) ?? '';
    return { ...base, id: unique(id), type: 'compaction', summary, keeps };
  }

  function messageOf(
    base: Base,
    record: string,
    id: string,
    role: MessageEntry['role'],
    origin: MessageEntry['origin'],
    parts: Part[],
  ): MessageEntry[] {
    if (parts.length === 0) return [];
    const entry: MessageEntry = { ...base, id: unique(id), type: 'message', role, origin, parts };
    if (origin !== 'harness') shown.push({ record, entry: entry.id });
    return [entry];
  }

  function assistantPart(block: JsonObject): Part[] {
    switch (block.type) {
      case 'thinking':
      case 'redacted_thinking': {
        const { thinking, ...opaque } = block;
        return [{ type: 'reasoning', text: asString(thinking) ?? '', vendor: VENDOR, opaque }];
      }
      case 'tool_use':
        return [callPart(block)];
      default:
        return contentPart(block);
    }
  }

  function callPart(block: JsonObject): Part {
    const stored = asString(block.id) ?? '';
    const native: NativeCall = { name: asString(block.name) ?? '', input: block.input ?? {} };
    let callId = stored || 'call';
    for (let n = 2; callIds.has(callId); n++) callId = `${stored || 'call'}_${n}`;
    callIds.add(callId);
    calls.set(stored, { callId, native });
    return { type: 'tool_call', callId, native, ...tools.read(native, cwd) };
  }

  function resultPart(block: JsonObject): Part {
    const stored = asString(block.tool_use_id) ?? '';
    const call = calls.get(stored);
    if (call === undefined) note('orphan-result', 'a tool result has no call');
    const outcome = readResult(
      call?.native,
      blocks(block.content).flatMap(contentPart),
      block.is_error === true,
    );
    return { type: 'tool_result', callId: call?.callId ?? stored, ...outcome };
  }

  function contentPart(block: JsonObject): (TextPart | ImagePart)[] {
    if (block.type === 'text') {
      const text = asText(block.text);
      return text === undefined ? [] : [{ type: 'text', text }];
    }
    if (block.type === 'image') {
      const source = asObject(block.source);
      const mediaType = asText(source?.media_type) ?? asText(source?.mediaType) ?? 'image/png';
      const data = asText(source?.data);
      return [data === undefined ? { type: 'image', mediaType } : { type: 'image', mediaType, data }];
    }
    note('unknown-record', 'an unknown block is left out');
    return [];
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

/** Records that hold nothing of the conversation; a plan is in the call that set it. */
const SILENT = new Set(['session_start', 'todo_state']);

function originOf(part: Part): MessageEntry['origin'] {
  if (part.type === 'tool_result') return 'agent';
  return part.type === 'text' && REMINDER.test(part.text) ? 'harness' : 'human';
}

function blocks(content: JsonValue | undefined): JsonObject[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return (asArray(content) ?? []).filter(isObject);
}
