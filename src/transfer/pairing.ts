/**
 * The order that model APIs ask for: calls, then a result for each of them, then whatever is said next.
 * Works on a stream; looks ahead only when a result is late.
 */
import type { Acceptance } from '../agents/contract.ts';
import type {
  CompactionEntry,
  FilePart,
  ImagePart,
  MessageEntry,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../model/session.ts';
import type { CallDesk } from './calls.ts';
import type { Ledger } from './fidelity.ts';
import type { Selected } from './select.ts';
import { guarded, isBlank, toldFile, toldImage, toldReasoning, wellFormed } from './texts.ts';

/** One part on its way into a prepared entry. */
export interface Piece {
  from: MessageEntry;
  role: 'user' | 'assistant';
  origin: MessageEntry['origin'];
  part: Part;
}

/** Entries that are read ahead at most to find a late result. */
export const LOOK_AHEAD = 1000;

export interface ArrangeOptions {
  accepts: Acceptance;
  desk: CallDesk;
  ledger: Ledger;
  reasoning: 'omit' | 'text';
  /** Source and target are the same agent. */
  same: boolean;
}

/** A call that waits for its result. */
interface OpenCall {
  id: string;
  from: MessageEntry;
  name: string;
  /** The target's calls; empty when the call was told as text. */
  calls: ToolCallPart[];
}

/** Translates parts and puts them in order. Counts every part of the entries that it gets. */
export function* arrange(
  entries: Iterable<Selected>,
  options: ArrangeOptions,
): Generator<Piece | CompactionEntry, void, void> {
  const ahead = readAhead(entries);
  try {
    yield* arranged(ahead, options);
  } finally {
    ahead.close();
  }
}

function* arranged(
  ahead: ReadAhead<Selected>,
  options: ArrangeOptions,
): Generator<Piece | CompactionEntry, void, void> {
  const { accepts, desk, ledger } = options;
  const open = new Map<string, OpenCall[]>();
  const taken = new WeakSet<ToolResultPart>();
  let pending: OpenCall[] = [];
  let answering = false; // a result of the pending calls was placed already
  let current: { entry: Selected; at: number } | undefined;

  for (let entry = ahead.next(); entry !== undefined; entry = ahead.next()) {
    current = { entry, at: 0 };
    if (entry.type === 'compaction') {
      yield* settle();
      yield entry;
      continue;
    }
    let spoke = false;
    for (const part of entry.parts) {
      current.at++;
      if (part.type === 'tool_call') yield* placeCall(entry, part);
      else if (part.type === 'tool_result') yield* placeResult(entry, part);
      else if (part.type === 'reasoning') yield* placeReasoning(entry, part);
      else spoke = (yield* say(entry, part)) || spoke;
    }
    countMessage(entry, spoke, ledger);
  }
  current = undefined;
  yield* settle();

  function* placeCall(from: MessageEntry, call: ToolCallPart): Generator<Piece> {
    const done = desk.call(call);
    const opened = { id: call.callId, from, name: done.name, calls: done.told ? [] : done.calls };
    if (done.told || answering) yield* settle();
    if (done.told) yield speech(from, 'assistant', wellFormed(done.text, ledger));
    else {
      pending.push(opened);
      for (const part of done.calls) yield { from, role: 'assistant', origin: 'agent', part };
    }
    const queue = open.get(call.callId);
    if (queue === undefined) open.set(call.callId, [opened]);
    else queue.push(opened);
  }

  function* placeResult(from: MessageEntry, result: ToolResultPart): Generator<Piece> {
    if (taken.has(result)) return;
    const call = open.get(result.callId)?.[0];
    if (call !== undefined) close(call);
    if (call !== undefined && pending.includes(call)) {
      pending = pending.filter((each) => each !== call);
      answering = pending.length > 0;
      yield* resultPieces(from, desk.results(call.calls, result));
      return;
    }
    yield* settle();
    // told in words, it is nobody's tool result any more
    yield { ...speech(from, 'user', desk.tell(result, call?.name)), origin: 'human' };
  }

  function close(call: OpenCall): void {
    const queue = (open.get(call.id) ?? []).filter((each) => each !== call);
    if (queue.length === 0) open.delete(call.id);
    else open.set(call.id, queue);
  }

  /** Gives every pending call its result: a late one from further on, or a note that there is none. */
  function* settle(): Generator<Piece> {
    const waiting = pending;
    pending = [];
    answering = false;
    for (const call of waiting) {
      close(call);
      const found = findResult(call.id);
      if (found === undefined) {
        yield* resultPieces(call.from, desk.missing(call.calls));
        continue;
      }
      taken.add(found.result);
      ledger.note('result-moved', 'a result was moved up to its call, before what was said in between');
      yield* resultPieces(found.from, desk.results(call.calls, found.result));
    }
  }

  function findResult(id: string): { from: MessageEntry; result: ToolResultPart } | undefined {
    for (let n = -1; n < LOOK_AHEAD; n++) {
      const entry = n < 0 ? current?.entry : ahead.peek(n);
      if (entry === undefined) return undefined;
      if (entry.type === 'compaction') continue;
      for (let at = n < 0 ? (current?.at ?? 0) : 0; at < entry.parts.length; at++) {
        const part = entry.parts[at];
        // the id is used again: what follows answers that call
        if (part?.type === 'tool_call' && part.callId === id) return undefined;
        if (part?.type === 'tool_result' && part.callId === id && !taken.has(part))
          return { from: entry, result: part };
      }
    }
    return undefined;
  }

  function* placeReasoning(from: MessageEntry, part: ReasoningPart): Generator<Piece> {
    // the opaque form is its agent's own record of what its vendor signed: no other agent can write it
    if (options.same && part.opaque !== undefined && part.vendor === accepts.reasoningVendor) {
      if (answering) yield* settle();
      ledger.became('reasoning', 'native');
      const kept = { ...part, text: wellFormed(part.text, ledger) };
      yield { from, role: 'assistant', origin: 'agent', part: kept };
    } else if (options.reasoning === 'text' && !isBlank(part.text)) {
      yield* settle();
      ledger.became('reasoning', 'text');
      ledger.note('reasoning-as-text', 'the readable part of the reasoning was told as text');
      yield speech(from, 'assistant', wellFormed(toldReasoning(part), ledger));
    } else {
      ledger.became('reasoning', 'omitted');
      ledger.note(
        'reasoning',
        'reasoning is signed or encrypted for the model and the agent that it came from',
      );
    }
  }

  /** Text, images and files. Says whether a text was carried. */
  function* say(from: MessageEntry, part: TextPart | ImagePart | FilePart): Generator<Piece, boolean> {
    const role = from.role === 'assistant' ? 'assistant' : 'user';
    if (part.type === 'text') {
      if (isBlank(part.text)) {
        ledger.note('empty-text', 'a text without any visible character was left out');
        return false;
      }
      yield* settle();
      const text = wellFormed(part.text, ledger);
      yield speech(from, role, role === 'user' ? guarded(text, accepts, ledger) : text);
      return true;
    }
    yield* settle();
    if (part.type === 'image' && part.data !== undefined && role === 'user' && accepts.images.user) {
      ledger.became('images', 'native');
      yield { from, role, origin: from.origin, part };
    } else if (part.type === 'image') {
      ledger.became('images', 'text');
      ledger.note('image-as-text', imageReason(part, role));
      yield speech(from, role, wellFormed(toldImage(part), ledger));
    } else {
      ledger.became('files', 'text');
      ledger.note('file-as-text', 'an attached file was told as text');
      yield speech(from, role, wellFormed(toldFile(part), ledger));
    }
    return false;
  }
}

function imageReason(image: ImagePart, role: Piece['role']): string {
  if (image.data === undefined) return 'only its path is stored';
  return role === 'user' ? 'the target takes no images in prompts' : 'answers cannot hold images';
}

function speech(from: MessageEntry, role: Piece['role'], text: string): Piece {
  const origin = role === from.role ? from.origin : role === 'user' ? 'human' : 'agent';
  return { from, role, origin, part: { type: 'text', text } };
}

function* resultPieces(from: MessageEntry, results: ToolResultPart[]): Generator<Piece> {
  for (const part of results) yield { from, role: 'user', origin: 'agent', part };
}

function countMessage(entry: MessageEntry, spoke: boolean, ledger: Ledger): void {
  if (entry.parts.length === 0) ledger.note('empty-message', 'a message that holds nothing');
  if (entry.parts.length === 0 || entry.parts.some((part) => part.type === 'text'))
    ledger.became('messages', spoke ? 'native' : 'omitted');
}

/** A stream whose next items can be looked at before they are taken. */
interface ReadAhead<T> {
  next(): T | undefined;
  peek(n: number): T | undefined;
  /** Nothing more is wanted: files that the items are read from are closed. */
  close(): void;
}

function readAhead<T>(items: Iterable<T>): ReadAhead<T> {
  const iterator = items[Symbol.iterator]();
  let ahead: T[] = [];
  let taken = 0;
  const pull = (): T | undefined => {
    const step = iterator.next();
    return step.done === true ? undefined : step.value;
  };
  return {
    next() {
      if (taken === ahead.length) {
        ahead = [];
        taken = 0;
        return pull();
      }
      return ahead[taken++];
    },
    peek(n) {
      while (ahead.length - taken <= n) {
        const item = pull();
        if (item === undefined) return undefined;
        ahead.push(item);
      }
      return ahead[taken + n];
    },
    close: () => void iterator.return?.(),
  };
}
