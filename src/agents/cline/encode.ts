/** Prepared session → a Cline session: the manifest and the messages. No database row is needed. */
import { join } from 'node:path';
import { timeMs } from '../../model/ids.ts';
import { asObject, asText } from '../../model/narrow.ts';
import type {
  JsonObject,
  MessageEntry,
  NativeCall,
  Part,
  Session,
  ToolResultPart,
} from '../../model/session.ts';
import { jsonLine, oneLine } from '../../model/text.ts';
import { type Answer, answers } from '../_shared/answers.ts';
import { OUTCOMES } from '../_shared/cline-messages.ts';
import { firstPrompt } from '../_shared/first-prompt.ts';
import { repeatableIds } from '../_shared/repeatable-ids.ts';
import type { Acceptance, EncodeTarget, WritePlan, Writer } from '../contract.ts';
import { PROVENANCE } from './manifest.ts';
import { MESSAGES, sessionsDir } from './places.ts';
import { probe } from './probe.ts';
import { contentBlock, outcome, resultBlock } from './results.ts';
import { stored } from './said.ts';

const accepts: Acceptance = {
  callId: { pattern: /^[A-Za-z0-9_-]{1,40}$/, prefix: 'toolu_' },
  toolName: { pattern: /^[A-Za-z0-9_-]{1,64}$/, maxLength: 64 },
  images: { user: true, result: true },
  reasoningVendor: 'cline',
  foreignTools: 'structured',
  compaction: false,
};

/** The version whose files these are. */
const VERSION = '3.0.65';

function encode(session: Session, target: EncodeTarget): WritePlan {
  const sessionId = `${target.now.getTime()}_${target.ids.short(5)}`;
  const ids = repeatableIds(() => target.ids.short(8));
  const folder = join(sessionsDir(target.env), sessionId);
  const path = join(folder, sessionId + MESSAGES);
  return {
    agent: 'cline',
    sessionId,
    ref: { path },
    files: [
      { path, content: () => messagesText(session, target, sessionId, ids()) },
      {
        path: join(folder, `${sessionId}.json`),
        content: () => [jsonLine(manifest(session, target, sessionId, path))],
      },
    ],
    lines: [],
    members: [],
    rows: () => [],
  };
}

/** One wrong member, and Cline opens an empty session. */
function manifest(session: Session, target: EncodeTarget, id: string, path: string): JsonObject {
  const now = target.now.toISOString();
  const { info } = session;
  const prompt = firstPrompt(session, 2000);
  const title = oneLine(target.title ?? prompt ?? '', 120);
  return {
    version: 1,
    session_id: id,
    source: 'cli',
    pid: 0,
    started_at: now,
    ended_at: now,
    exit_code: 0,
    status: 'completed',
    interactive: true,
    provider: asText(target.store.provider) ?? 'cline',
    model: asText(target.store.model) ?? info.models.at(-1) ?? 'unknown',
    cwd: target.cwd,
    workspace_root: target.cwd,
    enable_tools: true,
    enable_spawn: true,
    enable_teams: true,
    ...(prompt === undefined ? {} : { prompt }),
    metadata: {
      sessionHistoryOrigin: { mode: 'user', version: VERSION },
      ...(info.git?.branch === undefined ? {} : { git: { branch: info.git.branch } }),
      ...(title === '' ? {} : { title }),
      [PROVENANCE]: { agent: info.agent, id: info.id },
    },
    messages_path: path,
  };
}

function* messagesText(
  session: Session,
  target: EncodeTarget,
  sessionId: string,
  newId: () => string,
): Generator<string, void, void> {
  const head = {
    version: 1,
    updated_at: target.now.toISOString(),
    agent: 'lead',
    sessionId,
    origin: { source: 'cli', mode: 'user', sessionId, version: VERSION },
  };
  yield `${jsonLine(head).trimEnd().slice(0, -1)},"messages":[`;
  let separator = '\n';
  let ms = timeMs(session.info.createdAt, target.now.getTime());
  for (const { time, ...message } of messages(session)) {
    ms = timeMs(time, ms);
    yield separator + jsonLine({ id: `msg_${newId()}`, ...message, ts: ms }).trimEnd();
    separator = ',\n';
  }
  yield '\n]}\n';
}

/** A message before it gets its id. */
interface Message {
  time?: string;
  role: 'user' | 'assistant';
  content: JsonObject[];
  modelInfo?: JsonObject;
  metadata?: JsonObject;
}

/** All results of an answer stand in one message: Cline puts an error in the place of one that comes later. */
function* messages(session: Session): Generator<Message, void, void> {
  const calls = new Map<string, NativeCall>();
  let results: { time?: string; parts: ToolResultPart[] } | undefined;
  const close = function* (): Generator<Message> {
    if (results !== undefined) yield resultsMessage(results.time, results.parts, calls);
    results = undefined;
  };
  for (const item of answers(session.entries())) {
    if (item.type === 'answer') {
      yield* close();
      for (const part of item.parts) if (part.type === 'tool_call') calls.set(part.callId, part.native);
      yield answerMessage(item);
    } else if (item.type === 'message') {
      for (const part of item.parts) {
        if (part.type !== 'tool_result') continue;
        results ??= { time: item.time, parts: [] };
        results.parts.push(part);
      }
      const content = item.parts.flatMap(promptBlock);
      if (content.length === 0) continue;
      yield* close();
      yield { time: item.time, role: 'user', content };
    }
  }
  yield* close();
}

function answerMessage({ entry, parts }: Answer): Message {
  const reasoning = parts.find((part) => part.type === 'reasoning');
  const own = asObject(reasoning?.opaque?.modelInfo);
  const modelInfo = own ?? (entry.model === undefined ? undefined : modelOf(entry));
  return {
    time: entry.time,
    role: 'assistant',
    content: parts.flatMap(answerBlock),
    ...(modelInfo === undefined ? {} : { modelInfo }),
  };
}

/** The provider is not known: none that exists. */
function modelOf(entry: MessageEntry): JsonObject {
  return { id: entry.model ?? 'unknown', provider: 'segue' };
}

function answerBlock(part: Part): JsonObject[] {
  if (part.type === 'text') return [{ type: 'text', text: part.text }];
  if (part.type === 'tool_call') {
    const { name, input } = part.native;
    return [{ type: 'tool_use', id: part.callId, name, input }];
  }
  if (part.type !== 'reasoning') return [];
  return [asObject(part.opaque?.block) ?? { type: 'thinking', thinking: part.text }];
}

function promptBlock(part: Part): JsonObject[] {
  if (part.type === 'text') return [{ type: 'text', text: stored(part.text) }];
  return part.type === 'image' ? [contentBlock(part)] : [];
}

/** What a block cannot tell (an exit code of 0 beside other tools, that a call was interrupted) stands in the metadata. */
function resultsMessage(
  time: string | undefined,
  parts: ToolResultPart[],
  calls: Map<string, NativeCall>,
): Message {
  const marks: JsonObject = {};
  const content = parts.map((part) => {
    const call = calls.get(part.callId);
    const block = resultBlock(call, part);
    const told = outcome(call, block);
    if (told.status !== part.status || told.exitCode !== part.exitCode) {
      const exitCode: JsonObject = part.exitCode === undefined ? {} : { exitCode: part.exitCode };
      marks[part.callId] = { status: part.status, ...exitCode };
    }
    return block;
  });
  const marked = Object.keys(marks).length > 0;
  return { time, role: 'user', content, ...(marked ? { metadata: { [OUTCOMES]: marks } } : {}) };
}

export const writer: Writer = { accepts, probe, encode };
