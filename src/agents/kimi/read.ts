/** Wire files → sessions. */
import { dirname, join } from 'node:path';
import { list } from '../../io/walk.ts';
import type { Diagnostic, Session, SessionInfo } from '../../model/session.ts';
import { onceEach } from '../_shared/pi-session.ts';
import type { ReadContext, ReadOptions, SessionRef } from '../contract.ts';
import { inOneLine, newFold } from './entries.ts';
import { readLegacy } from './legacy.ts';
import { agentName, isLegacy, sessionFolder, subagentId } from './places.ts';
import { readState, type SessionState } from './state.ts';
import { branchesOf, branchTip, loadRecords, pathTo, scanWire, type Wire } from './wire.ts';

export function read(ref: SessionRef, context: ReadContext, options: ReadOptions = {}): Session {
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
    *entries() {
      const fold = newFold({
        path: ref.path,
        cwd: info.cwd,
        blobs: join(dirname(ref.path), 'blobs'),
        diagnostics: sink,
      });
      yield* inOneLine(fold, loadRecords(ref.path, path, sink));
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
