/** The first pass over a transcript: links, kinds and places of its chain records. No payload is parsed. */
import type { LineFile, LineView } from '../../io/lines.ts';
import { asText, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, Timestamp, Usage } from '../../model/session.ts';
import { typeName } from '../../model/text.ts';
import type { Parsed } from './records.ts';
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
  /** Where `message.content` starts in the file; known only of an assistant record that was read quickly. */
  contentAt?: number;
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
  /** The record, where it was read at once and its step is not complete yet. */
  parsed: Parsed | undefined;
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

export interface SkeletonScanner {
  /** What the lines so far said, beside their nodes. */
  known: Omit<Skeleton, 'nodes'>;
  /** Takes the next line. Returns its record's node when it has a place in the chain. */
  add(line: LineView): Node | undefined;
}

/** Whether a directory is the session's, among those that its records name; and how much is looked for. */
export interface Scanning {
  preferredCwd: (cwd: string) => boolean;
  /** Leaves out what does not belong to the conversation: token counts. */
  quick: boolean;
}

/** Scans the file. */
export function scanSkeleton(file: LineFile, diagnostics: Diagnostic[], scanning: Scanning): Skeleton {
  const { known, add } = skeletonScanner(file.path, diagnostics, scanning);
  const nodes: Node[] = [];
  for (const line of file.lines()) {
    const node = add(line);
    if (node !== undefined) nodes.push(node);
  }
  return { ...known, nodes: dropRepeated(nodes, file.path, diagnostics) };
}

/** Scans the lines of the file at `path`, one after the other. */
export function skeletonScanner(
  path: string,
  diagnostics: Diagnostic[],
  { preferredCwd, quick }: Scanning,
): SkeletonScanner {
  const known: SkeletonScanner['known'] = { facts: {}, usage: new Map() };
  const ofFile = known.facts;
  const unknown = new Set<string>();
  const scan = recordScanner(quick);
  let cwdSettled = false;
  const add = (line: LineView): Node | undefined => {
    const problem = (code: Diagnostic['code'], message: string): undefined => {
      diagnostics.push({ code, message, path, at: line.offset });
    };
    if (line.tooLong) return problem('too-large', 'a record is longer than can be read');
    const record = scan(line);
    if (record === undefined)
      return line.torn
        ? problem('torn-record', 'the last record is cut')
        : problem('bad-record', 'a line is not a record');
    const { type, node, facts, usage } = record;
    if (type === 'custom-title' || type === 'ai-title' || type === 'summary') takeTitle(line, ofFile);
    else if (node !== undefined) {
      if (usage !== undefined && node.messageId !== undefined) known.usage.set(node.messageId, usage);
      if (facts.gitBranch !== undefined) ofFile.gitBranch = facts.gitBranch;
      if (facts.version !== undefined) ofFile.version = facts.version;
      ofFile.forkedFrom ??= facts.forkedFrom;
      if (facts.cwd !== undefined && !cwdSettled) {
        cwdSettled = preferredCwd(facts.cwd);
        if (cwdSettled || ofFile.cwd === undefined) ofFile.cwd = facts.cwd;
      }
    } else if (type === undefined || !BESIDE.has(type)) {
      const name = typeName(type);
      if (!unknown.has(name)) problem('unknown-record', `records of type ${name} are not read`);
      unknown.add(name);
    }
    return node;
  };
  return { known, add };
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
