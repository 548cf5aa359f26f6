/** One stored message of Cline or its relatives → entries of the session model. Its blocks are those of the Anthropic API. */
import {
  asArray,
  asBoolean,
  asNumber,
  asObject,
  asString,
  asText,
  asTimestamp,
  isObject,
} from '../../model/narrow.ts';
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
  ResultContent,
  ToolResultPart,
  Usage,
} from '../../model/session.ts';
import type { ToolTable } from '../contract.ts';
import { clineLimit } from './cline-limits.ts';

/** In what the agents of the family differ. */
export interface ClineDialect {
  /** Id, and the name under which its reasoning is kept. */
  agent: string;
  tools: ToolTable;
  /** What a text of a user message is: a person's words, or something that the agent put in. */
  said(text: string): { text: string; origin: 'human' | 'harness' };
  /** The outcome that a result block tells, without the agent's wrapping. */
  outcome(call: NativeCall | undefined, block: JsonObject): Outcome;
}

export type Outcome = Omit<ToolResultPart, 'type' | 'callId'>;

/** What one pass over the messages remembers. */
export interface ClineReading {
  dialect: ClineDialect;
  path: string;
  cwd?: string;
  diagnostics: { push(diagnostic: Diagnostic): unknown };
  /** Stored call id → the session's, and the call. */
  calls: Map<string, { callId: string; native: NativeCall }>;
  callIds: Set<string>;
}

/** Member of a message's `metadata` in which segue keeps outcomes that a block cannot tell: call id → status and exit code. */
export const OUTCOMES = 'segueOutcomes';

type Base = Pick<Entry, 'id' | 'parentId' | 'time' | 'evidence'>;

/** The entries of the n-th message, without their place in the chain. A message without an id gets its number. */
export function messageEntries(
  stored: JsonObject,
  n: number,
  evidence: Evidence,
  reading: ClineReading,
): Entry[] {
  const id = asText(stored.id) ?? `message-${n}`;
  const base: Base = { id, parentId: null, time: asTimestamp(stored.ts), evidence: [evidence] };
  const metadata = asObject(stored.metadata);
  if (metadata?.displayOnly === true) return shownOnly(base, stored, metadata);
  if (stored.role === 'assistant') return answer(base, stored, reading);
  if (stored.role === 'user') return prompt(base, stored, n, reading);
  note(reading, 'unknown-record', 'a message of an unknown role is left out', n);
  return [];
}

function note(reading: ClineReading, code: Diagnostic['code'], message: string, n: number): void {
  reading.diagnostics.push({ code, message, path: reading.path, at: n });
}

/** What only the screen shows: an error, or a note of the agent. */
function shownOnly(base: Base, stored: JsonObject, metadata: JsonObject): Entry[] {
  if (metadata.displayRole !== 'error') return [];
  const text = blocksOf(stored.content)
    .flatMap((block) => asText(block.text) ?? [])
    .join('\n');
  const limit = clineLimit(text);
  return limit === undefined
    ? [{ ...base, type: 'event', event: 'error', text }]
    : [{ ...base, type: 'event', event: 'limit', text, limit }];
}

/** Content blocks; a plain string is one text. */
export function blocksOf(content: JsonValue | undefined): JsonObject[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return (asArray(content) ?? []).filter(isObject);
}

function answer(base: Base, stored: JsonObject, reading: ClineReading): Entry[] {
  const model = asObject(stored.modelInfo);
  const parts = blocksOf(stored.content).flatMap((block): Part[] => {
    if (block.type === 'tool_use') return [callPart(block, reading)];
    if (block.type === 'thinking' || block.type === 'redacted_thinking') {
      const opaque: JsonObject = { block, ...(model === undefined ? {} : { modelInfo: model }) };
      return [
        { type: 'reasoning', text: asString(block.thinking) ?? '', vendor: reading.dialect.agent, opaque },
      ];
    }
    return spokenPart(block);
  });
  if (parts.length === 0) return [];
  const entry: MessageEntry = { ...base, type: 'message', role: 'assistant', origin: 'agent', parts };
  entry.model = asText(model?.id);
  entry.usage = usageOf(stored.metrics, COUNTS);
  return [entry];
}

function callPart(block: JsonObject, reading: ClineReading): Part {
  const native: NativeCall = { name: asString(block.name) ?? '', input: block.input ?? {} };
  const stored = asText(block.id) ?? 'call';
  let callId = stored;
  for (let k = 2; reading.callIds.has(callId); k++) callId = `${stored}_${k}`;
  reading.callIds.add(callId);
  reading.calls.set(stored, { callId, native });
  return { type: 'tool_call', callId, native, ...reading.dialect.tools.read(native, reading.cwd) };
}

