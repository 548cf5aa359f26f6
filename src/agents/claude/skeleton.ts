/** The first pass over a transcript: links, kinds and places of its chain records. No payload is parsed. */
import { scanMembers, stringAt } from '../../io/json-scan.ts';
import type { LineFile, LineView } from '../../io/lines.ts';
import { asNumber, asObject, asText, asTimestamp, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, JsonObject, Usage } from '../../model/session.ts';

/** One record of the parent chain. */
export interface Node {
  kind: 'user' | 'assistant' | 'system' | 'attachment';
  uuid: string;
  /** `parentUuid`; null at a root, undefined when the record has none. */
  parent: string | null | undefined;
  logicalParent?: string;
  /** Byte range of the record in the file. */
  start: number;
  end: number;
  /** `message.id`: lines of one API response share it. */
  messageId?: string;
  model?: string;
  /** For a record that holds a tool result: the call it answers. */
  resultFor?: string;
  /** `system` subtype or `attachment` type. */
  subtype?: string;
  isSummary?: boolean;
  sidechain: boolean;
  agentId?: string;
  /** Milliseconds; undefined when the record has no usable time. */
  time?: number;
}

/** What is known of a transcript as a whole, beside its chain. */
export interface Facts {
  cwd?: string;
  gitBranch?: string;
  version?: string;
  customTitle?: string;
  aiTitle?: string;
  summary?: string;
  forkedFrom?: string;
}

export interface Skeleton {
  /** In file order; of records with the same uuid only the last (as Claude Code takes it, measured). */
  nodes: Node[];
  facts: Facts;
  /** Tokens per `message.id`, from its last line. */
  usage: Map<string, Usage>;
}

/** Records that are known and hold no part of the conversation. */
const BESIDE = new Set([
  'queue-operation',
  'last-prompt',
  'agent-name',
  'mode',
  'permission-mode',
  'file-history-snapshot',
  'file-history-delta',
  'tools-used',
  'atis-latch',
  'cost-state',
  'api-request',
  'api-request-shape',
  'api-request-blob',
  'progress',
  'tag',
  'pr-link',
]);

/** Scans the file. `preferredCwd` tells the session's directory among those its records name. */
export function scanSkeleton(
  file: LineFile,
  preferredCwd: (cwd: string) => boolean,
  diagnostics: Diagnostic[],
): Skeleton {
  const skeleton: Skeleton = { nodes: [], facts: {}, usage: new Map() };
  const unknown = new Set<string>();
  const names = new Map<string, string>();
  let cwdSettled = false;
  for (const line of file.lines()) {
    const problem = (code: Diagnostic['code'], message: string): void => {
      diagnostics.push({ code, message, path: file.path, at: line.offset });
    };
    if (line.tooLong) {
      problem('too-large', 'a record is longer than can be read');
      continue;
    }
    const record = scanRecord(line, names);
    if (record === undefined) {
      if (line.torn) problem('torn-record', 'the last record is cut');
      else problem('bad-record', 'a line is not a record');
      continue;
    }
    const { type, node, facts } = record;
    if (type === 'custom-title' || type === 'ai-title' || type === 'summary') takeTitle(line, skeleton.facts);
    else if (node !== undefined) {
      skeleton.nodes.push(node);
      if (record.usage !== undefined && node.messageId !== undefined)
        skeleton.usage.set(node.messageId, record.usage);
      if (facts.gitBranch !== undefined) skeleton.facts.gitBranch = facts.gitBranch;
      if (facts.version !== undefined) skeleton.facts.version = facts.version;
      skeleton.facts.forkedFrom ??= facts.forkedFrom;
      if (facts.cwd !== undefined && !cwdSettled) {
        cwdSettled = preferredCwd(facts.cwd);
        if (cwdSettled || skeleton.facts.cwd === undefined) skeleton.facts.cwd = facts.cwd;
      }
    } else if (type === undefined || !BESIDE.has(type)) {
      const name = type !== undefined && /^[\w-]{1,40}$/.test(type) ? type : '(none)';
      if (!unknown.has(name)) problem('unknown-record', `records of type ${name} are not read`);
      unknown.add(name);
    }
  }
  skeleton.nodes = dropRepeated(skeleton.nodes, file.path, diagnostics);
  return skeleton;
}

function dropRepeated(nodes: Node[], path: string, diagnostics: Diagnostic[]): Node[] {
  const last = new Map(nodes.map((node) => [node.uuid, node]));
  if (last.size === nodes.length) return nodes;
  diagnostics.push({
    code: 'duplicate-id',
    message: `${nodes.length - last.size} records share their id with a later one, which is used`,
    path,
  });
  return nodes.filter((node) => last.get(node.uuid) === node);
}

interface ScannedRecord {
  type: string | undefined;
  node: Node | undefined;
  usage: Usage | undefined;
  facts: Facts;
}

const CHAIN = new Set(['user', 'assistant', 'system', 'attachment']);

