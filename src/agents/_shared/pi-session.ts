/** A pi transcript as a session: the path of the last record, its branches, and what is known of it as a whole. */
import { SegueError } from '../../model/errors.ts';
import { asObject, asText, asTimestamp } from '../../model/narrow.ts';
import type {
  Branch,
  Diagnostic,
  Entry,
  JsonValue,
  Lineage,
  SessionInfo,
  Usage,
} from '../../model/session.ts';
import type { MarkedSession, ReadMark } from '../contract.ts';
import { chainMarks, type Link, simplyFollow } from './chain-marks.ts';
import { answersOwnCalls } from './own-calls.ts';
import { type PiDialect, recordEntries, startReading } from './pi-entries.ts';
import { type DiagnosticSink, type PiStore, scanRecords } from './pi-store.ts';
import { isConversation, linkTree, namedParent, type PiNode, type PiTree, pathTo } from './pi-tree.ts';

/** `customType` of the record in which a transferred session names its source. */
export const PROVENANCE = 'segue.source';

/** Builds the session. `fallbackId` is used when the header has no id; `branch` is a branch's last entry, `from` where `store` begins. */
export function piSession(
  store: PiStore,
  dialect: PiDialect,
  fallbackId: string,
  diagnostics: Diagnostic[],
  branch?: string,
  from?: ReadMark,
): MarkedSession {
  const version = formatVersion(store);
  const tree = linkTree(store.nodes, version, diagnostics, store.path);
  const leaf = branch === undefined ? tree.active : tree.find(branch.replace(/\/aborted$/, ''));
  if (branch !== undefined && leaf === undefined)
    throw new SegueError('not-a-session', `there is no branch ${branch} in ${store.path}`);
  const path = pathTo(leaf);
  const info = sessionInfo(store, path, dialect, fallbackId);
  const sink = onceEach(diagnostics);
  return {
    info,
    branches: branchesOf(tree, path),
    subagents: [],
    diagnostics,
    entries: () => entriesOf(store, path, dialect, info, version, sink),
    get marks() {
      if (version < 2) return undefined;
      return chainMarks(store.nodes.map(linkOf), path.map(linkOf), info.cwd, from);
    },
  };
}

/**
 * The records of a file from `mark` on. Undefined when they do not simply follow, cut the context, change what is before, or
 * answer a call in it.
 */
export function piSessionFrom(
  path: string,
  dialect: PiDialect,
  id: string,
  mark: ReadMark,
): MarkedSession | undefined {
  const diagnostics: Diagnostic[] = [];
  const records = scanRecords(path, mark.offset, diagnostics);
  if (!simplyFollow(records.nodes.map(linkOf), mark)) return undefined;
  if (records.nodes.some(({ type }) => type === 'compaction' || type === 'reset')) return undefined;
  // only files whose records have ids have marks
  const header = { version: 3, cwd: mark.state.cwd ?? null };
  const session = piSession({ ...records, header }, dialect, id, diagnostics, undefined, mark);
  return answersOwnCalls(session) ? session : undefined;
}

function linkOf(node: PiNode): Link {
  const { nativeId, type, targetId, start } = node;
  return {
    id: nativeId,
    parent: namedParent(node),
    start,
    changes: type === 'context_edit' ? targetId : undefined,
  };
}

/** Entries can be read again: what is found then is known already. */
export function onceEach(diagnostics: Diagnostic[]): DiagnosticSink {
  const known = new Set<string>();
  return {
    push(diagnostic) {
      const key = JSON.stringify(diagnostic);
      if (!known.has(key)) diagnostics.push(diagnostic);
      known.add(key);
    },
  };
}

/** A header without a version is version 1; a transcript without a header is taken as it looks. */
function formatVersion(store: PiStore): number {
  if (typeof store.header.version === 'number') return store.header.version;
  return store.header.type === undefined && store.nodes.some((node) => node.nativeId !== undefined) ? 3 : 1;
}

function* entriesOf(
  store: PiStore,
  path: PiNode[],
  dialect: PiDialect,
  info: SessionInfo,
  version: number,
  diagnostics: DiagnosticSink,
): Generator<Entry, void, void> {
  const edits = contextEdits(store, path);
  const reading = startReading(dialect, store.path, info.cwd, diagnostics);
  let parentId: string | null = null;
  for (const loaded of store.load(path, diagnostics)) {
    const { node, record } = loaded;
    const native = node.nativeId ?? '';
    if (edits.has(native) && node.type === 'message' && !applyEdit(record, edits.get(native))) continue;
    if (version < 2 && node.type === 'compaction') record.firstKeptEntryId = keptByIndex(record, store.nodes);
    for (const entry of recordEntries(loaded, reading)) {
      entry.parentId = parentId;
      parentId = entry.id;
      if (entry.type === 'message' && entry.origin !== 'harness')
        reading.shown.push({ record: version < 2 ? node.id : native, entry: entry.id });
      yield entry;
    }
  }
}

