/** pi transcripts → sessions and summaries. */
import type { Diagnostic, Session } from '../../model/session.ts';
import type { PiDialect } from '../_shared/pi-entries.ts';
import { piSession } from '../_shared/pi-session.ts';
import { scanTranscript } from '../_shared/pi-store.ts';
import { summarizeTranscript } from '../_shared/pi-summary.ts';
import type { ReadContext, ReadOptions, SessionRef, SessionSummary } from '../contract.ts';
import { readResult } from './results.ts';
import { tools } from './tools.ts';

const dialect: PiDialect = { agent: 'pi', tools, readResult };

export function read(ref: SessionRef, _context: ReadContext, options: ReadOptions = {}): Session {
  const diagnostics: Diagnostic[] = [];
  const store = scanTranscript(ref.path, diagnostics);
  return piSession(store, dialect, ref.id, diagnostics, options.branch);
}

export function summarize(ref: SessionRef, context: ReadContext): SessionSummary {
  return summarizeTranscript(ref, () => read(ref, context));
}
