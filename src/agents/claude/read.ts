/** Reads a transcript: skeleton, chain, then the records of the chain one after the other. */
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { SegueError, systemCode } from '../../model/errors.ts';
import { asText, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, Lineage, Session, SessionInfo, Usage } from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';
import type { MarkedSession, Marks, ReadContext, ReadMark, ReadOptions, SessionRef } from '../contract.ts';
import { subagentFiles } from './discover.ts';
import { entries, type Source } from './entries.ts';
import { detached, markOf } from './mark.ts';
import { answeringModel } from './models.ts';
import { withFile } from './open.ts';
import { type Chain, resolveChain } from './path.ts';
import { encodeCwd, idOf, isAgentFile, sessionFolder } from './places.ts';
import { type Node, scanSkeleton } from './skeleton.ts';

const TITLE_LENGTH = 120;

/** Reads one session. Throws `not-a-session` or `unreadable`. */
export function read(ref: SessionRef, _context: ReadContext, options: ReadOptions = {}): MarkedSession {
  return readTranscript(ref.path, ref.id, ref.parent, options);
}

/** As `read`; `bounded` leaves spilled results as their stubs, for summaries. */
export function readTranscript(
  path: string,
  id: string,
  parent: string | undefined,
  { branch, bounded = false, ...clipping }: ReadOptions & { bounded?: boolean } = {},
): Session {
  const diagnostics: Diagnostic[] = [];
  const skeleton = withFile(path, (file) =>
    scanSkeleton(file, ownsDirectory(path), diagnostics, clipping.clip !== undefined),
  );
  const main = skeleton.nodes.filter((node) => !node.sidechain);
  // a subagent's file, or one whose every record is a side chain, has nothing else to tell
  const all = isAgentFile(path) || main.length === 0;
  const nodes = all ? skeleton.nodes : main;
  if (!nodes.some((node) => node.kind === 'user' || node.kind === 'assistant'))
    throw new SegueError('not-a-session', `${path} holds no Claude Code conversation`);
  const source: Source = {
    path,
    id,
    skeleton,
    nodes,
    diagnostics,
    bounded,
    clipping,
  };
  if (parent !== undefined) source.parent = parent;
  const sides = all ? [] : skeleton.nodes.filter((node) => node.sidechain);
  return session(source, branch, () => subagents(source, sides));
}

/** Reads the records from `mark` on. Undefined when they do not simply follow what is before. */
export function readOn(
  { path, id, parent }: SessionRef,
  _context: ReadContext,
  mark: ReadMark,
  { branch: _, ...clipping }: ReadOptions = {},
): MarkedSession | undefined {
  const diagnostics: Diagnostic[] = [];
  const skeleton = withFile(path, (file) => {
    const rest = { ...file, lines: () => file.lines(mark.offset) };
    return scanSkeleton(rest, ownsDirectory(path), diagnostics, clipping.clip !== undefined);
  });
  const cwd = asText(mark.state.cwd);
  // the session's directory is only known now: it is what earlier paths are told from
  if (ownsDirectory(path)(skeleton.facts.cwd ?? '') && skeleton.facts.cwd !== cwd) return undefined;
  skeleton.facts.cwd = cwd;
  const nodes = detached(
    isAgentFile(path) ? skeleton.nodes : skeleton.nodes.filter((node) => !node.sidechain),
    mark,
  );
  if (nodes === undefined) return undefined;
  const source: Source = {
    path,
    id,
    skeleton,
    nodes,
    diagnostics,
    bounded: false,
    clipping,
    from: mark,
  };
  if (parent !== undefined) source.parent = parent;
  const found = session(source, undefined, () => []);
  return diagnostics.some(({ code }) => code === 'broken-chain' || code === 'duplicate-id')
    ? undefined
    : found;
}

/** Whether the session's folder is that of a directory. */
function ownsDirectory(path: string): (cwd: string) => boolean {
  const folder = basename(dirname(sessionFolder(path)));
  return (cwd) => encodeCwd(cwd) === folder;
}

function session(source: Source, branch: string | undefined, findSubagents: () => Session[]): MarkedSession {
  const chain = resolveChain(source.nodes, branch, source.path, source.diagnostics);
  if (chain === undefined)
    throw new SegueError('not-a-session', `${source.path} has no branch that ends at ${branch ?? ''}`);
  let found: Session[] | undefined;
  let known: SessionInfo | undefined;
  return {
    // a title may have to be looked for, which not every reader of entries needs
    get info() {
      known ??= info(source, chain);
      return known;
    },
    entries: () => entries(source, chain),
    branches: chain.branches,
    // found when asked for: each costs a pass over its file
    get subagents() {
      found ??= findSubagents();
      return found;
    },
    get marks(): Marks | undefined {
      const mark = lastMark(source, chain);
      return mark && { at: (offset) => (offset === mark.offset ? 'always' : 'no'), make: () => mark };
    },
    diagnostics: source.diagnostics,
  };
}

