/** One line of a transcript → its place in the chain, by looking at the bytes of few members. No payload is parsed. */
import { memberNames, STOP, scanMembers, stringAt, valueEnd, walkMembers } from '../../io/json-scan.ts';
import type { LineView } from '../../io/lines.ts';
import { asNumber, asString, asText, asTimestamp, parseObject } from '../../model/narrow.ts';
import type { Usage } from '../../model/session.ts';
import { quickRecord, UUID } from './quick.ts';
import type { Depth, Facts, Node } from './skeleton.ts';

/** What one line says; no `node` when it is no part of the chain. */
export interface ScannedRecord {
  type: string | undefined;
  node: Node | undefined;
  usage: Usage | undefined;
  facts: Facts;
}

const CHAIN = new Set(['user', 'assistant', 'system', 'attachment']);

const RECORD = memberNames(
  'type',
  'uuid',
  'parentUuid',
  'logicalParentUuid',
  'message',
  'attachment',
  'subtype',
  'isSidechain',
  'isCompactSummary',
  'agentId',
  'timestamp',
  'cwd',
  'gitBranch',
  'version',
  'forkedFrom',
);
const MESSAGE = memberNames('id', 'model', 'usage', 'content');
const USAGE = memberNames(
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'output_tokens_details',
);
const DETAILS = memberNames('thinking_tokens');

/** Scans the lines of one file, in order; undefined for a line that is not a JSON object. */
export function recordScanner(depth: Depth): (line: LineView) => ScannedRecord | undefined {
  const repeated: Repeated = {
    previous: undefined,
    texts: new Map(),
    rest: Buffer.alloc(0),
    facts: {},
    agentId: undefined,
  };
  if (depth === 'all') return (line) => scanRecord(line, repeated);
  return (line) => scanQuickly(line, repeated, depth === 'texts') ?? scanRecord(line, repeated);
}

/** What is the same on many lines of a file is kept once. */
interface Repeated {
  previous: Node | undefined;
  texts: Map<string, string>;
  /** Last members of the latest assistant record, with the brace that ends it, and what they say. */
  rest: Buffer;
  facts: Facts;
  agentId: string | undefined;
}

/** A record in a usual form. */
function scanQuickly(line: LineView, repeated: Repeated, textsOnly: boolean): ScannedRecord | undefined {
  const { buffer, start, end } = line;
  const quick = quickRecord(buffer, start, end, repeated.rest, textsOnly);
  if (quick === undefined) return undefined;
  const { previous } = repeated;
  const node: Node = {
    kind: quick.kind === 'result' ? 'user' : 'assistant',
    // copied from the buffer: a part of a matched text would keep all of it in memory
    uuid: buffer.toString('latin1', quick.uuidStart, quick.uuidStart + UUID),
    parent: quick.parent === previous?.uuid ? previous.uuid : copied(quick.parent),
    start: line.offset,
    end: line.offset + (end - start),
    messageId: undefined,
    model: undefined,
    resultFor: undefined,
    subtype: undefined,
    sidechain: quick.sidechain,
    time: asTimestamp(quick.timestamp),
  };
  repeated.previous = node;
  if (quick.kind === 'result') {
    node.resultFor = copied(quick.callId);
    node.contentAt = line.offset + (quick.contentStart - start);
    node.contentEnd = line.offset + (quick.contentEnd - start);
    node.outcome = quick.outcome;
    if (quick.agentId !== undefined) node.agentId = same(repeated, copied(quick.agentId));
    // what stands after the details is in other records, too
    return { type: 'user', node, usage: undefined, facts: {} };
  }
  node.messageId = quick.messageId === previous?.messageId ? previous.messageId : copied(quick.messageId);
  node.model = same(repeated, quick.model);
  node.contentAt = line.offset + (quick.contentStart - start);
  if (quick.rest !== undefined) learnRest(quick.rest, repeated);
  if (repeated.agentId !== undefined) node.agentId = repeated.agentId;
  return { type: 'assistant', node, usage: undefined, facts: repeated.facts };
}

