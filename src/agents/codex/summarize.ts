/** Bounded facts about a rollout, for lists. */
import { headAndTail, openLines } from '../../io/lines.ts';
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
import type { JsonObject } from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';
import type { ReadContext, SessionRef, SessionSummary } from '../contract.ts';
import { isHarness, itemKinds, readContent } from './content.ts';
import { sessionName } from './index-files.ts';
import { limitOfError, limitOfWindows } from './limits.ts';
import { homeOf } from './paths.ts';
import { gitOf, parentOf } from './read.ts';

const END = 64 << 10;
/** Instructions in the first record can be long; it is read up to here when 64 KB do not hold it. */
const FIRST_RECORD = 1 << 20;

/** Reads at most 64 KB from each end (and the first record); counts only where that is the whole file. */
export function summarize(ref: SessionRef, { env }: ReadContext): SessionSummary {
  const { id, path, bytes } = ref;
  const summary: SessionSummary = { agent: 'codex', id, path, bytes };
  if (ref.parent !== undefined) summary.parent = ref.parent;
  if (ref.archived !== undefined) summary.archived = ref.archived;
  try {
    const ends = headAndTail(path, END, END);
    const head = ends.head.length > 0 || ends.whole ? ends.head : [firstLine(path)];
    describe(summary, [...head, ...ends.tail], ends.whole);
    const name = sessionName(homeOf(path, env), id);
    if (name !== undefined) summary.title = oneLine(name, 200);
  } catch (error) {
    summary.damaged = `cannot be read (${systemCode(error) ?? 'error'})`;
  }
  return summary;
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

function describe(summary: SessionSummary, lines: string[], whole: boolean): void {
  const records = lines.map(parseObject).filter((record) => record !== undefined);
  const meta = records.find((record) => record.type === 'session_meta');
  if (meta === undefined) summary.damaged = 'no session metadata at its start';
  else describeMeta(summary, asObject(meta.payload) ?? {});
  const tally = new Tally();
  for (const record of records) tally.add(record);
  tally.describe(summary, whole);
}

function describeMeta(summary: SessionSummary, meta: JsonObject): void {
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

/** What is gathered from the records that were read, in their order. */
class Tally {
  #itemPrompts = 0;
  #eventPrompts = 0;
  #itemAnswers = 0;
  #eventAnswers = 0;
  #calls = 0;
  #firstPrompt: string | undefined;
  #named: string | undefined;
  #model: string | undefined;
  #tokens: number | undefined;
  #updatedAt: string | undefined;
  #rateLimits: JsonObject | undefined;
  #turnError: JsonObject | undefined;
  #unanswered = false;

  add(record: JsonObject): void {
    this.#updatedAt = asTimestamp(record.timestamp) ?? this.#updatedAt;
    const payload = asObject(record.payload);
    if (payload === undefined) return;
    if (record.type === 'response_item') this.#addItem(payload, asObject(record.metadata));
    else if (record.type === 'event_msg') this.#addEvent(payload);
    else if (record.type === 'turn_context') this.#model = asText(payload.model) ?? this.#model;
  }

  #addItem(payload: JsonObject, metadata: JsonObject | undefined): void {
    const type = asText(payload.type) ?? '';
    if (type === 'message' && payload.role === 'user') {
      const kinds = itemKinds(payload);
      const first = asString(asObject(asArray(payload.content)?.[0])?.text) ?? asString(payload.content);
      if (isHarness(kinds, first)) return;
      this.#itemPrompts++;
      const { parts } = readContent(payload.content, kinds);
      this.#prompt(parts.map((part) => (part.type === 'text' ? part.text : '')).join(' '));
    } else if (type === 'message' && payload.role === 'assistant') {
      if (metadata?.compaction_output === true) return;
      this.#itemAnswers++;
      this.#unanswered = false;
    } else if (type.endsWith('_call')) {
      this.#calls++;
      this.#unanswered = false;
    }
  }

  #addEvent(payload: JsonObject): void {
    const item = asObject(payload.item);
    const texts = asArray(item?.content)?.map((part) => asText(asObject(part)?.text) ?? '');
    switch (item?.type ?? payload.type) {
      case 'task_started':
        this.#turnError = undefined;
        return;
      case 'task_complete':
        this.#turnError = asObject(payload.error);
        return;
      case 'token_count': {
        this.#rateLimits = asObject(payload.rate_limits) ?? this.#rateLimits;
        const total = asObject(asObject(payload.info)?.total_token_usage);
        this.#tokens = asNumber(total?.total_tokens) ?? this.#tokens;
        return;
      }
      case 'thread_name_updated':
        this.#named = asText(payload.thread_name) ?? this.#named;
        return;
      case 'user_message':
      case 'UserMessage':
        this.#eventPrompts++;
        if (this.#itemPrompts === 0) this.#prompt(asText(payload.message) ?? texts?.join(' ') ?? '');
        return;
      case 'agent_message':
      case 'AgentMessage':
        this.#eventAnswers++;
        this.#unanswered = false;
    }
  }

  #prompt(text: string): void {
    if (this.#firstPrompt === undefined && text.trim() !== '') this.#firstPrompt = text;
    this.#unanswered = true;
  }

  describe(summary: SessionSummary, whole: boolean): void {
    const title = this.#named ?? this.#firstPrompt;
    if (title !== undefined) summary.title = oneLine(title, 200);
    if (this.#model !== undefined) summary.model = this.#model;
    if (this.#tokens !== undefined) summary.tokens = this.#tokens;
    if (this.#updatedAt !== undefined) summary.updatedAt = this.#updatedAt;
    const limit =
      this.#turnError !== undefined
        ? limitOfError(this.#turnError, this.#rateLimits)
        : this.#unanswered
          ? limitOfWindows(this.#rateLimits)
          : undefined;
    if (limit !== undefined) summary.limit = limit;
    if (!whole) return;
    summary.messages = {
      user: this.#itemPrompts || this.#eventPrompts,
      assistant: this.#itemAnswers || this.#eventAnswers,
    };
    summary.toolCalls = this.#calls;
  }
}
