/** Transcript → session: the records on the path to the last one, parsed when `entries()` comes to them. */
import { basename } from 'node:path';
import { checksum, type LineFile, openLines } from '../../io/lines.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { asText, asTimestamp, parseObject } from '../../model/narrow.ts';
import type { Branch, Diagnostic, Entry, Evidence, JsonObject, SessionInfo } from '../../model/session.ts';
import { chainMarks, type Link, simplyFollow } from '../_shared/chain-marks.ts';
import { callBook } from '../_shared/gemini-parts.ts';
import type { MarkedSession, ReadContext, ReadMark, ReadOptions, SessionRef } from '../contract.ts';
import { keptRecords } from './compaction.ts';
import { subagentFiles } from './discover.ts';
import { messageParts, type Reading, recordEntries, type StoredRecord } from './records.ts';
import { type Facts, isConversation, type Node, pathTo, type Skeleton, scanSkeleton } from './skeleton.ts';
import { tools } from './tools.ts';

export function read(ref: SessionRef, _context: ReadContext, options: ReadOptions = {}): MarkedSession {
  const session = readTranscript(ref, options);
  for (const path of subagentFiles(ref.path, session.info.id)) {
    try {
      const id = basename(path, '.jsonl');
      session.subagents.push(readTranscript({ ...ref, id, path, parent: session.info.id }, {}));
    } catch (error) {
      if (!(error instanceof SegueError)) throw error;
      session.diagnostics.push({
        code: 'unreadable',
        message: "a subagent's transcript cannot be read",
        path,
      });
    }
  }
  return session;
}

/** Reads the records from `mark` on. Undefined when they do not simply follow, or compact what is before. */
export function readOn(
  { path, id }: SessionRef,
  _context: ReadContext,
  mark: ReadMark,
): MarkedSession | undefined {
  const diagnostics: Diagnostic[] = [];
  const { nodes, facts } = withFile(path, (file) =>
    scanSkeleton({ ...file, lines: () => file.lines(mark.offset) }, diagnostics),
  );
  if (!simplyFollow(nodes.map(linkOf), mark)) return undefined;
  if (nodes.some((node) => node.subtype === 'chat_compression')) return undefined;
  const cwd = asText(mark.state.cwd);
  // the session's directory is only known now: it is what earlier paths are told from
  if (cwd === undefined && facts.cwd !== undefined) return undefined;
  const active = pathTo(nodes.at(-1));
  return {
    info: { agent: 'qwen', id, models: facts.models, lineage: [] },
    entries: () => entries(active, path, cwd, diagnostics),
    branches: [],
    subagents: [],
    diagnostics,
    get marks() {
      return chainMarks(nodes.map(linkOf), active.map(linkOf), cwd, mark);
    },
  };
}

function linkOf({ uuid, parentUuid, ranges: [first] }: Node): Link {
  return { id: uuid, parent: parentUuid, start: first?.start ?? 0 };
}

function readTranscript(ref: SessionRef, options: ReadOptions): MarkedSession {
  const diagnostics: Diagnostic[] = [];
  const skeleton = withFile(ref.path, (file) => scanSkeleton(file, diagnostics));
  if (skeleton.nodes.length === 0) throw new SegueError('not-a-session', `${ref.path} holds no session`);
  const active = pathTo(skeleton.nodes.at(-1));
  const others = otherPaths(skeleton, active);
  const path = chosenPath(active, others, options.branch, ref);
  const info = sessionInfo(skeleton.facts, ref);
  return {
    info,
    entries: () => entries(path, ref.path, info.cwd, diagnostics),
    branches: others.map((other) => asBranch(other, active)),
    subagents: [],
    diagnostics,
    get marks() {
      return chainMarks(skeleton.nodes.map(linkOf), path.map(linkOf), info.cwd, undefined);
    },
  };
}

