/** Chat files → session. The log is replayed once; messages are parsed when `entries()` comes to them. */
import { basename } from 'node:path';
import { Clipper } from '../../io/clip.ts';
import { checksum, type LineFile, openLines } from '../../io/lines.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { asText, asTimestamp, parseObject } from '../../model/narrow.ts';
import type { Branch, Diagnostic, Entry, Evidence, JsonObject, Part } from '../../model/session.ts';
import { readSnapshot } from '../_shared/gemini-compaction.ts';
import { callBook, contentParts } from '../_shared/gemini-parts.ts';
import type { Clipping, MarkedSession, ReadContext, ReadMark, ReadOptions, SessionRef } from '../contract.ts';
import { parseRecord } from './clipping.ts';
import { marksOf, touchesEarlier } from './continue.ts';
import { sessionFiles } from './discover.ts';
import { sessionInfo } from './info.ts';
import { errorText, limitOf } from './limits.ts';
import { assistantParts, type Reading, recordResults, usageOf, userParts } from './messages.ts';
import { type Item, type Replay, replay, replayFrom } from './replay.ts';
import type { Slot } from './slots.ts';
import { subagentsOf } from './subagents.ts';
import { tools } from './tools.ts';

/** Reads a session from the file in `ref` and from the others of the same session in its folder. */
export function read(ref: SessionRef, context: ReadContext, options: ReadOptions = {}): MarkedSession {
  const session = readFiles(sessionFiles(ref.path), ref, context, options);
  const { branch: _, ...clipping } = options;
  session.subagents = subagentsOf(ref.path, session.info.id, (path) =>
    readFiles([path], { ...ref, path, id: basename(path, '.jsonl'), parent: session.info.id }, context, {
      ...clipping,
    }),
  );
  return session;
}

function readFiles(
  paths: string[],
  ref: SessionRef,
  context: ReadContext,
  options: ReadOptions,
): MarkedSession {
  const diagnostics: Diagnostic[] = [];
  const main = replayFile(ref.path, diagnostics);
  if (!main.recognized && main.items.length === 0)
    throw new SegueError('not-a-session', `${ref.path} holds no session`);
  if (!main.recognized)
    diagnostics.push({
      code: 'bad-record',
      message: 'the metadata record is missing',
      path: ref.path,
      at: 0,
    });
  const replays = [main];
  for (const path of paths) {
    if (path === ref.path) continue;
    const other = tryReplay(path, diagnostics);
    if (other !== undefined && other.facts.sessionId === main.facts.sessionId) replays.push(other);
  }
  const merged = mergeFiles(replays);
  const branches = replays.flatMap((each) => each.branches);
  const items = chosenItems(merged, branches, options.branch, ref);
  const info = sessionInfo(replays, ref, context);
  return {
    info,
    entries: () => entries(items, { cwd: info.cwd, clipping: options, diagnostics }),
    branches: branches.map(asBranch),
    subagents: [],
    diagnostics,
    marks: replays.length === 1 ? marksOf(main, info.cwd, undefined) : undefined,
  };
}

/** Reads the records from `mark` on. Undefined when they reach back, or when the session goes on in another file. */
export function readOn(
  { path, id }: SessionRef,
  _context: ReadContext,
  mark: ReadMark,
  options: ReadOptions = {},
): MarkedSession | undefined {
  if (sessionFiles(path).length !== 1) return undefined;
  const diagnostics: Diagnostic[] = [];
  const file = open(path);
  try {
    const rest = replayFrom(file, mark.offset, diagnostics);
    if (rest.rewritten || touchesEarlier(rest.items, mark)) return undefined;
    const cwd = asText(mark.state.cwd);
    return {
      info: { agent: 'gemini', id, models: rest.models, lineage: [] },
      entries: () => entries(rest.items, { cwd, clipping: options, diagnostics }),
      branches: [],
      subagents: [],
      diagnostics,
      marks: marksOf(rest, cwd, mark),
    };
  } finally {
    file.close();
  }
}

/** Replays one file. Throws `unreadable`. */
export function replayFile(path: string, diagnostics: Diagnostic[]): Replay {
  const file = open(path);
  try {
    return replay(file, diagnostics);
  } finally {
    file.close();
  }
}

function tryReplay(path: string, diagnostics: Diagnostic[]): Replay | undefined {
  try {
    return replayFile(path, diagnostics);
  } catch (error) {
    if (!(error instanceof SegueError)) throw error;
    diagnostics.push({ code: 'unreadable', message: 'another file of this session cannot be read', path });
    return undefined;
  }
}

function open(path: string): LineFile {
  try {
    return openLines(path);
  } catch (error) {
    throw new SegueError('unreadable', `cannot read ${path} (${systemCode(error) ?? 'error'})`, {
      cause: error,
    });
  }
}

/** Messages of all files: those of the first, then what later ones have beside. Files without conversation add nothing. */
function mergeFiles(replays: Replay[]): Item[] {
  const [only] = replays;
  if (only !== undefined && replays.length === 1) return only.items;
  const withWords = replays.filter((each) => each.items.some((item) => !item.slot.harness));
  const [first, ...others] = withWords.length > 0 ? withWords : replays.slice(0, 1);
  const items = [...(first?.items ?? [])];
  const known = new Set(items.map((item) => item.slot.id));
  for (const { items: more } of others) {
    for (const item of more) if (!known.has(item.slot.id)) items.push(item);
    for (const item of more) known.add(item.slot.id);
  }
  return items;
}

