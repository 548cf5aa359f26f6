/** Writes a prepared session as a Claude Code transcript: a linear chain, one line for each block. */
import { join } from 'node:path';
import { type Ids, seededIds } from '../../model/ids.ts';
import { asText } from '../../model/narrow.ts';
import type {
  CompactionEntry,
  Entry,
  JsonObject,
  MessageEntry,
  Part,
  ReasoningPart,
  ResultContent,
  Session,
  Timestamp,
  ToolResultPart,
  Usage,
} from '../../model/session.ts';
import { jsonLine } from '../../model/text.ts';
import type { EncodeTarget, PlanNote, WritePlan } from '../contract.ts';
import { wrapSummary } from './compaction.ts';
import { UNKNOWN_MODEL } from './models.ts';
import { encodeCwd, projectsFolder } from './places.ts';
import { isFlagged, resultDetails } from './results.ts';

/** The version whose records these are: the newest that resumed them. */
export const WRITTEN_VERSION = '2.1.330';

/** Prepared session → plan of one file, `projects/<folder of cwd>/<id>.jsonl`. Pure; the file's content streams. */
export function encode(session: Session, target: EncodeTarget): WritePlan {
  const sessionId = target.ids.uuid4();
  // the content may be asked for more than once and must be the same each time
  const seed = Buffer.from(`${target.ids.uuid4()}${target.ids.uuid4()}`.replaceAll('-', ''), 'hex');
  const path = join(projectsFolder(target.env), encodeCwd(target.cwd), `${sessionId}.jsonl`);
  const notes = new Map<string, PlanNote>();
  return {
    agent: 'claude',
    sessionId,
    ref: { path },
    files: [
      {
        path,
        content() {
          notes.clear();
          const ids = seededIds(seed, target.now.getTime());
          return new TranscriptWriter(session, target, sessionId, ids, notes).lines();
        },
      },
    ],
    lines: [],
    members: [],
    rows: () => [],
    notes: () => [...notes.values()],
  };
}

class TranscriptWriter {
  readonly #session: Session;
  readonly #target: EncodeTarget;
  readonly #sessionId: string;
  readonly #ids: Ids;
  readonly #notes: Map<string, PlanNote>;
  /** Id of the record written last. */
  #last: string | null = null;
  #time: Timestamp;
  /** Tool calls without a result yet → the record that holds the call, and the tool. */
  readonly #pending = new Map<string, { record: string; tool: string }>();
  /** Records of each entry so far: what a compaction can keep in view. */
  readonly #records = new Map<string, string[]>();

  constructor(
    session: Session,
    target: EncodeTarget,
    sessionId: string,
    ids: Ids,
    notes: Map<string, PlanNote>,
  ) {
    this.#session = session;
    this.#target = target;
    this.#sessionId = sessionId;
    this.#ids = ids;
    this.#notes = notes;
    this.#time = session.info.createdAt ?? target.now.toISOString();
  }

