/** Bounded facts about one session of OpenCode or a fork: a few queries of a database, or small files. */
import type { ReadDatabase } from '../../io/sqlite.ts';
import { SegueError } from '../../model/errors.ts';
import { asNumber, asObject, asString, parseObject } from '../../model/narrow.ts';
import type { JsonObject } from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';
import type { SessionRef, SessionSummary } from '../contract.ts';
import { databaseProblem, factsOfRow, firstMessages, sessionRow, withDatabase } from './opencode-database.ts';
import { documentInfo, fileSource, storedMessageCount } from './opencode-files.ts';
import { lastMessageLimit } from './opencode-limits.ts';
import {
  factsOf,
  firstPrompt,
  isInjected,
  modelName,
  type SessionFacts,
  type StoredMessage,
} from './opencode-source.ts';

const TITLE_LENGTH = 120;
/** Messages among which the first prompt is looked for. */
const TITLE_SEARCH = 5;
/** Of a longer document, or of more message files, only the session record is looked at. */
const WHOLE_BYTES = 128 * 1024;
const WHOLE_FILES = 50;

/** Never throws: what is wrong is said in `damaged`. */
export function summarize(ref: SessionRef): SessionSummary {
  try {
    return ref.key === undefined
      ? fileSummary(ref)
      : withDatabase(ref.path, (db) => rowSummary(ref, ref.key ?? '', db));
  } catch (error) {
    return { ...base(ref), damaged: error instanceof SegueError ? error.message : databaseProblem(error) };
  }
}

function base({ agent, id, path, bytes, parent, archived }: SessionRef): SessionSummary {
  return { agent, id, path, bytes, parent, archived };
}

function rowSummary(ref: SessionRef, id: string, database: ReadDatabase): SessionSummary {
  const row = sessionRow(database, id);
  if (row === undefined) return { ...base(ref), damaged: 'the session is no longer in the database' };
  const facts = factsOfRow(row);
  const messages = database.get(COUNT_MESSAGES, id);
  const parts = database.get(COUNT_PARTS, id);
  const last = database.get(
    'SELECT data, time_updated FROM message WHERE session_id = ? ORDER BY time_created DESC, id DESC LIMIT 1',
    id,
  );
  const lastData = typeof last?.data === 'string' ? parseObject(last.data) : undefined;
  const title = facts.title ?? firstPrompt(firstMessages(database, ref.path, id, TITLE_SEARCH));
  const updatedMs = Math.max(Date.parse(facts.updatedAt ?? '') || 0, asNumber(last?.time_updated) ?? 0);
  return {
    ...factSummary(ref, facts, title, lastData),
    updatedAt: updatedMs === 0 ? undefined : new Date(updatedMs).toISOString(),
    messages: { user: asNumber(messages?.user) ?? 0, assistant: asNumber(messages?.assistant) ?? 0 },
    toolCalls: asNumber(parts?.tools) ?? 0,
    bytes: (asNumber(messages?.bytes) ?? 0) + (asNumber(parts?.bytes) ?? 0),
    damaged: asNumber(messages?.bad) ? 'some messages cannot be read' : undefined,
  };
}

/** A user message counts when a person put something into it; an assistant message unless it failed or is a summary. */
const COUNT_MESSAGES = `
  SELECT
    coalesce(sum(octet_length(data)), 0) AS bytes,
    coalesce(sum(j IS NULL), 0) AS bad,
    coalesce(sum(j ->> '$.role' = 'assistant' AND j ->> '$.summary' IS NOT 1 AND j ->> '$.error' IS NULL), 0) AS assistant,
    coalesce(sum(j ->> '$.role' = 'user' AND EXISTS (
      SELECT 1 FROM part p WHERE p.message_id = m.id AND json_valid(p.data) AND (
        p.data ->> '$.type' IN ('file', 'subtask') OR (
          p.data ->> '$.type' = 'text' AND p.data ->> '$.synthetic' IS NOT 1 AND p.data ->> '$.ignored' IS NOT 1)))), 0) AS user
  FROM (SELECT id, data, CASE WHEN json_valid(data) THEN data END AS j FROM message WHERE session_id = ?) m`;

const COUNT_PARTS = `
  SELECT
    coalesce(sum(octet_length(data)), 0) AS bytes,
    coalesce(sum(CASE WHEN json_valid(data) THEN data ->> '$.type' = 'tool' ELSE 0 END), 0) AS tools
  FROM part WHERE session_id = ?`;

function factSummary(
  ref: SessionRef,
  facts: SessionFacts,
  title: string | undefined,
  last: JsonObject | undefined,
): SessionSummary {
  const { usage } = facts;
  const tokens = Object.values(usage ?? {}).reduce((sum, count) => sum + (count ?? 0), 0);
  return {
    ...base(ref),
    parent: facts.parentId ?? ref.parent,
    archived: facts.archived ? true : ref.archived,
    title: title === undefined ? undefined : oneLine(title, TITLE_LENGTH),
    cwd: facts.directory,
    model: facts.model ?? modelName(last?.role === 'assistant' ? last : asObject(last?.model)),
    createdAt: facts.createdAt,
    updatedAt: facts.updatedAt,
    tokens: tokens === 0 ? undefined : tokens,
    limit: lastMessageLimit(last),
  };
}

function fileSummary(ref: SessionRef): SessionSummary {
  if (ref.bytes > WHOLE_BYTES) {
    const facts = factsOf(documentInfo(ref.path) ?? {});
    return facts === undefined ? base(ref) : factSummary(ref, facts, facts.title, undefined);
  }
  const source = fileSource(ref.path);
  if (storedMessageCount(ref.path, ref.id) > WHOLE_FILES)
    return factSummary(ref, source.facts, source.facts.title, undefined);
  const counts = { user: 0, assistant: 0 };
  let toolCalls = 0;
  let last: JsonObject | undefined;
  const opening: StoredMessage[] = [];
  for (const message of source.messages([])) {
    if (isPrompt(message)) counts.user++;
    if (isAnswer(message.data)) counts.assistant++;
    toolCalls += message.parts.filter((part) => part.data.type === 'tool').length;
    if (opening.length < TITLE_SEARCH) opening.push(message);
    last = message.data;
  }
  const title = source.facts.title ?? firstPrompt(opening);
  return { ...factSummary(ref, source.facts, title, last), messages: counts, toolCalls };
}

function isAnswer(data: JsonObject): boolean {
  return data.role === 'assistant' && data.summary !== true && data.error === undefined;
}

function isPrompt({ data, parts }: StoredMessage): boolean {
  return (
    data.role === 'user' &&
    parts.some(
      (part) =>
        part.data.type === 'file' ||
        part.data.type === 'subtask' ||
        (part.data.type === 'text' && !isInjected(part.data) && asString(part.data.text) !== ''),
    )
  );
}
