/**
 * First pass over a rollout: which records make up the session, on which path, and where they are. Bytes are scanned,
 * payloads are not parsed.
 */
import { type Span, textAt } from '../../io/json-scan.ts';
import { type LineView, openLines } from '../../io/lines.ts';
import { asArray, asNumber, asObject, parseJson } from '../../model/narrow.ts';
import type { Diagnostic } from '../../model/session.ts';
import { typeName } from '../../model/text.ts';
import { CALLS, LEGACY_OUTCOMES, OUTCOMES, OUTPUTS, SAID, SILENT } from './kinds.ts';
import {
  isCompactionOutput,
  isInjected,
  members,
  type PayloadSpans,
  recordAt,
  textOf,
  wanted,
} from './raw.ts';
import { dropRetold } from './retold.ts';

/** Bytes in one file of the chain. */
export interface Range {
  file: number;
  start: number;
  end: number;
}

/** A record that becomes entries. `said`: conversation told only by events; used where a file has no items of that side. */
export interface SkeletonRecord extends Range {
  kind:
    | 'item'
    | 'compacted'
    | 'turn-end'
    | 'aborted'
    | 'error'
    | 'named'
    | 'rollback'
    | 'model'
    | 'said'
    | 'limit';
  id: string;
  /** Index of the record before it on its path; -1 at the start. */
  parent: number;
  model?: string;
  /** The `usage` object that was recorded for this response. */
  usage?: Range;
  /** The latest `rate_limits` object before it. */
  limits?: Range;
  /** What part of the conversation it is. */
  side?: 'prompt' | 'answer' | 'harness';
  /** Told by an `item_completed` event. */
  turnItem?: boolean;
}

/** One file of a chain: a fork's parents come first. */
export interface ChainFile {
  path: string;
  /** Records from this ordinal on belong to another path. */
  endOrdinal?: number;
  /** Only what follows a prompt is read: its place, and the model before it. Items tell both sides. */
  from?: { offset: number; model?: string };
}

export interface Skeleton {
  files: string[];
  records: SkeletonRecord[];
  /** Last record of the active path; -1 for none. */
  leaf: number;
  /** Last records of the paths that were rolled back. */
  rolledBack: number[];
  models: string[];
  totalUsage?: Range;
  /** Place of the latest exit-code and status records, by call id. */
  outcomes: Map<string, Range>;
  /** Threads that this one spawned. */
  spawned: Set<string>;
  lastTime?: Range;
}

const TURN_ITEM_HEAD = wanted('type', 'id');
const TOTAL_TOKEN_USAGE = wanted('total_token_usage');

/** Reads the chain of files into one skeleton. Throws Node system errors for the last file; an earlier one is a diagnostic. */
export function readSkeleton(chain: ChainFile[], diagnostics: Diagnostic[]): Skeleton {
  const builder = new Builder(diagnostics);
  for (const [index, file] of chain.entries()) builder.readFile(index, file);
  return builder.finish();
}

class Builder {
  readonly skeleton: Skeleton = {
    files: [],
    records: [],
    leaf: -1,
    rolledBack: [],
    models: [],
    outcomes: new Map(),
    spawned: new Set(),
  };
  readonly #diagnostics: Diagnostic[];
  readonly #ids = new Map<string, number>();
  #file = 0;
  #model: string | undefined;
  #limits: Range | undefined;
  /** Leaf before each prompt: where a rollback goes back to. */
  #prompts: number[] = [];
  /** Leaf before a turn that has no prompt yet. */
  #turnStart: number | undefined;
  /** Prompts of this file that are items, and whether the latest prompt was counted from an event. */
  #itemPrompts = 0;
  #countedSaid = false;
  /** Sides of the conversation that this file's items tell. */
  readonly #itemSides = new Set<string>();
  #lastAnswer = -1;
  readonly #unknown = new Set<string>();

  constructor(diagnostics: Diagnostic[]) {
    this.#diagnostics = diagnostics;
  }

