/** Entries of a transcript while it is read: one pass over the file, as long as its records come in order (follow.ts). */
import { SegueError } from '../../model/errors.ts';
import type { Entry, SessionInfo } from '../../model/session.ts';
import type { Marks, ReadMark } from '../contract.ts';
import { SecondPassNeeded } from '../onepass.ts';
import { drafts, recordContext, type Source } from './entries.ts';
import { Follower } from './follow.ts';
import { addToCourse, emptyCourse, info, promptLine } from './info.ts';
import { type LoadContext, loadRecord } from './load.ts';
import { markAt, type Place, placeFinder } from './mark.ts';
import { openOrThrow, withFile } from './open.ts';
import { isBoundary, type Step, singleKind } from './path.ts';
import { isAgentFile } from './places.ts';
import type { Parsed } from './records.ts';
import { type Node, type Scanning, skeletonScanner } from './skeleton.ts';

/** The first record's directory is looked for in so many bytes. */
const HEAD = 64 << 10;
/** Steps that are read before they are given: reading and what is done with entries in turn, one by one, takes a tenth longer. */
const BATCH = 64;

/**
 * The directory that the session belongs to, when the first record of the conversation says it. Undefined: what paths are
 * told from is known only at the end.
 */
export function firstCwd(path: string, scanning: Scanning): string | undefined {
  return withFile(path, (file) => {
    const { known, add } = skeletonScanner(path, [], scanning);
    for (const line of file.lines(0, HEAD)) if (add(line) !== undefined) break;
    const { cwd } = known.facts;
    return cwd !== undefined && scanning.preferredCwd(cwd) ? cwd : undefined;
  });
}

/** A step with its records. */
interface LoadedStep {
  step: Step;
  parsed: Parsed[];
}

/** Reads a transcript of which only the directory is known. Nothing is kept of what was given. */
export class Flow implements Marks {
  readonly #source: Source;
  readonly #scanning: Scanning;
  readonly #course = emptyCourse();
  #firstLine: string | undefined;
  /** Where the step begins whose entries are given now, when reading can go on there; and the last such place. */
  #here: Place | undefined;
  #last: Place | undefined;

  constructor(source: Source, scanning: Scanning) {
    this.#source = source;
    this.#scanning = scanning;
  }

  /** As far as it is known. */
  get info(): SessionInfo {
    return info(this.#source, this.#course, () => this.#firstLine);
  }

  at(offset: number): 'always' | 'no' {
    return offset === this.#here?.offset ? 'always' : 'no';
  }

  make(offset: number): ReadMark {
    if (this.#last?.offset !== offset) throw new RangeError('reading cannot go on there');
    return markAt(this.#last, this.#source.skeleton.facts.cwd);
  }

  /** Once. Throws `SecondPassNeeded`, `not-a-session`, `unreadable`. */
  *entries(): Generator<Entry, void, void> {
    const context = recordContext(this.#source, false);
    const placeOf = placeFinder(undefined);
    const ids = new EntryIds();
    const entryAt = (uuid: string): string => ids.of(uuid);
    let parentId: string | null = null;
    for (const { step, parsed } of this.#steps(context)) {
      this.#here = placeOf(step);
      this.#last = this.#here ?? this.#last;
      ids.add(step);
      if (parsed.length === 0) continue;
      for (const draft of drafts(step, parsed, context, entryAt)) {
        this.#firstLine ??= promptLine(draft);
        yield { ...draft, parentId };
        parentId = draft.id;
      }
    }
    this.#here = undefined;
  }

  /** Steps, each as soon as it is complete. */
  *#steps(context: LoadContext): Generator<LoadedStep, void, void> {
    const { path, diagnostics } = this.#source;
    const { known, add } = skeletonScanner(path, diagnostics, this.#scanning);
    this.#source.skeleton = { ...known, nodes: [] };
    const all = isAgentFile(path);
    const follower = new Follower();
    let conversation = false;
    const ready: LoadedStep[] = [];
    const file = openOrThrow(path);
    try {
      for (const line of file.lines()) {
        const node = add(line);
        if (node === undefined) continue;
        const steps = node.sidechain && !all ? undefined : follower.add(node);
        if (steps === undefined) throw new SecondPassNeeded();
        addToCourse(this.#course, node);
        conversation ||= node.kind === 'user' || node.kind === 'assistant';
        // at once: a record's bytes are gone with the next line
        if (isTold(node))
          node.parsed = loadRecord(line.buffer.subarray(line.start, line.end), node, this.#source, context);
        for (const step of steps) ready.push(loaded(step));
        if (ready.length < BATCH) continue;
        yield* ready;
        ready.length = 0;
      }
      yield* ready;
    } finally {
      file.close();
    }
    for (const step of follower.end()) yield loaded(step);
    if (!conversation) throw new SegueError('not-a-session', `${path} holds no Claude Code conversation`);
  }
}

/** Whether a record becomes an entry, or a part of one. */
function isTold(node: Node): boolean {
  return node.kind === 'assistant' || isBoundary(node) || singleKind(node) !== undefined;
}

function loaded(step: Step): LoadedStep {
  const parsed: Parsed[] = [];
  for (const node of step.nodes) {
    if (node.parsed !== undefined) parsed.push(node.parsed);
    node.parsed = undefined;
  }
  return { step, parsed };
}

/** Which entry each record became part of. Compactions ask, which are few. */
class EntryIds {
  readonly #records: string[] = [];
  readonly #entries: string[] = [];
  #known: Map<string, string> | undefined;

  add({ id, nodes }: Step): void {
    for (const { uuid } of nodes) {
      this.#records.push(uuid);
      this.#entries.push(id);
    }
    this.#known = undefined;
  }

  of(uuid: string): string {
    this.#known ??= new Map(this.#records.map((record, i) => [record, this.#entries[i] ?? '']));
    const id = this.#known.get(uuid);
    // it may be further on
    if (id === undefined) throw new SecondPassNeeded();
    return id;
  }
}
