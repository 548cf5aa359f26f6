/** OpenClaw's transcripts → sessions and summaries. */
import type { Diagnostic } from '../../model/session.ts';
import type { PiDialect } from '../_shared/pi-entries.ts';
import { piSession, piSessionFrom } from '../_shared/pi-session.ts';
import { scanTranscript } from '../_shared/pi-store.ts';
import { edgeSummary, SMALL, safely, summarizeTranscript, summaryOf } from '../_shared/pi-summary.ts';
import type {
  MarkedSession,
  ReadContext,
  ReadMark,
  ReadOptions,
  SessionRef,
  SessionSummary,
} from '../contract.ts';
import { readResult } from './results.ts';
import { edgeRows, scanRows } from './store.ts';
import { tools } from './tools.ts';

const dialect: PiDialect = { agent: 'openclaw', tools, readResult };

export function read(ref: SessionRef, _context: ReadContext, options: ReadOptions = {}): MarkedSession {
  const diagnostics: Diagnostic[] = [];
  const store =
    ref.key === undefined ? scanTranscript(ref.path, diagnostics) : scanRows(ref.path, ref.key, diagnostics);
  return piSession(store, dialect, ref.id, diagnostics, options.branch);
}

/** Reads the records of a file from `mark` on. Rows are read anew. */
export function readOn(
  { path, key, id }: SessionRef,
  _context: ReadContext,
  mark: ReadMark,
): MarkedSession | undefined {
  return key === undefined ? piSessionFrom(path, dialect, id, mark) : undefined;
}

/** Rows that are looked at from each end of a large session. */
const EDGE_ROWS = 20;

export function summarize(ref: SessionRef, context: ReadContext): SessionSummary {
  const { key } = ref;
  if (key === undefined) return summarizeTranscript(ref, () => read(ref, context));
  return safely(ref, () => {
    if (ref.bytes <= SMALL) return summaryOf(ref, read(ref, context));
    const { first, last } = edgeRows(ref.path, key, EDGE_ROWS);
    return edgeSummary(ref, first, last);
  });
}
