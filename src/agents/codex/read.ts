/** A Codex rollout → session. */
import { basename } from 'node:path';
import { type LineFile, openLines } from '../../io/lines.ts';
import type { Env } from '../../io/paths.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { asObject, asText, asTimestamp, parseJson } from '../../model/narrow.ts';
import type {
  Branch,
  Diagnostic,
  GitState,
  JsonObject,
  Lineage,
  Session,
  SessionInfo,
} from '../../model/session.ts';
import type { MarkedSession, Marks, ReadContext, ReadMark, ReadOptions, SessionRef } from '../contract.ts';
import { readChain } from './chain.ts';
import { EntryReader } from './entries.ts';
import { sessionName, spawnedBy } from './index-files.ts';
import { findRollout, homeOf, rolloutId } from './paths.ts';
import { type Range, readSkeleton, type Skeleton } from './skeleton.ts';
import { readUsage } from './usage.ts';

/**
 * Opens a rollout (plain or zstd, legacy or paginated, with the files that a fork points to).
 * Throws `not-a-session` when the file has no session metadata and no record of a conversation, `unreadable` when it cannot be opened.
 */
export function read(ref: SessionRef, context: ReadContext, options: ReadOptions = {}): MarkedSession {
  return readRollout(ref, context.env, options, new Set());
}

/** Reads the records from a prompt on. Undefined when a compaction or a rollback is among them: they reach back. */
export function readOn(
  ref: SessionRef,
  _context: ReadContext,
  { offset, state }: ReadMark,
  { branch: _, ...clipping }: ReadOptions = {},
): MarkedSession | undefined {
  const diagnostics: Diagnostic[] = [];
  const model = asText(state.model);
  const skeleton = readSkeleton([{ path: ref.path, from: { offset, model } }], diagnostics);
  if (skeleton.records.some(({ kind }) => kind === 'compacted' || kind === 'rollback')) return undefined;
  const cwd = asText(state.cwd);
  const path = pathTo(skeleton, skeleton.leaf);
  return {
    info: { agent: 'codex', id: ref.id, models: skeleton.models, lineage: [] },
    branches: [],
    subagents: [],
    diagnostics,
    marks: marksOf(skeleton, path, cwd),
    *entries() {
      const files = new Files(skeleton);
      try {
        const report = (diagnostic: Diagnostic): void => void diagnostics.push(diagnostic);
        const reading = { compacted: false, cwd, clipping, report };
        yield* new EntryReader(skeleton, (range) => files.read(range), reading).read(path);
      } finally {
        files.close();
      }
    },
  };
}

/** Reading can go on from prompts of sessions in one file that was never compacted and whose items tell everything. */
function marksOf(
  { files, records }: Skeleton,
  path: readonly number[],
  cwd: string | undefined,
): Marks | undefined {
  const [file = ''] = files;
  if (files.length !== 1 || file.endsWith('.zst')) return undefined;
  if (records.some(({ kind }) => kind === 'compacted' || kind === 'said')) return undefined;
  const prompts = new Map<number, string | undefined>();
  for (const index of path) {
    const record = records[index];
    if (record?.kind === 'item' && record.side === 'prompt') prompts.set(record.start, record.model);
  }
  return {
    at: (offset) => (prompts.has(offset) ? 'closed' : 'no'),
    make(offset) {
      const model = prompts.get(offset);
      const state: ReadMark['state'] = {};
      if (model !== undefined) state.model = model;
      if (cwd !== undefined) state.cwd = cwd;
      return { offset, state };
    },
  };
}

