/** Usage limits in Gemini CLI's records. Headless runs store none; interactive ones store the message that was shown. */
import type { JsonObject, LimitState } from '../../model/session.ts';
import { contentParts } from '../_shared/gemini-parts.ts';

/** The limit that an `error` record tells of, or undefined. The wording is the API's (read in source): likely, not certain. */
export function limitOf(record: JsonObject): LimitState | undefined {
  if (record.type !== 'error') return undefined;
  const text = errorText(record);
  if (!/\b429\b|RESOURCE_EXHAUSTED|quota|rate limit/i.test(text)) {
    return /\b503\b|overloaded|UNAVAILABLE/.test(text)
      ? { scope: 'overload', confidence: 'likely' }
      : undefined;
  }
  const scope = /per ?minute/i.test(text) ? 'minute' : /quota/i.test(text) ? 'model' : 'account';
  return { scope, confidence: 'likely' };
}

/** What an `error` record says. */
export function errorText(record: JsonObject): string {
  return contentParts(record.content)
    .flatMap((part) => (typeof part.text === 'string' ? part.text : []))
    .join('\n');
}