  *lines(): Generator<string, void, void> {
    let turn: MessageEntry[] = [];
    for (const entry of this.#session.entries()) {
      if (turn.length > 0 && !(isAssistant(entry) && isUnfinished(turn))) {
        yield* this.#assistant(turn);
        turn = [];
      }
      if (isAssistant(entry)) turn.push(entry);
      else if (entry.type === 'message') yield* this.#user(entry);
      else if (entry.type === 'compaction') yield* this.#compaction(entry);
    }
    yield* this.#assistant(turn);
    const { title } = this.#target;
    if (title !== undefined && title !== '')
      yield jsonLine({ type: 'custom-title', customTitle: title, sessionId: this.#sessionId });
  }

  /** The blocks of one response: they share `message.id`, `stop_reason` and `usage`. */
  *#assistant(turn: MessageEntry[]): Generator<string, void, void> {
    const blocks = turn.flatMap((entry) =>
      entry.parts.flatMap((part) => {
        const block = this.#assistantBlock(part);
        return block === undefined ? [] : [{ entry, part, block }];
      }),
    );
    if (blocks.length === 0) return;
    const id = `msg_${this.#ids.short(24)}`;
    const named = turn.find((entry) => entry.model !== undefined)?.model;
    const model = named ?? this.#session.info.models.at(-1) ?? UNKNOWN_MODEL;
    const stopReason = blocks.some(({ part }) => part.type === 'tool_call') ? 'tool_use' : 'end_turn';
    const usage = nativeUsage(turn.flatMap((entry) => entry.usage ?? []));
    for (const { entry, part, block } of blocks) {
      const uuid = this.#ids.uuid4();
      if (part.type === 'tool_call') this.#pending.set(part.callId, { record: uuid, tool: part.native.name });
      yield this.#record(entry, uuid, 'assistant', {
        message: {
          id,
          type: 'message',
          role: 'assistant',
          model,
          content: [block],
          stop_reason: stopReason,
          stop_sequence: null,
          usage,
        },
      });
    }
  }

  #assistantBlock(part: Part): JsonObject | undefined {
    switch (part.type) {
      case 'text':
        return { type: 'text', text: part.text };
      case 'tool_call':
        return { type: 'tool_use', id: part.callId, name: part.native.name, input: part.native.input };
      case 'reasoning':
        return this.#reasoningBlock(part);
      default:
        this.#note('assistant-part', `a response cannot hold a part of type ${part.type}`);
        return undefined;
    }
  }

  /** Only reasoning that Anthropic signed: anything else makes the API refuse the whole session. */
  #reasoningBlock(part: ReasoningPart): JsonObject | undefined {
    const signature = asText(part.opaque?.signature);
    const redacted = asText(part.opaque?.redacted);
    if (part.vendor === 'anthropic' && signature !== undefined)
      return { type: 'thinking', thinking: part.text, signature };
    if (part.vendor === 'anthropic' && redacted !== undefined)
      return { type: 'redacted_thinking', data: redacted };
    this.#note('unsigned-reasoning', 'reasoning that Anthropic did not sign is left out');
    return undefined;
  }

  /** Words and images of one message go into one record, each result into its own. */
  *#user(entry: MessageEntry): Generator<string, void, void> {
    let said: JsonObject[] = [];
    const isMeta = entry.role === 'system' || entry.origin === 'harness';
    for (const part of entry.parts) {
      if (part.type === 'tool_result') {
        yield* this.#words(entry, said, isMeta);
        said = [];
        yield this.#result(entry, part);
      } else {
        const block = this.#userBlock(part);
        if (block !== undefined) said.push(block);
      }
    }
    yield* this.#words(entry, said, isMeta);
  }

  *#words(entry: MessageEntry, blocks: JsonObject[], isMeta: boolean): Generator<string, void, void> {
    const [first] = blocks;
    if (first === undefined) return;
    const content = blocks.length === 1 && first.type === 'text' ? (first.text ?? '') : blocks;
    yield this.#record(entry, this.#ids.uuid4(), 'user', {
      message: { role: 'user', content },
      ...(isMeta ? { isMeta: true } : {}),
    });
  }

  #userBlock(part: Part): JsonObject | undefined {
    switch (part.type) {
      case 'text':
        return { type: 'text', text: part.text };
      case 'image':
        return this.#contentBlock(part);
      default:
        this.#note('user-part', `a user message cannot hold a part of type ${part.type}`);
        return undefined;
    }
  }

  #result(entry: MessageEntry, part: ToolResultPart): string {
    const call = this.#pending.get(part.callId);
    this.#pending.delete(part.callId);
    const [first] = part.content;
    const single = part.content.length <= 1 && first?.type !== 'image';
    const content = single ? (first?.text ?? '') : part.content.map((item) => this.#contentBlock(item));
    const details = resultDetails(part, call?.tool ?? '');
    const block: JsonObject = { tool_use_id: part.callId, type: 'tool_result', content };
    if (isFlagged(part)) block.is_error = true;
    return this.#record(entry, this.#ids.uuid4(), 'user', {
      message: { role: 'user', content: [block] },
      ...(details === undefined ? {} : { toolUseResult: details }),
      ...(call === undefined ? {} : { sourceToolAssistantUUID: call.record }),
    });
  }

  #contentBlock(part: ResultContent): JsonObject {
    if (part.type === 'text') return { type: 'text', text: part.text };
    if (part.data !== undefined)
      return { type: 'image', source: { type: 'base64', media_type: part.mediaType, data: part.data } };
    this.#note('image-without-data', 'an image of which only a path was stored is named in text');
    return { type: 'text', text: `[image: ${part.path ?? part.mediaType}]` };
  }

  /** A boundary, then the summary. What comes before the boundary is not sent, except what it keeps. */
  *#compaction(entry: CompactionEntry): Generator<string, void, void> {
    if (entry.summary === '') {
      this.#note(
        'compaction-without-summary',
        'a compaction with no readable summary is left out: all of the history stays in view',
      );
      return;
    }
    const boundary = this.#ids.uuid4();
    const summary = this.#ids.uuid4();
    const kept = entry.keeps.flatMap((id) => this.#records.get(id) ?? []);
    const [head] = kept;
    const tail = kept.at(-1);
    const before = this.#last;
    this.#last = null;
    yield this.#record(entry, boundary, 'system', {
      ...(before === null ? {} : { logicalParentUuid: before }),
      subtype: 'compact_boundary',
      content: 'Conversation compacted',
      isMeta: false,
      level: 'info',
      compactMetadata: {
        trigger: 'auto',
        preTokens: 0,
        ...(head === undefined || tail === undefined
          ? {}
          : {
              preservedSegment: { headUuid: head, anchorUuid: summary, tailUuid: tail },
              preservedMessages: { anchorUuid: summary, uuids: kept, allUuids: kept },
            }),
      },
    });
    yield this.#record(entry, summary, 'user', {
      message: { role: 'user', content: wrapSummary(entry.summary) },
      isVisibleInTranscriptOnly: true,
      isCompactSummary: true,
    });
  }

  #record(entry: Entry, uuid: string, type: string, own: JsonObject): string {
    const { cwd } = this.#target;
    this.#time = entry.time ?? this.#time;
    const line = jsonLine({
      parentUuid: this.#last,
      isSidechain: false,
      type,
      ...own,
      uuid,
      timestamp: this.#time,
      userType: 'external',
      entrypoint: 'cli',
      cwd,
      sessionId: this.#sessionId,
      version: WRITTEN_VERSION,
      gitBranch: this.#session.info.git?.branch ?? '',
    });
    this.#last = uuid;
    const records = this.#records.get(entry.id);
    if (records === undefined) this.#records.set(entry.id, [uuid]);
    else records.push(uuid);
    return line;
  }

  #note(code: string, detail: string): void {
    const note = this.#notes.get(code);
    if (note === undefined) this.#notes.set(code, { code, count: 1, detail });
    else note.count++;
  }
}

type AssistantEntry = MessageEntry & { role: 'assistant' };

function isAssistant(entry: Entry): entry is AssistantEntry {
  return entry.type === 'message' && entry.role === 'assistant';
}

/**
 * Whether what follows must be written as the same response (2.1.330, measured): calls lose their results when another
 * response comes first, and a response of reasoning alone is dropped.
 */
function isUnfinished(turn: MessageEntry[]): boolean {
  const parts = turn.flatMap((entry) => entry.parts);
  return parts.some((part) => part.type === 'tool_call') || parts.at(-1)?.type === 'reasoning';
}

function nativeUsage(usages: Usage[]): JsonObject {
  const sum = (key: keyof Usage): number =>
    usages.reduce((total, usage) => total + Math.max(0, Math.trunc(usage[key] ?? 0)), 0);
  return {
    input_tokens: sum('input'),
    cache_creation_input_tokens: sum('cacheWrite'),
    cache_read_input_tokens: sum('cacheRead'),
    output_tokens: sum('output'),
  };
}
