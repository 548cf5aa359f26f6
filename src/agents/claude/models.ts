/** What stands in `message.model`. */
import { asText } from '../../model/narrow.ts';

/** The model of messages that the agent wrote itself. */
export const SYNTHETIC_MODEL = '<synthetic>';

/** Written when no model is known: without one 2.1.197 hangs when it resumes (measured). */
export const UNKNOWN_MODEL = 'unknown';

/** The model that answered; undefined when none did or it is not known. */
export function answeringModel(value: unknown): string | undefined {
  const model = asText(value);
  return model === SYNTHETIC_MODEL || model === UNKNOWN_MODEL ? undefined : model;
}
