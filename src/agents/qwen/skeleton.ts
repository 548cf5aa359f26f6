/** The first pass over a transcript: links, kinds and places of its records. No message is parsed. */
import { scanMembers, stringAt } from '../../io/json-scan.ts';
import type { LineFile, LineView } from '../../io/lines.ts';
import { asNumber, asObject, asText, asTimestamp, parseJson, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, JsonValue, Timestamp, Usage } from '../../model/session.ts';
import { typeName } from '../../model/text.ts';

export interface Node {
  uuid: string;
  /** null at a root. */
  parentUuid: string | null;
  /** The record before this one on its path. */
  parent?: Node;
  type: string;
  subtype?: string;
  /** Byte ranges in the file; more than one when a record was written in fragments of the same uuid. */
  ranges: { start: number; end: number }[];
}

/** What is known of a transcript as a whole. */
export interface Facts {
  sessionId?: string;
  cwd?: string;
  branch?: string;
  version?: string;
  title?: string;
  forkedFrom?: string;
  parentSession?: string;
  createdAt?: Timestamp;
  updatedAt?: Timestamp;
  models: string[];
  usage?: Usage;
}

export interface Skeleton {
  /** In file order. */
  nodes: Node[];
  facts: Facts;
}

const TYPES = new Set(['user', 'assistant', 'tool_result', 'system']);

/** System records that are no part of the conversation's line (read in source). */
const ASIDE =
  /^(?:session_sources_snapshot|session_artifact_event|session_artifact_snapshot|managed_session_\w+_v1)$/;

/** Scans the file. A parent that is missing is replaced by the record before, so that one damaged line hides nothing. */
export function scanSkeleton(file: LineFile, diagnostics: Diagnostic[]): Skeleton {
  const facts: Facts = { models: [] };
  const nodes: Node[] = [];
  const byUuid = new Map<string, Node>();
  const unknown = new Set<string>();
  for (const view of file.lines()) {
    if (view.tooLong) {
      diagnostics.push({
        code: 'too-large',
        message: 'a record is too long to be read',
        path: file.path,
        at: view.offset,
      });
      continue;
    }
    for (const { start, end } of records(view)) {
      const node = scanRecord(view, start, end, facts);
      if (node !== undefined && 'unread' in node) {
        if (node.unread === 'unknown' && !unknown.has(node.type)) {
          const message = `records of type ${node.type} are not read`;
          diagnostics.push({ code: 'unknown-record', message, path: file.path, at: view.offset });
          unknown.add(node.type);
        }
        continue;
      }
      if (node === undefined) {
        const code = view.torn ? 'torn-record' : 'bad-record';
        diagnostics.push({ code, message: 'a line is not a record', path: file.path, at: view.offset });
        continue;
      }
      const before = byUuid.get(node.uuid);
      if (before !== undefined) {
        before.ranges.push(...node.ranges);
        continue;
      }
      node.parent = node.parentUuid === null ? undefined : byUuid.get(node.parentUuid);
      if (node.parentUuid !== null && node.parent === undefined && nodes.length > 0) {
        node.parent = nodes.at(-1);
        diagnostics.push({
          code: 'broken-chain',
          message: 'the parent of a record is missing: the record before it is taken',
          path: file.path,
          at: view.offset,
        });
      }
      byUuid.set(node.uuid, node);
      nodes.push(node);
    }
  }
  return { nodes, facts };
}

/** Records of one line: one, unless lines were glued together (`}{"uuid":` cannot stand inside a JSON value). */
function* records(view: LineView): Generator<{ start: number; end: number }> {
  const line = view.buffer.subarray(view.start, view.end);
  let from = 0;
  for (let glued = line.indexOf(GLUE); glued >= 0; glued = line.indexOf(GLUE, from)) {
    yield { start: view.start + from, end: view.start + glued + 1 };
    from = glued + 1;
  }
  yield { start: view.start + from, end: view.end };
}

const GLUE = Buffer.from('}{"uuid":');

/** A record that is no part of the conversation, or of a type that is not known. */
interface Unread {
  unread: 'aside' | 'unknown';
  type: string;
}

