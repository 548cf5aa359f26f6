/** The steps of a chain → entries: the records of one step after the other are loaded and read. */
import { Clipper } from '../../io/clip.ts';
import type { Diagnostic, Entry } from '../../model/session.ts';
import type { Clipping, ReadMark } from '../contract.ts';
import { type LoadContext, loadRecord } from './load.ts';
import { openOrThrow } from './open.ts';
import type { Chain, Step } from './path.ts';
import {
  assistantEntry,
  compactionEntry,
  type Draft,
  type Parsed,
  queuedEntry,
  type RecordContext,
  systemEntry,
  userEntries,
} from './records.ts';
import type { Node, Skeleton } from './skeleton.ts';
import { spilledText } from './spilled.ts';

/** A transcript, or a side chain in it, whose skeleton is known. */
export interface Source {
  path: string;
  id: string;
  parent?: string;
  skeleton: Skeleton;
  nodes: Node[];
  diagnostics: Diagnostic[];
  bounded: boolean;
  clipping: Clipping;
  /** What is read are the records from here on. */
  from?: ReadMark;
}

/** Entries of the chain, in order; `only` those of prompts. Throws `unreadable`. */
export function* entries(source: Source, chain: Chain, only?: 'prompts'): Generator<Entry, void, void> {
  let entryOf: Map<string, string> | undefined;
  // asked for by compactions only
  const entryAt = (uuid: string): string | undefined => {
    entryOf ??= entryIds(chain.steps);
    return entryOf.get(uuid);
  };
  let parentId: string | null = null;
  const file = openOrThrow(source.path);
  try {
    const context = recordContext(source, only === 'prompts');
    for (const step of chain.steps) {
      if (only === 'prompts' && step.kind !== 'user' && step.kind !== 'queued') continue;
      const parsed = step.nodes.flatMap((node) => loadRecord(file, node, source, context) ?? []);
      if (parsed.length === 0) continue;
      for (const draft of drafts(step, parsed, context, entryAt)) {
        yield { ...draft, parentId };
        parentId = draft.id;
      }
    }
  } finally {
    file.close();
  }
}

function drafts(
  step: Step,
  parsed: Parsed[],
  context: RecordContext,
  entryAt: (uuid: string) => string | undefined,
): Draft[] {
  const [first] = parsed;
  if (first === undefined) return [];
  switch (step.kind) {
    case 'assistant':
      return one(assistantEntry(step.id, parsed, context));
    case 'user':
      return userEntries(first, context);
    case 'queued':
      return one(queuedEntry(first, context));
    case 'system':
      return one(systemEntry(first));
    case 'compaction':
      return [compactionEntry(step.id, parsed, entryAt)];
  }
}

function one(draft: Draft | undefined): Draft[] {
  return draft === undefined ? [] : [draft];
}

/** Record id → id of the entry it becomes part of. */
function entryIds(steps: Step[]): Map<string, string> {
  const ids = new Map<string, string>();
  for (const step of steps) for (const node of step.nodes) ids.set(node.uuid, step.id);
  return ids;
}

function recordContext(source: Source, quiet: boolean): LoadContext {
  const known = new Set<string>(source.diagnostics.map((d) => `${d.code} ${d.at ?? ''}`));
  const problem = (code: Diagnostic['code'], message: string, at: number | undefined): void => {
    // entries() can run more than once: each problem is told once
    if (quiet || known.has(`${code} ${at ?? ''}`)) return;
    known.add(`${code} ${at ?? ''}`);
    source.diagnostics.push({ code, message, path: source.path, ...(at === undefined ? {} : { at }) });
  };
  return {
    cwd: source.skeleton.facts.cwd,
    clipper: new Clipper(),
    spilled: (stub) => (source.bounded || quiet ? undefined : spilledText(source.path, stub, problem)),
    problem: (code, message, at) => problem(code, message, at.kind === 'range' ? at.start : undefined),
  };
}
