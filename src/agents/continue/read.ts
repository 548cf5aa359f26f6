/** Continue session files → sessions and summaries. */
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readJsonFile } from '../../io/json-file.ts';
import { checksum } from '../../io/lines.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { asArray, asNumber, asObject, asTimestamp, isObject, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, Entry, Session, SessionInfo, Timestamp } from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';
import type { ReadContext, ReadOptions, SessionRef, SessionSummary } from '../contract.ts';
import { contentParts, type ItemReading, itemEntries, plainPath } from './items.ts';
import { INDEX } from './places.ts';
import { headFacts, readSessionFile, type SessionFacts, type SessionFile } from './store.ts';

/** Names that cn gives to sessions that have none. */
const NO_TITLES = new Set(['Untitled Session', 'New Session']);

export function read(ref: SessionRef, _context: ReadContext, options: ReadOptions = {}): Session {
  const file = readSessionFile(ref.path);
  const diagnostics: Diagnostic[] = [];
  if (options.branch !== undefined)
    throw new SegueError('not-a-session', `there is no branch ${options.branch} in ${ref.path}`);
  if (file.torn) diagnostics.push({ code: 'torn-record', message: 'the file is cut off', path: ref.path });
  const info = sessionInfo(ref, file);
  const known = new Set<string>();
  const sink = {
    push(diagnostic: Diagnostic) {
      const key = JSON.stringify(diagnostic);
      if (!known.has(key)) diagnostics.push(diagnostic);
      known.add(key);
    },
  };
  return {
    info,
    // the file is rewritten as a whole while the agent works: each pass reads it anew
    entries: () => entriesOf(ref.path, info.cwd, sink),
    branches: [],
    subagents: [],
    diagnostics,
  };
}

function* entriesOf(
  path: string,
  cwd: string | undefined,
  diagnostics: ItemReading['diagnostics'],
): Generator<Entry, void, void> {
  const { buffer, items } = readSessionFile(path);
  const reading: ItemReading = { path, cwd, diagnostics, calls: new Map(), callIds: new Set() };
  let parentId: string | null = null;
  for (const [n, { start, end }] of items.entries()) {
    const bytes = buffer.subarray(start, end);
    const item = parseObject(bytes.toString('utf8'));
    if (item === undefined) {
      diagnostics.push({
        code: 'bad-record',
        message: 'an item is not an object',
        path,
        at: `/history/${n}`,
      });
      continue;
    }
    const evidence = { kind: 'pointer' as const, path, pointer: `/history/${n}`, crc32: checksum(bytes) };
    for (const entry of itemEntries(item, n, evidence, reading)) {
      entry.parentId = parentId;
      parentId = entry.id;
      yield entry;
    }
  }
}

function sessionInfo(ref: SessionRef, file: SessionFile): SessionInfo {
  const models = new Set<string>();
  for (const { start, end } of file.items) {
    // only items that name a model are parsed
    if (file.buffer.subarray(start, end).indexOf('"model"') < 0) continue;
    const message = asObject(parseObject(file.buffer.toString('utf8', start, end))?.message);
    const model = asObject(message?.usage)?.model;
    if (typeof model === 'string' && model !== '') models.add(model);
  }
  const usage = file.usage;
  const details = asObject(usage?.promptTokensDetails);
  const prompt = asNumber(usage?.promptTokens);
  const cacheRead = asNumber(details?.cachedTokens);
  const updatedAt = ref.mtimeMs > 0 ? asTimestamp(ref.mtimeMs) : undefined;
  return {
    agent: 'continue',
    id: file.sessionId ?? ref.id,
    title: titleOf(file),
    cwd: cwdOf(file),
    models: [...models],
    usage:
      prompt === undefined
        ? undefined
        : {
            input: Math.max(prompt - (cacheRead ?? 0), 0),
            output: asNumber(usage?.completionTokens),
            cacheRead,
            cacheWrite: asNumber(details?.cacheWriteTokens),
          },
    createdAt: earlier(indexTime(ref.path, file.sessionId) ?? birthTime(ref.path), updatedAt),
    updatedAt,
    lineage: [],
  };
}