  readFile(index: number, { path, endOrdinal, from }: ChainFile): void {
    const { skeleton } = this;
    this.#file = index;
    skeleton.files.push(path);
    this.#itemPrompts = 0;
    this.#countedSaid = false;
    this.#itemSides.clear();
    if (from !== undefined) {
      for (const side of ['prompt', 'answer']) this.#itemSides.add(side);
      this.#model = from.model;
    }
    const before = skeleton.records.length;
    const file = openLines(path);
    try {
      let number = 0;
      for (const line of file.lines(from?.offset)) {
        number++;
        if (this.#readLine(line, number, endOrdinal, path)) break;
      }
    } finally {
      file.close();
    }
    dropRetold(skeleton, before);
  }

  finish(): Skeleton {
    const { skeleton } = this;
    const last = skeleton.records[skeleton.leaf];
    if (last?.side === 'prompt' && this.#limits !== undefined)
      this.#add('limit', this.#limits, undefined, 'limit');
    return skeleton;
  }

  /** Returns true when the rest of the file belongs to another path. */
  #readLine(line: LineView, number: number, endOrdinal: number | undefined, path: string): boolean {
    const { buffer, start, end, offset } = line;
    const found = recordAt(buffer, start, end);
    if (line.tooLong || found === undefined) {
      const code = line.tooLong ? 'too-large' : line.torn ? 'torn-record' : 'bad-record';
      this.#diagnostics.push({ code, message: `line ${number} is not a record`, path, at: offset });
      return false;
    }
    const ordinal = found.ordinal === undefined ? undefined : Number(textOf(buffer, found.ordinal));
    if (endOrdinal !== undefined && ordinal !== undefined && ordinal >= endOrdinal) return true;
    const type = textAt(buffer, found.type);
    if (type === undefined || found.payload === undefined) {
      this.#diagnostics.push({
        code: 'bad-record',
        message: `line ${number} is not a record`,
        path,
        at: offset,
      });
      return false;
    }
    const shift = offset - start;
    const range = { file: this.#file, start: offset, end: offset + end - start };
    if (found.timestamp !== undefined)
      this.skeleton.lastTime = {
        file: this.#file,
        start: found.timestamp[0] + shift,
        end: found.timestamp[1] + shift,
      };
    const record = {
      buffer,
      payload: found.payload,
      inside: found.inside,
      shift,
      range,
      fallback: `line-${ordinal ?? `${this.#file}.${number}`}`,
    };
    if (type === 'response_item') {
      if (!isCompactionOutput(buffer, found.metadata)) this.#readItem(record);
    } else if (type === 'event_msg') this.#readEvent(record);
    else if (type === 'turn_context') this.#readContext(record);
    else if (type === 'compacted') this.#add('compacted', range, undefined, record.fallback);
    else if (type === 'token_usage_record') this.#readUsage(record);
    else if (
      ![
        'session_meta',
        'world_state',
        'inter_agent_communication',
        'inter_agent_communication_metadata',
      ].includes(type)
    ) {
      this.#tellUnknown('records', type, offset);
    }
    return false;
  }

  #readItem({ buffer, inside, range, fallback }: RawRecord): void {
    const type = textAt(buffer, inside.type) ?? '';
    const id = textAt(buffer, inside.id) || fallback;
    if (SILENT.has(type)) return;
    const role = textAt(buffer, inside.role);
    if (type === 'message' && role === 'user') {
      const harness = isInjected(buffer, inside);
      this.#add('item', range, harness ? 'harness' : 'prompt', id);
    } else if ((type === 'message' && role === 'assistant') || type === 'reasoning' || CALLS.has(type)) {
      this.#lastAnswer = this.#add('item', range, 'answer', id);
    } else if (type === 'message' || type === 'agent_message' || OUTPUTS.has(type)) {
      this.#add('item', range, OUTPUTS.has(type) ? 'answer' : 'harness', id);
    } else {
      this.#tellUnknown('response items', type, range.start);
    }
  }

  #tellUnknown(what: string, type: string, at: number): void {
    const message = `${what} of type ${typeName(type)} are not read`;
    if (this.#unknown.has(message)) return;
    this.#unknown.add(message);
    this.#diagnostics.push({ code: 'unknown-record', message, at, path: this.skeleton.files.at(-1) });
  }

  #readEvent(record: RawRecord): void {
    const { buffer, payload, inside, range, fallback } = record;
    const type = textAt(buffer, inside.type);
    switch (type) {
      case 'task_started':
      case 'turn_started':
        this.#turnStart = this.skeleton.leaf;
        return;
      case 'task_complete':
      case 'turn_complete': {
        const { error } = inside;
        if (error !== undefined && buffer[error[0]] === 0x7b)
          this.#add('turn-end', range, undefined, fallback);
        return;
      }
      case 'turn_aborted':
        this.#add('aborted', range, undefined, fallback);
        return;
      case 'error':
      case 'stream_error':
        this.#add('error', range, undefined, fallback);
        return;
      case 'thread_name_updated':
        this.#add('named', range, undefined, fallback);
        return;
      case 'thread_rolled_back':
        this.#rollBack(record);
        return;
      case 'token_count':
        this.#readTokens(record);
        return;
      case 'user_message':
        this.#say('prompt', record, false);
        return;
      case 'agent_message':
      case 'agent_reasoning':
        this.#say('answer', record, false);
        return;
      case 'item_completed':
        this.#readTurnItem(record);
        return;
      default:
        if (type !== undefined && LEGACY_OUTCOMES.has(type)) {
          const call = textAt(buffer, inside.call_id);
          if (call !== undefined) this.skeleton.outcomes.set(call, this.#at(payload, record.shift));
        }
    }
  }

