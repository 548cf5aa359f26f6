/**
 * The skeleton of a wire file: its records in a tree. Records follow each other; an undo goes back to an earlier one, so
 * that what was undone is a branch. Rules of undo and branches: read in 2.1.0 (`wire/tree`, `contextOps`).
 */
import { scanMembers, stringAt } from '../../io/json-scan.ts';
import { checksum, type LineFile, type LineView, openLines } from '../../io/lines.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { asNumber, asObject, asText, asTimestamp, defined, parseObject } from '../../model/narrow.ts';
import type { Branch, Diagnostic, Evidence, JsonObject, Timestamp, Usage } from '../../model/session.ts';
import { typeName } from '../../model/text.ts';
import type { DiagnosticSink } from '../_shared/pi-store.ts';

/** A record that has a place in the conversation. */
export interface WireNode {
  /** Line number, from 1. */
  line: number;
  start: number;
  end: number;
  type: string;
  parent: WireNode | undefined;
  /** A prompt of a person, to which an undo goes back. */
  prompt: boolean;
}

export interface WireRecord {
  node: WireNode;
  record: JsonObject;
  evidence: Evidence;
}

export interface Wire {
  path: string;
  /** The last record of the active path. */
  tip: WireNode | undefined;
  /** Last records of what was undone. */
  undone: WireNode[];
  /** A record in it may tell of any before: an undo, a switch, a compaction. */
  reachesBack: boolean;
  /** Total of the recorded requests. */
  usage: Usage | undefined;
  /** Models that answered, in order of first use. */
  models: string[];
  cwd: string | undefined;
  createdAt: Timestamp | undefined;
  updatedAt: Timestamp | undefined;
}

/** Records that make up the conversation and what happened in it. */
const PLACED = new Set([
  'context.append_message',
  'context.append_loop_event',
  'context.apply_compaction',
  'context.clear',
  'turn.ended',
  'turn.step.retrying',
  'profile.bind',
  'config.update',
]);
/** Records that are read in the skeleton pass. */
const PARSED = new Set(['metadata', 'usage.record', 'profile.bind', 'context.undo', 'agent.switched']);

const REACH_BACK = new Set(['context.undo', 'agent.switched', 'context.apply_compaction']);

/**
 * Reads the skeleton, from the start of a line on. Throws `not-a-session` when there is no record of Kimi Code in it,
 * `unreadable`.
 */
export function scanWire(
  path: string,
  diagnostics: DiagnosticSink,
  from: { offset: number; line: number } = { offset: 0, line: 1 },
): Wire {
  const file = openWire(path);
  const wire: Wire = {
    path,
    tip: undefined,
    undone: [],
    reachesBack: false,
    usage: undefined,
    models: [],
    cwd: undefined,
    createdAt: undefined,
    updatedAt: undefined,
  };
  const tree = newTree(wire);
  const unknown = new Set<string>();
  let known = false;
  let line = from.line - 1;
  try {
    for (const view of file.lines(from.offset)) {
      line++;
      const head = view.tooLong ? undefined : recordHead(view);
      if (head?.type === undefined) {
        // a torn last line is normal: the agent is writing
        if (!view.torn) diagnostics.push(damage(path, view));
        continue;
      }
      const { type } = head;
      if (REACH_BACK.has(type)) wire.reachesBack = true;
      if (!known) known = type === 'metadata' || PLACED.has(type);
      if (!isKnown(type) && !unknown.has(type)) {
        unknown.add(type);
        const message = `records of type ${typeName(type)} are not read`;
        diagnostics.push({ code: 'unknown-record', message, path, at: view.offset });
      }
      wire.updatedAt = head.time ?? wire.updatedAt;
      if (PARSED.has(type)) {
        const record = parseObject(view.buffer.toString('utf8', view.start, view.end));
        if (record !== undefined) takeFacts(wire, type, record);
        if (record !== undefined && type === 'context.undo') tree.undo(line, asNumber(record.count) ?? 0);
        if (record !== undefined && type === 'agent.switched') tree.switched(record);
      }
      if (PLACED.has(type)) tree.add(type, line, view, head.prompt);
    }
  } finally {
    file.close();
  }
  if (!known) throw new SegueError('not-a-session', `${path} holds no Kimi Code session`);
  return wire;
}

