/**
 * Session of any agent → a session that the target can hold whole. The recurring traps are handled here, once, driven
 * by the target's `Acceptance`; every change is counted.
 */
import type { Acceptance, Agent, Writer } from '../agents/contract.ts';
import { SegueError } from '../model/errors.ts';
import type { Ids } from '../model/ids.ts';
import type { CompactionEntry, Entry, MessageEntry, Part, Session, ToolCallPart } from '../model/session.ts';
import { callDesk } from './calls.ts';
import { emptyFingerprint, type Fingerprint, recordLines } from './expected.ts';
import { type FidelityReport, type Ledger, newLedger } from './fidelity.ts';
import { arrange, type Piece } from './pairing.ts';
import { findCut, type HistoryCut, madeCut, selectEntries, type WantedCut } from './select.ts';
import { guarded, toldCompaction, wellFormed } from './texts.ts';

export interface PrepareOptions {
  source: Agent;
  target: Agent;
  /** Directory at the target. */
  cwd: string;
  /** Makes a source of ids; each one it makes gives the same ids, so that every pass is equal. */
  ids: () => Ids;
  reasoning?: 'omit' | 'text';
  /** Tell the oldest part by this summary instead of carrying it. */
  cut?: WantedCut;
}

/** What one complete pass over the prepared entries left. */
export interface PreparedPass {
  fidelity: FidelityReport;
  /** What the written session must read back as. */
  expected: Fingerprint;
  /** Prepared entry id → source entry id, where they differ. */
  renamed: Map<string, string>;
  /** Messages that were carried. */
  messages: number;
}

/** A session prepared for one target. */
export interface Prepared {
  /** As the target's `encode` takes it. Each call of `entries()` is a new pass over the source. */
  session: Session;
  /** The latest complete pass; undefined before the first. */
  pass(): PreparedPass | undefined;
}

/** Prepares a session. Throws `no-writer` when the target cannot be written. Nothing is read before `entries()` is used. */
export function prepare(session: Session, options: PrepareOptions): Prepared {
  const { source, target, cwd, reasoning = 'omit' } = options;
  const { accepts } = writerOf(target);
  const same = source.id === target.id;
  let latest: PreparedPass | undefined;
  let cut: { found: HistoryCut | undefined } | undefined;

  function* entries(): Generator<Entry, void, void> {
    const ledger = newLedger();
    const desk = callDesk({
      source,
      target,
      accepts,
      cwd,
      ids: options.ids(),
      ledger,
    });
    cut ??= { found: cutOf(session, accepts, options.cut) };
    const selected = selectEntries(session, accepts, cut.found, ledger);
    const pieces = arrange(selected, { accepts, desk, ledger, reasoning, same });
    const expected = emptyFingerprint();
    const renamed = new Map<string, string>();
    let messages = 0;
    const grouped = group(pieces, accepts, { same, made: options.cut?.summary }, renamed, ledger);
    for (const entry of wrapResults(recordLines(grouped, expected), target)) {
      if (entry.type === 'message') messages++;
      yield entry;
    }
    latest = { fidelity: ledger.report(), expected, renamed, messages };
  }

  const { id, agent } = session.info;
  return {
    session: {
      ...session,
      info: { ...session.info, cwd, lineage: [...session.info.lineage, { kind: 'transplant', agent, id }] },
      entries,
      branches: [],
      subagents: [],
    },
    pass: () => latest,
  };
}

/** The cut asked for, or the session's own where the target cannot record it. */
function cutOf(session: Session, accepts: Acceptance, wanted: WantedCut | undefined): HistoryCut | undefined {
  if (wanted !== undefined) return madeCut(wanted);
  return accepts.compaction ? undefined : findCut(session);
}

/** The writer of an agent. Throws `no-writer`. */
export function writerOf(agent: Agent): Writer {
  if (agent.writer !== undefined) return agent.writer;
  throw new SegueError('no-writer', `${agent.name}: ${agent.noWriter ?? 'its sessions cannot be written'}`, {
    hint: 'use a handoff: the next agent gets a document with what it needs to go on',
  });
}

/** Pieces → entries: what stands together and comes from one entry stays one. Ids are unique, parents form one line. */
function* group(
  pieces: Iterable<Piece | CompactionEntry>,
  accepts: Acceptance,
  { same, made }: { same: boolean; made: CompactionEntry | undefined },
  renamed: Map<string, string>,
  ledger: Ledger,
): Generator<Entry, void, void> {
  const used = new Set<string>();
  let parentId: string | null = null;
  let open: { piece: Piece; parts: Part[] } | undefined;

  for (const piece of pieces) {
    if (!('part' in piece)) {
      yield* close();
      yield compaction(piece);
    } else if (open !== undefined && standsWith(open.piece, piece)) {
      open.parts.push(piece.part);
    } else {
      yield* close();
      open = { piece, parts: [piece.part] };
    }
  }
  yield* close();

  function* close(): Generator<Entry> {
    if (open === undefined) return;
    const { piece, parts } = open;
    open = undefined;
    yield message(piece, parts);
  }

  function message({ from, role, origin }: Piece, parts: Part[]): MessageEntry {
    const first = !used.has(from.id);
    return {
      ...claim(from),
      type: 'message',
      role,
      origin,
      model: role === 'assistant' ? from.model : undefined,
      usage: role === 'assistant' && first ? from.usage : undefined,
      parts,
    };
  }

  function compaction(entry: CompactionEntry): Entry {
    const summary = wellFormed(entry.summary, ledger);
    if (accepts.compaction) {
      if (entry !== made) ledger.became('compactions', same ? 'native' : 'translated');
      return {
        ...claim(entry),
        type: 'compaction',
        summary,
        keeps: entry.keeps.filter((id) => used.has(id)),
      };
    }
    if (entry !== made) ledger.became('compactions', 'text');
    ledger.note('compaction-as-text', 'the summary of what was cut was told as text');
    const text = guarded(toldCompaction(summary), accepts, ledger);
    return {
      ...claim(entry),
      type: 'message',
      role: 'user',
      origin: 'human',
      parts: [{ type: 'text', text }],
    };
  }

  function claim(from: Entry): Pick<Entry, 'id' | 'parentId' | 'time' | 'evidence'> {
    let id = from.id;
    for (let n = 2; used.has(id); n++) id = `${from.id}~${n}`;
    if (id !== from.id) renamed.set(id, from.id);
    used.add(id);
    const base = { id, parentId, time: from.time, evidence: from.evidence };
    parentId = id;
    return base;
  }
}

function standsWith(a: Piece, b: Piece): boolean {
  return a.from === b.from && a.role === b.role && a.origin === b.origin;
}

/** Puts the target's own wrapping on results. What `recordLines` saw before is what its reader gives back. */
function* wrapResults(entries: Iterable<Entry>, target: Agent): Generator<Entry, void, void> {
  const { writeResult } = target.tools;
  const calls = new Map<string, ToolCallPart>();
  for (const entry of entries) {
    if (entry.type !== 'message' || writeResult === undefined) {
      yield entry;
      continue;
    }
    const parts = entry.parts.map((part): Part => {
      if (part.type === 'tool_call') calls.set(part.callId, part);
      if (part.type !== 'tool_result') return part;
      const call = calls.get(part.callId);
      calls.delete(part.callId);
      return call === undefined ? part : { ...part, content: writeResult.call(target.tools, call, part) };
    });
    yield { ...entry, parts };
  }
}
