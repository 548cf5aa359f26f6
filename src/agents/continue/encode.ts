/** Prepared session → a Continue session file and its row in the index. */
import { join } from 'node:path';
import type {
  Entry,
  JsonObject,
  JsonValue,
  MessageEntry,
  Part,
  Session,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';
import { jsonLine, oneLine } from '../../model/text.ts';
import { answers } from '../_shared/answers.ts';
import { firstPrompt } from '../_shared/first-prompt.ts';
import type { Acceptance, EncodeTarget, WritePlan, Writer } from '../contract.ts';
import { INDEX, sessionsDir } from './places.ts';

const accepts: Acceptance = {
  callId: { pattern: /^[A-Za-z0-9_-]{1,40}$/, prefix: 'call_' },
  toolName: { pattern: /^[A-Za-z0-9_-]{1,64}$/, maxLength: 64 },
  images: { user: true, result: false },
  foreignTools: 'structured',
  compaction: false,
};

const UNTITLED = 'Untitled Session';
/** Longest title that is made from a prompt. */
const TITLE = 120;

function encode(session: Session, target: EncodeTarget): WritePlan {
  const sessionId = target.ids.uuid4();
  const folder = sessionsDir(target.env);
  const path = join(folder, `${sessionId}.json`);
  const title = target.title ?? oneLine(firstPrompt(session, 1000) ?? UNTITLED, TITLE);
  const row: JsonObject = {
    sessionId,
    title,
    dateCreated: String(target.now.getTime()),
    workspaceDirectory: target.cwd,
  };
  return {
    agent: 'continue',
    sessionId,
    ref: { path },
    files: [{ path, content: () => fileText(session, { sessionId, title, cwd: target.cwd }) }],
    lines: [],
    members: [{ path: join(folder, INDEX), at: [], end: 'last', value: row, create: [] }],
    rows: () => [],
  };
}

function* fileText(
  session: Session,
  facts: { sessionId: string; title: string; cwd: string },
): Generator<string, void, void> {
  const { sessionId, title, cwd } = facts;
  const head = jsonLine({ sessionId, title, workspaceDirectory: cwd }).trimEnd();
  yield `${head.slice(0, -1)},"history":[`;
  let separator = '\n';
  for (const item of historyItems(session.entries())) {
    yield separator + jsonLine(item).trimEnd();
    separator = ',\n';
  }
  yield '\n]}\n';
}

/**
 * Items of the history. Results belong to the item that made the calls, so an answer with calls waits for them.
 */
function* historyItems(entries: Iterable<Entry>): Generator<JsonObject, void, void> {
  let open: { message: JsonObject; calls: ToolCallPart[]; results: Map<string, ToolResultPart> } | undefined;
  const close = function* (): Generator<JsonObject> {
    if (open !== undefined) yield withStates(open);
    open = undefined;
  };
  for (const entry of answers(entries)) {
    if (entry.type === 'answer') {
      yield* close();
      const calls = entry.parts.filter((part) => part.type === 'tool_call');
      const texts = entry.parts.filter((part) => part.type === 'text').map((part) => part.text);
      const message: JsonObject = { role: 'assistant', content: texts.join('\n\n') };
      if (calls.length > 0) open = { message, calls, results: new Map() };
      else yield item(message);
    } else if (entry.type === 'message') {
      for (const part of entry.parts) if (part.type === 'tool_result') open?.results.set(part.callId, part);
      const content = entry.parts.flatMap(contentPart);
      if (content.length === 0) continue;
      yield* close();
      yield userItem(entry, content);
    }
  }
  yield* close();
}

function item(message: JsonObject): JsonObject {
  return { message, contextItems: [] };
}

function userItem(entry: MessageEntry, parts: JsonObject[]): JsonObject {
  const [first] = parts;
  const content: JsonValue = parts.length === 1 && first?.type === 'text' ? (first.text ?? '') : parts;
  return { ...item({ role: entry.role, content }), editorState: content };
}

function contentPart(part: Part): JsonObject[] {
  if (part.type === 'text') return [{ type: 'text', text: part.text }];
  if (part.type !== 'image') return [];
  const url = part.data === undefined ? (part.path ?? '') : `data:${part.mediaType};base64,${part.data}`;
  return [{ type: 'imageUrl', imageUrl: { url } }];
}

function withStates(open: {
  message: JsonObject;
  calls: ToolCallPart[];
  results: Map<string, ToolResultPart>;
}): JsonObject {
  const toolCalls = open.calls.map((call) => ({
    id: call.callId,
    type: 'function',
    function: { name: call.native.name, arguments: jsonLine(call.native.input).trimEnd() },
  }));
  // cn sends the results in the order of the states
  const order = [...open.results.keys()];
  const place = (id: string): number => (order.indexOf(id) + order.length + 1) % (order.length + 1);
  const states = open.calls.map((call, n) => ({
    toolCallId: call.callId,
    toolCall: toolCalls[n] ?? {},
    ...outcome(open.results.get(call.callId)),
    parsedArgs: call.native.input,
  }));
  states.sort((a, b) => place(a.toolCallId) - place(b.toolCallId));
  return { ...item({ ...open.message, toolCalls }), toolCallStates: states };
}

/** Status and output. Empty output has to be there as an empty text: without one, cn tells the model "Tool cancelled". */
function outcome(result: ToolResultPart | undefined): {
  status: string;
  output?: JsonValue;
  exitCode?: number;
} {
  if (result === undefined) return { status: 'canceled' };
  const texts = result.content.map((part) => (part.type === 'text' ? part.text : '[image]'));
  if (texts.length === 0 && result.status !== 'interrupted') texts.push('');
  const output = texts.map((content) => ({
    content,
    name: 'Tool Result',
    description: 'Tool execution result',
  }));
  const status = { ok: 'done', error: 'errored', interrupted: 'canceled' }[result.status];
  return { status, output, ...(result.exitCode === undefined ? {} : { exitCode: result.exitCode }) };
}

export const writer: Writer = { accepts, probe: () => ({}), encode };
