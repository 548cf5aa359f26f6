/** Prepared session → an Auggie session file. */
import { join } from 'node:path';
import { timeMs } from '../../model/ids.ts';
import type { JsonObject, Part, ResultContent, Session, ToolResultPart } from '../../model/session.ts';
import { jsonLine } from '../../model/text.ts';
import type { Acceptance, EncodeTarget, WritePlan, Writer } from '../contract.ts';
import { HISTORY, sessionsDir } from './discover.ts';
import { FORMATS, REQUEST, RESPONSE, VENDOR } from './entries.ts';
import { PROVENANCE } from './read.ts';

const accepts: Acceptance = {
  callId: { pattern: /^[A-Za-z0-9_-]{1,40}$/, prefix: 'toolu_' },
  toolName: { pattern: /^[A-Za-z0-9_-]{1,64}$/, maxLength: 64 },
  images: { user: true, result: true },
  reasoningVendor: VENDOR,
  foreignTools: 'structured',
  compaction: false,
  // Auggie's own words to the model are left out when sessions are read
  guardedPrefixes: /^\s*<supervisor>/,
};

function encode(session: Session, target: EncodeTarget): WritePlan {
  const sessionId = target.ids.uuid4();
  const seed = target.ids.uuid4();
  const path = join(sessionsDir(target.env), `${sessionId}.json`);
  return {
    agent: 'auggie',
    sessionId,
    ref: { path },
    files: [{ path, content: () => fileText(session, target, sessionId, seed) }],
    lines: [],
    members: [],
    rows: () => [],
  };
}

/** One member to a line: lists read what stands at the file's two ends. */
function* fileText(
  session: Session,
  target: EncodeTarget,
  sessionId: string,
  seed: string,
): Generator<string, void, void> {
  const { agent, id, createdAt } = session.info;
  const now = target.now.getTime();
  const created = new Date(Math.min(timeMs(createdAt, now), now)).toISOString();
  const member = (name: string, value: unknown): string => `"${name}": ${jsonLine(value).trimEnd()}`;
  yield `{\n${member('sessionId', sessionId)},\n${member('created', created)},\n`;
  yield `${member('modified', target.now.toISOString())},\n"${HISTORY}": [`;
  let separator = '\n';
  for (const item of exchanges(session, target, seed)) {
    yield separator + jsonLine(item).trimEnd();
    separator = ',\n';
  }
  yield '\n],\n';
  yield `${member('agentState', { userGuidelines: '', workspaceGuidelines: '', modelId: '', userEmail: '' })},\n`;
  if (target.title !== undefined) yield `${member('customTitle', target.title)},\n`;
  yield `${member(PROVENANCE, { agent, id })}\n}\n`;
}

/** A request and the answer to it, while they are gathered. */
interface Exchange {
  request: JsonObject[];
  said: string[];
  response: JsonObject[];
  answered: string[];
  ms: number;
}

/** One exchange for each answer: what the user side said or returned since the last one, then the answer. */
function* exchanges(session: Session, target: EncodeTarget, seed: string): Generator<JsonObject, void, void> {
  let count = 0;
  let ms = target.now.getTime();
  let open: Exchange | undefined;
  const begin = (): Exchange => ({ request: [], said: [], response: [], answered: [], ms });
  for (const entry of session.entries()) {
    if (entry.type !== 'message') continue;
    ms = timeMs(entry.time, ms);
    if (entry.role === 'assistant') {
      open ??= begin();
      open.ms = ms;
      for (const part of entry.parts) addAnswer(open, part);
      continue;
    }
    if (open !== undefined && open.response.length > 0) {
      yield itemOf(open, ++count, target.cwd, seed);
      open = undefined;
    }
    open ??= begin();
    for (const part of entry.parts) addRequest(open, part);
  }
  if (open !== undefined) yield itemOf(open, ++count, target.cwd, seed);
}

function itemOf(exchange: Exchange, count: number, cwd: string, seed: string): JsonObject {
  const request_nodes = numbered([...(count === 1 ? [ideState(cwd)] : []), ...exchange.request]);
  return {
    exchange: {
      request_message: exchange.said.join('\n\n'),
      response_text: exchange.answered.join('\n\n'),
      request_id: seed.slice(0, 24) + count.toString(16).padStart(12, '0'),
      request_nodes,
      response_nodes: numbered(exchange.response),
    },
    // items without it are not sent to the model
    completed: true,
    sequenceId: count,
    finishedAt: new Date(exchange.ms).toISOString(),
    changedFiles: [],
    changedFilesSkipped: [],
    changedFilesSkippedCount: 0,
    source: 'local',
  };
}

function numbered(nodes: JsonObject[]): JsonObject[] {
  return nodes.map((node, id) => ({ id, ...node }));
}

/** The only place where Auggie records the directory. */
function ideState(cwd: string): JsonObject {
  return {
    type: REQUEST.ide,
    ide_state_node: {
      workspace_folders: [{ repository_root: cwd, folder_root: cwd }],
      workspace_folders_unchanged: false,
      current_terminal: { terminal_id: 0, current_working_directory: cwd },
    },
  };
}

function addRequest(exchange: Exchange, part: Part): void {
  if (part.type === 'tool_result') {
    exchange.request.push({ type: REQUEST.result, tool_result_node: resultNode(part) });
  } else if (part.type === 'text') {
    exchange.said.push(part.text);
    exchange.request.push({ type: REQUEST.text, text_node: { content: part.text } });
  } else if (part.type === 'image' && part.data !== undefined) {
    const image_node = { image_data: part.data, format: formatOf(part.mediaType) };
    exchange.request.push({ type: REQUEST.image, image_node });
  }
}

function addAnswer(exchange: Exchange, part: Part): void {
  const timestamp_ms = exchange.ms;
  if (part.type === 'text') {
    exchange.answered.push(part.text);
    exchange.response.push({ type: RESPONSE.text, content: part.text, timestamp_ms });
  } else if (part.type === 'reasoning') {
    const thinking = { summary: part.text, ...part.opaque };
    exchange.response.push({ type: RESPONSE.thinking, content: '', thinking, timestamp_ms });
  } else if (part.type === 'tool_call') {
    const tool_use = {
      tool_use_id: part.callId,
      tool_name: part.native.name,
      input_json: jsonLine(part.native.input).trimEnd(),
      is_partial: false,
    };
    exchange.response.push({ type: RESPONSE.tool, content: '', tool_use, timestamp_ms });
  }
}

function resultNode(part: ToolResultPart): JsonObject {
  const { callId, status, content } = part;
  const texts = content.flatMap((each) => (each.type === 'text' ? [each.text] : []));
  const node: JsonObject = { tool_use_id: callId, content: texts.join('\n'), is_error: status !== 'ok' };
  const plain = content.length === texts.length && texts.length <= 1;
  return plain ? node : { ...node, content_nodes: content.map(contentNode) };
}

function contentNode(part: ResultContent): JsonObject {
  if (part.type === 'text') return { type: 1, text_content: part.text };
  return { type: 2, image_content: { image_data: part.data ?? '', format: formatOf(part.mediaType) } };
}

/** Other formats have no number; the service is told PNG, as Auggie does with what it does not know. */
function formatOf(mediaType: string): number {
  const known = Object.entries(FORMATS).find(([, type]) => type === mediaType);
  return known === undefined ? 1 : Number(known[0]);
}

export const writer: Writer = { accepts, probe: () => ({}), encode };