/** Undefined when the line is not a JSON object. */
function scanRecord(line: LineView, names: Map<string, string>): ScannedRecord | undefined {
  const { buffer } = line;
  const node: Node = {
    kind: 'user',
    uuid: '',
    parent: undefined,
    start: line.offset,
    end: line.offset + (line.end - line.start),
    sidechain: false,
  };
  const facts: Facts = {};
  let type: string | undefined;
  let message: [number, number] | undefined;
  let ofChain = true;
  const wellFormed = scanMembers(buffer, line.start, line.end, (key, from, to) => {
    const text = (): string | undefined => stringAt(buffer, from, to);
    switch (key) {
      case 'type':
        type = text();
        ofChain = type !== undefined && CHAIN.has(type);
        return ofChain;
      case 'uuid':
        node.uuid = text() ?? '';
        break;
      case 'parentUuid':
        node.parent = isNull(buffer, from, to) ? null : text();
        break;
      case 'logicalParentUuid':
        node.logicalParent = text();
        break;
      case 'message':
        message = [from, to];
        if (type === 'user') node.resultFor = quickResult(buffer, from, to);
        break;
      case 'attachment':
        node.subtype = memberText(buffer, from, to, 'type');
        break;
      case 'subtype':
        node.subtype = text();
        break;
      case 'isSidechain':
        node.sidechain = isTrue(buffer, from, to);
        break;
      case 'isCompactSummary':
        node.isSummary = isTrue(buffer, from, to);
        break;
      case 'agentId':
        node.agentId = text();
        break;
      case 'timestamp':
        node.time = milliseconds(text());
        // a result's details follow, which repeat it; what stands after them is in other records, too
        return node.resultFor === undefined || node.uuid === '' || node.parent === undefined;
      case 'cwd':
        facts.cwd = text() || undefined;
        break;
      case 'gitBranch':
        facts.gitBranch = text() || undefined;
        break;
      case 'version':
        facts.version = text() || undefined;
        break;
      case 'forkedFrom':
        facts.forkedFrom = memberText(buffer, from, to, 'sessionId');
        break;
    }
    return true;
  });
  if (!wellFormed && (ofChain || type === undefined)) return undefined;
  if (type === undefined || !ofChain) return { type, node: undefined, usage: undefined, facts };
  node.kind = type as Node['kind'];
  // without a uuid nothing can point at the record; its place identifies it
  if (node.uuid === '') node.uuid = `at-${line.offset}`;
  const usage = message === undefined ? undefined : scanMessage(buffer, message, node, names);
  return { type, node, usage, facts };
}

/** Reads `id`, `model` and `usage` of an assistant message; of a user message which call its first block answers. */
function scanMessage(
  buffer: Buffer,
  [start, end]: [number, number],
  node: Node,
  names: Map<string, string>,
): Usage | undefined {
  let usage: Usage | undefined;
  scanMembers(buffer, start, end, (key, from, to) => {
    if (node.kind === 'user') {
      if (node.resultFor !== undefined) return false;
      if (key === 'content') node.resultFor = firstResult(buffer, from, to);
      return key !== 'content';
    }
    if (key === 'id') node.messageId = stringAt(buffer, from, to) || undefined;
    else if (key === 'model') node.model = shared(names, stringAt(buffer, from, to));
    else if (key === 'usage') usage = usageOf(parseObject(buffer.toString('utf8', from, to)));
    return true;
  });
  return usage;
}

const RESULT_HEAD = /^\{"role":"user","content":\[\{(?:"type":"tool_result",)?"tool_use_id":"([\w-]+)"/;

/** As `firstResult`, for the order of members that Claude Code writes most; undefined says nothing. */
function quickResult(buffer: Buffer, start: number, end: number): string | undefined {
  return RESULT_HEAD.exec(buffer.toString('latin1', start, Math.min(start + 200, end)))?.[1];
}

/** `tool_use_id` of the first block of a content array, when it is a tool result. */
function firstResult(buffer: Buffer, start: number, end: number): string | undefined {
  if (buffer[start] !== 0x5b) return undefined;
  let block = start + 1;
  while (block < end && buffer[block] !== 0x7b) block++;
  let isResult = false;
  let id: string | undefined;
  scanMembers(buffer, block, end, (key, from, to) => {
    if (key === 'type') isResult = stringAt(buffer, from, to) === 'tool_result';
    else if (key === 'tool_use_id') id = stringAt(buffer, from, to);
    return !(isResult && id !== undefined);
  });
  return isResult ? id : undefined;
}

/** One string object per distinct name: models repeat on every line. */
function shared(names: Map<string, string>, name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const known = names.get(name);
  if (known === undefined) names.set(name, name);
  return known ?? name;
}

/** Token counts of a message's `usage`. */
export function usageOf(usage: JsonObject | undefined): Usage | undefined {
  if (usage === undefined) return undefined;
  const counts: Usage = {
    input: asNumber(usage.input_tokens),
    output: asNumber(usage.output_tokens),
    cacheRead: asNumber(usage.cache_read_input_tokens),
    cacheWrite: asNumber(usage.cache_creation_input_tokens),
    reasoning: asNumber(asObject(usage.output_tokens_details)?.thinking_tokens),
  };
  const known = Object.entries(counts).filter(([, count]) => count !== undefined);
  return known.length === 0 ? undefined : Object.fromEntries(known);
}

function takeTitle(line: LineView, facts: Facts): void {
  const record = parseObject(line.buffer.toString('utf8', line.start, line.end));
  facts.customTitle = asText(record?.customTitle) ?? facts.customTitle;
  facts.aiTitle = asText(record?.aiTitle) ?? facts.aiTitle;
  if (record?.type === 'summary') facts.summary = asText(record.summary) ?? facts.summary;
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

function milliseconds(text: string | undefined): number | undefined {
  const time = asTimestamp(text);
  return time === undefined ? undefined : Date.parse(time);
}

function isNull(buffer: Buffer, from: number, to: number): boolean {
  return to - from === 4 && buffer[from] === 0x6e;
}

function isTrue(buffer: Buffer, from: number, to: number): boolean {
  return to - from === 4 && buffer[from] === 0x74;
}