/** What stays of an undo for other programs: it has been done by then. */
const SETTLED = new Set(['context.undo', 'context.undone']);

/** Families of records that hold nothing of the conversation, whatever their second word is (2.1.0, measured). */
const BESIDE =
  /^(?:metadata|forked|(?:agent|turn|prompt|usage|token_counting|llm|permission|runtime|profile|config|plugin|file_history|subagent|full_compaction)\..+)$/;

function isKnown(type: string): boolean {
  return PLACED.has(type) || SETTLED.has(type) || BESIDE.test(type);
}

function openWire(path: string): LineFile {
  try {
    return openLines(path);
  } catch (cause) {
    throw new SegueError('unreadable', `cannot read ${path} (${systemCode(cause) ?? 'error'})`, { cause });
  }
}

function damage(path: string, { tooLong, offset }: LineView): Diagnostic {
  return tooLong
    ? { code: 'too-large', message: 'a record is too long to be read', path, at: offset }
    : { code: 'bad-record', message: 'a line is not a record', path, at: offset };
}

interface RecordHead {
  type: string | undefined;
  time: Timestamp | undefined;
  prompt: boolean;
}

/** Type, time and kind from a record's bytes; undefined when they are not an object. */
function recordHead({ buffer, start, end }: LineView): RecordHead | undefined {
  const head: RecordHead = { type: undefined, time: undefined, prompt: false };
  const whole = scanMembers(buffer, start, end, (key, from, to) => {
    if (key === 'type') head.type = stringAt(buffer, from, to);
    else if (key === 'time')
      head.time = asTimestamp(Number(buffer.toString('latin1', from, Math.min(to, from + 20))));
    else if (key === 'message' && head.type === 'context.append_message')
      head.prompt = isPrompt(buffer, from, to);
    return undefined;
  });
  return whole ? head : undefined;
}

/** Whether a message is what a person entered: the same test as the agent's for undo. */
function isPrompt(buffer: Buffer, start: number, end: number): boolean {
  let role: string | undefined;
  let origin: JsonObject | undefined;
  scanMembers(buffer, start, end, (key, from, to) => {
    if (key === 'role') role = stringAt(buffer, from, to);
    else if (key === 'origin') origin = parseObject(buffer.toString('utf8', from, to));
    return undefined;
  });
  return role === 'user' && origin?.inTurn !== true && isHuman(origin);
}

/** Whether a user message starts a subagent's work: written by the agent that called it, but its whole task. */
export function isTask(origin: JsonObject | undefined): boolean {
  return origin?.kind === 'system_trigger' && origin.name === 'subagent';
}

/** Whether a user message of this origin is a person's: typed, or a skill or command that the person called. */
export function isHuman(origin: JsonObject | undefined): boolean {
  const kind = origin?.kind;
  if (kind === undefined || kind === 'user') return true;
  return (kind === 'skill_activation' || kind === 'plugin_command') && origin?.trigger === 'user-slash';
}

function takeFacts(wire: Wire, type: string, record: JsonObject): void {
  if (type === 'metadata') wire.createdAt ??= asTimestamp(record.created_at);
  else if (type === 'profile.bind') wire.cwd ??= asText(asObject(record.environmentDisclosure)?.cwd);
  else if (type === 'usage.record') {
    const model = asText(record.model);
    if (model !== undefined && !wire.models.includes(model)) wire.models.push(model);
    wire.usage = sum(wire.usage, readUsage(record.usage));
  }
}

/** Token counts; `inputOther` is without cached tokens. */
export function readUsage(value: unknown): Usage | undefined {
  const stored = asObject(value);
  if (stored === undefined) return undefined;
  const usage = {
    input: asNumber(stored.inputOther),
    output: asNumber(stored.output),
    cacheRead: asNumber(stored.inputCacheRead),
    cacheWrite: asNumber(stored.inputCacheCreation),
  };
  return defined(usage);
}