function asBranch({ items, dropped }: Replay['branches'][number]): Branch {
  return { id: items.at(-1)?.slot.id ?? '', entries: dropped };
}

function chosenItems(
  active: Item[],
  branches: Replay['branches'],
  wanted: string | undefined,
  ref: SessionRef,
): Item[] {
  if (wanted === undefined || active.at(-1)?.slot.id === wanted) return active;
  const branch = branches.find((each) => each.items.at(-1)?.slot.id === wanted);
  if (branch !== undefined) return branch.items;
  throw new SegueError('session-not-found', `${ref.path} has no branch "${wanted}"`);
}

interface EntryOptions {
  cwd: string | undefined;
  clipping: Clipping;
  diagnostics: Diagnostic[];
}

function* entries(items: Item[], { cwd, clipping, diagnostics }: EntryOptions): Generator<Entry> {
  const files = new Map<string, LineFile>();
  const clipper = new Clipper();
  const parse = (bytes: Buffer): JsonObject | undefined => parseRecord(bytes, clipping, clipper);
  const whole = clipping.clip === undefined;
  const reading: Reading = { book: callBook(tools, cwd), states: new Map(), diagnostics };
  const used = new Set<string>();
  let parentId: string | null = null;
  try {
    for (const item of items) {
      const loaded = load(item.slot, files, { parse, whole, diagnostics });
      if (loaded === undefined) continue;
      for (const entry of itemEntries(item, loaded, reading)) {
        let { id } = entry;
        for (let n = 2; used.has(id); n++) id = `${entry.id}~${n}`;
        used.add(id);
        yield { ...entry, id, parentId };
        parentId = id;
      }
    }
  } finally {
    for (const file of files.values()) file.close();
  }
}

interface Loaded {
  record: JsonObject;
  /** The record with what a rewritten history lost; often the same. */
  rich: JsonObject;
  evidence: Evidence;
}

interface Loading {
  parse(bytes: Buffer): JsonObject | undefined;
  /** Nothing is left out. */
  whole: boolean;
  diagnostics: Diagnostic[];
}

function load(
  slot: Slot,
  files: Map<string, LineFile>,
  { parse, whole, diagnostics }: Loading,
): Loaded | undefined {
  const file = files.get(slot.path) ?? open(slot.path);
  files.set(slot.path, file);
  const bytes = file.slice(slot.start, slot.end);
  const record = parse(bytes);
  if (record === undefined) {
    diagnostics.push({
      code: 'bad-record',
      message: 'a message is not JSON',
      path: slot.path,
      at: slot.start,
    });
    return undefined;
  }
  const evidence: Evidence = { kind: 'range', path: slot.path, start: slot.start, end: slot.end };
  if (whole) evidence.crc32 = checksum(bytes);
  const { earlier } = slot;
  const rich = earlier && parseObject(file.slice(earlier.start, earlier.end).toString('utf8'));
  return { record, rich: rich ?? record, evidence };
}

function* itemEntries(item: Item, loaded: Loaded, reading: Reading): Generator<Entry> {
  const { slot } = item;
  const { record, rich, evidence } = loaded;
  const time = asTimestamp(rich.timestamp) ?? asTimestamp(record.timestamp);
  const base = { id: slot.id, parentId: null, evidence: [evidence], ...(time === undefined ? {} : { time }) };
  if (item.kind === 'compaction') {
    const summary = contentParts(record.content).flatMap((part) => asText(part.text) ?? []);
    yield { ...base, type: 'compaction', summary: readSnapshot(summary.join('\n')), keeps: item.keeps };
    return;
  }
  switch (record.type) {
    case 'user': {
      const { results, said } = userParts(record, slot, reading);
      const own = results.length > 0 && said.length > 0 ? `${slot.id}:results` : slot.id;
      if (results.length > 0)
        yield { ...base, id: own, type: 'message', role: 'user', origin: 'agent', parts: results };
      const origin = slot.harness ? ('harness' as const) : ('human' as const);
      if (said.length > 0) yield { ...base, type: 'message', role: 'user', origin, parts: said };
      return;
    }
    case 'gemini': {
      const parts: Part[] = assistantParts(record, rich, reading);
      const model = asText(record.model) ?? asText(rich.model);
      if (parts.length > 0)
        yield {
          ...base,
          type: 'message',
          role: 'assistant',
          origin: 'agent',
          ...(model === undefined ? {} : { model }),
          ...usageOf(rich),
          parts,
        };
      const results = recordResults(record, slot, reading);
      if (results.length > 0)
        yield {
          ...base,
          id: `${slot.id}:results`,
          type: 'message',
          role: 'user',
          origin: 'agent',
          parts: results,
        };
      return;
    }
    case 'error': {
      const limit = limitOf(record);
      const text = errorText(record);
      yield limit === undefined
        ? { ...base, type: 'event', event: 'error', text }
        : { ...base, type: 'event', event: 'limit', text, limit };
      return;
    }
    case 'info':
    case 'warning':
      return; // told to the person, never to the model
    default:
      reading.diagnostics.push({
        code: 'unknown-record',
        message: 'a message of an unknown type',
        path: slot.path,
        at: slot.start,
      });
  }
}
