/** Reading on where a result is read by its call. */
import type { Session } from '../../model/session.ts';

/**
 * Whether each result answers a call of the same session. A second result for a call before a mark is rare, but cannot be
 * read without it.
 */
export function answersOwnCalls(session: Session): boolean {
  const calls = new Set<string>();
  for (const entry of session.entries()) {
    if (entry.type !== 'message') continue;
    for (const part of entry.parts) {
      if (part.type === 'tool_call') calls.add(part.callId);
      else if (part.type === 'tool_result' && !calls.has(part.callId)) return false;
    }
  }
  return true;
}
