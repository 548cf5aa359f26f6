/** What of a session is searched: texts with the number of their entry, files that were touched, counts. */
import type { Entry, MessageEntry, Part, ResultContent } from '../model/session.ts';
import { type Counts, Tally } from '../model/tally.ts';
import type { ToolCall } from '../model/tools.ts';
import { searchable } from './words.ts';

/** Characters indexed of each kind of text: words of people and models whole, calls and results by their ends. */
export const LIMITS = { message: 12_000, call: 1200, resultHead: 500, resultTail: 250, prompt: 120 };

/** One searchable text. */
export interface Doc {
  /** Number of its entry, from 1. */
  ref: number;
  role: 'user' | 'assistant' | 'tool';
  /** For a call or its result. */
  tool?: string;
  text: string;
}

/** The telling occurrence of a file in a session: its first change, else its last reading. */
export interface Touch {
  file: string;
  ref: number;
  how: 'read' | 'changed';
}

/** Beginnings of what a person said first and last. */
export interface Prompts {
  first: string;
  last: string;
}

export interface ExtractorState {
  entries: number;
  counts: Counts;
  answering: boolean;
  tools: [callId: string, tool: string][];
  prompts?: Prompts;
}

/** Gathers what is searched while entries pass by; `take` is given each text. */
export class Extractor {
  readonly touches = new Map<string, Touch>();
  readonly #tally: Tally;
  #ref: number;
  readonly #take: (doc: Doc) => void;
  /** Tools of calls that wait for their result. */
  readonly #tools: Map<string, string>;
  #prompts: Prompts | undefined;

  /** `before`: the state to go on from. */
  constructor(take: (doc: Doc) => void, before?: ExtractorState) {
    this.#take = take;
    this.#ref = before?.entries ?? 0;
    this.#tally = new Tally(before);
    this.#tools = new Map(before?.tools);
    this.#prompts = before?.prompts;
  }

  /** A call has no result yet. */
  get waiting(): boolean {
    return this.#tools.size > 0;
  }

  /** What has to be known of the entries so far in order to go on after them. */
  state(): ExtractorState {
    const { counts, answering } = this.#tally;
    return {
      entries: this.#ref,
      counts: { ...counts, messages: { ...counts.messages } },
      answering,
      tools: [...this.#tools],
      prompts: this.#prompts,
    };
  }

  add(entry: Entry): void {
    this.#ref++;
    this.#tally.add(entry);
    if (entry.type === 'message') {
      if (entry.origin !== 'harness' && entry.role !== 'system') this.#addMessage(entry);
    } else if (entry.type === 'compaction' && entry.summary !== '') {
      this.#put('assistant', searchable(entry.summary, LIMITS.message));
    }
  }

  #put(role: Doc['role'], text: string, tool?: string): void {
    this.#take({ ref: this.#ref, role, text, tool });
  }

  #addMessage({ parts, role, origin }: MessageEntry): void {
    const prose = parts
      .map(proseOf)
      .filter((text) => text !== '')
      .join('\n');
    if (prose !== '' && origin === 'human') {
      const last = searchable(prose, LIMITS.prompt);
      this.#prompts = { first: this.#prompts?.first ?? last, last };
    }
    if (prose !== '') this.#put(role === 'user' ? 'user' : 'assistant', searchable(prose, LIMITS.message));
    for (const part of parts) {
      if (part.type === 'tool_call') {
        this.#tools.set(part.callId, part.native.name);
        this.#put('tool', searchable(callText(part), LIMITS.call), part.native.name);
        this.#touch(part);
      } else if (part.type === 'tool_result') {
        const text = resultText(part.content);
        if (text !== '') this.#put('tool', text, this.#tools.get(part.callId));
        this.#tools.delete(part.callId);
      }
    }
  }

  #touch(call: ToolCall): void {
    const how = call.tool === 'read' ? 'read' : 'changed';
    for (const file of filesOf(call)) {
      if (this.touches.get(file)?.how !== 'changed') this.touches.set(file, { file, ref: this.#ref, how });
    }
  }
}

function proseOf(part: Part): string {
  if (part.type === 'text' || part.type === 'reasoning') return part.text;
  if (part.type === 'file') return `${part.path ?? part.name ?? ''}\n${part.text ?? ''}`;
  return '';
}

function callText(call: ToolCall): string {
  switch (call.tool) {
    case 'execute':
      return call.input.command;
    case 'write':
      return `${call.input.path}\n${call.input.content}`;
    case 'edit':
      return `${call.input.path}\n${call.input.edits.map((edit) => edit.newText).join('\n')}`;
    case 'patch':
      return call.input.changes
        .map(
          (change) =>
            `${change.path}\n${change.change === 'update' ? change.hunks.flatMap((hunk) => hunk.lines).join('\n') : change.change === 'add' ? change.content : ''}`,
        )
        .join('\n');
    case 'plan':
      return call.input.items.map((item) => item.text).join('\n');
    default:
      return strings(call.input).join(' ');
  }
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(strings);
}

/** Files that a call reads or changes. */
function filesOf(call: ToolCall): string[] {
  if (call.tool === 'read' || call.tool === 'write' || call.tool === 'edit') return [call.input.path];
  if (call.tool !== 'patch') return [];
  return call.input.changes.flatMap((change) =>
    change.change === 'update' && change.moveTo !== undefined ? [change.path, change.moveTo] : [change.path],
  );
}

/** A result by its ends. */
function resultText(content: ResultContent[]): string {
  const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  const text = (texts.length === 1 ? (texts[0] ?? '') : texts.join('\n')).trim();
  const { resultHead, resultTail } = LIMITS;
  return text.length <= resultHead + resultTail
    ? searchable(text, resultHead + resultTail)
    : `${searchable(text, resultHead)}\n...\n${searchable(text.slice(-resultTail), resultTail)}`;
}
