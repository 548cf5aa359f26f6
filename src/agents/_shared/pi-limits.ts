/** Usage limits in pi transcripts: an assistant record with `stopReason` `error` and the provider's message. */
import { timeMs } from '../../model/ids.ts';
import { asObject, asText, parseObject } from '../../model/narrow.ts';
import type { LimitState, Timestamp } from '../../model/session.ts';

/**
 * The limit that an `errorMessage` tells of, or undefined for other errors. Forms (0.74: `429 text`; 0.87:
 * `429: {"message","type","code"}`): with a code in JSON it is certain. `at` is when the record was written.
 */
export function limitOf(errorMessage: string | undefined, at: Timestamp | undefined): LimitState | undefined {
  if (errorMessage === undefined) return undefined;
  const status = Number(/^(\d{3})\b/.exec(errorMessage)?.[1] ?? 0);
  const brace = errorMessage.indexOf('{');
  const body = brace < 0 ? undefined : parseObject(errorMessage.slice(brace));
  const detail = asObject(body?.error) ?? body;
  const code = asText(detail?.code) ?? asText(detail?.type) ?? '';
  const scope = scopeOf(code) ?? (status === 0 || isLimitStatus(status) ? scopeOf(errorMessage) : undefined);
  if (scope === undefined && !isLimitStatus(status)) return undefined;
  const resetsAt = resetIn(errorMessage, at);
  return {
    scope: scope ?? (status === 429 ? 'minute' : 'overload'),
    ...(resetsAt === undefined ? {} : { resetsAt }),
    confidence: isLimitStatus(status) || scopeOf(code) !== undefined ? 'certain' : 'likely',
  };
}

function isLimitStatus(status: number): boolean {
  return status === 429 || status === 529 || status === 503;
}

function scopeOf(text: string): LimitState['scope'] | undefined {
  if (/usage.?limit|insufficient_quota|quota|credit balance/i.test(text)) return 'account';
  if (/rate.?limit|too many requests/i.test(text)) return 'minute';
  if (/overloaded/i.test(text)) return 'overload';
  if (/context_length_exceeded|prompt is too long|context window/i.test(text)) return 'context';
  return undefined;
}

/** `try again in ~90 min`, as the OpenAI account provider of pi words it. */
function resetIn(text: string, at: Timestamp | undefined): Timestamp | undefined {
  const minutes = /try again in ~?(\d+) ?min/i.exec(text)?.[1];
  const from = timeMs(at, Number.NaN);
  if (minutes === undefined || Number.isNaN(from)) return undefined;
  return new Date(from + Number(minutes) * 60_000).toISOString();
}
