/** The first pass over a transcript: kinds, places and owners of its events. No message is parsed. */
import { scanMembers, stringAt } from '../../io/json-scan.ts';
import type { LineFile, LineView } from '../../io/lines.ts';
import { asNumber, asObject, asText, asTimestamp, parseJson, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, JsonObject, JsonValue, Timestamp, Usage } from '../../model/session.ts';

/** One event of a transcript. */
export interface Node {
  id: string;
  type: string;
  time?: Timestamp;
  /** The subagent that it belongs to: its id, or in early versions the id of the call that started it. */
  owner?: string;
  /** Assistant messages: the model. */
  model?: string;
  /** Usage records: the call to the model that they count. */
  usage?: { apiCallId?: string; counts: Usage };
  /** A copy of an earlier event that stays in view after a compaction: the id of that event. */
  copyOf?: string;
  start: number;
  end: number;
}

export interface Skeleton {
  /** In file order, without what was rewound. */
  nodes: Node[];
  /** `data` of the first `session.start`, and of the `context` that was recorded last. */
  start?: JsonObject;
  context?: JsonObject;
  title?: string;
  /** Place of each binary asset. */
  assets: Map<string, Node>;
  /** `data` of each `subagent.started`, by owner. */
  subagents: Map<string, JsonObject>;
  updatedAt?: Timestamp;
}

/** Scans the file. Lines that are not events are diagnosed and left out, as Copilot leaves them out. */
export function scanSkeleton(file: LineFile, diagnostics: Diagnostic[]): Skeleton {
  const skeleton: Skeleton = { nodes: [], assets: new Map(), subagents: new Map() };
  for (const view of file.lines()) {
    const node = view.tooLong ? undefined : scanEvent(view);
    if (node === undefined) diagnostics.push(damage(file.path, view));
    else learn(skeleton, node, view);
  }
  return skeleton;
}

function damage(path: string, view: LineView): Diagnostic {
  const at = view.offset;
  if (view.tooLong) return { code: 'too-large', message: 'an event is too long to be read', path, at };
  return view.torn
    ? { code: 'torn-record', message: 'the last event is not complete', path, at }
    : { code: 'bad-record', message: 'a line is not an event', path, at };
}

function scanEvent(view: LineView): Node | undefined {
  const { buffer } = view;
  const node: Node = { id: '', type: '', start: view.offset, end: view.offset + (view.end - view.start) };
  let agentId: string | undefined;
  const whole = scanMembers(buffer, view.start, view.end, (key, from, to) => {
    if (key === 'type') node.type = stringAt(buffer, from, to) ?? '';
    else if (key === 'id') node.id = stringAt(buffer, from, to) ?? '';
    else if (key === 'timestamp') node.time = asTimestamp(stringAt(buffer, from, to));
    else if (key === 'agentId') agentId = asText(stringAt(buffer, from, to));
    else if (key === 'data') scanData(node, buffer, from, to);
    return undefined;
  });
  if (agentId !== undefined) node.owner = agentId;
  return whole && node.type !== '' ? node : undefined;
}

function scanData(node: Node, buffer: Buffer, start: number, end: number): void {
  scanMembers(buffer, start, end, (key, from, to) => {
    if (key === 'parentToolCallId') node.owner = asText(stringAt(buffer, from, to));
    else if (key === 'segueCopyOf') node.copyOf = asText(stringAt(buffer, from, to));
    else if (key === 'model' && node.type === 'assistant.message')
      node.model = asText(stringAt(buffer, from, to));
    else if (key === 'usage' && node.type === 'session.usage_record')
      node.usage = readUsage(parseJson(buffer.toString('utf8', from, to)));
    return undefined;
  });
}

/** Token counts of one call to a model. `inputTokens` is taken to include what came from a cache, as in the APIs it is from. */
function readUsage(value: JsonValue | undefined): Node['usage'] {
  const stored = asObject(value);
  const input = asNumber(stored?.inputTokens);
  const output = asNumber(stored?.outputTokens);
  if (input === undefined && output === undefined) return undefined;
  const cacheRead = asNumber(stored?.cacheReadTokens);
  const cacheWrite = asNumber(stored?.cacheWriteTokens);
  const counts: Usage = {};
  if (input !== undefined) counts.input = Math.max(input - (cacheRead ?? 0), 0);
  if (output !== undefined) counts.output = output;
  if (cacheRead !== undefined) counts.cacheRead = cacheRead;
  if (cacheWrite !== undefined) counts.cacheWrite = cacheWrite;
  return { apiCallId: asText(stored?.apiCallId), counts };
}

const FACTS = new Set([
  'session.start',
  'session.resume',
  'session.context_changed',
  'session.title_changed',
  'session.snapshot_rewind',
  'session.binary_asset',
  'subagent.started',
]);

function learn(skeleton: Skeleton, node: Node, view: LineView): void {
  if (node.time !== undefined && (skeleton.updatedAt === undefined || node.time > skeleton.updatedAt))
    skeleton.updatedAt = node.time;
  skeleton.nodes.push(node);
  if (!FACTS.has(node.type)) return;
  if (node.type === 'session.binary_asset') {
    const id = assetId(view);
    if (id !== undefined) skeleton.assets.set(id, node);
    return;
  }
  const data = asObject(parseObject(view.buffer.toString('utf8', view.start, view.end))?.data) ?? {};
  if (node.type === 'session.start') skeleton.start ??= data;
  if (node.type === 'session.title_changed') skeleton.title = asText(data.title) ?? skeleton.title;
  if (node.type === 'subagent.started' && node.owner !== undefined) skeleton.subagents.set(node.owner, data);
  if (node.type === 'session.snapshot_rewind') rewind(skeleton, data);
  if (node.owner === undefined)
    skeleton.context =
      asObject(data.context) ??
      (node.type === 'session.context_changed' ? data : undefined) ??
      skeleton.context;
}

function assetId({ buffer, start, end }: LineView): string | undefined {
  let id: string | undefined;
  scanMembers(buffer, start, end, (key, from, to) => {
    if (key !== 'data') return undefined;
    scanMembers(buffer, from, to, (name, valueStart, valueEnd) => {
      if (name !== 'assetId') return undefined;
      id = asText(stringAt(buffer, valueStart, valueEnd));
      return false;
    });
    return false;
  });
  return id;
}

/** Takes out what a rewind removed: the events it lists, else all from the first one to the rewind itself. */
function rewind(skeleton: Skeleton, data: JsonObject): void {
  const { nodes } = skeleton;
  const own = nodes.length - 1;
  const listed = Array.isArray(data.eventIds) ? new Set(data.eventIds) : undefined;
  const first = nodes.findIndex((node) => node.id === data.upToEventId);
  skeleton.nodes = nodes.filter((node, n) => {
    if (n === own) return true;
    return listed === undefined ? first < 0 || n < first : !listed.has(node.id);
  });
}
