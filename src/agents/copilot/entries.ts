/** One event of a transcript → entries of the session model. */
import { asArray, asObject, asString, asText, isObject } from '../../model/narrow.ts';
import type {
  Diagnostic,
  Entry,
  Evidence,
  JsonObject,
  MessageEntry,
  NativeCall,
  Part,
  ToolCallPart,
  Usage,
} from '../../model/session.ts';
import { type AssetSource, promptParts, resultImages } from './content.ts';
import { limitOf } from './limits.ts';
import { readOutcome } from './results.ts';
import type { Node } from './skeleton.ts';
import { tools } from './tools.ts';

/** Names the session that a transferred one came from, in the `session.start` that segue writes. */
export const PROVENANCE = 'segueSource';

/** Name under which segue keeps reasoning that Copilot stored: only Copilot's own records can hold it. */
export const VENDOR = 'copilot';

/** Members of an assistant message that make its reasoning usable again. */
export const OPAQUE = [
  'reasoningOpaque',
  'encryptedContent',
  'reasoningBlocks',
  'reasoningWireField',
  'providerId',
];

/** What one pass over a transcript remembers. */
export interface Reading {
  path: string;
  cwd?: string;
  /** Prompts of a subagent's session come from the agent that started it. */
  subagent: boolean;
  assets: AssetSource;
  diagnostics: { push(diagnostic: Diagnostic): unknown };
  /** Stored call id → the session's. */
  calls: Map<string, string>;
  callIds: Set<string>;
  /** Tokens of the call to the model whose message comes next. */
  usage?: { apiCallId?: string; counts: Usage };
}

type Base = Pick<Entry, 'id' | 'parentId' | 'time' | 'evidence'>;

/** Namespaces of event types; what is in none of them is not known at all. */
const KNOWN =
  /^(?:abort$|prompt_cache_break$|(?:agent|assistant|auto_mode_switch|capabilities|commands?|elicitation|exit_plan_mode|external_tool|hook|human_response|mcp|mcp_app|model|pending_messages|permission|sampling|sandbox|session|session_limits_exhausted|skill|subagent|system|tool|tool_search|ui|user|user_input|workflow)\.)/;

/** The entries of one event, without their place in the chain (`parentId` is null). */
export function eventEntries(
  node: Node,
  data: JsonObject,
  evidence: Evidence,
  reading: Reading,
  keeps: string[],
): Entry[] {
  const base: Base = { id: node.id, parentId: null, time: node.time, evidence: [evidence] };
  switch (node.type) {
    case 'user.message':
      return prompt(base, data, reading);
    case 'assistant.message':
      return answer(base, data, reading);
    case 'tool.execution_complete':
      return result(base, data, node, reading);
    case 'system.message':
      return told(base, 'system', data.content);
    case 'system.notification':
      return told(base, 'user', data.content);
    case 'session.error':
      return [failure(base, data)];
    case 'session.compaction_complete':
      if (data.success !== true) return [];
      return [{ ...base, type: 'compaction', summary: asString(data.summaryContent) ?? '', keeps }];
    case 'session.context_cleared':
      return [{ ...base, type: 'compaction', summary: 'The conversation was started anew here.', keeps: [] }];
    case 'session.model_change':
      return [{ ...base, type: 'event', event: 'model', text: asString(data.newModel) }];
    case 'session.mode_changed':
      return [{ ...base, type: 'event', event: 'mode', text: asString(data.newMode) }];
    case 'session.title_changed':
      return [{ ...base, type: 'event', event: 'title', text: asString(data.title) }];
    case 'session.snapshot_rewind':
      return [{ ...base, type: 'event', event: 'rollback' }];
    case 'abort':
      return [{ ...base, type: 'event', event: 'interrupted', text: asString(data.reason) }];
    default:
      if (!KNOWN.test(node.type))
        note(reading, 'unknown-record', 'an event of an unknown type is left out', node);
      return [];
  }
}