function readRollout(
  ref: SessionRef,
  env: Env,
  options: ReadOptions,
  above: ReadonlySet<string>,
): MarkedSession {
  const diagnostics: Diagnostic[] = [];
  const { skeleton, meta } = open(ref.path, env, diagnostics);
  if (meta === undefined && skeleton.records.length === 0)
    throw new SegueError('not-a-session', `${ref.path} is not a Codex session`);
  const id = asText(meta?.id)?.toLowerCase() ?? rolloutId(basename(ref.path)) ?? ref.id;
  if (meta === undefined)
    diagnostics.push({ code: 'bad-record', message: 'the session metadata is missing', path: ref.path });
  const cwd = asText(meta?.cwd);
  const leaf = options.branch === undefined ? skeleton.leaf : leafOf(skeleton, options.branch);
  const path = pathTo(skeleton, leaf);
  const compacted = path.some((index) => skeleton.records[index]?.kind === 'compacted');
  let info: SessionInfo | undefined;
  let subagents: Session[] | undefined;
  // each pass over the entries meets the same damage: it is told once
  const reported = new Set<string>();
  const report = (diagnostic: Diagnostic): void => {
    const key = `${diagnostic.code} ${diagnostic.path} ${diagnostic.at}`;
    if (!reported.has(key)) diagnostics.push(diagnostic);
    reported.add(key);
  };
  return {
    get info() {
      info ??= readInfo(ref, env, id, meta ?? {}, skeleton, new Files(skeleton));
      return info;
    },
    branches: branchesBeside(skeleton, path),
    diagnostics,
    marks: marksOf(skeleton, path, cwd),
    *entries() {
      const files = new Files(skeleton);
      try {
        const reading = { compacted, cwd, clipping: options, report };
        yield* new EntryReader(skeleton, (range) => files.read(range), reading).read(path);
      } finally {
        files.close();
      }
    },
    get subagents() {
      subagents ??= readSubagents(ref.path, env, id, skeleton, options.clip, above, diagnostics);
      return subagents;
    },
  };
}

function open(path: string, env: Env, diagnostics: Diagnostic[]): { skeleton: Skeleton; meta?: JsonObject } {
  try {
    const chain = readChain(path, env, diagnostics);
    return { skeleton: readSkeleton(chain.files, diagnostics), meta: chain.meta };
  } catch (error) {
    const code = systemCode(error);
    if (code?.startsWith('ZSTD') || code?.startsWith('ERR_'))
      throw new SegueError('not-a-session', `${path} is damaged (${code})`, { cause: error });
    throw new SegueError('unreadable', `cannot read ${path} (${code ?? 'error'})`, { cause: error });
  }
}

/** The files of a skeleton, opened when needed. */
class Files {
  readonly #paths: string[];
  readonly #open = new Map<number, LineFile>();

  constructor(skeleton: Skeleton) {
    this.#paths = skeleton.files;
  }