  #readTurnItem(record: RawRecord): void {
    const { buffer, shift, inside } = record;
    const { item } = inside;
    if (item === undefined) return;
    const head = members(buffer, ...item, TURN_ITEM_HEAD) ?? {};
    const type = textAt(buffer, head.type) ?? '';
    const id = textAt(buffer, head.id);
    if (SAID.has(type) || OUTCOMES.has(type)) {
      if (OUTCOMES.has(type) && id !== undefined) this.skeleton.outcomes.set(id, this.#at(item, shift));
      this.#say(type === 'UserMessage' ? 'prompt' : 'answer', record, true);
    } else if (type === 'CollabAgentToolCall' || type === 'SubAgentActivity') {
      const parsed = asObject(parseJson(textOf(buffer, item)));
      const ids = [parsed?.agent_thread_id, ...(asArray(parsed?.receiver_thread_ids) ?? [])];
      for (const spawned of ids) if (typeof spawned === 'string') this.skeleton.spawned.add(spawned);
    }
  }

  #readContext({ buffer, inside, range, fallback }: RawRecord): void {
    const model = textAt(buffer, inside.model);
    if (model === undefined || model === '' || model === this.#model) return;
    const changed = this.#model !== undefined;
    this.#model = model;
    if (!this.skeleton.models.includes(model)) this.skeleton.models.push(model);
    if (changed) this.#add('model', range, undefined, fallback);
  }

  #readUsage({ inside: found, shift }: RawRecord): void {
    const answer = this.skeleton.records[this.#lastAnswer];
    if (found.usage !== undefined && answer !== undefined) answer.usage ??= this.#at(found.usage, shift);
    if (found.thread_token_usage !== undefined)
      this.skeleton.totalUsage = this.#at(found.thread_token_usage, shift);
  }

  #readTokens({ buffer, inside: found, shift }: RawRecord): void {
    if (found.rate_limits !== undefined && buffer[found.rate_limits[0]] === 0x7b)
      this.#limits = this.#at(found.rate_limits, shift);
    if (found.info === undefined || buffer[found.info[0]] !== 0x7b) return;
    const total = members(buffer, ...found.info, TOTAL_TOKEN_USAGE)?.total_token_usage;
    if (total !== undefined) this.skeleton.totalUsage = this.#at(total, shift);
  }

  #rollBack({ buffer, inside, range, fallback }: RawRecord): void {
    const count = inside.num_turns;
    const turns = asNumber(count === undefined ? undefined : parseJson(textOf(buffer, count))) ?? 0;
    const dropped = turns >= 1 ? this.#prompts.splice(-Math.floor(turns)) : [];
    if (dropped[0] !== undefined && dropped[0] !== this.skeleton.leaf) {
      this.skeleton.rolledBack.push(this.skeleton.leaf);
      this.skeleton.leaf = dropped[0];
    }
    this.#turnStart = undefined;
    this.#lastAnswer = -1;
    this.#add('rollback', range, undefined, fallback);
  }

  /** An event that tells part of the conversation; dropped at once where the file's items tell that side. */
  #say(side: 'prompt' | 'answer', { range, fallback }: RawRecord, turnItem: boolean): void {
    if (this.#itemSides.has(side)) return;
    const record = this.skeleton.records[this.#add('said', range, side, fallback)];
    if (record !== undefined) record.turnItem = turnItem;
  }

  #add(kind: SkeletonRecord['kind'], range: Range, side: SkeletonRecord['side'], id: string): number {
    const { skeleton } = this;
    if (kind === 'item' && side !== undefined) this.#itemSides.add(side);
    if (side === 'prompt') this.#countPrompt(kind === 'item');
    if (side === 'answer') this.#countedSaid = false;
    // ids made here are unique; stored ones need not be
    const seen = kind === 'said' ? 0 : (this.#ids.get(id) ?? 0);
    if (kind !== 'said') this.#ids.set(id, seen + 1);
    const limited = kind === 'turn-end' || kind === 'error' || kind === 'limit';
    // all members each time: one shape for all records is twice as fast
    const record: SkeletonRecord = {
      file: range.file,
      start: range.start,
      end: range.end,
      kind,
      id: seen === 0 ? id : `${id}~${seen + 1}`,
      parent: skeleton.leaf,
      side,
      model: this.#model,
      limits: limited ? this.#limits : undefined,
      usage: undefined,
      turnItem: false,
    };
    skeleton.leaf = skeleton.records.push(record) - 1;
    return skeleton.leaf;
  }

  /**
   * A rollback counts prompts (measured on 0.169.0: also the second one of a turn), told once by an item and perhaps
   * again by events before or after it. The first one of a turn takes what stands before it in the turn along.
   */
  #countPrompt(isItem: boolean): void {
    const retold = isItem ? this.#countedSaid : this.#countedSaid || this.#itemPrompts > 0;
    if (isItem) this.#itemPrompts++;
    this.#countedSaid = !isItem && (this.#countedSaid || this.#itemPrompts === 0);
    if (retold) return;
    this.#prompts.push(this.#turnStart ?? this.skeleton.leaf);
    this.#turnStart = undefined;
  }

  #at([start, end]: Span, shift: number): Range {
    return { file: this.#file, start: start + shift, end: end + shift };
  }
}

interface RawRecord {
  buffer: Buffer;
  payload: Span;
  inside: PayloadSpans;
  /** Buffer position → file position. */
  shift: number;
  range: Range;
  /** Id for records that have none. */
  fallback: string;
}