function sum(total: Usage | undefined, more: Usage | undefined): Usage | undefined {
  if (total === undefined || more === undefined) return more ?? total;
  const result: Usage = { ...total };
  for (const key of ['input', 'output', 'cacheRead', 'cacheWrite'] as const) {
    const count = more[key];
    if (count !== undefined) result[key] = (result[key] ?? 0) + count;
  }
  return result;
}

/** The tree while it grows. */
function newTree(wire: Wire) {
  /** Branch → its last record so far; `main` is the first. */
  const tips = new Map<string, WireNode | undefined>();
  let branch = 'main';
  /** Lines of undo records that repeat a switch, for older versions. */
  const repeated = new Set<number>();

  const goTo = (node: WireNode | undefined): void => {
    if (wire.tip !== undefined && wire.tip !== node) wire.undone.push(wire.tip);
    wire.tip = node;
  };
  return {
    add(type: string, line: number, view: LineView, prompt: boolean): void {
      const end = view.offset + (view.end - view.start);
      wire.tip = { line, start: view.offset, end, type, parent: wire.tip, prompt };
    },
    /** Goes back behind the last `count` prompts; not over a compaction or a clear. */
    undo(line: number, count: number): void {
      if (repeated.has(line)) return;
      let left = count;
      for (let node = wire.tip; node !== undefined && left > 0; node = node.parent) {
        if (node.type === 'context.apply_compaction' || node.type === 'context.clear') return;
        if (node.prompt) left--;
        if (node.prompt && left === 0) goTo(node.parent);
      }
    },
    /** A new branch goes on from a line of an earlier one. */
    switched(record: JsonObject): void {
      const base = asObject(record.base);
      const name = asText(record.branch);
      const from = asText(base?.branch);
      const line = asNumber(base?.line);
      if (name === undefined || from === undefined || line === undefined) return;
      const again = asNumber(record.legacyUndoLine);
      if (again !== undefined) repeated.add(again);
      tips.set(branch, wire.tip);
      let node = tips.get(from);
      while (node !== undefined && node.line > line) node = node.parent;
      goTo(node);
      branch = name;
    },
  };
}

/** The records from the first to `tip`. */
export function pathTo(tip: WireNode | undefined): WireNode[] {
  const path: WireNode[] = [];
  for (let node = tip; node !== undefined; node = node.parent) path.push(node);
  return path.reverse();
}

/** What was undone, as branches: those with a prompt of their own. */
export function branchesOf(wire: Wire): Branch[] {
  const active = new Set(pathTo(wire.tip));
  return wire.undone.flatMap((leaf) => {
    let entries = 0;
    for (let node: WireNode | undefined = leaf; node !== undefined && !active.has(node); node = node.parent)
      if (node.type === 'context.append_message' || node.type === 'context.append_loop_event') entries++;
    return entries === 0 || active.has(leaf) ? [] : [{ id: branchId(leaf), entries }];
  });
}

function branchId(node: WireNode): string {
  return `line-${node.line}`;
}

/** The last record of a branch. Throws `not-a-session` when there is none. */
export function branchTip(wire: Wire, id: string | undefined): WireNode | undefined {
  if (id === undefined) return wire.tip;
  const tip = wire.undone.find((node) => branchId(node) === id);
  if (tip === undefined) throw new SegueError('not-a-session', `there is no branch ${id} in ${wire.path}`);
  return tip;
}

/** The payloads of some records, in order; bad ones are diagnosed and left out. */
export function* loadRecords(
  path: string,
  nodes: Iterable<WireNode>,
  diagnostics: DiagnosticSink,
): Generator<WireRecord, void, void> {
  const file = openWire(path);
  try {
    for (const node of nodes) {
      const { start, end } = node;
      const bytes = file.slice(start, end);
      const record = parseObject(bytes.toString('utf8'));
      if (record === undefined) {
        diagnostics.push({ code: 'bad-record', message: 'a line is not a record', path, at: start });
        continue;
      }
      yield { node, record, evidence: { kind: 'range', path, start, end, crc32: checksum(bytes) } };
    }
  } finally {
    file.close();
  }
}