/** What the last members of an assistant record say: the same on most lines. */
function learnRest(rest: Buffer, repeated: Repeated): void {
  repeated.rest = Buffer.from(rest);
  const { cwd, gitBranch, version, agentId } = parseObject(`{"":0${rest.toString('utf8')}`) ?? {};
  repeated.facts = {
    cwd: asText(cwd),
    gitBranch: asText(gitBranch),
    version: asText(version),
  };
  repeated.agentId = asString(agentId);
}

function copied<T extends string | null>(text: T): T {
  return (text === null ? null : Buffer.from(text, 'latin1').toString('latin1')) as T;
}

/** Undefined when the line is not a JSON object. */
function scanRecord(line: LineView, repeated: Repeated): ScannedRecord | undefined {
  const { buffer, end } = line;
  const node: Node = {
    kind: 'user',
    uuid: '',
    parent: undefined,
    start: line.offset,
    end: line.offset + (end - line.start),
    messageId: undefined,
    model: undefined,
    resultFor: undefined,
    subtype: undefined,
    sidechain: false,
    time: undefined,
  };
  const facts: Facts = {};
  let type: string | undefined;
  let usage: Usage | undefined;
  let ofChain = true;
  const walked = walkMembers(buffer, line.start, end, RECORD, (key, from) => {
    if (key === 'message') {
      const message = walkMessage(buffer, from, end, node, repeated);
      usage = message.usage;
      return message.end;
    }
    const to = valueEnd(buffer, from, end);
    if (to < 0) return to;
    switch (key) {
      case 'type':
        type = kept(repeated, buffer, from, to);
        ofChain = type !== undefined && CHAIN.has(type);
        return ofChain ? to : STOP;
      case 'uuid':
        node.uuid = stringAt(buffer, from, to) ?? '';
        break;
      case 'parentUuid':
        node.parent = isNull(buffer, from, to) ? null : linkTo(repeated.previous, buffer, from, to);
        break;
      case 'logicalParentUuid':
        node.logicalParent = stringAt(buffer, from, to);
        break;
      case 'attachment':
        node.subtype = memberText(buffer, from, to, 'type');
        break;
      case 'subtype':
        node.subtype = stringAt(buffer, from, to);
        break;
      case 'isSidechain':
        node.sidechain = isTrue(buffer, from, to);
        break;
      case 'isCompactSummary':
        node.isSummary = isTrue(buffer, from, to);
        break;
      case 'agentId':
        node.agentId = kept(repeated, buffer, from, to);
        break;
      case 'timestamp':
        node.time = asTimestamp(stringAt(buffer, from, to));
        // a result's details follow, which repeat it; what stands after them is in other records, too
        if (node.resultFor === undefined || node.uuid === '' || node.parent === undefined || type !== 'user')
          break;
        node.detailsAt = line.offset + (to - line.start);
        return STOP;
      case 'cwd':
        facts.cwd = kept(repeated, buffer, from, to) || undefined;
        break;
      case 'gitBranch':
        facts.gitBranch = kept(repeated, buffer, from, to) || undefined;
        break;
      case 'version':
        facts.version = kept(repeated, buffer, from, to) || undefined;
        break;
      case 'forkedFrom':
        facts.forkedFrom = memberText(buffer, from, to, 'sessionId');
        break;
    }
    return to;
  });
  if (walked === -1 && (ofChain || type === undefined)) return undefined;
  if (type === undefined || !ofChain) return { type, node: undefined, usage: undefined, facts };
  node.kind = type as Node['kind'];
  if (node.kind === 'user') node.messageId = node.model = usage = undefined;
  else node.resultFor = undefined;
  // without a uuid nothing can point at the record; its place identifies it
  if (node.uuid === '') node.uuid = `at-${line.offset}`;
  repeated.previous = node;
  return { type, node, usage, facts };
}

