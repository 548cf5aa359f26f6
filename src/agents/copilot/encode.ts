/** Prepared session → a Copilot session folder: the transcript and the facts beside it. */
import { join } from 'node:path';
import { timeMs } from '../../model/ids.ts';
import type { Entry, JsonObject, MessageEntry, Part, Session, ToolCallPart } from '../../model/session.ts';
import { jsonLine, oneLine } from '../../model/text.ts';
import { type Answer, answers } from '../_shared/answers.ts';
import { repeatableIds } from '../_shared/repeatable-ids.ts';
import { keptEntries } from '../_shared/turns.ts';
import type { Acceptance, EncodeTarget, WritePlan, Writer } from '../contract.ts';
import { IMAGE_ONLY } from './content.ts';
import { OPAQUE, PROVENANCE, VENDOR } from './entries.ts';
import { sessionsDir, TRANSCRIPT, WORKSPACE } from './places.ts';
import { outcomeMembers } from './results.ts';

/** Images in results are stored by Copilot but not sent to the model (measured with three APIs). */
const accepts: Acceptance = {
  callId: { pattern: /^[A-Za-z0-9_-]{1,40}$/, prefix: 'call_' },
  toolName: { pattern: /^[A-Za-z0-9_-]{1,64}$/, maxLength: 64 },
  images: { user: true, result: false },
  reasoningVendor: VENDOR,
  foreignTools: 'structured',
  compaction: true,
};

/** The version whose events these are. */
const VERSION = '1.0.102';

function encode(session: Session, target: EncodeTarget): WritePlan {
  const sessionId = target.ids.uuid4();
  const ids = repeatableIds(() => target.ids.uuid4());
  const folder = join(sessionsDir(target.env), sessionId);
  const path = join(folder, TRANSCRIPT);
  return {
    agent: 'copilot',
    sessionId,
    ref: { path },
    files: [
      { path, content: () => transcript(session, target, sessionId, ids()) },
      { path: join(folder, WORKSPACE), content: () => [workspace(session, target, sessionId)] },
    ],
    lines: [],
    members: [],
    rows: () => [],
  };
}

/** The facts beside the transcript. Without them Copilot would take the next prompt for the session's name. */
function workspace(session: Session, target: EncodeTarget, id: string): string {
  const title = oneLine(target.title ?? '', 200);
  const branch = session.info.git?.branch;
  const facts: Record<string, string | number | boolean> = {
    id,
    cwd: target.cwd,
    ...(branch === undefined ? {} : { branch }),
    ...(title === '' ? {} : { name: title, user_named: true }),
    summary_count: 0,
    fork_count: 0,
    created_at: session.info.createdAt ?? target.now.toISOString(),
    updated_at: target.now.toISOString(),
  };
  // a JSON text on one line is a YAML scalar, too
  return Object.entries(facts)
    .map(([key, value]) => `${key}: ${jsonLine(value)}`)
    .join('');
}

/** An event without its envelope. */
interface Body {
  type: string;
  data: JsonObject;
}

function* transcript(
  session: Session,
  target: EncodeTarget,
  sessionId: string,
  newId: () => string,
): Generator<string, void, void> {
  const { info } = session;
  const branch = info.git?.branch;
  const startTime = info.createdAt ?? target.now.toISOString();
  let parentId: string | null = null;
  let ms = timeMs(startTime, target.now.getTime());
  const line = ({ type, data }: Body, id: string): string => {
    const text = jsonLine({ type, data, id, timestamp: new Date(ms).toISOString(), parentId });
    parentId = id;
    return text;
  };
  const start: JsonObject = {
    sessionId,
    version: 1,
    producer: 'copilot-agent',
    copilotVersion: VERSION,
    startTime,
    context: { cwd: target.cwd, ...(branch === undefined ? {} : { branch }) },
    alreadyInUse: false,
    [PROVENANCE]: { agent: info.agent, id: info.id },
  };
  yield line({ type: 'session.start', data: start }, newId());

  // only events that a compaction keeps are held
  const kept = keptEntries(session.entries());
  const held = new Map<string, Held[]>();
  for (const item of answers(session.entries())) {
    ms = timeMs(item.type === 'answer' ? item.entry.time : item.time, ms);
    const owners = item.type === 'answer' ? item.ids : [item.id];
    for (const body of bodies(item)) {
      const id = newId();
      yield line(body, id);
      for (const owner of owners) {
        if (!kept.has(owner)) continue;
        const list = held.get(owner) ?? [];
        held.set(owner, [...list, { id, body, prompt: isPrompt(body) }]);
      }
    }
    if (item.type !== 'compaction' || item.summary === '') continue;
    for (const body of copies(item.keeps, held)) yield line(body, newId());
  }
}

