/** The first pass over a transcript: links, kinds and places of its chain records. No payload is parsed. */
import type { LineFile, LineView } from '../../io/lines.ts';
import { asText, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, Timestamp, Usage } from '../../model/session.ts';
import { typeName } from '../../model/text.ts';
import type { QuickOutcome } from './quick.ts';
import { recordScanner } from './scan-record.ts';

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
  /** Of a record that was read quickly: where the content starts in the file, a response's or that of its one result. */
  contentAt?: number;
  /** Of a result that was read quickly: where its content ends, and what else is stored of it. */
  contentEnd?: number;
  outcome?: QuickOutcome;
  /** From here on a record holds nothing of the conversation but details, of which the beginnings of texts are enough. */
  detailsAt?: number;
  /** `message.id`: lines of one API response share it. */
  messageId: string | undefined;
  model: string | undefined;
  /** For a record that holds a tool result: the call it answers. */
  resultFor: string | undefined;
  /** `system` subtype or `attachment` type. */
  subtype: string | undefined;
  isSummary?: boolean;
  sidechain: boolean;
  agentId?: string;
  /** Undefined when the record has no usable one. */
  time: Timestamp | undefined;
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

/**
 * How much of the records is looked at: all; what belongs to the conversation, which token counts do not; of that what
 * `ReadOptions.textsOnly` wants.
 */
export type Depth = 'all' | 'conversation' | 'texts';

/** Scans the file. `preferredCwd` tells the session's directory among those its records name. */
export function scanSkeleton(
  file: LineFile,
  preferredCwd: (cwd: string) => boolean,
  diagnostics: Diagnostic[],
  depth: Depth,
): Skeleton {
  const skeleton: Skeleton = { nodes: [], facts: {}, usage: new Map() };
  const unknown = new Set<string>();
  const scan = recordScanner(depth);
  let cwdSettled = false;
  for (const line of file.lines()) {
    const problem = (code: Diagnostic['code'], message: string): void => {
      diagnostics.push({ code, message, path: file.path, at: line.offset });
    };
    if (line.tooLong) {
      problem('too-large', 'a record is longer than can be read');
      continue;
    }
    const record = scan(line);
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
      const name = typeName(type);
      if (!unknown.has(name)) problem('unknown-record', `records of type ${name} are not read`);
      unknown.add(name);
    }
  }
  skeleton.nodes = dropRepeated(skeleton.nodes, file.path, diagnostics);
  return skeleton;
}

function dropRepeated(nodes: Node[], path: string, diagnostics: Diagnostic[]): Node[] {
  const ids = new Set<string>();
  for (const node of nodes) ids.add(node.uuid);
  if (ids.size === nodes.length) return nodes;
  diagnostics.push({
    code: 'duplicate-id',
    message: `${nodes.length - ids.size} records share their id with a later one, which is used`,
    path,
  });
  const last = new Map(nodes.map((node) => [node.uuid, node]));
  return nodes.filter((node) => last.get(node.uuid) === node);
}

function takeTitle(line: LineView, facts: Facts): void {
  const record = parseObject(line.buffer.toString('utf8', line.start, line.end));
  facts.customTitle = asText(record?.customTitle) ?? facts.customTitle;
  facts.aiTitle = asText(record?.aiTitle) ?? facts.aiTitle;
  if (record?.type === 'summary') facts.summary = asText(record.summary) ?? facts.summary;
}
