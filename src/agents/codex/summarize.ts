/** Bounded facts about a rollout, for lists. */
import {
  type FileEnds,
  headBytes,
  headEnd,
  lastLineWith,
  readEnds,
  startBytes,
  tailBytes,
} from '../../io/ends.ts';
import { openLines } from '../../io/lines.ts';
import { systemCode } from '../../model/errors.ts';
import {
  asArray,
  asNumber,
  asObject,
  asString,
  asText,
  asTimestamp,
  parseObject,
} from '../../model/narrow.ts';
import type { JsonObject, LimitState } from '../../model/session.ts';
import type { Counts } from '../../model/tally.ts';
import { oneLine } from '../../model/text.ts';
import { once, type ReadContext, type SessionRef, type SessionSummary } from '../contract.ts';
import { isHarness, itemKinds, readContent } from './content.ts';
import { sessionNames } from './index-files.ts';
import { limitOfError, limitOfWindows } from './limits.ts';
import { homeOf } from './paths.ts';
import { gitOf, parentOf } from './read.ts';

const END = 32 << 10;
/** Instructions in the first record can be long; it is read up to here when the head does not hold it. */
const FIRST_RECORD = 1 << 20;
const TITLE_LENGTH = 200;

/** Reads at most 32 KB from each end (and the first record); counts only where that is the whole file. */
export function summarize(ref: SessionRef, context: ReadContext): SessionSummary {
  const { id, path, bytes } = ref;
  const summary: SessionSummary = { agent: 'codex', id, path, bytes };
  if (ref.parent !== undefined) summary.parent = ref.parent;
  if (ref.archived !== undefined) summary.archived = ref.archived;
  try {
    const ends = readEnds(path, END, END, scratch(context));
    describeMeta(summary, ends, path);
    const title =
      sessionNames(homeOf(path, context.env), context).get(id) ?? named(ends) ?? firstPrompt(ends);
    if (title !== undefined) summary.title = oneLine(title, TITLE_LENGTH);
    describeEnd(summary, ends);
    if (ends.whole) Object.assign(summary, counts(ends));
    else describeLater(summary, path, ends);
  } catch (error) {
    summary.damaged = `cannot be read (${systemCode(error) ?? 'error'})`;
  }
  return summary;
}

/** One buffer for all sessions of a list. */
function scratch(context: ReadContext): Buffer {
  return once(context, 'codex ends', () => Buffer.allocUnsafeSlow(2 * END));
}

function describeMeta(summary: SessionSummary, ends: FileEnds, path: string): void {
  let meta: JsonObject | undefined;
  let lines = 0;
  for (const line of headBytes(ends)) {
    lines++;
    if (kindOf(line).name === 'session_meta') meta = asObject(parsed(line)?.payload);
    if (meta !== undefined) break;
  }
  if (lines === 0 && !ends.whole) meta = asObject(parseObject(firstLine(path))?.payload);
  if (meta === undefined) {
    summary.damaged = 'no session metadata at its start';
    return;
  }
  const cwd = asText(meta.cwd);
  if (cwd !== undefined) summary.cwd = cwd;
  const git = gitOf(meta);
  if (git?.branch !== undefined) summary.branch = git.branch;
  if (git?.remote !== undefined) summary.remote = git.remote;
  const createdAt = asTimestamp(meta.timestamp);
  if (createdAt !== undefined) summary.createdAt = createdAt;
  const parent = parentOf(meta);
  if (parent !== undefined) summary.parent ??= parent;
}

function firstLine(path: string): string {
  const file = openLines(path);
  try {
    const text = file.slice(0, Math.min(FIRST_RECORD, file.size)).toString('utf8');
    const end = text.indexOf('\n');
    return end < 0 ? '' : text.slice(0, end);
  } finally {
    file.close();
  }
}

/** What a line is. `name`: the type of its payload, or of the item in it, else of the record. */
interface Kind {
  time?: string;
  name: string;
  role?: string;
}

/** The order of members that Codex writes; other lines are parsed. */
const START =
  /^\{"timestamp":"([^"\\]+)",(?:"ordinal":\d+,)?"type":"(\w+)","payload":\{(?:"type":"(\w+)"(?:,"role":"(\w+)")?(?:.*?"item":\{"type":"(\w+)")?)?/;
const START_BYTES = 400;

function kindOf(line: Buffer): Kind {
  const [match, time, type = '', payload, role, item] =
    START.exec(line.toString('latin1', 0, START_BYTES)) ?? [];
  if (match !== undefined && (type !== 'event_msg' || payload !== 'item_completed' || item !== undefined)) {
    if (type !== 'response_item' || payload !== 'message' || role !== undefined)
      return { time, name: (type === 'event_msg' && item) || payload || type, role };
  }
  const record = parsed(line);
  const body = asObject(record?.payload);
  const name = asText(asObject(body?.item)?.type) ?? asText(body?.type) ?? asText(record?.type) ?? '';
  const kind: Kind = { name, time: asText(record?.timestamp) };
  if (asText(body?.role) !== undefined) kind.role = asText(body?.role);
  return kind;
}

function parsed(line: Buffer): JsonObject | undefined {
  return parseObject(line.toString('utf8'));
}

/** The name that the session was given while it ran, the last one. */
function named(ends: FileEnds): string | undefined {
  return asText(payloadWith(ends, '"thread_name_updated"')?.thread_name);
}

function payloadWith(ends: FileEnds, bytes: string): JsonObject | undefined {
  const line = lastLineWith(ends, bytes);
  return line === undefined ? undefined : asObject(parseObject(line)?.payload);
}