function titleOf(file: SessionFacts): string | undefined {
  return file.title === undefined || NO_TITLES.has(file.title) ? undefined : file.title;
}

function cwdOf(file: SessionFacts): string | undefined {
  return file.workspaceDirectory === undefined ? undefined : plainPath(file.workspaceDirectory);
}

/** `dateCreated` of the index: milliseconds as text. */
function indexTime(path: string, sessionId: string | undefined): Timestamp | undefined {
  const index = asArray(readJsonFile(join(dirname(path), INDEX))) ?? [];
  const row = index.filter(isObject).find((item) => item.sessionId === sessionId);
  const date = row?.dateCreated;
  return asTimestamp(typeof date === 'string' && /^\d+$/.test(date) ? Number(date) : date);
}

/** The index is written a moment after the file. */
function earlier(created: Timestamp | undefined, updated: Timestamp | undefined): Timestamp | undefined {
  return created !== undefined && updated !== undefined && created > updated ? updated : created;
}

/** When the file was made, as `cn ls` takes it; file systems that do not know give nonsense. */
function birthTime(path: string): Timestamp | undefined {
  try {
    const { birthtimeMs, mtimeMs } = statSync(path);
    return birthtimeMs > 0 && birthtimeMs <= mtimeMs ? asTimestamp(birthtimeMs) : undefined;
  } catch (error) {
    // gone meanwhile
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

const SMALL = 128 << 10;

export function summarize(ref: SessionRef, context: ReadContext): SessionSummary {
  const base = { agent: ref.agent, id: ref.id, bytes: ref.bytes, path: ref.path };
  try {
    return { ...base, ...(ref.bytes <= SMALL ? wholeFacts(ref, context) : edgeFacts(ref)) };
  } catch (error) {
    const reason =
      error instanceof SegueError ? error.message : `cannot be read (${systemCode(error) ?? 'error'})`;
    return { ...base, damaged: reason };
  }
}

function wholeFacts(ref: SessionRef, context: ReadContext): Partial<SessionSummary> {
  const session = read(ref, context);
  const { info } = session;
  const messages = { user: 0, assistant: 0 };
  let toolCalls = 0;
  let prompt: string | undefined;
  for (const entry of session.entries()) {
    if (entry.type !== 'message') continue;
    if (entry.role === 'assistant') messages.assistant++;
    if (entry.origin === 'human') {
      messages.user++;
      prompt ??= entry.parts.find((part) => part.type === 'text')?.text;
    }
    toolCalls += entry.parts.filter((part) => part.type === 'tool_call').length;
  }
  const { input = 0, output = 0, cacheRead = 0, cacheWrite = 0 } = info.usage ?? {};
  const damage = session.diagnostics.find(({ code }) => code === 'bad-record' || code === 'torn-record');
  return {
    id: info.id,
    title: shown(info.title ?? prompt),
    cwd: info.cwd,
    model: info.models.at(-1),
    createdAt: info.createdAt,
    updatedAt: info.updatedAt,
    messages,
    toolCalls,
    tokens: info.usage === undefined ? undefined : input + output + cacheRead + cacheWrite,
    ...(damage === undefined ? {} : { damaged: damage.message }),
  };
}

/** A large file: what stands in its first part. */
function edgeFacts(ref: SessionRef): Partial<SessionSummary> {
  const file = headFacts(ref.path);
  if (file === undefined) throw new SegueError('not-a-session', `${ref.path} holds no session`);
  return {
    id: file.sessionId ?? ref.id,
    title: shown(titleOf(file) ?? firstPrompt(file)),
    cwd: cwdOf(file),
    createdAt: birthTime(ref.path),
    updatedAt: asTimestamp(ref.mtimeMs),
  };
}

function firstPrompt({ buffer, items }: SessionFile): string | undefined {
  for (const { start, end } of items) {
    const message = asObject(parseObject(buffer.toString('utf8', start, end))?.message);
    if (message?.role !== 'user') continue;
    const part = contentParts(message.content).find((content) => content.type === 'text');
    if (part?.type === 'text') return part.text;
  }
  return undefined;
}

function shown(title: string | undefined): string | undefined {
  return oneLine(title ?? '', 120) || undefined;
}