/** A session of side chains only is another one as soon as a record of the main chain is appended. */
function lastMark({ path, nodes, skeleton, from }: Source, chain: Chain): ReadMark | undefined {
  const whole = isAgentFile(path) || nodes.some((node) => !node.sidechain);
  return whole ? markOf(chain, nodes, skeleton.facts.cwd, from) : undefined;
}

function info(source: Source, chain: Chain): SessionInfo {
  const { facts } = source.skeleton;
  const models = new Set<string>();
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { kind, model, time } of source.nodes) {
    const answering = kind === 'assistant' ? answeringModel(model) : undefined;
    if (answering !== undefined) models.add(answering);
    if (time === undefined) continue;
    from = Math.min(from, time);
    to = Math.max(to, time);
  }
  const title = source.parent === undefined ? titleOf(source, chain) : firstPrompt(source, chain);
  const result: SessionInfo = {
    agent: 'claude',
    id: source.id,
    models: [...models],
    lineage: lineage(source),
  };
  if (title !== undefined) result.title = title;
  if (facts.cwd !== undefined) result.cwd = facts.cwd;
  if (facts.gitBranch !== undefined) result.git = { branch: facts.gitBranch };
  if (facts.version !== undefined) result.agentVersion = facts.version;
  const usage = totalUsage(source);
  if (usage !== undefined) result.usage = usage;
  if (from <= to) {
    result.createdAt = new Date(from).toISOString();
    result.updatedAt = new Date(to).toISOString();
  }
  return result;
}

function lineage(source: Source): Lineage[] {
  const { forkedFrom } = source.skeleton.facts;
  if (source.parent !== undefined) return [{ kind: 'subagent', agent: 'claude', id: source.parent }];
  return forkedFrom === undefined ? [] : [{ kind: 'fork', agent: 'claude', id: forkedFrom }];
}

function titleOf(source: Source, chain: Chain): string | undefined {
  const { customTitle, aiTitle, summary } = source.skeleton.facts;
  const title = customTitle ?? titleFile(source.path) ?? aiTitle ?? summary;
  return title === undefined ? firstPrompt(source, chain) : oneLine(title, TITLE_LENGTH);
}

/** The title that `/rename` keeps beside the transcript. */
export function titleFile(path: string): string | undefined {
  const file = join(sessionFolder(path), 'custom-title.json');
  try {
    if (statSync(file).size > 64 << 10) return undefined;
    const title = parseObject(readFileSync(file, 'utf8'))?.customTitle;
    return typeof title === 'string' && title !== '' ? title : undefined;
  } catch (error) {
    // most sessions have none
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

function firstPrompt(source: Source, chain: Chain): string | undefined {
  for (const entry of entries(source, chain, 'prompts')) {
    if (entry.type !== 'message' || entry.origin !== 'human') continue;
    for (const part of entry.parts) {
      const line = part.type === 'text' ? oneLine(part.text, TITLE_LENGTH) : '';
      if (line !== '') return line;
    }
  }
  return undefined;
}

/** Tokens of the whole file, abandoned branches included: they were used. Once per response. */
function totalUsage({ nodes, skeleton }: Source): Usage | undefined {
  if (skeleton.usage.size === 0) return undefined;
  const total: Usage = {};
  const responses = new Set(
    nodes.flatMap((node) => (node.kind === 'assistant' ? (node.messageId ?? []) : [])),
  );
  for (const id of responses) {
    const usage = skeleton.usage.get(id) ?? {};
    for (const key of ['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] as const) {
      const count = usage[key];
      if (count !== undefined) total[key] = (total[key] ?? 0) + count;
    }
  }
  return Object.keys(total).length === 0 ? undefined : total;
}

/** Files of subagents, then the side chains that older versions kept in the main file. */
function subagents(source: Source, sides: Node[]): Session[] {
  const sessions: Session[] = [];
  for (const path of subagentFiles(source.path, source.id)) {
    try {
      sessions.push(
        readTranscript(path, idOf(path), source.id, { ...source.clipping, bounded: source.bounded }),
      );
    } catch (error) {
      if (!(error instanceof SegueError)) throw error;
      const code = error.code === 'unreadable' ? 'unreadable' : 'not-a-session';
      source.diagnostics.push({ code, message: 'a subagent transcript could not be read', path });
    }
  }
  for (const [id, nodes] of sideChains(sides))
    sessions.push(session({ ...source, id, parent: source.id, nodes }, undefined, () => []));
  return sessions;
}

/** Side chains by `agentId`, else by the record that starts them. */
function sideChains(nodes: Node[]): Map<string, Node[]> {
  const chains = new Map<string, Node[]>();
  const chainOf = new Map<string, string>();
  for (const node of nodes) {
    const parentChain = typeof node.parent === 'string' ? chainOf.get(node.parent) : undefined;
    const id = node.agentId ?? parentChain ?? node.uuid;
    chainOf.set(node.uuid, id);
    const chain = chains.get(id);
    if (chain === undefined) chains.set(id, [node]);
    else chain.push(node);
  }
  return chains;
}