/** The first prompt, and the model that it was for, where instructions before them fill the head, as they do in most projects. */
function describeLater(summary: SessionSummary, path: string, ends: FileEnds): void {
  if (summary.title !== undefined && summary.model !== undefined) return;
  for (const line of startBytes(path, headEnd(ends))) {
    const kind = kindOf(line);
    if (isPrompt(kind) && summary.title === undefined) {
      const text = said(line);
      if (text !== undefined) summary.title = oneLine(text, TITLE_LENGTH);
    } else if (kind.name === 'turn_context') {
      const model = asText(asObject(parsed(line)?.payload)?.model);
      if (model !== undefined) summary.model ??= model;
    }
    if (summary.title !== undefined && (summary.model !== undefined || isAnswer(kind))) return;
  }
}

function firstPrompt(ends: FileEnds): string | undefined {
  for (const line of headBytes(ends)) {
    const kind = kindOf(line);
    const text = isPrompt(kind) ? said(line) : undefined;
    if (text !== undefined) return text;
  }
  return undefined;
}

/** The words of a person in a prompt's record; undefined when there are none. */
function said(line: Buffer): string | undefined {
  const text = promptText(parsed(line));
  return text?.trim() === '' ? undefined : text;
}

function isPrompt({ name, role }: Kind): boolean {
  return name === 'UserMessage' || name === 'user_message' || (name === 'message' && role === 'user');
}

function isAnswer({ name, role }: Kind): boolean {
  return (
    name === 'AgentMessage' ||
    name === 'agent_message' ||
    name.endsWith('_call') ||
    (name === 'message' && role === 'assistant')
  );
}

/** What a person said in a record; undefined when Codex put it there. */
function promptText(record: JsonObject | undefined): string | undefined {
  const payload = asObject(record?.payload);
  if (payload === undefined) return undefined;
  if (record?.type !== 'response_item') {
    const parts = asArray(asObject(payload.item)?.content) ?? [];
    return asText(payload.message) ?? parts.map((part) => asText(asObject(part)?.text) ?? '').join(' ');
  }
  const kinds = itemKinds(payload);
  const first = asString(asObject(asArray(payload.content)?.[0])?.text) ?? asString(payload.content);
  if (isHarness(kinds, first)) return undefined;
  const { parts } = readContent(payload.content, kinds);
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join(' ');
}

/** An assistant message that is the text of a compaction. */
function isCompactionOutput(line: Buffer): boolean {
  return line.includes('"compaction_output"') && asObject(parsed(line)?.metadata)?.compaction_output === true;
}

/** The latest state: model, time, tokens, and whether a limit stopped the session. */
function describeEnd(summary: SessionSummary, ends: FileEnds): void {
  const model = asText(payloadWith(ends, '"type":"turn_context"')?.model);
  if (model !== undefined) summary.model = model;
  const usage = asObject(payloadWith(ends, '"total_token_usage"')?.info)?.total_token_usage;
  const tokens = asNumber(asObject(usage)?.total_tokens);
  if (tokens !== undefined) summary.tokens = tokens;
  let error: JsonObject | undefined;
  let ended = false;
  let unanswered: boolean | undefined;
  for (const line of tailBytes(ends)) {
    const kind = kindOf(line);
    const time = summary.updatedAt ?? asTimestamp(kind.time);
    if (time !== undefined) summary.updatedAt = time;
    if (kind.name === 'task_started') ended = true;
    else if (kind.name === 'task_complete' && !ended) {
      ended = true;
      error = asObject(asObject(parsed(line)?.payload)?.error);
    } else if (unanswered === undefined) {
      if (isPrompt(kind) && promptText(parsed(line)) !== undefined) unanswered = true;
      else if (isAnswer(kind) && !isCompactionOutput(line)) unanswered = false;
    }
    if (ended && unanswered !== undefined && summary.updatedAt !== undefined) break;
  }
  const limit = limitAtEnd(ends, error, unanswered === true);
  if (limit !== undefined) summary.limit = limit;
}

function limitAtEnd(
  ends: FileEnds,
  error: JsonObject | undefined,
  unanswered: boolean,
): LimitState | undefined {
  if (error === undefined && !unanswered) return undefined;
  const rateLimits = asObject(payloadWith(ends, '"rate_limits":{')?.rate_limits);
  return error === undefined ? limitOfWindows(rateLimits) : limitOfError(error, rateLimits);
}

/** As `Tally` counts: an answer may be several items. Events count only for a side of which there are no items. */
function counts(ends: FileEnds): Counts {
  const items = { user: 0, assistant: 0 };
  const events = { user: 0, assistant: 0 };
  let toolCalls = 0;
  let answering = false;
  for (const line of headBytes(ends)) {
    const kind = kindOf(line);
    if (kind.name === 'message' && kind.role === 'user') {
      if (promptText(parsed(line)) === undefined) continue;
      items.user++;
      answering = false;
    } else if (kind.name.endsWith('_output')) answering = false;
    else if (kind.name === 'reasoning' || kind.name === 'message' || kind.name.endsWith('_call')) {
      if (kind.name === 'message' && (kind.role !== 'assistant' || isCompactionOutput(line))) continue;
      if (!answering) items.assistant++;
      if (kind.name.endsWith('_call')) toolCalls++;
      answering = true;
    } else if (isPrompt(kind)) events.user++;
    else if (isAnswer(kind)) events.assistant++;
  }
  const messages = { user: items.user || events.user, assistant: items.assistant || events.assistant };
  return { messages, toolCalls };
}
