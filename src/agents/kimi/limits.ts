/** Usage limits in wire files: tries that failed, and the error that a turn ended with. Codes: read in 2.1.0. */
import { asNumber, asObject, asText } from '../../model/narrow.ts';
import type { JsonObject, LimitState } from '../../model/session.ts';

/** The limit that a `turn.step.retrying` or a failed `turn.ended` tells of; undefined for other errors. */
export function limitOf(record: JsonObject): LimitState | undefined {
  const error = asObject(record.error);
  const status = asNumber(record.statusCode) ?? asNumber(asObject(error?.details)?.statusCode);
  const name = asText(record.errorName) ?? asText(error?.name) ?? '';
  const code = asText(error?.code) ?? '';
  const scope = scopeOf(`${name} ${code}`, status);
  return scope === undefined ? undefined : { scope, confidence: 'certain' };
}

function scopeOf(words: string, status: number | undefined): LimitState['scope'] | undefined {
  if (/QuotaExhausted/i.test(words)) return 'account';
  if (/rate_?limit/i.test(words) || status === 429) return 'minute';
  if (/overloaded/i.test(words) || status === 529 || status === 503) return 'overload';
  return /context\.overflow|ContextOverflow/i.test(words) ? 'context' : undefined;
}

/** What went wrong, in the agent's words. */
export function errorText(record: JsonObject): string | undefined {
  return asText(record.errorMessage) ?? asText(asObject(record.error)?.message);
}