/** Version 1 counts records from the top of the file, the header included. */
function keptByIndex(record: { firstKeptEntryIndex?: JsonValue }, nodes: PiNode[]): string {
  const index = record.firstKeptEntryIndex;
  return typeof index === 'number' ? (nodes[index - 1]?.id ?? '') : '';
}

/** Later changes to earlier messages (0.87): stored id → what replaces the content, null to hide the message. */
function contextEdits(store: PiStore, path: PiNode[]): Map<string, JsonValue> {
  const edits = new Map<string, JsonValue>();
  const nodes = path.filter((node) => node.type === 'context_edit');
  if (nodes.length === 0) return edits;
  for (const { record } of store.load(nodes, [])) {
    const target = asText(record.targetId);
    if (target !== undefined) edits.set(target, record.replacement ?? null);
  }
  return edits;
}

/** Changes a message as an edit says; false when it is hidden. A failed try stays: it is an event, not a message. */
function applyEdit(record: { message?: JsonValue }, replacement: JsonValue | undefined): boolean {
  const message = asObject(record.message);
  if (message === undefined || message.stopReason === 'error') return true;
  const content = asObject(replacement)?.content;
  if (content === undefined) return false;
  message.content = content;
  return true;
}

function branchesOf(tree: PiTree, path: PiNode[]): Branch[] {
  const active = new Set(path);
  return tree.leaves.flatMap((leaf) => {
    if (active.has(leaf)) return [];
    let entries = 0;
    for (let node: PiNode | undefined = leaf; node !== undefined && !active.has(node); node = node.parent) {
      if (isConversation(node)) entries++;
    }
    return entries === 0 ? [] : [{ id: leaf.id, entries }];
  });
}

function sessionInfo(store: PiStore, path: PiNode[], dialect: PiDialect, fallbackId: string): SessionInfo {
  const { header } = store;
  const answers = path.filter((node) => node.role === 'assistant' && node.usage !== undefined);
  const models = path.flatMap((node) =>
    node.role === 'assistant' && node.model && node.failed !== true ? [node.model] : [],
  );
  const last = path.findLast((node) => node.time !== undefined);
  return {
    agent: dialect.agent,
    id: asText(header.id) ?? fallbackId,
    title: asText(store.name),
    cwd: asText(header.cwd),
    models: [...new Set(models)],
    usage: totalUsage(answers),
    createdAt: asTimestamp(header.timestamp) ?? path.find((node) => node.time !== undefined)?.time,
    updatedAt: last?.time ?? asTimestamp(store.mtimeMs),
    lineage: [...forkOf(header.parentSession, dialect.agent), ...provenance(store)],
  };
}

function totalUsage(nodes: PiNode[]): Usage | undefined {
  if (nodes.length === 0) return undefined;
  const total: Usage = {};
  for (const { usage } of nodes) {
    for (const key of ['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] as const) {
      const count = usage?.[key];
      if (count !== undefined) total[key] = (total[key] ?? 0) + count;
    }
  }
  return total;
}

/** A fork names its source by path; the id follows the first `_` of the file's name. */
function forkOf(parentSession: JsonValue | undefined, agent: string): Lineage[] {
  const id = transcriptId(asText(parentSession) ?? '');
  return id === '' ? [] : [{ kind: 'fork', agent, id }];
}

/** The session id that a transcript's file name holds: `<time>_<id>.jsonl`, or `<id>.jsonl`. */
export function transcriptId(path: string): string {
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const stem = name.replace(/\.jsonl$/, '');
  return /^\d{4}-\d\d-\d\dT[^_]*_(.+)$/.exec(stem)?.[1] ?? stem;
}

function provenance(store: PiStore): Lineage[] {
  const nodes = store.nodes.slice(0, 4).filter((node) => node.type === 'custom');
  for (const { record } of store.load(nodes, [])) {
    const data = asObject(record.data);
    const agent = asText(data?.agent);
    const id = asText(data?.id);
    if (record.customType === PROVENANCE && agent !== undefined && id !== undefined)
      return [{ kind: 'transplant', agent, id }];
  }
  return [];
}
