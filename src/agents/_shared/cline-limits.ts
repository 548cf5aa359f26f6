/** Usage limits in Cline's error messages: the store has the provider's words only, no code. */
import type { LimitState } from '../../model/session.ts';

/** The limit that an error message of the agent (never a tool's or a model's text) tells of; undefined for other errors. */
export function clineLimit(message: string): LimitState | undefined {
  const scope = scopeOf(message);
  return scope === undefined ? undefined : { scope, confidence: 'likely' };
}

function scopeOf(message: string): LimitState['scope'] | undefined {
  if (/usage limit|quota|credit balance|insufficient (?:credits|balance)|spend limit/i.test(message))
    return 'account';
  if (/rate.?limit|too many requests|\b429\b/i.test(message)) return 'minute';
  if (/overloaded|\b529\b/i.test(message)) return 'overload';
  if (/prompt is too long|context (?:length|window)|maximum context/i.test(message)) return 'context';
  return undefined;
}
