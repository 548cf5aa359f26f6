/** A whole session as one JSON document: `segue.session/1`. */
import type { Branch, Diagnostic, Entry, Session, SessionInfo } from './session.ts';

/** A session with all its entries and its subagents' sessions. */
export interface SessionDocument {
  info: SessionInfo;
  entries: Entry[];
  branches: Branch[];
  subagents: SessionDocument[];
  diagnostics: Diagnostic[];
}

/** What `show --json` prints. */
export interface SessionEnvelope extends SessionDocument {
  schema: 'segue.session/1';
}

/** Collects a session. It is held in memory whole: use `entries()` for one that may be large. */
export function sessionDocument(session: Session): SessionDocument {
  const entries = [...session.entries()];
  const { info, branches, diagnostics } = session;
  return { info, entries, branches, subagents: session.subagents.map(sessionDocument), diagnostics };
}
