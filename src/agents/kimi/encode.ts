/** Prepared session → a Kimi Code session: wire file, state, and its line in the index. */
import { join } from 'node:path';
import { timeMs } from '../../model/ids.ts';
import type {
  CompactionEntry,
  JsonObject,
  MessageEntry,
  NativeCall,
  Part,
  Session,
  ToolResultPart,
} from '../../model/session.ts';
import { jsonLine, oneLine } from '../../model/text.ts';
import { type Answer, answers } from '../_shared/answers.ts';
import type { Acceptance, EncodeTarget, WritePlan, Writer } from '../contract.ts';
import { VENDOR } from './parts.ts';
import { kimiDir, sessionsDir, workspaceId } from './places.ts';
import { storedExit } from './results.ts';
import { PROVENANCE } from './state.ts';

const accepts: Acceptance = {
  callId: { pattern: /^[A-Za-z0-9_-]{1,40}$/, prefix: 'call_' },
  toolName: { pattern: /^[A-Za-z0-9_-]{1,64}$/, maxLength: 64 },
  images: { user: true, result: true },
  reasoningVendor: VENDOR,
  foreignTools: 'structured',
  compaction: true,
};

/** Longest title and last prompt in lists. */
const LINE = 200;

function encode(session: Session, target: EncodeTarget): WritePlan {
  const { env, cwd } = target;
  const sessionId = `session_${target.ids.uuid4()}`;
  const folder = join(sessionsDir(env), workspaceId(cwd, env), sessionId);
  const homedir = join(folder, 'agents', 'main');
  const path = join(homedir, 'wire.jsonl');
  let lastPrompt: string | undefined;
  function* wire(): Generator<string, void, void> {
    const lines = wireLines(session, target);
    for (let step = lines.next(); ; step = lines.next()) {
      if (step.done === true) {
        lastPrompt = step.value;
        return;
      }
      yield step.value;
    }
  }
  function* state(): Generator<string, void, void> {
    yield jsonLine(stateOf(session, target, { sessionId, homedir, lastPrompt }));
  }
  return {
    agent: 'kimi',
    sessionId,
    ref: { path },
    files: [
      { path, content: wire },
      { path: join(folder, 'state.json'), content: state },
    ],
    lines: [
      {
        path: join(kimiDir(env), 'session_index.jsonl'),
        line: jsonLine({ sessionId, sessionDir: folder, workDir: cwd }).trimEnd(),
      },
    ],
    members: [],
    rows: () => [],
  };
}

function stateOf(
  session: Session,
  target: EncodeTarget,
  facts: { sessionId: string; homedir: string; lastPrompt: string | undefined },
): JsonObject {
  const { agent, id, createdAt } = session.info;
  const now = target.now.getTime();
  const { title } = target;
  return {
    id: facts.sessionId,
    version: 2,
    cwd: target.cwd,
    createdAt: Math.min(timeMs(createdAt, now), now),
    updatedAt: now,
    archived: false,
    // a custom title is not replaced by the last prompt
    ...(title === undefined ? { isCustomTitle: false } : { title, titleKind: 'custom', isCustomTitle: true }),
    ...(facts.lastPrompt === undefined ? {} : { lastPrompt: facts.lastPrompt }),
    agents: { main: { homedir: facts.homedir, type: 'main' } },
    custom: { [PROVENANCE]: { agent, id } },
  };
}

/** A message as a later compaction sees it. */
interface Written {
  entry: string;
  human: boolean;
  /** It belongs to the call before it. */
  result: boolean;
}