/** A user message may hold results, a person's words and the agent's own notes: an entry for each run of one origin. */
function prompt(base: Base, stored: JsonObject, n: number, reading: ClineReading): Entry[] {
  const outcomes = asObject(asObject(stored.metadata)?.[OUTCOMES]);
  const entries: MessageEntry[] = [];
  const add = (origin: MessageEntry['origin'], parts: Part[]): void => {
    const last = entries.at(-1);
    if (last?.origin === origin) last.parts.push(...parts);
    else if (parts.length > 0) {
      const id = entries.length === 0 ? base.id : `${base.id}/${entries.length + 1}`;
      entries.push({ ...base, id, type: 'message', role: 'user', origin, parts });
    }
  };
  for (const block of blocksOf(stored.content)) {
    if (block.type === 'tool_result') {
      add('agent', [resultPart(block, outcomes, n, reading)]);
    } else if (block.type === 'text') {
      const { text, origin } = reading.dialect.said(asString(block.text) ?? '');
      add(origin, text === '' ? [] : [{ type: 'text', text }]);
    } else {
      // an image belongs to the words around it
      add('human', spokenPart(block));
    }
  }
  return entries;
}

function resultPart(
  block: JsonObject,
  outcomes: JsonObject | undefined,
  n: number,
  reading: ClineReading,
): ToolResultPart {
  const stored = asText(block.tool_use_id) ?? 'call';
  const call = reading.calls.get(stored);
  if (call === undefined) note(reading, 'orphan-result', 'a tool result has no call', n);
  const outcome = reading.dialect.outcome(call?.native, block);
  return {
    type: 'tool_result',
    callId: call?.callId ?? stored,
    ...marked(outcome, asObject(outcomes?.[stored])),
  };
}

/** Status and exit code as segue wrote them beside the block. */
function marked(outcome: Outcome, mark: JsonObject | undefined): Outcome {
  const status = mark?.status;
  if (status !== 'ok' && status !== 'error' && status !== 'interrupted') return outcome;
  const { exitCode: _, ...rest } = outcome;
  const exitCode = asNumber(mark?.exitCode);
  return { ...rest, status, ...(exitCode === undefined ? {} : { exitCode }) };
}

function spokenPart(block: JsonObject): Part[] {
  const text = asText(block.text);
  if (block.type === 'text') return text === undefined ? [] : [{ type: 'text', text }];
  const image = imageOf(block);
  if (image !== undefined) return [image];
  if (block.type !== 'file' && block.type !== 'media') return [];
  const path = asText(block.path);
  const mediaType = asText(block.mediaType);
  return [
    {
      type: 'file',
      ...(path === undefined ? {} : { path }),
      ...(mediaType === undefined ? {} : { mediaType }),
      ...(typeof block.content === 'string' ? { text: block.content } : {}),
    },
  ];
}

/** An image: Cline's own block, or the one of the Anthropic API. */
export function imageOf(block: JsonObject): ImagePart | undefined {
  if (block.type !== 'image') return undefined;
  const source = asObject(block.source);
  const data = asText(block.data) ?? asText(source?.data);
  const path = asText(source?.url);
  const mediaType = asText(block.mediaType) ?? asText(source?.media_type) ?? 'application/octet-stream';
  if (data === undefined) return path === undefined ? undefined : { type: 'image', mediaType, path };
  return { type: 'image', mediaType, data };
}

/** Texts and images as content of a result; a plain string is one text. Empty texts are left out. */
export function resultContent(value: JsonValue | undefined): ResultContent[] {
  return blocksOf(value).flatMap((block): ResultContent[] => {
    const image = imageOf(block);
    if (image !== undefined) return [image];
    const text = asText(block.text);
    return text === undefined ? [] : [{ type: 'text', text }];
  });
}

/** Whether a result block says that the call failed. */
export function isFailed(block: JsonObject): boolean {
  return asBoolean(block.is_error) === true;
}

type Counted = 'input' | 'output' | 'cacheRead' | 'cacheWrite';

/** Token counts under the names that they are stored under; undefined when there is none. */
export function usageOf(
  value: JsonValue | undefined,
  names: Readonly<Record<Counted, string>>,
): Usage | undefined {
  const stored = asObject(value);
  const usage: Usage = {};
  for (const key of ['input', 'output', 'cacheRead', 'cacheWrite'] as const) {
    const count = asNumber(stored?.[names[key]]);
    if (count !== undefined) usage[key] = count;
  }
  return Object.keys(usage).length === 0 ? undefined : usage;
}

/** Names in messages and manifests. */
export const COUNTS = {
  input: 'inputTokens',
  output: 'outputTokens',
  cacheRead: 'cacheReadTokens',
  cacheWrite: 'cacheWriteTokens',
};
