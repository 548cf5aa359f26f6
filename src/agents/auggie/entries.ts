/** One exchange of an Auggie session → entries. */
import {
  asArray,
  asNumber,
  asObject,
  asString,
  asText,
  asTimestamp,
  defined,
  isObject,
  parseJson,
} from '../../model/narrow.ts';
import type {
  Diagnostic,
  Entry,
  Evidence,
  ImagePart,
  JsonObject,
  MessageEntry,
  NativeCall,
  Part,
  ResultContent,
  Usage,
} from '../../model/session.ts';
import type { DiagnosticSink } from '../_shared/pi-store.ts';
import { readResult } from './results.ts';
import { tools } from './tools.ts';

/** Thinking is encrypted for whatever model the service chose. */
export const VENDOR = 'auggie';

/** Kinds of nodes. Numbers: read in 0.36.0, seen in samples. */
export const REQUEST = { text: 0, result: 1, image: 2, ide: 4, file: 8, summary: 10 } as const;
export const RESPONSE = { text: 0, tool: 5, thinking: 8, tokens: 10 } as const;

/** Image formats, by their number. */
export const FORMATS: Readonly<Record<number, string>> = {
  1: 'image/png',
  2: 'image/jpeg',
  3: 'image/gif',
  4: 'image/webp',
};

/** A text that Auggie put into a request. */
export const SUPERVISOR = /^\s*<supervisor>[\s\S]*<\/supervisor>\s*$/;

/** What one pass over a session remembers. */
export interface Reading {
  path: string;
  cwd: string | undefined;
  diagnostics: DiagnosticSink;
  calls: Map<string, { callId: string; native: NativeCall }>;
  callIds: Set<string>;
  ids: Set<string>;
  /** Entries of each exchange so far, by its request id. */
  exchanges: Map<string, string[]>;
}

type Base = Pick<Entry, 'parentId' | 'evidence'>;

/** The entries of the n-th exchange (`parentId` is null). */
export function exchangeEntries(item: JsonObject, n: number, evidence: Evidence, reading: Reading): Entry[] {
  const exchange = asObject(item.exchange) ?? {};
  const requestId = asText(exchange.request_id) ?? `exchange-${n}`;
  const base: Base = { parentId: null, evidence: [evidence] };
  const entries: Entry[] = [];
  const request = nodes(exchange.request_nodes);
  const response = nodes(exchange.response_nodes);
  const summary = request.find((node) => node.type === REQUEST.summary);
  if (summary !== undefined) entries.push(compaction(summary, base, requestId, reading));
  entries.push(
    ...requestEntries(request, exchange, {
      base,
      requestId,
      reading,
      hidden: item.isHistorySummary === true,
    }),
  );
  const parts = answerParts(response, exchange, n, reading);
  const finished =
    asTimestamp(item.finishedAt) ?? asTimestamp(response.map((node) => node.timestamp_ms).find(asNumber));
  if (parts.length > 0) {
    const answer: MessageEntry = {
      ...base,
      id: unique(requestId, reading),
      type: 'message',
      role: 'assistant',
      origin: item.isHistorySummary === true ? 'harness' : 'agent',
      parts,
    };
    const usage = usageOf(response);
    if (finished !== undefined) answer.time = finished;
    if (usage !== undefined) answer.usage = usage;
    entries.push(answer);
  }
  // Auggie does not send it again
  if (item.completed !== true)
    entries.push({ ...base, id: unique(`${requestId}/open`, reading), type: 'event', event: 'interrupted' });
  reading.exchanges.set(
    requestId,
    entries.map((entry) => entry.id),
  );
  return entries;
}

interface RequestContext {
  base: Base;
  requestId: string;
  reading: Reading;
  hidden: boolean;
}

/** Results, what the person said, and what Auggie said: an entry for each kind in a row. */
function requestEntries(stored: JsonObject[], exchange: JsonObject, context: RequestContext): Entry[] {
  const { base, requestId, reading } = context;
  const said = stored.length === 0 ? asText(exchange.request_message) : undefined;
  const parts: Part[] = stored.flatMap((node) => requestPart(node, requestId, reading));
  if (said !== undefined) parts.push({ type: 'text', text: said });
  const groups: { origin: MessageEntry['origin']; parts: Part[] }[] = [];
  for (const part of parts) {
    const origin = context.hidden ? 'harness' : originOf(part);
    const last = groups.at(-1);
    if (last?.origin === origin) last.parts.push(part);
    else groups.push({ origin, parts: [part] });
  }
  return groups.map(({ origin, parts: own }) => ({
    ...base,
    id: unique(`${requestId}/request`, reading),
    type: 'message',
    role: 'user',
    origin,
    parts: own,
  }));
}

function originOf(part: Part): MessageEntry['origin'] {
  if (part.type === 'tool_result') return 'agent';
  return part.type === 'text' && SUPERVISOR.test(part.text) ? 'harness' : 'human';
}