/** Reads `id`, `model` and `usage` of a message, and which call its first block answers. `end`: where it ends, or -1. */
function walkMessage(
  buffer: Buffer,
  start: number,
  limit: number,
  node: Node,
  repeated: Repeated,
): { end: number; usage: Usage | undefined } {
  let usage: Usage | undefined;
  if (buffer[start] !== 0x7b) return { end: valueEnd(buffer, start, limit), usage };
  const end = walkMembers(buffer, start, limit, MESSAGE, (key, from) => {
    if (key === 'usage' && buffer[from] === 0x7b) {
      const counts: Usage = {};
      const to = walkUsage(buffer, from, limit, counts);
      if (Object.keys(counts).length > 0) usage = counts;
      return to;
    }
    if (key === 'content') node.resultFor = firstResult(buffer, from, limit);
    const to = valueEnd(buffer, from, limit);
    if (to < 0) return to;
    if (key === 'id') node.messageId = stringAt(buffer, from, to) || undefined;
    else if (key === 'model') node.model = kept(repeated, buffer, from, to);
    return to;
  });
  return { end, usage };
}

function walkUsage(buffer: Buffer, start: number, limit: number, counts: Usage): number {
  return walkMembers(buffer, start, limit, USAGE, (key, from) => {
    if (key === 'output_tokens_details' && buffer[from] === 0x7b)
      return walkMembers(buffer, from, limit, DETAILS, (_name, at) => {
        const to = valueEnd(buffer, at, limit);
        counts.reasoning = numberAt(buffer, at, to) ?? counts.reasoning;
        return to;
      });
    const to = valueEnd(buffer, from, limit);
    const count = to < 0 ? undefined : numberAt(buffer, from, to);
    if (count === undefined) return to;
    if (key === 'input_tokens') counts.input = count;
    else if (key === 'output_tokens') counts.output = count;
    else if (key === 'cache_read_input_tokens') counts.cacheRead = count;
    else if (key === 'cache_creation_input_tokens') counts.cacheWrite = count;
    return to;
  });
}

const BLOCK = memberNames('type', 'tool_use_id');

/** `tool_use_id` of the first block of a content array, when it is a tool result. */
function firstResult(buffer: Buffer, start: number, end: number): string | undefined {
  if (buffer[start] !== 0x5b) return undefined;
  let block = start + 1;
  while (block < end && buffer[block] !== 0x7b && buffer[block] !== 0x5d) block++;
  let isResult = false;
  let id: string | undefined;
  walkMembers(buffer, block, end, BLOCK, (key, from) => {
    const to = valueEnd(buffer, from, end);
    const text = to < 0 ? undefined : stringAt(buffer, from, to);
    if (key === 'type') isResult = text === 'tool_result';
    else id = text;
    // of other blocks the type comes first
    return (key === 'type' && !isResult) || (isResult && id !== undefined) ? STOP : to;
  });
  return isResult ? id : undefined;
}

/** The text at a place, as one string object per distinct text: models and directories repeat on every line. */
function kept(repeated: Repeated, buffer: Buffer, from: number, to: number): string | undefined {
  const text = stringAt(buffer, from, to);
  return text === undefined ? undefined : same(repeated, text);
}

function same({ texts }: Repeated, text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  texts.set(text, text);
  return text;
}

/** The id at a place: mostly that of the record before. */
function linkTo(previous: Node | undefined, buffer: Buffer, from: number, to: number): string | undefined {
  const uuid = previous?.uuid ?? '';
  if (uuid.length !== to - from - 2) return stringAt(buffer, from, to);
  for (let i = 0; i < uuid.length; i++)
    if (uuid.charCodeAt(i) !== buffer[from + 1 + i]) return stringAt(buffer, from, to);
  return uuid;
}

function memberText(buffer: Buffer, start: number, end: number, name: string): string | undefined {
  let found: string | undefined;
  scanMembers(buffer, start, end, (key, from, to) => {
    if (key !== name) return true;
    found = stringAt(buffer, from, to);
    return false;
  });
  return found;
}

function numberAt(buffer: Buffer, from: number, to: number): number | undefined {
  const first = buffer[from] ?? 0;
  return (first >= 0x30 && first <= 0x39) || first === 0x2d
    ? asNumber(Number(buffer.toString('latin1', from, to)))
    : undefined;
}

function isNull(buffer: Buffer, from: number, to: number): boolean {
  return to - from === 4 && buffer[from] === 0x6e;
}

function isTrue(buffer: Buffer, from: number, to: number): boolean {
  return to - from === 4 && buffer[from] === 0x74;
}