function note(reading: Reading, code: Diagnostic['code'], message: string, node: Node): void {
  reading.diagnostics.push({ code, message, path: reading.path, at: node.start });
}

function message(
  base: Base,
  role: MessageEntry['role'],
  origin: MessageEntry['origin'],
  parts: Part[],
): MessageEntry[] {
  return parts.length === 0 ? [] : [{ ...base, type: 'message', role, origin, parts }];
}

function told(base: Base, role: 'user' | 'system', content: JsonObject[string] | undefined): Entry[] {
  const text = asText(content);
  return message(base, role, 'harness', text === undefined ? [] : [{ type: 'text', text }]);
}

/** `source` names what else than a person sent a prompt: a skill, another agent, a schedule. */
function prompt(base: Base, data: JsonObject, reading: Reading): Entry[] {
  const source = asText(data.source);
  const person = source === undefined || source === 'user' || reading.subagent;
  const origin = person && data.isAutopilotContinuation !== true ? 'human' : 'harness';
  return message(base, 'user', origin, promptParts(data, reading.assets));
}

function answer(base: Base, data: JsonObject, reading: Reading): Entry[] {
  const parts: Part[] = [];
  const opaque: JsonObject = {};
  for (const key of OPAQUE) {
    const value = data[key];
    if (value !== undefined && value !== null) opaque[key] = value;
  }
  const { providerId: _, ...signed } = opaque;
  const thought = asText(data.reasoningText);
  if (thought !== undefined || Object.keys(signed).length > 0)
    parts.push({ type: 'reasoning', text: thought ?? '', vendor: VENDOR, opaque });
  const text = asText(data.content);
  if (text !== undefined) parts.push({ type: 'text', text });
  for (const request of (asArray(data.toolRequests) ?? []).filter(isObject))
    parts.push(callPart(request, reading));
  const entries = message(base, 'assistant', 'agent', parts);
  for (const entry of entries) {
    entry.model = asText(data.model);
    const { usage } = reading;
    const own = usage?.apiCallId === undefined || usage.apiCallId === data.apiCallId;
    if (usage !== undefined && own) entry.usage = usage.counts;
  }
  reading.usage = undefined;
  return entries;
}

function callPart(request: JsonObject, reading: Reading): ToolCallPart {
  const native: NativeCall = { name: asString(request.name) ?? '', input: request.arguments ?? {} };
  const stored = asText(request.toolCallId) ?? 'call';
  let callId = stored;
  for (let n = 2; reading.callIds.has(callId); n++) callId = `${stored}_${n}`;
  reading.callIds.add(callId);
  reading.calls.set(stored, callId);
  const server = asText(request.mcpServerName);
  const tool = asText(request.mcpToolName);
  const args = asObject(native.input);
  if (server !== undefined && tool !== undefined && args !== undefined)
    return { type: 'tool_call', callId, native, tool: 'mcp', input: { server, tool, arguments: args } };
  return { type: 'tool_call', callId, native, ...tools.read(native, reading.cwd) };
}

function result(base: Base, data: JsonObject, node: Node, reading: Reading): Entry[] {
  const stored = asText(data.toolCallId) ?? 'call';
  const callId = reading.calls.get(stored);
  if (callId === undefined) {
    // a command that the person ran in the agent's prompt has no request
    if (data.isUserRequested === true) return [];
    note(reading, 'orphan-result', 'a tool result has no call', node);
  }
  const outcome = readOutcome(data);
  outcome.content.push(...resultImages(asObject(data.result)?.binaryResultsForLlm, reading.assets));
  return message(base, 'user', 'agent', [{ type: 'tool_result', callId: callId ?? stored, ...outcome }]);
}

function failure(base: Base, data: JsonObject): Entry {
  const text = asString(data.message);
  const limit = limitOf(data);
  return limit === undefined
    ? { ...base, type: 'event', event: 'error', text }
    : { ...base, type: 'event', event: 'limit', text, limit };
}
