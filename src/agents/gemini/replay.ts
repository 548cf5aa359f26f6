/**
 * The first pass over a chat file: its log replayed (replaced messages, `$set`, `$rewindTo`) into places of messages.
 * No message is parsed; only metadata and small members are.
 */
import { type Span, scanElements, scanMembers, textAt } from '../../io/json-scan.ts';
import type { LineFile, LineView } from '../../io/lines.ts';
import type { Diagnostic, Usage } from '../../model/session.ts';
import { ACKNOWLEDGEMENT } from '../_shared/gemini-compaction.ts';
import { type Facts, factsOf, type Members, membersAt, messageOf, readFact, type Slot } from './slots.ts';

/** What the model's view consists of, in order. A compaction's `slot` holds the summary. */
export type Item = { kind: 'message'; slot: Slot } | { kind: 'compaction'; slot: Slot; keeps: string[] };

export interface Replay {
  path: string;
  facts: Facts;
  items: Item[];
  /** Paths that a rewind left, each with how many of its items the active one does not have. */
  branches: { items: Item[]; dropped: number }[];
  /** Models in order of first use, and token counts by message. */
  models: string[];
  usage: Map<string, Usage>;
  /** Something in the file was a record of a session. */
  recognized: boolean;
  /** A rewind, or a list that replaced what was before, was among the records. */
  rewritten: boolean;
}

/** Replays the records of a log from byte `offset` on. */
export function replayFrom(file: LineFile, offset: number, diagnostics: Diagnostic[]): Replay {
  const state = new Log(file.path, diagnostics);
  for (const view of file.lines(offset)) state.line(view);
  return state.result;
}

/** Replays a file; `.json` (before 0.39) holds one object, `.jsonl` one record a line. */
export function replay(file: LineFile, diagnostics: Diagnostic[]): Replay {
  const state = new Log(file.path, diagnostics);
  if (file.path.endsWith('.json')) {
    const whole = file.slice(0, file.size);
    state.object(whole, 0, whole.length, 0);
    if (state.result.recognized) return state.result;
  }
  for (const view of file.lines()) state.line(view);
  // a pretty-printed object under the newer name: what the agent falls back to as well
  if (!state.result.recognized && file.size > 0) {
    const fallback = new Log(file.path, diagnostics);
    const whole = file.slice(0, file.size);
    fallback.object(whole, 0, whole.length, 0);
    if (fallback.result.recognized) return fallback.result;
  }
  return state.result;
}

class Log {
  readonly result: Replay;
  private readonly diagnostics: Diagnostic[];
  private readonly path: string;
  private readonly richest = new Map<string, Slot>();
  /** What a `$set.messages` without conversation wiped; the next one brings it back (a resume in the same minute). */
  private wiped: Item[] | undefined;
  /** Where each message stands in `items`; made anew when `items` was replaced. */
  private places: Map<string, number> | undefined;

  constructor(path: string, diagnostics: Diagnostic[]) {
    this.path = path;
    this.diagnostics = diagnostics;
    this.result = {
      path,
      facts: {},
      items: [],
      branches: [],
      models: [],
      usage: new Map(),
      recognized: false,
      rewritten: false,
    };
  }

  line(view: LineView): void {
    if (view.tooLong) {
      this.diagnose('too-large', 'a record is too long to be read', view.offset);
      return;
    }
    const { buffer, start, end } = view;
    const found = membersAt(buffer, start, end);
    if (found === undefined) {
      const code = view.torn ? 'torn-record' : 'bad-record';
      this.diagnose(code, 'a line is not a record', view.offset);
      return;
    }
    this.record(found, buffer, [start, end], view.offset - start);
  }

  /** A whole file as one object; what stands before damage in its messages is kept. */
  object(buffer: Buffer, start: number, end: number, shift: number): void {
    const from = buffer[0] === 0xef ? start + 3 : start;
    const facts: Facts = {};
    let messages: Span | undefined;
    const whole = scanMembers(buffer, from, end, (key, valueStart, valueEnd) => {
      if (key === 'messages') messages = [valueStart, valueEnd];
      else readFact(facts, key, buffer, valueStart, valueEnd);
      return undefined;
    });
    if (facts.sessionId === undefined) return;
    this.result.recognized = true;
    this.learn(facts);
    if (!whole) {
      this.diagnose('torn-record', 'the file is cut or damaged', from);
      const open = /"messages"\s*:\s*(?=\[)/.exec(
        buffer.toString('latin1', from, Math.min(end, from + 65536)),
      );
      if (messages === undefined && open !== null) messages = [from + open.index + open[0].length, end];
    }
    if (messages !== undefined) this.setMessages(buffer, messages, shift);
  }

  private diagnose(code: Diagnostic['code'], message: string, at: number): void {
    this.diagnostics.push({ code, message, path: this.path, at });
  }

