/** Copilot transcripts → sessions. */
import { checksum, type LineFile, openLines } from '../../io/lines.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { asObject, asText, asTimestamp, parseObject } from '../../model/narrow.ts';
import type {
  Diagnostic,
  Entry,
  Evidence,
  JsonObject,
  Session,
  SessionInfo,
  Usage,
} from '../../model/session.ts';
import type { MarkedSession, Marks, ReadContext, ReadMark, ReadOptions, SessionRef } from '../contract.ts';
import { eventEntries, PROVENANCE, type Reading } from './entries.ts';
import { type Node, type Skeleton, scanSkeleton } from './skeleton.ts';
import { readWorkspace } from './workspace.ts';

export function read(ref: SessionRef, _context: ReadContext, options: ReadOptions = {}): MarkedSession {
  const diagnostics: Diagnostic[] = [];
  const skeleton = scan(ref.path, 0, diagnostics);
  if (!skeleton.nodes.some(({ type }) => type === 'session.start' || type === 'user.message'))
    throw new SegueError('not-a-session', `${ref.path} holds no session`);
  if (options.branch !== undefined)
    throw new SegueError('session-not-found', `${ref.path} has no branch "${options.branch}"`);
  const sink = onceEach(diagnostics);
  const info = sessionInfo(skeleton, ref);
  const owners = new Set(skeleton.nodes.flatMap((node) => node.owner ?? []));
  return {
    info,
    entries: () => entriesOf(skeleton, undefined, ref.path, info.cwd, sink),
    branches: [],
    subagents: [...owners].map((owner) => subagent(skeleton, owner, ref, info)),
    diagnostics,
    marks: marksOf(skeleton, info.cwd),
  };
}

/** Reads the events from `mark` on. Undefined when they compact or rewind, hold an asset, or move the session elsewhere. */
export function readOn(
  { path, id }: SessionRef,
  _context: ReadContext,
  { offset, state }: ReadMark,
): MarkedSession | undefined {
  const diagnostics: Diagnostic[] = [];
  const skeleton = scan(path, offset, diagnostics);
  const { nodes, context, assets } = skeleton;
  if (assets.size > 0 || nodes.some(({ type }) => REACHES_BACK.has(type))) return undefined;
  const cwd = asText(state.cwd);
  // earlier paths are told from the directory that was recorded last
  const now = readWorkspace(path).cwd ?? (context === undefined ? cwd : asText(context.cwd));
  if (now !== cwd) return undefined;
  const sink = onceEach(diagnostics);
  return {
    info: { agent: 'copilot', id, ...modelsAndUsage(skeleton, undefined), lineage: [] },
    entries: () => entriesOf(skeleton, undefined, path, cwd, sink),
    branches: [],
    subagents: [],
    diagnostics,
    marks: marksOf(skeleton, cwd),
  };
}

const REACHES_BACK = new Set(['session.compaction_complete', 'session.snapshot_rewind']);

/** Events follow each other; only assets are referred to from anywhere. */
function marksOf({ assets }: Skeleton, cwd: string | undefined): Marks | undefined {
  if (assets.size > 0) return undefined;
  return { at: () => 'closed', make: (offset) => ({ offset, state: { cwd: cwd ?? null } }) };
}

