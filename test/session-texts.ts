/** What a session's entries say, without how calls ended: what must be the same in reading that only wants texts. */
import type { Session } from '../src/model/session.ts';

export function textsOf(session: Session): unknown[] {
  return [...session.entries()].map(({ id, ...entry }) => [
    id,
    entry.type !== 'message'
      ? entry.type
      : entry.parts.map((part) =>
          part.type === 'tool_result' ? { callId: part.callId, content: part.content } : part,
        ),
  ]);
}
