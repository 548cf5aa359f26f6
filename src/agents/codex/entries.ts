/** Second pass: the records of one path → entries, one after the other. */
import { Clipper } from '../../io/clip.ts';
import { checksum } from '../../io/lines.ts';
import { asArray, asObject, asString, asText, asTimestamp, parseJson } from '../../model/narrow.ts';
import type {
  Diagnostic,
  Entry,
  EventEntry,
  Evidence,
  JsonObject,
  JsonValue,
  MessageEntry,
  NativeCall,
  Part,
  Timestamp,
} from '../../model/session.ts';
import type { Clipping } from '../contract.ts';
import { CallBook } from './calls.ts';
import { compactionOf, identity, type SeenItems } from './compaction.ts';
import { isHarness, itemKinds, readContent, reasoningText } from './content.ts';
import { limitOfError, limitOfWindows } from './limits.ts';
import { isPlainOutput } from './output.ts';
import type { Range, Skeleton, SkeletonRecord } from './skeleton.ts';
import { readUsage } from './usage.ts';

/** Reads a range of one of the skeleton's files. */
export type ReadRange = (range: Range) => Buffer;

interface Facts {
  id: string;
  time?: Timestamp;
  evidence: Evidence[];
  model?: string;
}

/** Outcomes repeat the output; only what they say beside it is asked for. */
const MAX_OUTCOME_TEXT = 200;

/** Entries of the records named by `path` (indexes into the skeleton, in order). */
export class EntryReader {
  readonly #skeleton: Skeleton;
  readonly #read: ReadRange;
  readonly #report: (diagnostic: Diagnostic) => void;
  readonly #calls: CallBook;
  /** For what a compaction keeps; only where one follows. */
  readonly #seen: SeenItems | undefined;
  readonly #prompts: string[] = [];
  readonly #clipper = new Clipper();
  readonly #clipping: Clipping;
  #parent: string | null = null;

  constructor(
    skeleton: Skeleton,
    read: ReadRange,
    options: {
      compacted: boolean;
      cwd?: string;
      clipping: Clipping;
      report: (diagnostic: Diagnostic) => void;
    },
  ) {
    this.#skeleton = skeleton;
    this.#read = read;
    this.#report = options.report;
    this.#clipping = options.clipping;
    this.#calls = new CallBook(options.cwd, (id) => this.#outcome(id));
    this.#seen = options.compacted ? new Map() : undefined;
  }

  *read(path: readonly number[]): Generator<Entry, void, void> {
    for (const index of path) {
      const record = this.#skeleton.records[index];
      if (record === undefined) continue;
      for (const entry of this.#entries(record)) {
        const linked = { ...entry, parentId: this.#parent };
        this.#parent = entry.id;
        yield linked;
      }
    }
  }

  #entries(record: SkeletonRecord): Entry[] {
    const bytes = this.#read(record);
    const path = this.#skeleton.files[record.file] ?? '';
    const evidence: Evidence = { kind: 'range', path, start: record.start, end: record.end };
    if (this.#clipping.clip === undefined) evidence.crc32 = checksum(bytes);
    const facts: Facts = { id: record.id, evidence: [evidence] };
    if (record.kind === 'limit') return this.#windowLimit(facts, bytes);
    const { clip, clipOutput = clip, textsOnly } = this.#clipping;
    const most = clip !== clipOutput && isPlainOutput(bytes, textsOnly === true) ? clipOutput : clip;
    const raw = asObject(parseJson(this.#clipper.text(bytes, 0, bytes.length, most)));
    const payload = asObject(raw?.payload);
    if (payload === undefined) {
      this.#report({
        code: 'bad-record',
        message: 'a record is not valid JSON',
        path,
        at: record.start,
      });
      return [];
    }
    const time = asTimestamp(raw?.timestamp);
    if (time !== undefined) facts.time = time;
    if (record.model !== undefined && record.side === 'answer') facts.model = record.model;
    switch (record.kind) {
      case 'item':
        return this.#item(record, payload, facts);
      case 'said':
        return this.#said(payload, facts);
      case 'compacted':
        return [compactionOf(payload, base(facts), this.#seen ?? new Map(), this.#prompts)];
      default:
        return this.#event(record, payload, facts);
    }
  }

  #item(record: SkeletonRecord, payload: JsonObject, facts: Facts): Entry[] {
    if (this.#seen !== undefined)
      for (const key of identity(payload)) this.#seen.set(key, [...(this.#seen.get(key) ?? []), facts.id]);
    switch (payload.type) {
      case 'message':
        return this.#message(payload, facts, record);
      case 'agent_message':
        return this.#speech(payload.content, { ...facts, role: 'user', origin: 'agent' });
      case 'reasoning':
        return this.#withUsage(record, [assistant(facts, [reasoning(payload)])]);
      case 'function_call_output':
      case 'custom_tool_call_output':
      case 'tool_search_output':
        return this.#output(payload, facts);
      default:
        return this.#withUsage(record, this.#call(payload, facts));
    }
  }

  #message(payload: JsonObject, facts: Facts, record: SkeletonRecord): Entry[] {
    const role = payload.role;
    const kinds = role === 'assistant' ? undefined : itemKinds(payload);
    if (role === 'assistant')
      return this.#withUsage(record, this.#speech(payload.content, { ...facts, role, origin: 'agent' }));
    const first = asString(asObject(asArray(payload.content)?.[0])?.text) ?? asString(payload.content);
    // a developer message is Codex's own unless its kinds say otherwise
    const harness = kinds === undefined && role !== 'user' ? true : isHarness(kinds, first);
    if (!harness && role === 'user') this.#prompts.push(facts.id);
    const speaker = role === 'user' ? ('user' as const) : ('system' as const);
    const origin = harness ? ('harness' as const) : ('human' as const);
    return this.#speech(payload.content, { ...facts, role: speaker, origin }, harness ? undefined : kinds);
  }

  #speech(
    content: JsonValue | undefined,
    message: Facts & Pick<MessageEntry, 'role' | 'origin'>,
    kinds?: string[],
  ): Entry[] {
    const { parts, unknown } = readContent(content, kinds);
    this.#countUnknown(unknown, message.evidence);
    return parts.length === 0 ? [] : [{ ...base(message), ...speaker(message), parts }];
  }

  #call(payload: JsonObject, facts: Facts): Entry[] {
    const native = nativeCall(payload);
    const callId = asText(payload.call_id) ?? facts.id;
    if (native === undefined) return [];
    const call = this.#calls.open(callId, native);
    const entry = assistant(facts, [call]);
    if (payload.type !== 'web_search_call' && payload.type !== 'image_generation_call') return [entry];
    // these run at the provider: the item is call and outcome in one
    const content: JsonValue =
      payload.type === 'image_generation_call' && asText(payload.result) !== undefined
        ? [{ type: 'input_image', image_url: `data:image/png;base64,${String(payload.result)}` }]
        : '';
    const failed = payload.status === 'failed' || payload.status === 'incomplete';
    const { part } = this.#calls.close(callId, content, failed ? 'error' : undefined);
    return part === undefined ? [entry] : [entry, results({ ...facts, id: `${facts.id}.result` }, part)];
  }