interface Held {
  id: string;
  body: Body;
  prompt: boolean;
}

/**
 * After a compaction Copilot's model sees the summary and all prompts. What else stayed in view is written again behind it,
 * marked, so that reading gives it once.
 */
function* copies(keeps: string[], held: Map<string, Held[]>): Generator<Body, void, void> {
  const events = keeps.flatMap((id) => held.get(id) ?? []);
  if (events.every(({ prompt }) => prompt)) return;
  const seen = new Set<string>();
  for (const { id, body } of events) {
    if (!seen.has(id)) yield { type: body.type, data: { ...body.data, segueCopyOf: id } };
    seen.add(id);
  }
}

function isPrompt(body: Body): boolean {
  return body.type === 'user.message';
}

function bodies(item: Answer | Entry): Body[] {
  if (item.type === 'answer') return answerBodies(item);
  if (item.type === 'message') return userBodies(item);
  if (item.type !== 'compaction' || item.summary === '') return [];
  return [
    { type: 'session.compaction_start', data: {} },
    { type: 'session.compaction_complete', data: { success: true, summaryContent: item.summary } },
  ];
}

/** One event holds one reasoning, one text and any number of calls; each call is also announced, as Copilot does it. */
function answerBodies({ entry, parts }: Answer): Body[] {
  const groups: Part[][] = [];
  for (const part of parts) {
    const open = groups.at(-1);
    if (open === undefined || part.type === 'reasoning' || (part.type === 'text' && !isReasoningOnly(open)))
      groups.push([part]);
    else open.push(part);
  }
  return groups.flatMap((group, n) => answerBody(entry, group, n));
}

function isReasoningOnly(parts: Part[]): boolean {
  return parts.every((part) => part.type === 'reasoning');
}

function answerBody(entry: MessageEntry, parts: Part[], n: number): Body[] {
  const data: JsonObject = { messageId: n === 0 ? entry.id : `${entry.id}-${n + 1}` };
  if (entry.model !== undefined) data.model = entry.model;
  data.content = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const calls = parts.filter((part) => part.type === 'tool_call');
  data.toolRequests = calls.map(toolRequest);
  for (const part of parts) {
    if (part.type !== 'reasoning') continue;
    if (part.text !== '') data.reasoningText = part.text;
    for (const key of OPAQUE) {
      const value = part.opaque?.[key];
      if (value !== undefined) data[key] = value;
    }
  }
  return [{ type: 'assistant.message', data }, ...calls.map(announced)];
}

/** A call with free text as its input is of the type that Copilot has for tools with a grammar. */
function toolRequest(call: ToolCallPart): JsonObject {
  const { name, input } = call.native;
  const request: JsonObject = { toolCallId: call.callId, name, arguments: input };
  request.type = typeof input === 'string' ? 'custom' : 'function';
  if (call.tool === 'mcp' && name === `${call.input.server}-${call.input.tool}`) {
    request.mcpServerName = call.input.server;
    request.mcpToolName = call.input.tool;
  }
  return request;
}

function announced({ callId, native }: ToolCallPart): Body {
  const data = { toolCallId: callId, toolName: native.name, arguments: native.input };
  return { type: 'tool.execution_start', data };
}

/** Each result is an event of its own; a text with the images around it is one. */
function userBodies(entry: MessageEntry): Body[] {
  const bodies: Body[] = [];
  let open: { before: JsonObject[]; text?: string; after: JsonObject[] } | undefined;
  const close = (): void => {
    if (open !== undefined) bodies.push(promptBody(open));
    open = undefined;
  };
  for (const part of entry.parts) {
    if (part.type === 'tool_result') {
      close();
      const data = { toolCallId: part.callId, ...outcomeMembers(part) };
      bodies.push({ type: 'tool.execution_complete', data });
    } else if (part.type === 'text') {
      if (open?.text !== undefined) close();
      open ??= { before: [], after: [] };
      open.text = part.text;
    } else if (part.type === 'image' && part.data !== undefined) {
      open ??= { before: [], after: [] };
      const blob = { type: 'blob', data: part.data, mimeType: part.mediaType };
      (open.text === undefined ? open.before : open.after).push(blob);
    }
  }
  close();
  return bodies;
}

function promptBody(prompt: { before: JsonObject[]; text?: string; after: JsonObject[] }): Body {
  const { before, text, after } = prompt;
  const data: JsonObject = { content: text ?? IMAGE_ONLY };
  if (before.length + after.length > 0) data.attachments = [...before, ...after];
  if (text === undefined) data.segueNoText = true;
  else if (before.length > 0) data.segueBefore = before.length;
  return { type: 'user.message', data };
}

export const writer: Writer = { accepts, probe: () => ({}), encode };
