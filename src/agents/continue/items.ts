/** One item of a history → entries. */
import { asArray, asNumber, asObject, asString, asText, isObject, parseJson } from '../../model/narrow.ts';
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
  ToolResultPart,
  Usage,
} from '../../model/session.ts';
import { readResult } from './results.ts';
import { tools } from './tools.ts';

/** What one pass over a history remembers. */
export interface ItemReading {
  path: string;
  cwd?: string;
  diagnostics: { push(diagnostic: Diagnostic): unknown };
  calls: Map<string, { callId: string; native: NativeCall }>;
  callIds: Set<string>;
}

type Base = Pick<Entry, 'id' | 'parentId' | 'evidence'>;

/** The entries of the n-th item, without their place in the chain. Items have no ids: their number is taken. */
export function itemEntries(item: JsonObject, n: number, evidence: Evidence, reading: ItemReading): Entry[] {
  const message = asObject(item.message);
  const base: Base = { id: `item-${n}`, parentId: null, evidence: [evidence] };
  switch (message?.role) {
    case 'user':
      return entry(base, 'user', 'human', [
        ...contextFiles(item.contextItems),
        ...contentParts(message.content),
      ]);
    case 'assistant':
      return assistantEntries(base, item, message, n, reading);
    case 'thinking':
      return entry(base, 'assistant', 'agent', [thinking(message)]);
    case 'tool':
      return toolMessage(base, message, n, reading);
    case 'system':
      return entry(base, 'system', 'harness', contentParts(message.content));
    default:
      note(reading, 'unknown-record', 'an item of an unknown role is left out', n);
      return [];
  }
}

function note(reading: ItemReading, code: Diagnostic['code'], message: string, n: number): void {
  reading.diagnostics.push({ code, message, path: reading.path, at: `/history/${n}` });
}

function entry(
  base: Base,
  role: MessageEntry['role'],
  origin: MessageEntry['origin'],
  parts: Part[],
): MessageEntry[] {
  return parts.length === 0 ? [] : [{ ...base, type: 'message', role, origin, parts }];
}

/**
 * `conversationSummary` marks a compaction. The command line replaces the whole history by one item whose content is the
 * summary; the extensions put the summary beside the last message that it covers.
 */
function assistantEntries(
  base: Base,
  item: JsonObject,
  message: JsonObject,
  n: number,
  reading: ItemReading,
): Entry[] {
  const summary = asText(item.conversationSummary);
  const compaction: Entry[] =
    summary === undefined
      ? []
      : [{ ...base, id: `${base.id}/summary`, type: 'compaction', summary, keeps: [] }];
  if (summary !== undefined && message.content === summary) return compaction;

  const parts: Part[] = [];
  const reasoning = asText(asObject(item.reasoning)?.text);
  if (reasoning !== undefined) parts.push({ type: 'reasoning', text: reasoning });
  parts.push(...contentParts(message.content));
  const states = (asArray(item.toolCallStates) ?? []).filter(isObject);
  // a state without a call in the message is an orphan for the agent; the call that it holds is taken
  const calls = asArray(message.toolCalls) ?? states.map((state) => state.toolCall ?? null);
  parts.push(...calls.filter(isObject).map((call) => callPart(call, reading)));
  const said = entry(base, 'assistant', 'agent', parts);
  for (const first of said) {
    first.model = asText(asObject(message.usage)?.model);
    first.usage = readUsage(message.usage);
  }
  const results = states.flatMap((state) => resultPart(state, n, reading));
  return [...said, ...entry({ ...base, id: `${base.id}/results` }, 'user', 'agent', results), ...compaction];
}

function callPart(call: JsonObject, reading: ItemReading): Part {
  const called = asObject(call.function);
  const text = asString(called?.arguments) ?? '';
  const native: NativeCall = {
    name: asString(called?.name) ?? '',
    input: text === '' ? {} : (parseJson(text) ?? text),
  };
  const stored = asText(call.id) ?? 'call';
  let callId = stored;
  for (let k = 2; reading.callIds.has(callId); k++) callId = `${stored}_${k}`;
  reading.callIds.add(callId);
  reading.calls.set(stored, { callId, native });
  return { type: 'tool_call', callId, native, ...tools.read(native, reading.cwd) };
}

