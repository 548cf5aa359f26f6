/** One record of a pi transcript → entries of the session model. */
import { asArray, asBoolean, asNumber, asObject, asString, asText, isObject } from '../../model/narrow.ts';
import type {
  Diagnostic,
  Entry,
  ImagePart,
  JsonObject,
  JsonValue,
  MessageEntry,
  NativeCall,
  Part,
  ResultContent,
  TextPart,
  ToolResultPart,
} from '../../model/session.ts';
import type { ToolTable } from '../contract.ts';
import { limitOf } from './pi-limits.ts';
import type { DiagnosticSink, PiRecord } from './pi-store.ts';
import { readUsage } from './pi-store.ts';

/** In what the agents of the family differ. */
export interface PiDialect {
  agent: string;
  tools: ToolTable;
  /** The outcome that a tool result record tells, without the agent's wrapping. `content` is the record's own. */
  readResult(
    call: NativeCall | undefined,
    message: JsonObject,
    content: ResultContent[],
  ): Omit<ToolResultPart, 'type' | 'callId'>;
}

/** What one pass over a path remembers. */
export interface PiReading {
  dialect: PiDialect;
  path: string;
  cwd?: string;
  diagnostics: DiagnosticSink;
  /** Place of the record that is being read. */
  at: number;
  /** Stored call id → the session's, and the call. */
  calls: Map<string, { callId: string; native: NativeCall }>;
  callIds: Set<string>;
  /** Conversation entries so far: record and entry ids. Compactions point into them. */
  shown: { record: string; entry: string }[];
}

export function startReading(
  dialect: PiDialect,
  path: string,
  cwd: string | undefined,
  diagnostics: DiagnosticSink,
): PiReading {
  return { dialect, path, cwd, diagnostics, at: 0, calls: new Map(), callIds: new Set(), shown: [] };
}

function note(reading: PiReading, code: Diagnostic['code'], message: string): void {
  reading.diagnostics.push({ code, message, path: reading.path, at: reading.at });
}

/** pi's frame around the summary of an abandoned branch, as it sends it to the model. */
const BRANCH_SUMMARY = 'The following is a summary of a branch that this conversation came back from:';

/** OpenClaw's `reset` record cuts the context like a compaction, but leaves no summary. */
const STARTED_ANEW = 'The conversation was started anew here.';

/** Records that hold settings, marks or extension state: nothing of the conversation. */
const silent = new Set(['thinking_level_change', 'label', 'custom', 'usage', 'context_edit', 'leaf']);

type Base = Pick<Entry, 'id' | 'parentId' | 'time' | 'evidence'>;

/** The entries of one record, without their place in the chain (`parentId` is null). */
export function recordEntries({ node, record, evidence }: PiRecord, reading: PiReading): Entry[] {
  reading.at = node.start;
  const base: Base = { id: node.id, parentId: null, time: node.time, evidence: [evidence] };
  switch (node.type) {
    case 'message':
      return messageEntries(base, asObject(record.message) ?? {}, reading);
    case 'custom_message':
      return message(base, 'user', 'harness', contentParts(record.content));
    case 'branch_summary': {
      const summary = asText(record.summary);
      const text = `${BRANCH_SUMMARY}\n\n<summary>\n${summary}</summary>`;
      return summary === undefined ? [] : message(base, 'user', 'agent', [{ type: 'text', text }]);
    }
    case 'compaction':
      return [compaction(base, record, reading)];
    case 'model_change':
      return [{ ...base, type: 'event', event: 'model', text: asString(record.modelId) }];
    case 'session_info':
      return [{ ...base, type: 'event', event: 'title', text: asString(record.name) ?? '' }];
    case 'reset':
      return [compaction(base, { ...record, summary: STARTED_ANEW }, reading)];
    default:
      if (!silent.has(node.type)) note(reading, 'unknown-record', 'a record of an unknown type is left out');
      return [];
  }
}

