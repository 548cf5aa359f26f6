/** pi transcripts → sessions and summaries. */
import type { Diagnostic } from '../../model/session.ts';
import type { PiDialect } from '../_shared/pi-entries.ts';
import { piSession, piSessionFrom } from '../_shared/pi-session.ts';
import { scanTranscript } from '../_shared/pi-store.ts';
import { summarizeTranscript } from '../_shared/pi-summary.ts';
import type {
  MarkedSession,
  ReadContext,
  ReadMark,
  ReadOptions,
  SessionRef,
  SessionSummary,
} from '../contract.ts';
import { readResult } from './results.ts';
import { tools } from './tools.ts';

const dialect: PiDialect = { agent: 'pi', tools, readResult };

export function read(ref: SessionRef, _context: ReadContext, options: ReadOptions = {}): MarkedSession {
  const diagnostics: Diagnostic[] = [];
  const store = scanTranscript(ref.path, diagnostics);
  return piSession(store, dialect, ref.id, diagnostics, options.branch);
}

/** Reads the records from `mark` on. */
export function readOn(
  { path, id }: SessionRef,
  _context: ReadContext,
  mark: ReadMark,
): MarkedSession | undefined {
  return piSessionFrom(path, dialect, id, mark);
}

export function summarize(ref: SessionRef, context: ReadContext): SessionSummary {
  return summarizeTranscript(ref, () => read(ref, context));
}
