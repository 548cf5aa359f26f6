/** A session's texts, read for the index: whole, or only what was appended. */
import type { Agent, MarkedSession, ReadMark, ReadOptions, SessionRef } from '../agents/contract.ts';
import { prefixCheck } from '../io/ends.ts';
import type { Env } from '../io/paths.ts';
import { SegueError, systemCode } from '../model/errors.ts';
import type { Entry } from '../model/session.ts';
import type { Counts } from '../model/tally.ts';
import { type Block, BlockWriter } from './blocks.ts';
import { Extractor, type ExtractorState, type Prompts, type Touch } from './extract.ts';

/** Where reading can go on when a session's file has grown. */
export interface Continuation {
  mark: ReadMark;
  /** Of the file up to the mark. */
  check: number;
  state: ExtractorState;
}

/** A part of what reading a session gives, in order; the last one has `end`. */
export interface Piece {
  /** It voids what was written of the session before: a thread may have failed in the middle of it. */
  first: boolean;
  blocks: Block[];
  /** Entries that were read before and stay as they are. */
  kept: number;
  /** Of the texts in `blocks`. */
  bytes: number;
  end?: { touches: Touch[]; counts: Counts; prompts?: Prompts; next?: Continuation };
}

/** Longer texts come cut in the middle: beyond what is indexed, no byte of them has to be decoded. */
const CLIPPED: ReadOptions = { clip: 16 << 10, clipOutput: 2400, textsOnly: true };
const PIECE_BYTES = 1 << 20;

/** The pieces of one session; of what was appended after `from`, where that can be. One that cannot be read gives what could be read. */
export function* readText(
  agent: Agent,
  ref: SessionRef,
  from: Continuation | undefined,
  env: Env,
): Generator<Piece, void, void> {
  const continued = from === undefined ? undefined : readOn(agent, ref, from, env);
  const before = continued === undefined ? undefined : from;
  const kept = before?.state.entries ?? 0;
  let piece: Piece = { first: true, blocks: [], kept, bytes: 0 };
  const writer = new BlockWriter((block) => {
    piece.blocks.push(block);
    piece.bytes += block.bytes.length;
  });
  const extractor = new Extractor((doc) => writer.add(doc), before?.state);
  let next = before;
  try {
    const session = continued ?? agent.read(ref, { env }, CLIPPED);
    const { marks } = session;
    let last: { offset: number; state: ExtractorState } | undefined;
    let place: number | undefined;
    for (const entry of session.entries()) {
      const offset = placeOf(entry);
      // a record that makes several entries is read again as a whole
      const mark = offset === place ? 'no' : marks?.at(offset);
      place = offset;
      if (mark === 'always' || (mark === 'closed' && !extractor.waiting))
        last = { offset, state: extractor.state() };
      extractor.add(entry);
      if (piece.bytes < PIECE_BYTES) continue;
      yield piece;
      piece = { first: false, blocks: [], kept, bytes: 0 };
    }
    if (marks !== undefined && last !== undefined) {
      const { offset, state } = last;
      const mark = marks.make(offset);
      next = { mark, check: prefixCheck(ref.path, mark.offset), state };
    }
  } catch (error) {
    // unreadable: its summary says so; what was read before the failure stays searchable
    if (!(error instanceof Error)) throw error;
    next = undefined;
  }
  writer.end();
  const { counts, prompts } = extractor.state();
  piece.end = { touches: [...extractor.touches.values()], counts, prompts, next };
  yield piece;
}

/** The session from where it was read to; undefined when it has to be read as a whole. */
function readOn(
  agent: Agent,
  ref: SessionRef,
  { mark, check }: Continuation,
  env: Env,
): MarkedSession | undefined {
  try {
    if (agent.readOn === undefined || ref.bytes < mark.offset) return undefined;
    if (prefixCheck(ref.path, mark.offset) !== check) return undefined;
    return agent.readOn(ref, { env }, mark, CLIPPED);
  } catch (error) {
    if (!(error instanceof SegueError) && systemCode(error) === undefined) throw error;
    return undefined; // reading all of it will say what is wrong
  }
}

/** Where an entry's record starts in its file. */
function placeOf({ evidence: [first] }: Entry): number {
  return first?.kind === 'range' ? first.start : -1;
}