/** Undefined when the bytes are not a record. */
function scanRecord(view: LineView, start: number, end: number, facts: Facts): Node | Unread | undefined {
  const { buffer } = view;
  const offset = view.offset - view.start;
  const small = new Map<string, JsonValue | undefined>();
  let parentUuid: string | null | undefined;
  const text = new Map<string, string | undefined>();
  const whole = scanMembers(buffer, start, end, (key, from, to) => {
    if (key === 'parentUuid') parentUuid = buffer[from] === 0x6e ? null : stringAt(buffer, from, to);
    else if (TEXTS.has(key)) text.set(key, stringAt(buffer, from, to));
    else if (key === 'usageMetadata' || key === 'forkedFrom') small.set(key, parsed(buffer, from, to));
    return undefined;
  });
  const uuid = asText(text.get('uuid'));
  const type = text.get('type') ?? '';
  if (!whole || uuid === undefined || parentUuid === undefined) return undefined;
  if (!TYPES.has(type)) return { unread: 'unknown', type: typeName(type) };
  learn(facts, text, small);
  const subtype = asText(text.get('subtype'));
  if (type === 'system') {
    if (subtype === 'custom_title' || subtype === 'parent_session')
      learnPayload(facts, subtype, parseObject(buffer.toString('utf8', start, end))?.systemPayload);
    if (subtype !== undefined && ASIDE.test(subtype)) return { unread: 'aside', type };
  }
  return { uuid, parentUuid, type, subtype, ranges: [{ start: offset + start, end: offset + end }] };
}

const TEXTS = new Set([
  'uuid',
  'type',
  'subtype',
  'sessionId',
  'timestamp',
  'cwd',
  'version',
  'gitBranch',
  'model',
]);

function parsed(buffer: Buffer, from: number, to: number): JsonValue | undefined {
  return to - from > 2000 ? undefined : parseJson(buffer.toString('utf8', from, to));
}

/** Id, directory and origin are the first record's; branch, version and time the last one's. */
function learn(
  facts: Facts,
  text: Map<string, string | undefined>,
  small: Map<string, JsonValue | undefined>,
): void {
  const time = asTimestamp(text.get('timestamp'));
  facts.sessionId ??= asText(text.get('sessionId'));
  facts.cwd ??= asText(text.get('cwd'));
  facts.branch = asText(text.get('gitBranch')) ?? facts.branch;
  facts.version = asText(text.get('version')) ?? facts.version;
  facts.forkedFrom ??= asText(asObject(small.get('forkedFrom'))?.sessionId);
  facts.createdAt ??= time;
  if (time !== undefined && (facts.updatedAt === undefined || time > facts.updatedAt)) facts.updatedAt = time;
  const model = asText(text.get('model'));
  if (model !== undefined && !facts.models.includes(model)) facts.models.push(model);
  const usage = readUsage(small.get('usageMetadata'));
  if (usage === undefined) return;
  facts.usage ??= {};
  const total = facts.usage;
  for (const key of ['input', 'output', 'cacheRead', 'reasoning'] as const)
    if (usage[key] !== undefined) total[key] = (total[key] ?? 0) + usage[key];
}

function learnPayload(facts: Facts, subtype: string, value: JsonValue | undefined): void {
  const payload = asObject(value);
  if (subtype === 'custom_title') facts.title = asText(payload?.customTitle) ?? facts.title;
  else facts.parentSession ??= asText(payload?.parentSessionId);
}

/** Token counts of one answer; the API's prompt count includes cached tokens. */
export function readUsage(value: JsonValue | undefined): Usage | undefined {
  const counts = asObject(value);
  if (counts === undefined) return undefined;
  const prompt = asNumber(counts.promptTokenCount);
  const cached = asNumber(counts.cachedContentTokenCount);
  const output = asNumber(counts.candidatesTokenCount);
  const reasoning = asNumber(counts.thoughtsTokenCount);
  return {
    ...(prompt === undefined ? {} : { input: Math.max(0, prompt - (cached ?? 0)) }),
    ...(output === undefined ? {} : { output }),
    ...(cached === undefined ? {} : { cacheRead: cached }),
    ...(reasoning === undefined ? {} : { reasoning }),
  };
}

/** The path from the root to a node; a cycle ends it. */
export function pathTo(leaf: Node | undefined): Node[] {
  const path: Node[] = [];
  const seen = new Set<Node>();
  for (let node = leaf; node !== undefined && !seen.has(node); node = node.parent) {
    seen.add(node);
    path.push(node);
  }
  return path.reverse();
}

/** Whether a record says something in the conversation. */
export function isConversation(node: Node): boolean {
  return node.type !== 'system' || node.subtype === 'chat_compression';
}