  #output(payload: JsonObject, facts: Facts): Entry[] {
    const content =
      payload.type === 'tool_search_output' ? JSON.stringify(payload.tools ?? []) : payload.output;
    const { part, unknown } = this.#calls.close(asText(payload.call_id) ?? '', content);
    this.#countUnknown(unknown, facts.evidence);
    if (part !== undefined) return [results(facts, part)];
    const [evidence] = facts.evidence;
    this.#report({
      code: 'orphan-result',
      message: 'an output belongs to no call',
      ...place(evidence),
    });
    return [];
  }

  /** Conversation told only by events (imports, other programs' files). */
  #said(payload: JsonObject, facts: Facts): Entry[] {
    const item = asObject(payload.item);
    switch (item?.type ?? payload.type) {
      case 'user_message': {
        const images = [...(asArray(payload.images) ?? []), ...(asArray(payload.local_images) ?? [])];
        const blocks = images.map((image_url) => ({ type: 'input_image', image_url }));
        return this.#prompt([...blocks, { type: 'input_text', text: payload.message ?? '' }], facts);
      }
      case 'UserMessage':
        return this.#prompt((asArray(item?.content) ?? []).map(inputOf), facts);
      case 'agent_message':
        return said(facts, asText(payload.message));
      case 'AgentMessage':
        return this.#speech(item?.content, { ...facts, role: 'assistant', origin: 'agent' });
      case 'agent_reasoning':
        return thought(facts, asText(payload.text));
      case 'Reasoning':
        return thought(facts, (asArray(item?.summary_text) ?? []).join('\n\n'));
      default:
        return item === undefined ? [] : this.#ran(item, facts);
    }
  }

  #prompt(content: JsonValue[], facts: Facts): Entry[] {
    this.#prompts.push(facts.id);
    return this.#speech(content, { ...facts, role: 'user', origin: 'human' });
  }

  /** A call and its outcome from one turn item. */
  #ran(item: JsonObject, facts: Facts): Entry[] {
    const native = this.#calls.nativeOf(item);
    if (native === undefined) return [];
    const callId = asText(item.id) ?? facts.id;
    const entry = assistant(facts, [this.#calls.open(callId, native)]);
    const { part } = this.#calls.close(callId, this.#calls.contentOf(item));
    return part === undefined ? [entry] : [entry, results({ ...facts, id: `${facts.id}.result` }, part)];
  }

  #event(record: SkeletonRecord, payload: JsonObject, facts: Facts): Entry[] {
    const event = (name: EventEntry['event'], text?: string): EventEntry => ({
      ...base(facts),
      type: 'event',
      event: name,
      ...(text === undefined ? {} : { text }),
    });
    switch (record.kind) {
      case 'turn-end':
      case 'error': {
        const error = record.kind === 'error' ? payload : asObject(payload.error);
        const limits = record.limits && asObject(parseJson(this.#read(record.limits).toString('utf8')));
        const limit = limitOfError(error, limits);
        const entry = event(limit === undefined ? 'error' : 'limit', asText(error?.message));
        return [limit === undefined ? entry : { ...entry, limit }];
      }
      case 'aborted':
        return [event('interrupted', asText(payload.reason))];
      case 'named':
        return [event('title', asText(payload.thread_name) ?? asText(payload.name))];
      case 'rollback':
        return [event('rollback')];
      case 'model':
        return [event('model', record.model)];
      default:
        return [];
    }
  }

  #windowLimit(facts: Facts, bytes: Buffer): Entry[] {
    const limit = limitOfWindows(asObject(parseJson(bytes.toString('utf8'))));
    return limit === undefined ? [] : [{ ...base(facts), type: 'event', event: 'limit', limit }];
  }

  #withUsage(record: SkeletonRecord, entries: Entry[]): Entry[] {
    const [first, ...rest] = entries;
    if (record.usage === undefined || first?.type !== 'message') return entries;
    const usage = readUsage(parseJson(this.#read(record.usage).toString('utf8')));
    return usage === undefined ? entries : [{ ...first, usage }, ...rest];
  }

  #outcome(callId: string): JsonObject | undefined {
    const range = this.#skeleton.outcomes.get(callId);
    if (range === undefined) return undefined;
    // that there is one decides how an output is read
    if (this.#clipping.textsOnly === true) return {};
    const bytes = this.#read(range);
    return asObject(parseJson(this.#clipper.text(bytes, 0, bytes.length, MAX_OUTCOME_TEXT)));
  }

  #countUnknown(unknown: number, [evidence]: Evidence[]): void {
    if (unknown === 0) return;
    const message = `${unknown} content ${unknown === 1 ? 'item' : 'items'} of an unknown kind`;
    this.#report({ code: 'unknown-record', message, ...place(evidence) });
  }
}

function place(evidence: Evidence | undefined): { path?: string; at?: number } {
  return evidence?.kind === 'range' ? { path: evidence.path, at: evidence.start } : {};
}

function base({ id, time, evidence }: Facts) {
  return { id, parentId: null, evidence, ...(time === undefined ? {} : { time }) };
}

function speaker(message: Facts & Pick<MessageEntry, 'role' | 'origin'>) {
  const { role, origin, model } = message;
  const answered = role === 'assistant' && model !== undefined ? { model } : {};
  return { type: 'message' as const, role, origin, ...answered };
}

function assistant(facts: Facts, parts: Part[]): MessageEntry {
  return { ...base(facts), ...speaker({ ...facts, role: 'assistant', origin: 'agent' }), parts };
}

function results(facts: Facts, part: Part): MessageEntry {
  return { ...base(facts), type: 'message', role: 'user', origin: 'agent', parts: [part] };
}

function said(facts: Facts, text: string | undefined): Entry[] {
  return text === undefined ? [] : [assistant(facts, [{ type: 'text', text }])];
}

function thought(facts: Facts, text: string | undefined): Entry[] {
  if (text === undefined || text === '') return [];
  return [assistant(facts, [{ type: 'reasoning', text, vendor: 'openai' }])];
}

/** Reasoning item; what only OpenAI can read is kept as it is, with the summary's own division. */
function reasoning(payload: JsonObject): Part {
  const opaque: JsonObject = {};
  for (const key of ['id', 'summary', 'content', 'encrypted_content']) {
    const value = payload[key];
    if (value !== undefined && value !== null) opaque[key] = value;
  }
  return { type: 'reasoning', text: reasoningText(payload), vendor: 'openai', opaque };
}

/** The call in an item; undefined when it has no name. */
function nativeCall(payload: JsonObject): NativeCall | undefined {
  const name = asText(payload.name);
  switch (payload.type) {
    case 'function_call': {
      if (name === undefined) return undefined;
      const stored = payload.arguments ?? '';
      const parsed = typeof stored === 'string' ? parseJson(stored) : stored;
      const input = asObject(parsed) ?? (stored === '' ? {} : stored);
      return { name: nameIn(asText(payload.namespace), name), input };
    }
    case 'custom_tool_call':
      return name === undefined
        ? undefined
        : { name: nameIn(asText(payload.namespace), name), input: payload.input ?? '' };
    case 'local_shell_call':
      return { name: 'local_shell', input: asObject(payload.action) ?? {} };
    case 'web_search_call':
      return { name: 'web_search', input: asObject(payload.action) ?? {} };
    case 'image_generation_call':
      return { name: 'image_generation', input: { prompt: asText(payload.revised_prompt) ?? '' } };
    case 'tool_search_call':
      return { name: 'tool_search', input: payload.arguments ?? {} };
    default:
      return undefined;
  }
}

/** `namespace.name`: names have no dot of their own, so the writer can take it apart again. */
function nameIn(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}.${name}`;
}

/** A turn item's input block as a content item. */
function inputOf(input: JsonValue): JsonValue {
  const block = asObject(input);
  const url = asText(block?.image_url) ?? asText(block?.url) ?? asText(block?.path);
  return block?.type !== 'text' && url !== undefined ? { type: 'input_image', image_url: url } : input;
}
