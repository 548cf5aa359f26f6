/**
 * The lines of a rollout in the portable form: a paginated file with both kinds of records, so that the model's context
 * and the transcript on the screen are whole in 0.169.0 and in older versions.
 */
import type { Ids } from '../../model/ids.ts';
import { timeMs } from '../../model/ids.ts';
import type {
  CompactionEntry,
  GitState,
  ImagePart,
  JsonObject,
  MessageEntry,
  Part,
  Session,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';
import { jsonLine } from '../../model/text.ts';
import { SUMMARY_PREFIX } from './content.ts';
import {
  answerItem,
  callItem,
  entryItems,
  isWebSearch,
  messageItem,
  outputItem,
  paired,
  reasoningItem,
  spoken,
  webSearchItem,
} from './items.ts';
import { inputBlock, turnItem } from './turn-items.ts';

/** Version whose records are written (`cli_version`). */
export const WRITTEN_VERSION = '0.169.0';

export interface RolloutTarget {
  id: string;
  cwd: string;
  now: Date;
  /** Fresh for each run, equally seeded. */
  ids: Ids;
}

interface Turn {
  id: string;
  startedMs: number;
  lastMessage: string | null;
}

/** Lines of the rollout of a prepared session. */
export function* rolloutLines(session: Session, target: RolloutTarget): Generator<string, void, void> {
  yield* new RolloutWriter(session, target).lines();
}

class RolloutWriter {
  readonly #session: Session;
  readonly #target: RolloutTarget;
  readonly #calls = new Map<string, ToolCallPart>();
  /** Prompts as items, for compactions: what Codex itself keeps. */
  readonly #prompts = new Map<string, JsonObject[]>();
  #ordinal = 0;
  #ms: number;
  #turn: Turn | undefined;
  /** A provider-side search whose form depends on its result. */
  #held: ToolCallPart | undefined;
  #out: string[] = [];

  constructor(session: Session, target: RolloutTarget) {
    this.#session = session;
    this.#target = target;
    this.#ms = timeMs(session.info.createdAt, target.now.getTime());
  }

  *lines(): Generator<string, void, void> {
    this.#writeMeta();
    for (const entry of this.#session.entries()) {
      this.#ms = timeMs(entry.time, this.#ms);
      if (entry.type === 'message') this.#writeMessage(entry);
      else if (entry.type === 'compaction') this.#writeCompaction(entry);
      yield* this.#drain();
    }
    this.#flushHeld();
    this.#endTurn();
    yield* this.#drain();
  }

  *#drain(): Generator<string, void, void> {
    yield* this.#out;
    this.#out = [];
  }

  #write(type: string, payload: JsonObject): void {
    const timestamp = new Date(this.#ms).toISOString();
    this.#out.push(jsonLine({ timestamp, ordinal: this.#ordinal++, type, payload }));
  }

  #item(payload: JsonObject): void {
    this.#write('response_item', payload);
  }

  #event(payload: JsonObject): void {
    this.#write('event_msg', payload);
  }

  #show(item: JsonObject): void {
    const turn = this.#openTurn();
    this.#event({
      type: 'item_completed',
      thread_id: this.#target.id,
      turn_id: turn.id,
      item,
      started_at_ms: this.#ms,
      completed_at_ms: this.#ms,
    });
  }

  #writeMeta(): void {
    const { id, cwd, now } = this.#target;
    const git = gitRecord(this.#session.info.git);
    const timestamp = now.toISOString();
    // no model_provider: with another than the active one, Codex refuses to resume
    const payload = {
      session_id: id,
      id,
      timestamp,
      cwd,
      originator: 'codex_cli_rs',
      cli_version: WRITTEN_VERSION,
      source: 'cli',
      thread_source: 'user',
      history_mode: 'paginated',
      ...(git === undefined ? {} : { git }),
    };
    this.#out.push(jsonLine({ timestamp, ordinal: this.#ordinal++, type: 'session_meta', payload }));
  }

  #openTurn(): Turn {
    if (this.#turn !== undefined) return this.#turn;
    const turn = { id: this.#target.ids.uuid7(this.#ms), startedMs: this.#ms, lastMessage: null };
    this.#turn = turn;
    this.#event({
      type: 'task_started',
      turn_id: turn.id,
      started_at: Math.floor(turn.startedMs / 1000),
      model_context_window: null,
      collaboration_mode_kind: 'default',
    });
    return turn;
  }

  #endTurn(): void {
    const turn = this.#turn;
    if (turn === undefined) return;
    this.#turn = undefined;
    this.#event({
      type: 'task_complete',
      turn_id: turn.id,
      last_agent_message: turn.lastMessage,
      started_at: Math.floor(turn.startedMs / 1000),
      completed_at: Math.floor(this.#ms / 1000),
      duration_ms: Math.max(this.#ms - turn.startedMs, 0),
    });
  }

  #writeMessage(entry: MessageEntry): void {
    if (entry.role === 'assistant') {
      for (const part of entry.parts) this.#writeAnswer(part);
      return;
    }
    let prompt: (TextPart | ImagePart)[] = [];
    for (const part of entry.parts) {
      if (part.type === 'tool_result') {
        if (prompt.length > 0) this.#writePrompt(entry, prompt);
        prompt = [];
        this.#writeResult(part);
      } else {
        const said = spoken(part);
        if (said !== undefined) prompt.push(said);
      }
    }
    if (prompt.length > 0) this.#writePrompt(entry, prompt);
  }

  #writePrompt(entry: MessageEntry, parts: (TextPart | ImagePart)[]): void {
    this.#flushHeld();
    if (entry.role === 'user') this.#endTurn();
    const turn = this.#openTurn();
    const item = messageItem(entry.role, parts, turn.id);
    this.#prompts.set(entry.id, [...(this.#prompts.get(entry.id) ?? []), item]);
    this.#item(item);
    if (entry.role !== 'user') return;
    const message = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
    this.#event({ type: 'user_message', message, images: [], local_images: [], text_elements: [] });
    this.#show({ type: 'UserMessage', id: this.#target.ids.uuid7(this.#ms), content: parts.map(inputBlock) });
  }

  #writeAnswer(part: Part): void {
    this.#openTurn();
    if (part.type === 'tool_call') {
      this.#flushHeld();
      this.#calls.set(part.callId, part);
      if (isWebSearch(part)) this.#held = part;
      else this.#item(callItem(part));
    } else if (part.type === 'reasoning') {
      this.#flushHeld();
      this.#item(reasoningItem(part));
      this.#event({ type: 'agent_reasoning', text: part.text });
      this.#show({
        type: 'Reasoning',
        id: `rs_${this.#target.ids.short(24)}`,
        summary_text: part.text === '' ? [] : [part.text],
        raw_content: [],
      });
    } else {
      const said = spoken(part);
      if (said?.type === 'text') this.#writeText(said.text);
    }
  }

  #writeText(text: string): void {
    this.#flushHeld();
    const turn = this.#openTurn();
    turn.lastMessage = text;
    this.#item(answerItem(text));
    this.#event({ type: 'agent_message', message: text, phase: null });
    const id = `msg_${this.#target.ids.short(24)}`;
    this.#show({ type: 'AgentMessage', id, content: [{ type: 'Text', text }] });
  }

  #writeResult(result: ToolResultPart): void {
    const call = this.#calls.get(result.callId);
    if (call === undefined) return;
    this.#calls.delete(result.callId);
    if (this.#held === call) {
      const search = webSearchItem(call, result);
      if (search !== undefined) {
        this.#held = undefined;
        this.#item(search);
        return;
      }
    }
    this.#flushHeld();
    // the turn item first: Codex writes them in this order
    this.#show(turnItem(call, result, this.#target.cwd));
    this.#item(outputItem(call, result));
  }

  /** A search that turned out to need the form of a function call. */
  #flushHeld(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held !== undefined) this.#item(callItem(held));
  }

  /** What the model sees from here on. A summary that only a provider can read is not known: nothing is cut. */
  #writeCompaction(entry: CompactionEntry): void {
    if (entry.summary === '') return;
    this.#flushHeld();
    const message = SUMMARY_PREFIX + entry.summary;
    const summary = {
      type: 'message',
      role: 'user',
      content: [{ type: 'input_text', text: message }],
      internal_chat_message_metadata_passthrough: { content_item_kinds: ['compaction.summary'] },
    };
    this.#write('compacted', { message, replacement_history: [...this.#kept(entry.keeps), summary] });
    if (this.#turn === undefined) return;
    this.#event({ type: 'context_compacted' });
    this.#show({ type: 'ContextCompaction', id: this.#target.ids.uuid7(this.#ms) });
  }

  /** Items of the entries that stay in view. Prompts are at hand; for others the session is gone through once more. */
  #kept(keeps: readonly string[]): JsonObject[] {
    const wanted = new Set(keeps);
    const found = new Map<string, JsonObject[]>();
    for (const id of keeps) {
      const items = this.#prompts.get(id);
      if (items !== undefined) found.set(id, items);
    }
    if (found.size < wanted.size) {
      for (const entry of this.#session.entries()) {
        if (found.size === wanted.size) break;
        if (wanted.has(entry.id) && !found.has(entry.id)) found.set(entry.id, entryItems(entry));
      }
    }
    return paired(keeps.flatMap((id) => found.get(id) ?? []));
  }
}

function gitRecord(git: GitState | undefined): JsonObject | undefined {
  if (git === undefined) return undefined;
  const { commit, branch, remote } = git;
  const record: JsonObject = {};
  if (commit !== undefined) record.commit_hash = commit;
  if (branch !== undefined) record.branch = branch;
  if (remote !== undefined) record.repository_url = remote;
  return Object.keys(record).length === 0 ? undefined : record;
}