/** A call's outcome; none while it was still to run. */
function resultPart(state: JsonObject, n: number, reading: ItemReading): ToolResultPart[] {
  const stored = asText(state.toolCallId) ?? 'call';
  const texts = (asArray(state.output) ?? [])
    .filter(isObject)
    .flatMap((output) => asText(output.content) ?? []);
  const answered = (asArray(state.output) ?? []).length > 0;
  const ended = state.status === 'done' || state.status === 'errored' || state.status === 'canceled';
  if (!answered && !ended) return [];
  const call = reading.calls.get(stored);
  if (call === undefined) note(reading, 'orphan-result', 'a tool result has no call', n);
  return [
    {
      type: 'tool_result',
      callId: call?.callId ?? stored,
      ...readResult(call?.native, state.status, asNumber(state.exitCode), texts),
    },
  ];
}

/** A result as an item of its own: read by the agent, not written by it. */
function toolMessage(base: Base, message: JsonObject, n: number, reading: ItemReading): Entry[] {
  const state: JsonObject = {
    toolCallId: message.toolCallId ?? null,
    status: 'done',
    output: [{ content: asString(message.content) ?? '' }],
  };
  return entry(base, 'user', 'agent', resultPart(state, n, reading));
}

function thinking(message: JsonObject): Part {
  const opaque: JsonObject = {};
  for (const key of ['signature', 'redactedThinking']) {
    const value = message[key];
    if (value !== undefined && value !== null) opaque[key] = value;
  }
  const text = contentParts(message.content)
    .map((part) => (part.type === 'text' ? part.text : ''))
    .join('');
  return Object.keys(opaque).length === 0 ? { type: 'reasoning', text } : { type: 'reasoning', text, opaque };
}

/** What the person attached: the agent sends it in front of the prompt. */
function contextFiles(items: JsonValue | undefined): Part[] {
  return (asArray(items) ?? []).filter(isObject).map((item) => {
    const uri = asObject(item.uri);
    const path = uri?.type === 'file' ? asText(uri.value) : undefined;
    return {
      type: 'file',
      name: asText(item.name),
      path: path === undefined ? undefined : plainPath(path),
      text: asString(item.content),
    };
  });
}

/** Text and pictures; a plain string is one text. Empty texts are left out. */
export function contentParts(content: JsonValue | undefined): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return (asArray(content) ?? []).filter(isObject).flatMap((part): Part[] => {
    const text = asText(part.text);
    if (part.type === 'text') return text === undefined ? [] : [{ type: 'text', text }];
    const url = part.type === 'imageUrl' ? asText(asObject(part.imageUrl)?.url) : undefined;
    return url === undefined ? [] : [imageAt(url)];
  });
}

function imageAt(url: string): ImagePart {
  const match = /^data:([^;,]*);base64,/.exec(url);
  if (match === null) return { type: 'image', mediaType: 'application/octet-stream', path: url };
  return {
    type: 'image',
    mediaType: match[1] || 'application/octet-stream',
    data: url.slice(match[0].length),
  };
}

/** The extensions keep `file://` addresses. */
export function plainPath(path: string): string {
  if (!path.startsWith('file://')) return path;
  try {
    const { pathname } = new URL(path);
    const decoded = decodeURIComponent(pathname);
    return /^\/[A-Za-z]:\//.test(decoded) ? decoded.slice(1) : decoded;
  } catch (error) {
    // not an address after all
    if (!(error instanceof TypeError) && !(error instanceof URIError)) throw error;
    return path;
  }
}

/** OpenAI's counts: cached tokens are part of `prompt_tokens` there. */
function readUsage(value: JsonValue | undefined): Usage | undefined {
  const stored = asObject(value);
  const prompt = asNumber(stored?.prompt_tokens);
  const output = asNumber(stored?.completion_tokens);
  if (prompt === undefined && output === undefined) return undefined;
  const details = asObject(stored?.prompt_tokens_details);
  const cacheRead = asNumber(details?.cached_tokens) ?? asNumber(details?.cache_read_tokens);
  const usage: Usage = {};
  if (prompt !== undefined) usage.input = Math.max(prompt - (cacheRead ?? 0), 0);
  if (output !== undefined) usage.output = output;
  if (cacheRead !== undefined) usage.cacheRead = cacheRead;
  return usage;
}