function withFile<T>(path: string, work: (file: LineFile) => T): T {
  const file = open(path);
  try {
    return work(file);
  } finally {
    file.close();
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

/** Paths to records that nothing follows and that the active path does not have, when something was said on them. */
function otherPaths({ nodes }: Skeleton, active: Node[]): Node[][] {
  const followed = new Set(nodes.flatMap((node) => node.parent ?? []));
  const onActive = new Set(active);
  return nodes
    .filter((node) => !followed.has(node) && !onActive.has(node))
    .map((leaf) => pathTo(leaf))
    .filter((path) => path.some((node) => !onActive.has(node) && isConversation(node)));
}

function asBranch(path: Node[], active: Node[]): Branch {
  const onActive = new Set(active);
  const own = path.filter((node) => !onActive.has(node) && isConversation(node));
  return { id: path.at(-1)?.uuid ?? '', entries: own.length };
}

function chosenPath(active: Node[], others: Node[][], wanted: string | undefined, ref: SessionRef): Node[] {
  if (wanted === undefined || active.at(-1)?.uuid === wanted) return active;
  const found = others.find((path) => path.at(-1)?.uuid === wanted);
  if (found !== undefined) return found;
  throw new SegueError('session-not-found', `${ref.path} has no branch "${wanted}"`);
}

function sessionInfo(facts: Facts, ref: SessionRef): SessionInfo {
  const info: SessionInfo = {
    agent: 'qwen',
    id: ref.parent === undefined ? (facts.sessionId ?? ref.id) : ref.id,
    models: facts.models,
    lineage: [],
  };
  if (facts.title !== undefined) info.title = facts.title;
  if (facts.cwd !== undefined) info.cwd = facts.cwd;
  if (facts.branch !== undefined) info.git = { branch: facts.branch };
  if (facts.usage !== undefined) info.usage = facts.usage;
  if (facts.createdAt !== undefined) info.createdAt = facts.createdAt;
  if (facts.updatedAt !== undefined) info.updatedAt = facts.updatedAt;
  if (facts.version !== undefined) info.agentVersion = facts.version;
  if (facts.forkedFrom !== undefined)
    info.lineage.push({ kind: 'fork', agent: 'qwen', id: facts.forkedFrom });
  const parent = ref.parent ?? facts.parentSession;
  if (parent !== undefined) info.lineage.push({ kind: 'subagent', agent: 'qwen', id: parent });
  return info;
}

function* entries(
  path: Node[],
  place: string,
  cwd: string | undefined,
  diagnostics: Diagnostic[],
): Generator<Entry, void, void> {
  const file = open(place);
  const reading: Reading = { book: callBook(tools, cwd), diagnostics, place };
  const used = new Set<string>();
  const seen = path.some((node) => node.subtype === 'chat_compression') ? keptRecords() : undefined;
  let parentId: string | null = null;
  try {
    for (const node of path) {
      const stored = load(node, file, place, diagnostics);
      if (stored === undefined) continue;
      for (const entry of recordEntries(stored, reading, seen)) {
        let { id } = entry;
        for (let n = 2; used.has(id); n++) id = `${entry.id}~${n}`;
        used.add(id);
        if (entry.type === 'message' && entry.origin !== 'harness') seen?.add(id, stored.parts);
        yield { ...entry, id, parentId };
        parentId = id;
      }
    }
  } finally {
    file.close();
  }
}

/** Parses a record; fragments with the same uuid are put together as the agent does it. */
function load(node: Node, file: LineFile, path: string, diagnostics: Diagnostic[]): StoredRecord | undefined {
  let record: JsonObject | undefined;
  const parts: JsonObject[] = [];
  const evidence: Evidence[] = [];
  for (const { start, end } of node.ranges) {
    const bytes = file.slice(start, end);
    const fragment = parseObject(bytes.toString('utf8'));
    if (fragment === undefined) {
      diagnostics.push({ code: 'bad-record', message: 'a record is not JSON', path, at: start });
      continue;
    }
    evidence.push({ kind: 'range', path, start, end, crc32: checksum(bytes) });
    parts.push(...messageParts(fragment));
    record ??= fragment;
    if (fragment.usageMetadata !== undefined) record.usageMetadata = fragment.usageMetadata;
  }
  if (record === undefined) return undefined;
  return { node, record, parts, evidence, time: asTimestamp(record.timestamp) };
}