  read({ file, start, end }: Range): Buffer {
    let lines = this.#open.get(file);
    if (lines === undefined) {
      lines = openLines(this.#paths[file] ?? '');
      this.#open.set(file, lines);
    }
    return lines.slice(start, end);
  }

  /** The JSON value in a range. */
  json(range: Range | undefined) {
    return range === undefined ? undefined : parseJson(this.read(range).toString('utf8'));
  }

  close(): void {
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
  }
}

function readInfo(
  ref: SessionRef,
  env: Env,
  id: string,
  meta: JsonObject,
  skeleton: Skeleton,
  files: Files,
): SessionInfo {
  try {
    const info: SessionInfo = { agent: 'codex', id, models: skeleton.models, lineage: lineageOf(id, meta) };
    const named = skeleton.records.findLast((record) => record.kind === 'named');
    const event = asObject(asObject(files.json(named))?.payload);
    const title = sessionName(homeOf(ref.path, env), id) ?? asText(event?.thread_name) ?? asText(event?.name);
    if (title !== undefined) info.title = title;
    const cwd = asText(meta.cwd);
    if (cwd !== undefined) info.cwd = cwd;
    const git = gitOf(meta);
    if (git !== undefined) info.git = git;
    const usage = readUsage(files.json(skeleton.totalUsage));
    if (usage !== undefined) info.usage = usage;
    const createdAt = asTimestamp(meta.timestamp);
    if (createdAt !== undefined) info.createdAt = createdAt;
    const updatedAt = asTimestamp(files.json(skeleton.lastTime)) ?? createdAt;
    if (updatedAt !== undefined) info.updatedAt = updatedAt;
    const version = asText(meta.cli_version);
    if (version !== undefined) info.agentVersion = version;
    return info;
  } finally {
    files.close();
  }
}

/** Where a session's work happened, from its `session_meta`. */
export function gitOf(meta: JsonObject): GitState | undefined {
  const git = asObject(meta.git);
  const state: GitState = {};
  const branch = asText(git?.branch);
  if (branch !== undefined) state.branch = branch;
  const commit = asText(git?.commit_hash);
  if (commit !== undefined) state.commit = commit;
  const remote = asText(git?.repository_url);
  if (remote !== undefined) state.remote = remote;
  return Object.keys(state).length === 0 ? undefined : state;
}

/** Parent of a subagent thread, as `session_meta` tells it. */
export function parentOf(meta: JsonObject): string | undefined {
  const source = asObject(asObject(meta.source)?.subagent);
  const spawn = asObject(source?.thread_spawn);
  return asText(spawn?.parent_thread_id) ?? asText(meta.parent_thread_id);
}

function lineageOf(id: string, meta: JsonObject): Lineage[] {
  const lineage: Lineage[] = [];
  const parent = parentOf(meta);
  if (parent !== undefined && parent !== id) lineage.push({ kind: 'subagent', agent: 'codex', id: parent });
  const forked = asText(meta.forked_from_id) ?? asText(asObject(meta.history_base)?.thread_id);
  if (forked !== undefined && forked !== id) lineage.push({ kind: 'fork', agent: 'codex', id: forked });
  return lineage;
}

function pathTo(skeleton: Skeleton, leaf: number): number[] {
  const path: number[] = [];
  for (let at = leaf; at >= 0; at = skeleton.records[at]?.parent ?? -1) path.push(at);
  return path.reverse();
}

function leafOf(skeleton: Skeleton, branch: string): number {
  const leaf = [skeleton.leaf, ...skeleton.rolledBack].find((at) => skeleton.records[at]?.id === branch);
  if (leaf === undefined)
    throw new SegueError('session-not-found', `the session has no branch ${branch}`, {
      candidates: skeleton.rolledBack.flatMap((at) => skeleton.records[at]?.id ?? []),
    });
  return leaf;
}

/** Every path that ends elsewhere than the one that is read. */
function branchesBeside(skeleton: Skeleton, path: readonly number[]): Branch[] {
  const active = new Set(path);
  return [...skeleton.rolledBack, skeleton.leaf].flatMap((leaf) => {
    const record = skeleton.records[leaf];
    if (record === undefined || active.has(leaf)) return [];
    const entries = pathTo(skeleton, leaf).filter((index) => !active.has(index)).length;
    return [{ id: record.id, entries }];
  });
}

/** Threads spawned by this one, by the state database and the session's own records. */
function readSubagents(
  path: string,
  env: Env,
  id: string,
  skeleton: Skeleton,
  clip: number | undefined,
  above: ReadonlySet<string>,
  diagnostics: Diagnostic[],
): Session[] {
  const home = homeOf(path, env);
  const seen = new Set([...above, id]);
  const children = new Set([...skeleton.spawned, ...spawnedBy(home, env, id, diagnostics)]);
  return [...children].flatMap((child) => {
    if (seen.has(child)) return [];
    const file = findRollout(home, child);
    if (file === undefined) {
      diagnostics.push({ code: 'missing-file', message: `the rollout of subagent ${child} is missing` });
      return [];
    }
    const ref = { agent: 'codex', id: child, path: file.path, bytes: file.bytes, mtimeMs: file.mtimeMs };
    try {
      return [readRollout(ref, env, { clip }, seen)];
    } catch (error) {
      if (!(error instanceof SegueError)) throw error;
      diagnostics.push({ code: 'unreadable', message: `subagent ${child} cannot be read`, path: file.path });
      return [];
    }
  });
}