  /** The agent's own order of what a record is: rewind, message, update, metadata (read in source). */
  private record(members: Members, buffer: Buffer, at: Span, shift: number): void {
    const rewindTo = textAt(buffer, members.$rewindTo);
    if (rewindTo !== undefined) {
      this.rewind(rewindTo);
      return;
    }
    if (textAt(buffer, members.id) !== undefined) {
      this.message(members, buffer, at, shift);
      return;
    }
    if (members.$set !== undefined) {
      const update = membersAt(buffer, ...members.$set);
      if (update === undefined) {
        this.diagnose('bad-record', 'an update is not an object', shift + at[0]);
        return;
      }
      this.learn(factsOf(buffer, update));
      if (update.messages !== undefined) this.setMessages(buffer, update.messages, shift);
      return;
    }
    const facts = factsOf(buffer, members);
    if (facts.sessionId === undefined || facts.projectHash === undefined) {
      this.diagnose('unknown-record', 'a record of an unknown kind', shift + at[0]);
      return;
    }
    this.result.recognized = true;
    this.learn(facts);
    if (members.messages !== undefined) this.setMessages(buffer, members.messages, shift);
  }

  private learn(facts: Facts): void {
    const { facts: known } = this.result;
    const startTime = known.startTime ?? facts.startTime;
    Object.assign(known, facts);
    if (startTime !== undefined) known.startTime = startTime;
  }

  private message(members: Members, buffer: Buffer, at: Span, shift: number): void {
    const slot = this.slot(members, buffer, at, shift);
    if (slot === undefined) return;
    this.wiped = undefined;
    this.places ??= new Map(this.result.items.map((item, n) => [item.slot.id, n]));
    const place = this.places.get(slot.id) ?? this.result.items.length;
    if (this.result.items[place]?.kind === 'compaction') return;
    this.places.set(slot.id, place);
    this.result.items[place] = { kind: 'message', slot };
  }

  /** The list of a `$set.messages` replaces every message so far; a summary at its beginning is a compaction. */
  private setMessages(buffer: Buffer, [from, to]: Span, shift: number): void {
    this.result.rewritten = true;
    if (buffer[from] !== 0x5b) {
      this.diagnose('bad-record', 'messages are not a list', shift + from);
      return;
    }
    const slots = new Map<string, Slot>();
    let summary: string | undefined;
    let answer: string | undefined;
    let onlyHarness = true;
    let last: string | undefined;
    const whole = scanElements(buffer, from, to, (start, end) => {
      const members = membersAt(buffer, start, end);
      const slot = members && this.slot(members, buffer, [start, end], shift);
      if (slot === undefined) {
        this.diagnose('bad-record', 'a message without an id', shift + start);
        return undefined;
      }
      const first = summary === undefined && onlyHarness;
      onlyHarness &&= slot.harness;
      const bytes = buffer.subarray(start, end);
      if (first && slot.type === 'user' && !slot.harness && bytes.includes(SNAPSHOT)) summary = slot.id;
      else if (summary !== undefined && summary === last && bytes.length < 1000)
        answer = bytes.includes(ACKNOWLEDGED) ? slot.id : undefined;
      slots.set(slot.id, slot);
      last = slot.id;
      return undefined;
    });
    if (!whole) this.diagnose('bad-record', 'a list of messages is damaged', shift + from);
    const before = this.wiped ?? this.result.items;
    const list = [...slots.values()];
    const conversation = list.some((slot) => !slot.harness);
    this.wiped = conversation ? undefined : before;
    this.places = undefined;
    this.result.items =
      summary === undefined
        ? list.map((slot) => ({ kind: 'message', slot }))
        : compact(before, list, summary, answer);
  }

  private rewind(id: string): void {
    this.result.rewritten = true;
    const { items, branches } = this.result;
    const at = items.findIndex((item) => item.slot.id === id);
    const kept = at < 0 ? [] : items.slice(0, at);
    const dropped = items.length - kept.length;
    if (items.slice(kept.length).some((item) => !item.slot.harness)) branches.push({ items, dropped });
    this.result.items = kept;
    this.places = undefined;
  }

  private slot(members: Members, buffer: Buffer, at: Span, shift: number): Slot | undefined {
    const found = messageOf(buffer, members, at, shift, this.path);
    if (found === undefined) return undefined;
    const { slot, rich, model, usage } = found;
    const { id } = slot;
    if (model !== undefined && !this.result.models.includes(model)) this.result.models.push(model);
    if (usage !== undefined) this.result.usage.set(id, usage);
    const earlier = this.richest.get(id);
    if (rich || earlier === undefined) this.richest.set(id, slot);
    else slot.earlier = earlier;
    return slot;
  }
}

const SNAPSHOT = Buffer.from('<state_snapshot>');
const ACKNOWLEDGED = Buffer.from(ACKNOWLEDGEMENT);

/**
 * The view after a compaction. What came before stays part of the session; what the list repeats of it is kept, and the
 * model's acknowledgement of the summary (`answerId`) is left out.
 */
function compact(before: Item[], list: Slot[], summaryId: string, answerId: string | undefined): Item[] {
  // the summary, and what stands after it, may have been written as messages just before
  const at = before.findIndex((item) => item.slot.id === summaryId);
  const covered = at < 0 ? before : before.slice(0, at);
  const known = new Set(covered.map((item) => item.slot.id));
  const start = list.findIndex((slot) => slot.id === summaryId);
  const keeps: string[] = [];
  const after: Item[] = [];
  for (const slot of list.slice(start + 1)) {
    if (slot.id === answerId) continue;
    if (known.has(slot.id)) keeps.push(slot.id);
    else after.push({ kind: 'message', slot });
  }
  return [...covered, { kind: 'compaction', slot: list[start] as Slot, keeps }, ...after];
}
