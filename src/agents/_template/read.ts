/** Session files → the session model. Any field may have any type. */
import { checksum, headAndTail, type LineFile, type LineView, openLines } from '../../io/lines.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { asArray, asNumber, asObject, asText, asTimestamp, parseObject } from '../../model/narrow.ts';
import type {
  Diagnostic,
  Entry,
  JsonObject,
  MessageEntry,
  Part,
  ResultContent,
  Session,
  SessionInfo,
} from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';
import { firstOf } from '../_shared/file-summary.ts';
import type { SessionRef, SessionSummary } from '../contract.ts';
import { tools } from './tools.ts';

/** What `summarize` reads of a large file: this much of its head and of its tail. */
const PROBE = 64 << 10;

export function summarize(ref: SessionRef): SessionSummary {
  const { agent, id, path, bytes } = ref;
  const base: SessionSummary = { agent, id, path, bytes };
  let head: JsonObject | undefined;
  let last: JsonObject | undefined;
  let prompt: string | undefined;
  try {
    const lines = headAndTail(path, PROBE, PROBE);
    const records = [...lines.head, ...lines.tail]
      .map((line) => parseObject(line))
      .filter((item) => item !== undefined);
    head = records.find((record) => record.type === 'session');
    last = records.findLast((record) => record.type === 'message');
    // long records may keep the first prompt out of the head
    if (asText(head?.title) === undefined) prompt = firstOf(path, promptOf);
  } catch (error) {
    return { ...base, damaged: `cannot be read (${systemCode(error) ?? 'error'})` };
  }
  if (head === undefined) return { ...base, damaged: 'no session record' };
  return {
    ...base,
    title: asText(head.title) ?? prompt,
    cwd: asText(head.cwd),
    createdAt: asTimestamp(head.created),
    updatedAt: asTimestamp(last?.time) ?? asTimestamp(head.created),
  };
}

function promptOf(record: JsonObject): string | undefined {
  if (record.role !== 'user') return undefined;
  const block = asArray(record.content)
    ?.map(asObject)
    .find((item) => item?.type === 'text');
  const text = asText(block?.text);
  return text === undefined ? undefined : oneLine(text, 120);
}

export function read(ref: SessionRef): Session {
  const head = readHead(ref.path);
  const diagnostics: Diagnostic[] = [];
  const info: SessionInfo = {
    agent: ref.agent,
    id: asText(head.id) ?? ref.id,
    title: asText(head.title),
    cwd: asText(head.cwd),
    models: [],
    createdAt: asTimestamp(head.created),
    lineage: [],
  };
  return {
    info,
    branches: [],
    subagents: [],
    diagnostics,
    *entries() {
      diagnostics.length = 0;
      const file = open(ref.path);
      try {
        yield* entriesOf(file, info, diagnostics);
      } finally {
        file.close();
      }
    },
  };
}

/** The first record. Throws `not-a-session` when the file has none. */
function readHead(path: string): JsonObject {
  const file = open(path);
  try {
    for (const line of file.lines()) {
      const record = recordOf(line);
      if (record?.type === 'session') return record;
    }
  } finally {
    file.close();
  }
  throw new SegueError('not-a-session', `${path} has no session record`);
}

function open(path: string): LineFile {
  try {
    return openLines(path);
  } catch (cause) {
    throw new SegueError('unreadable', `cannot open ${path} (${systemCode(cause) ?? 'error'})`, { cause });
  }
}

function recordOf({ buffer, start, end }: LineView): JsonObject | undefined {
  return parseObject(buffer.toString('utf8', start, end));
}

function* entriesOf(
  file: LineFile,
  info: SessionInfo,
  diagnostics: Diagnostic[],
): Generator<Entry, void, void> {
  const seen = new Set<string>();
  let parentId: string | null = null;
  for (const line of file.lines()) {
    const record = recordOf(line);
    const at = line.offset;
    if (record === undefined) {
      // a torn last line is normal: the agent is writing
      if (!line.torn)
        diagnostics.push({ code: 'bad-record', message: 'a line is not JSON', path: file.path, at });
      continue;
    }
    if (record.type === 'session') continue;
    const message = record.type === 'message' ? messageOf(record, info) : undefined;
    if (message === undefined) {
      diagnostics.push({ code: 'unknown-record', message: 'a record of unknown kind', path: file.path, at });
      continue;
    }
    const own = asText(record.id) ?? `line-${at}`;
    const id = seen.has(own) ? `${own}@${at}` : own;
    seen.add(id);
    const bytes = line.buffer.subarray(line.start, line.end);
    const evidence = {
      kind: 'range' as const,
      path: file.path,
      start: at,
      end: at + bytes.length,
      crc32: checksum(bytes),
    };
    yield { ...message, id, parentId, time: asTimestamp(record.time), evidence: [evidence] };
    parentId = id;
  }
}

function messageOf(
  record: JsonObject,
  info: SessionInfo,
): Omit<MessageEntry, 'id' | 'parentId' | 'evidence'> | undefined {
  const { role } = record;
  if (role !== 'user' && role !== 'assistant') return undefined;
  const blocks = asArray(record.content)?.map(asObject) ?? [];
  const parts = blocks.map((block) => partOf(block, info.cwd)).filter((part) => part !== undefined);
  if (parts.length === 0) return undefined;
  const results = parts.some((part) => part.type === 'tool_result');
  return { type: 'message', role, origin: role === 'user' && !results ? 'human' : 'agent', parts };
}

function partOf(block: JsonObject | undefined, cwd: string | undefined): Part | undefined {
  switch (block?.type) {
    case 'tool_use': {
      const callId = asText(block.id);
      const native = { name: asText(block.name) ?? 'unknown', input: block.input ?? {} };
      return callId === undefined
        ? undefined
        : { type: 'tool_call', callId, native, ...tools.read(native, cwd) };
    }
    case 'tool_result': {
      const callId = asText(block.id);
      if (callId === undefined) return undefined;
      const content = (asArray(block.content) ?? []).map((item) => contentOf(asObject(item)));
      const { status } = block;
      return {
        type: 'tool_result',
        callId,
        status: status === 'error' || status === 'interrupted' ? status : 'ok',
        exitCode: asNumber(block.exit),
        content: content.filter((item) => item !== undefined),
      };
    }
    default:
      return contentOf(block);
  }
}

function contentOf(block: JsonObject | undefined): ResultContent | undefined {
  if (block?.type === 'text') return { type: 'text', text: asText(block.text) ?? '' };
  if (block?.type !== 'image') return undefined;
  return { type: 'image', mediaType: asText(block.mediaType) ?? 'image/png', data: asText(block.data) };
}
