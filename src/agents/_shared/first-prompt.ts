import type { Session } from '../../model/session.ts';

/** The first text that a person said: what agents show in lists for a session without a title. Not longer than `length`. */
export function firstPrompt(session: Session, length: number): string | undefined {
  for (const entry of session.entries()) {
    if (entry.type !== 'message' || entry.role !== 'user' || entry.origin !== 'human') continue;
    for (const part of entry.parts) {
      if (part.type === 'text' && part.text.trim() !== '') return part.text.slice(0, length).toWellFormed();
      if (part.type === 'image') return '[image]';
    }
  }
  return undefined;
}
