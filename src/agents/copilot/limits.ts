/** Usage limits in Copilot's `session.error` events. */
import { asNumber, asText } from '../../model/narrow.ts';
import type { JsonObject, LimitState } from '../../model/session.ts';

/**
 * The limit that an error's data names; undefined for other errors. `errorType` and `statusCode` 429: measured in 1.0.102;
 * the other types and `errorCode`: its schema. No field says when a limit resets.
 */
export function limitOf(data: JsonObject): LimitState | undefined {
  const type = asText(data.errorType) ?? '';
  const code = asText(data.errorCode) ?? '';
  const status = asNumber(data.statusCode);
  const scope = scopeOf(type, code) ?? (status === 429 ? 'minute' : undefined);
  if (scope !== undefined) return { scope, confidence: 'certain' };
  return status === 503 || status === 529 ? { scope: 'overload', confidence: 'certain' } : undefined;
}

function scopeOf(type: string, code: string): LimitState['scope'] | undefined {
  if (type === 'quota') return 'account';
  if (type === 'context_limit') return 'context';
  if (type !== 'rate_limit') return undefined;
  // codes such as user_weekly_rate_limited belong to the account; without one the provider just said 429
  if (/model/.test(code)) return 'model';
  return code === '' ? 'minute' : 'account';
}
