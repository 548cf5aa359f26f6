import type { Session } from '../../model/session.ts';

/**
 * The first text that a person said, cut at `length`: what agents show in lists for a session without a title. A mark where
 * the first prompt is only an image.
 */
export function firstPrompt(session: Session, length: number): string | undefined {
  for (const entry of session.entries()) {
    if (entry.type !== 'message' || entry.role !== 'user' || entry.origin !== 'human') continue;
    for (const part of entry.parts)
      if (part.type === 'text' && part.text.trim() !== '') return part.text.slice(0, length).toWellFormed();
    if (entry.parts.some((part) => part.type === 'image')) return '[image]';
  }
  return undefined;
}