function requestPart(node: JsonObject, at: string, reading: Reading): Part[] {
  switch (node.type) {
    case REQUEST.text: {
      const text = asText(asObject(node.text_node)?.content);
      return text === undefined ? [] : [{ type: 'text', text }];
    }
    case REQUEST.result:
      return [resultPart(asObject(node.tool_result_node) ?? {}, at, reading)];
    case REQUEST.image:
      return imagePart(asObject(node.image_node));
    case REQUEST.file:
      return [{ type: 'file', name: asText(asObject(node.file_node)?.name) ?? 'file' }];
    case REQUEST.ide:
    case REQUEST.summary:
      return [];
    default:
      note(reading, at, 'unknown-record', 'a node of an unknown type is left out');
      return [];
  }
}

function resultPart(stored: JsonObject, at: string, reading: Reading): Part {
  const id = asString(stored.tool_use_id) ?? '';
  const call = reading.calls.get(id);
  if (call === undefined) note(reading, at, 'orphan-result', 'a tool result has no call');
  const outcome = readResult(call?.native, resultContent(stored), stored.is_error === true);
  return { type: 'tool_result', callId: call?.callId ?? id, ...outcome };
}

/** `content_nodes` where there is more than one text; `content` has the texts only. */
function resultContent(stored: JsonObject): ResultContent[] {
  const parts = nodes(stored.content_nodes).flatMap((node): ResultContent[] => {
    if (node.type === 2) return imagePart(asObject(node.image_content));
    const text = asText(node.text_content);
    return text === undefined ? [] : [{ type: 'text', text }];
  });
  const text = asText(stored.content);
  return parts.length > 0 || text === undefined ? parts : [{ type: 'text', text }];
}

function imagePart(stored: JsonObject | undefined): ImagePart[] {
  const data = asText(stored?.image_data);
  const mediaType = FORMATS[asNumber(stored?.format) ?? 0] ?? 'image/png';
  return data === undefined ? [] : [{ type: 'image', mediaType, data }];
}

function answerParts(stored: JsonObject[], exchange: JsonObject, n: number, reading: Reading): Part[] {
  const text = stored.length === 0 ? asText(exchange.response_text) : undefined;
  if (text !== undefined) return [{ type: 'text', text }];
  return stored.flatMap((node): Part[] => {
    switch (node.type) {
      case RESPONSE.text: {
        const said = asText(node.content);
        return said === undefined ? [] : [{ type: 'text', text: said }];
      }
      case RESPONSE.thinking: {
        const { summary, ...opaque } = asObject(node.thinking) ?? {};
        return [{ type: 'reasoning', text: asString(summary) ?? '', vendor: VENDOR, opaque }];
      }
      case RESPONSE.tool:
        return [callPart(asObject(node.tool_use) ?? {}, reading)];
      case RESPONSE.tokens:
        return [];
      default:
        // marks of the service: suggestions, the end of a stream, billing
        if (typeof node.type !== 'number')
          note(reading, `exchange-${n}`, 'unknown-record', 'a node of an unknown type is left out');
        return [];
    }
  });
}

function callPart(stored: JsonObject, reading: Reading): Part {
  const id = asString(stored.tool_use_id) ?? '';
  const text = asString(stored.input_json) ?? '{}';
  const native: NativeCall = { name: asString(stored.tool_name) ?? '', input: parseJson(text) ?? text };
  let callId = id || 'call';
  for (let n = 2; reading.callIds.has(callId); n++) callId = `${id || 'call'}_${n}`;
  reading.callIds.add(callId);
  reading.calls.set(id, { callId, native });
  return { type: 'tool_call', callId, native, ...tools.read(native, reading.cwd) };
}

/** The exchanges before it are not sent any more, but those that the summary itself holds. */
function compaction(node: JsonObject, base: Base, requestId: string, reading: Reading): Entry {
  const stored = asObject(node.history_summary_node);
  const summary = asText(stored?.summary_text) ?? asText(asObject(node.text_node)?.content) ?? '';
  const kept = nodes(stored?.history_end).flatMap((exchange) => asText(exchange.request_id) ?? []);
  const keeps = kept.flatMap((id) => reading.exchanges.get(id) ?? []);
  return { ...base, id: unique(`${requestId}/summary`, reading), type: 'compaction', summary, keeps };
}

function usageOf(stored: JsonObject[]): Usage | undefined {
  const tokens = asObject(stored.find((node) => node.type === RESPONSE.tokens)?.token_usage);
  if (tokens === undefined) return undefined;
  const usage = {
    input: asNumber(tokens.input_tokens),
    output: asNumber(tokens.output_tokens),
    cacheRead: asNumber(tokens.cache_read_input_tokens),
    cacheWrite: asNumber(tokens.cache_creation_input_tokens),
  };
  return defined(usage);
}

function nodes(value: unknown): JsonObject[] {
  return (asArray(value) ?? []).filter(isObject);
}

function unique(wanted: string, reading: Reading): string {
  let id = wanted;
  for (let n = 2; reading.ids.has(id); n++) id = `${wanted}@${n}`;
  reading.ids.add(id);
  return id;
}

function note(reading: Reading, at: string, code: Diagnostic['code'], message: string): void {
  reading.diagnostics.push({ code, message, path: reading.path, at });
}