function compaction(base: Base, record: JsonObject, reading: PiReading): Entry {
  const first = asString(record.firstKeptEntryId);
  const from = reading.shown.findIndex((shown) => shown.record === first);
  const keeps = from < 0 ? [] : reading.shown.slice(from).map((shown) => shown.entry);
  return { ...base, type: 'compaction', summary: asString(record.summary) ?? '', keeps };
}

function messageEntries(base: Base, stored: JsonObject, reading: PiReading): Entry[] {
  switch (stored.role) {
    case 'user':
      return promptEntries(base, promptParts(stored.content));
    case 'assistant':
      return assistantEntries(base, stored, reading);
    case 'toolResult':
      return resultEntry(base, stored, reading);
    case 'bashExecution':
      return message(base, 'user', asBoolean(stored.excludeFromContext) ? 'harness' : 'human', [
        { type: 'text', text: ranCommand(stored) },
      ]);
    case 'custom':
    case 'hookMessage':
      return message(base, 'user', 'harness', contentParts(stored.content));
    case 'system':
      return message(base, 'system', 'harness', systemParts(stored));
    default:
      note(reading, 'unknown-record', 'a message of an unknown role is left out');
      return [];
  }
}

function message(
  base: Base,
  role: MessageEntry['role'],
  origin: MessageEntry['origin'],
  parts: Part[],
): Entry[] {
  return parts.length === 0 ? [] : [{ ...base, type: 'message', role, origin, parts }];
}

function assistantEntries(base: Base, stored: JsonObject, reading: PiReading): Entry[] {
  const stop = stored.stopReason;
  if (stop === 'error') {
    const text = asString(stored.errorMessage);
    const limit = limitOf(text, base.time);
    return limit === undefined
      ? [{ ...base, type: 'event', event: 'error', text }]
      : [{ ...base, type: 'event', event: 'limit', text, limit }];
  }
  const parts = assistantParts(stored, reading);
  const entries = message(base, 'assistant', 'agent', parts);
  const entry = entries[0];
  if (entry?.type === 'message') {
    entry.model = asText(stored.model);
    entry.usage = readUsage(stored.usage);
  }
  if (stop === 'aborted')
    entries.push({ ...base, id: `${base.id}/aborted`, type: 'event', event: 'interrupted' });
  return entries;
}

function assistantParts(stored: JsonObject, reading: PiReading): Part[] {
  const parts: Part[] = [];
  const vendor = reading.dialect.agent;
  for (const block of blocks(stored.content)) {
    if (block.type === 'text') {
      const text = asText(block.text);
      if (text !== undefined) parts.push({ type: 'text', text });
    } else if (block.type === 'thinking') {
      parts.push({
        type: 'reasoning',
        text: asString(block.thinking) ?? '',
        vendor,
        opaque: opaque(block, stored),
      });
    } else if (block.type === 'toolCall') {
      parts.push(callPart(block, reading));
    } else {
      note(reading, 'unknown-record', 'an unknown block is left out');
    }
  }
  return parts;
}

/** What makes a thinking block usable again: its signature, and the model that alone may get it back. */
function opaque(block: JsonObject, stored: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const key of ['thinkingSignature', 'redacted']) {
    const value = block[key];
    if (value !== undefined) kept[key] = value;
  }
  for (const key of ['api', 'provider', 'model']) {
    const value = stored[key];
    if (typeof value === 'string') kept[key] = value;
  }
  return kept;
}

function callPart(block: JsonObject, reading: PiReading): Part {
  const native: NativeCall = { name: asString(block.name) ?? '', input: callInput(block.arguments) };
  const stored = asString(block.id) ?? '';
  let callId = stored || 'call';
  for (let n = 2; reading.callIds.has(callId); n++) callId = `${stored || 'call'}_${n}`;
  reading.callIds.add(callId);
  reading.calls.set(stored, { callId, native });
  return { type: 'tool_call', callId, native, ...reading.dialect.tools.read(native, reading.cwd) };
}

/** Arguments are an object for every tool of the family; anything else is damage and kept in one. */
function callInput(stored: JsonValue | undefined): JsonValue {
  if (stored === undefined || isObject(stored)) return stored ?? {};
  return { input: stored };
}

