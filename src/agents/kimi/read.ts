/** Wire files → sessions. */
import { dirname, join } from 'node:path';
import { list } from '../../io/walk.ts';
import { asNumber, asText } from '../../model/narrow.ts';
import type { Diagnostic, Session, SessionInfo } from '../../model/session.ts';
import { answersOwnCalls } from '../_shared/own-calls.ts';
import { onceEach } from '../_shared/pi-session.ts';
import type { DiagnosticSink } from '../_shared/pi-store.ts';
import type { MarkedSession, ReadContext, ReadMark, ReadOptions, SessionRef } from '../contract.ts';
import { WirePlaces } from './continue.ts';
import { inOneLine, newFold } from './entries.ts';
import { readLegacy } from './legacy.ts';
import { agentName, isLegacy, sessionFolder, subagentId } from './places.ts';
import { readState, type SessionState } from './state.ts';
import { branchesOf, branchTip, loadRecords, pathTo, scanWire, type Wire, type WireNode } from './wire.ts';

export function read(ref: SessionRef, context: ReadContext, options: ReadOptions = {}): MarkedSession {
  if (isLegacy(ref.path)) return readLegacy(ref, options.branch);
  const diagnostics: Diagnostic[] = [];
  const sink = onceEach(diagnostics);
  const wire = scanWire(ref.path, sink);
  const state = readState(ref.path);
  const path = pathTo(branchTip(wire, options.branch));
  const info = sessionInfo(ref, wire, state);
  return {
    info,
    branches: branchesOf(wire),
    subagents: ref.parent === undefined ? subagents(ref, context, diagnostics) : [],
    diagnostics,
    ...contentOf(ref.path, path, info.cwd, undefined, sink),
  };
}

/** Reads the records from `mark` on. Undefined when they may tell of earlier ones, or move the session elsewhere. */
export function readOn(
  { path, id }: SessionRef,
  _context: ReadContext,
  { offset, state }: ReadMark,
): MarkedSession | undefined {
  const diagnostics: Diagnostic[] = [];
  const sink = onceEach(diagnostics);
  const wire = scanWire(path, sink, { offset, line: asNumber(state.line) ?? 1 });
  if (wire.reachesBack) return undefined;
  const cwd = asText(state.cwd);
  // the session's directory may only be known now: it is what earlier paths are told from
  const now = readState(path).cwd ?? cwd ?? wire.cwd;
  if (now !== cwd) return undefined;
  const session: MarkedSession = {
    info: { agent: 'kimi', id, models: wire.models, lineage: [] },
    branches: [],
    subagents: [],
    diagnostics,
    ...contentOf(path, pathTo(wire.tip), cwd, asText(state.model), sink),
  };
  return answersOwnCalls(session) ? session : undefined;
}

/** The entries of records, and marks among those that have passed. `model`: what answered before them. */
function contentOf(
  path: string,
  nodes: WireNode[],
  cwd: string | undefined,
  model: string | undefined,
  diagnostics: DiagnosticSink,
): Pick<MarkedSession, 'entries' | 'marks'> {
  const marks = new WirePlaces(cwd);
  return {
    marks,
    *entries() {
      const fold = newFold({ path, cwd, blobs: join(dirname(path), 'blobs'), diagnostics }, model);
      yield* inOneLine(fold, loadRecords(path, nodes, diagnostics), marks);
    },
  };
}

function sessionInfo(ref: SessionRef, wire: Wire, state: SessionState): SessionInfo {
  const sub = ref.parent !== undefined;
  return {
    agent: 'kimi',
    id: ref.id,
    title: sub ? undefined : state.title,
    cwd: state.cwd ?? wire.cwd,
    models: wire.models,
    usage: wire.usage,
    createdAt: (sub ? undefined : state.createdAt) ?? wire.createdAt,
    updatedAt: wire.updatedAt ?? state.updatedAt,
    lineage: ref.parent === undefined ? state.lineage : [{ kind: 'subagent', agent: 'kimi', id: ref.parent }],
  };
}

/** The other agents of a session; one that cannot be read is left out and told. */
function subagents(ref: SessionRef, context: ReadContext, diagnostics: Diagnostic[]): Session[] {
  const folder = join(sessionFolder(ref.path), 'agents');
  const found: Session[] = [];
  for (const item of list(folder, diagnostics)) {
    if (!item.isDirectory() || item.name === agentName(ref.path)) continue;
    const path = join(folder, item.name, 'wire.jsonl');
    try {
      found.push(read({ ...ref, id: subagentId(ref.id, item.name), path, parent: ref.id }, context));
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'SegueError') throw error;
      diagnostics.push({ code: 'unreadable', message: 'the transcript of a subagent cannot be read', path });
    }
  }
  return found;
}
