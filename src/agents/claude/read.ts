/** Reads a transcript: skeleton, chain, then the records of the chain one after the other. */
import { basename, dirname } from 'node:path';
import type { LineFile } from '../../io/lines.ts';
import { SegueError } from '../../model/errors.ts';
import { asText } from '../../model/narrow.ts';
import type { Diagnostic, Session, SessionInfo } from '../../model/session.ts';
import type { MarkedSession, Marks, ReadContext, ReadMark, ReadOptions, SessionRef } from '../contract.ts';
import { subagentFiles } from './discover.ts';
import { entries, type Source } from './entries.ts';
import { info } from './info.ts';
import { detached, markOf } from './mark.ts';
import { withFile } from './open.ts';
import { type Chain, resolveChain } from './path.ts';
import { encodeCwd, idOf, isAgentFile, sessionFolder } from './places.ts';
import { type Node, type Skeleton, scanSkeleton } from './skeleton.ts';

/** Reads one session. Throws `not-a-session` or `unreadable`. */
export function read(ref: SessionRef, _context: ReadContext, options: ReadOptions = {}): MarkedSession {
  return readTranscript(ref, options);
}

type Place = Pick<SessionRef, 'path' | 'id' | 'parent'>;
type Options = ReadOptions & { bounded?: boolean };

/** As `read`; `bounded` leaves spilled results as their stubs, for summaries. */
export function readTranscript(place: Place, { branch, ...options }: Options = {}): MarkedSession {
  const { path } = place;
  const diagnostics: Diagnostic[] = [];
  const skeleton = withFile(path, (file) => skeletonOf(file, options, diagnostics));
  const main = skeleton.nodes.filter((node) => !node.sidechain);
  // a subagent's file, or one whose every record is a side chain, has nothing else to tell
  const all = isAgentFile(path) || main.length === 0;
  const nodes = all ? skeleton.nodes : main;
  if (!nodes.some((node) => node.kind === 'user' || node.kind === 'assistant'))
    throw new SegueError('not-a-session', `${path} holds no Claude Code conversation`);
  const source = sourceOf(place, options, { ...skeleton, nodes }, diagnostics);
  const sides = all ? [] : skeleton.nodes.filter((node) => node.sidechain);
  return session(source, branch, () => subagents(source, sides));
}

/** Reads the records from `mark` on. Undefined when they do not simply follow what is before. */
export function readOn(
  ref: SessionRef,
  _context: ReadContext,
  mark: ReadMark,
  { branch: _, ...options }: ReadOptions = {},
): MarkedSession | undefined {
  const { path } = ref;
  const diagnostics: Diagnostic[] = [];
  const skeleton = withFile(path, (file) =>
    skeletonOf({ ...file, lines: () => file.lines(mark.offset) }, options, diagnostics),
  );
  const cwd = asText(mark.state.cwd);
  // the session's directory is only known now: it is what earlier paths are told from
  if (ownsDirectory(path)(skeleton.facts.cwd ?? '') && skeleton.facts.cwd !== cwd) return undefined;
  skeleton.facts.cwd = cwd;
  const nodes = detached(
    isAgentFile(path) ? skeleton.nodes : skeleton.nodes.filter((node) => !node.sidechain),
    mark,
  );
  if (nodes === undefined) return undefined;
  const source: Source = { ...sourceOf(ref, options, { ...skeleton, nodes }, diagnostics), from: mark };
  const found = session(source, undefined, () => []);
  return diagnostics.some(({ code }) => code === 'broken-chain' || code === 'duplicate-id')
    ? undefined
    : found;
}

function skeletonOf(file: LineFile, { clip, textsOnly }: Options, diagnostics: Diagnostic[]): Skeleton {
  const depth = clip === undefined ? 'all' : textsOnly === true ? 'texts' : 'conversation';
  return scanSkeleton(file, ownsDirectory(file.path), diagnostics, depth);
}

/** `skeleton` with the nodes that belong to the session. */
function sourceOf(
  { path, id, parent }: Place,
  { bounded = false, ...clipping }: Options,
  skeleton: Skeleton,
  diagnostics: Diagnostic[],
): Source {
  const { nodes } = skeleton;
  const source: Source = { path, id, skeleton, nodes, diagnostics, bounded, clipping };
  return parent === undefined ? source : { ...source, parent };
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

/** Files of subagents, then the side chains that older versions kept in the main file. */
function subagents(source: Source, sides: Node[]): Session[] {
  const sessions: Session[] = [];
  for (const path of subagentFiles(source.path, source.id)) {
    try {
      sessions.push(
        readTranscript(
          { path, id: idOf(path), parent: source.id },
          { ...source.clipping, bounded: source.bounded },
        ),
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