function scan(path: string, from: number, diagnostics: Diagnostic[]): Skeleton {
  const file = open(path);
  try {
    return scanSkeleton({ ...file, lines: () => file.lines(from) }, diagnostics);
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

/** Entries can be read again: what is found then is known already. */
function onceEach(diagnostics: Diagnostic[]): Reading['diagnostics'] {
  const known = new Set<string>();
  return {
    push(diagnostic) {
      const key = JSON.stringify(diagnostic);
      if (!known.has(key)) diagnostics.push(diagnostic);
      known.add(key);
    },
  };
}

function sessionInfo(skeleton: Skeleton, ref: SessionRef): SessionInfo {
  const { start, context } = skeleton;
  const workspace = readWorkspace(ref.path);
  const branch = workspace.branch ?? asText(context?.branch);
  const commit = asText(context?.headCommit);
  const remote = asText(context?.repository);
  const git = {
    ...(branch === undefined ? {} : { branch }),
    ...(commit === undefined ? {} : { commit }),
    ...(remote === undefined ? {} : { remote }),
  };
  const source = asObject(start?.[PROVENANCE]);
  const agent = asText(source?.agent);
  const id = asText(source?.id);
  return {
    agent: 'copilot',
    id: asText(start?.sessionId) ?? ref.id,
    title: workspace.name ?? skeleton.title,
    cwd: workspace.cwd ?? asText(context?.cwd),
    ...(Object.keys(git).length === 0 ? {} : { git }),
    ...modelsAndUsage(skeleton, undefined),
    createdAt: asTimestamp(start?.startTime) ?? workspace.createdAt ?? skeleton.nodes[0]?.time,
    updatedAt: skeleton.updatedAt ?? asTimestamp(ref.mtimeMs),
    agentVersion: asText(start?.copilotVersion),
    lineage: agent === undefined || id === undefined ? [] : [{ kind: 'transplant', agent, id }],
  };
}

function modelsAndUsage(
  skeleton: Skeleton,
  owner: string | undefined,
): Pick<SessionInfo, 'models' | 'usage'> {
  const models = new Set<string>();
  let total: Usage | undefined;
  for (const node of skeleton.nodes) {
    if (node.owner !== owner) continue;
    if (node.model !== undefined) models.add(node.model);
    if (node.usage === undefined) continue;
    total ??= {};
    for (const key of ['input', 'output', 'cacheRead', 'cacheWrite'] as const) {
      const count = node.usage.counts[key];
      if (count !== undefined) total[key] = (total[key] ?? 0) + count;
    }
  }
  return { models: [...models], usage: total };
}

/** A subagent's events stand between those of the session, marked with its id. */
function subagent(skeleton: Skeleton, owner: string, ref: SessionRef, parent: SessionInfo): Session {
  const started = skeleton.subagents.get(owner);
  const own = skeleton.nodes.filter((node) => node.owner === owner);
  const diagnostics: Diagnostic[] = [];
  return {
    info: {
      agent: 'copilot',
      id: owner,
      title: asText(started?.agentDescription) ?? asText(started?.agentDisplayName),
      cwd: parent.cwd,
      ...modelsAndUsage(skeleton, owner),
      createdAt: own[0]?.time,
      updatedAt: own.at(-1)?.time,
      agentVersion: parent.agentVersion,
      lineage: [{ kind: 'subagent', agent: 'copilot', id: parent.id }],
    },
    entries: () => entriesOf(skeleton, owner, ref.path, parent.cwd, onceEach(diagnostics)),
    branches: [],
    subagents: [],
    diagnostics,
  };
}

function* entriesOf(
  skeleton: Skeleton,
  owner: string | undefined,
  path: string,
  cwd: string | undefined,
  diagnostics: Reading['diagnostics'],
): Generator<Entry, void, void> {
  const file = open(path);
  const assets = (id: string): string | undefined => {
    const node = skeleton.assets.get(id);
    return node === undefined ? undefined : asText(eventData(file, node)?.data.data);
  };
  const reading: Reading = {
    path,
    cwd,
    subagent: owner !== undefined,
    assets,
    diagnostics,
    calls: new Map(),
    callIds: new Set(),
  };
  // Copilot tells all prompts again after a compaction
  const prompts: string[] = [];
  const ids = new Map<string, string>();
  const used = new Set<string>();
  let parentId: string | null = null;
  const nodes = skeleton.nodes.filter((node) => node.owner === owner);
  try {
    for (const [n, node] of nodes.entries()) {
      if (node.copyOf !== undefined) continue;
      if (node.usage !== undefined) reading.usage = node.usage;
      const stored = eventData(file, node);
      if (stored === undefined) {
        diagnostics.push({ code: 'bad-record', message: 'a line is not an event', path, at: node.start });
        continue;
      }
      const evidence: Evidence = { kind: 'range', path, start: node.start, end: node.end, crc32: stored.crc };
      const keeps = node.type === 'session.compaction_complete' ? kept(nodes.slice(n + 1), ids, prompts) : [];
      const [entry] = eventEntries(node, stored.data, evidence, reading, keeps);
      if (entry === undefined) continue;
      let id = node.id || `event-${n}`;
      for (let k = 2; used.has(id); k++) id = `${node.id || `event-${n}`}~${k}`;
      used.add(id);
      ids.set(node.id, id);
      if (entry.type === 'message' && entry.origin === 'human') prompts.push(id);
      yield { ...entry, id, parentId };
      parentId = id;
    }
  } finally {
    file.close();
  }
}

function eventData(file: LineFile, node: Node): { data: JsonObject; crc: number } | undefined {
  const bytes = file.slice(node.start, node.end);
  const event = parseObject(bytes.toString('utf8'));
  return event === undefined ? undefined : { data: asObject(event.data) ?? {}, crc: checksum(bytes) };
}

/** What stays in view after a compaction: all prompts, and the copies that segue wrote behind it. */
function kept(after: Node[], ids: Map<string, string>, prompts: string[]): string[] {
  const all = new Set(prompts);
  for (const { copyOf } of after) {
    if (copyOf === undefined) break;
    const id = ids.get(copyOf);
    if (id !== undefined) all.add(id);
  }
  return [...all];
}