function resultEntry(base: Base, stored: JsonObject, reading: PiReading): Entry[] {
  const id = asString(stored.toolCallId) ?? '';
  const call = reading.calls.get(id);
  if (call === undefined) note(reading, 'orphan-result', 'a tool result has no call');
  const content = contentParts(stored.content);
  const result = reading.dialect.readResult(call?.native, stored, content);
  return message(base, 'user', 'agent', [{ type: 'tool_result', callId: call?.callId ?? id, ...result }]);
}

/** A command that the person ran with `!`, in the words in which pi tells the model of it. */
function ranCommand(stored: JsonObject): string {
  const output = asText(stored.output);
  const code = asNumber(stored.exitCode);
  let text = `Ran \`${asString(stored.command) ?? ''}\`\n`;
  text += output === undefined ? '(no output)' : `\`\`\`\n${output}\n\`\`\``;
  if (stored.cancelled === true) text += '\n\n(command cancelled)';
  else if (code !== undefined && code !== 0) text += `\n\nCommand exited with code ${code}`;
  return text;
}

/** The system prompt as 0.87 keeps it: a text and named sections. */
function systemParts(stored: JsonObject): TextPart[] {
  const sections = Object.values(asObject(stored.sections) ?? {});
  return [stored.content, ...sections].flatMap((value) => {
    const text = asText(value);
    return text === undefined ? [] : [{ type: 'text', text }];
  });
}

/** pi puts files given with `@` in front of the prompt: a text file in full, an image as an empty (or noted) mark. */
const ATTACHED = /^<file name="([^"]*)">(?:\n([\s\S]*?)\n|[^\n]*?)<\/file>\n?/;

/** A prompt: attached files apart from what the person wrote. */
function promptParts(content: JsonValue | undefined): Part[] {
  const parts: Part[] = [];
  const imagePaths: string[] = [];
  for (const part of contentParts(content)) {
    if (part.type === 'image') {
      const path = imagePaths.shift();
      parts.push(path === undefined ? part : { ...part, path });
      continue;
    }
    let { text } = part;
    for (let match = ATTACHED.exec(text); match !== null; match = ATTACHED.exec(text)) {
      const [whole, path = '', body] = match;
      if (body === undefined) imagePaths.push(path);
      else parts.push({ type: 'file', path, text: body });
      text = text.slice(whole.length);
    }
    if (text !== '') parts.push({ type: 'text', text });
  }
  return parts;
}

/** What `/skill:name` becomes: the skill's text, then what the person wrote. */
const SKILL = /^<skill name="[^"]+" location="[^"]+">\n[\s\S]*?\n<\/skill>(?:\n\n|$)/;

function promptEntries(base: Base, parts: Part[]): Entry[] {
  const [first, ...rest] = parts;
  const skill = first?.type === 'text' ? SKILL.exec(first.text)?.[0] : undefined;
  if (first?.type !== 'text' || skill === undefined) return message(base, 'user', 'human', parts);
  const words: Part[] = first.text === skill ? [] : [{ type: 'text', text: first.text.slice(skill.length) }];
  return [
    ...message({ ...base, id: `${base.id}/skill` }, 'user', 'harness', [
      { type: 'text', text: skill.trimEnd() },
    ]),
    ...message(base, 'user', 'human', [...words, ...rest]),
  ];
}

/** Text and image blocks; a plain string is one text. Empty texts are left out. */
export function contentParts(content: JsonValue | undefined): (TextPart | ImagePart)[] {
  return blocks(content).flatMap((block): (TextPart | ImagePart)[] => {
    const text = asText(block.text);
    if (block.type === 'text') return text === undefined ? [] : [{ type: 'text', text }];
    if (block.type !== 'image') return [];
    const mediaType = asText(block.mimeType) ?? 'application/octet-stream';
    return [{ type: 'image', mediaType, data: asText(block.data) }];
  });
}

function blocks(content: JsonValue | undefined): JsonObject[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return (asArray(content) ?? []).filter(isObject);
}