/** The lines of the wire file; returns the last prompt. */
function* wireLines(session: Session, target: EncodeTarget): Generator<string, string | undefined, void> {
  const now = target.now.getTime();
  let ms: number | undefined;
  let lastPrompt: string | undefined;
  let view: Written[] = [];
  const calls = new Map<string, NativeCall>();
  const record = (type: string, fields: JsonObject): string =>
    jsonLine({ type, agentId: 'main', ...fields, time: ms ?? now });
  const append = (message: JsonObject): string => record('context.append_message', { message });

  yield jsonLine({ type: 'metadata', protocol_version: '1.5', created_at: now });
  for (const item of answers(session.entries())) {
    const { time } = item.type === 'answer' ? item.entry : item;
    ms = timeMs(time, ms ?? now);
    if (item.type === 'answer') {
      for (const part of item.parts) if (part.type === 'tool_call') calls.set(part.callId, part.native);
      view.push({ entry: item.ids[0] ?? '', human: false, result: false });
      yield append(answerMessage(item));
    } else if (item.type === 'compaction') {
      const { fields, rest } = compaction(item, view);
      view = rest;
      yield record('context.apply_compaction', fields);
    } else if (item.type === 'message') {
      for (const message of userMessages(item, calls)) {
        const result = message.role === 'tool';
        view.push({ entry: item.id, human: item.origin === 'human' && !result, result });
        yield append(message);
      }
      lastPrompt = promptOf(item) ?? lastPrompt;
    }
  }
  return lastPrompt;
}

function promptOf(entry: MessageEntry): string | undefined {
  if (entry.origin !== 'human') return undefined;
  const text = entry.parts.find((part) => part.type === 'text');
  return text?.type === 'text' ? oneLine(text.text, LINE) || undefined : undefined;
}

/**
 * A compaction keeps everything from a message on, or what the person said: only then can it have gaps. The agent picks
 * those messages itself (20,000 tokens of them; read in 2.1.0).
 */
function compaction(entry: CompactionEntry, view: Written[]): { fields: JsonObject; rest: Written[] } {
  const { summary } = entry;
  const fields = { summary, contextSummary: `Summary of the conversation so far:\n${summary}` };
  const wanted = new Set(entry.keeps);
  const kept = view.filter((message) => wanted.has(message.entry));
  let first = view.findIndex((message) => wanted.has(message.entry));
  const placeholder = { entry: '', human: false, result: false };
  if (first >= 0 && kept.every((message) => message.human) && kept.length < view.length - first) {
    const counts = { compactedCount: view.length, keptUserMessageCount: kept.length };
    const human = view.filter((message) => message.human).slice(-kept.length);
    return { fields: { ...fields, ...counts, tokensBefore: 0 }, rest: [...human, placeholder, placeholder] };
  }
  if (first < 0) first = view.length;
  while (first > 0 && view[first]?.result === true) first--;
  return {
    fields: { ...fields, compactedCount: first, tokensBefore: 0 },
    rest: [placeholder, ...view.slice(first)],
  };
}

function answerMessage({ parts }: Answer): JsonObject {
  const toolCalls = parts.flatMap((part) => {
    if (part.type !== 'tool_call') return [];
    const { name, input } = part.native;
    return [{ type: 'function', id: part.callId, name, arguments: jsonLine(input).trimEnd() }];
  });
  return { role: 'assistant', content: parts.flatMap(contentPart), toolCalls };
}

/** The messages of one user entry: results each on their own, everything else together. */
function* userMessages(
  entry: MessageEntry,
  calls: Map<string, NativeCall>,
): Generator<JsonObject, void, void> {
  let content: JsonObject[] = [];
  const said = (): JsonObject => ({ role: 'user', content, toolCalls: [], origin: { kind: 'user' } });
  for (const part of entry.parts) {
    if (part.type !== 'tool_result') {
      content.push(...contentPart(part));
      continue;
    }
    if (content.length > 0) yield said();
    content = [];
    yield resultMessage(part, calls.get(part.callId));
  }
  if (content.length > 0) yield said();
}

function resultMessage(part: ToolResultPart, call: NativeCall | undefined): JsonObject {
  return {
    role: 'tool',
    content: part.content.flatMap(contentPart),
    toolCalls: [],
    toolCallId: part.callId,
    ...(part.status === 'ok' ? {} : { isError: true }),
    ...storedExit(call, part),
  };
}

function contentPart(part: Part): JsonObject[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part.text }];
    case 'reasoning':
      return [{ type: 'think', think: part.text, ...part.opaque }];
    case 'image': {
      const url = part.data === undefined ? part.path : `data:${part.mediaType};base64,${part.data}`;
      return url === undefined ? [] : [{ type: 'image_url', imageUrl: { url } }];
    }
    default:
      return []; // files are told as text by then
  }
}

export const writer: Writer = { accepts, probe: () => ({}), encode };
