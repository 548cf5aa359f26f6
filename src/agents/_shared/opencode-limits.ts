/** Usage limits in the error objects that OpenCode and its forks keep in assistant messages and retry parts. */
import {
  asArray,
  asNumber,
  asObject,
  asString,
  asText,
  asTimestamp,
  parseObject,
} from '../../model/narrow.ts';
import type { JsonObject, LimitState, Timestamp } from '../../model/session.ts';

/**
 * `{name, data}` of a failed model call → the limit it tells of, or undefined when it is another error.
 * `failedAt` is when the call failed: waiting times are counted from there.
 */
export function limitOf(error: JsonObject, failedAt?: Timestamp): LimitState | undefined {
  if (error.name === 'ContextOverflowError') return { scope: 'context', confidence: 'certain' };
  const data = asObject(error.data);
  if (error.name !== 'APIError' || data === undefined) return undefined;
  const status = asNumber(data.statusCode);
  const body = asString(data.responseBody) ?? '';
  const kinds = bodyKinds(body);
  if (status === 529 || kinds.some((kind) => /overloaded|over_capacity/.test(kind)))
    return { scope: 'overload', confidence: 'certain' };
  if (status !== 429 && !kinds.some((kind) => ACCOUNT.test(kind))) return undefined;
  const limit: LimitState = {
    scope: kinds.some((kind) => ACCOUNT.test(kind)) ? 'account' : 'minute',
    confidence: kinds.length > 0 ? 'certain' : 'likely',
  };
  const resetsAt = resetTime(asObject(data.responseHeaders), body, failedAt);
  return resetsAt === undefined ? limit : { ...limit, resetsAt };
}

/** Error kinds by which providers say that a quota, not a rate, is used up. */
const ACCOUNT =
  /^(FreeUsageLimitError|GoUsageLimitError|insufficient_quota|usage_limit_reached|usage_not_included|billing_\w+|quota_exceeded)$/;

/** `type`, `code` and `name` in the provider's body, at the top and below `error`. */
function bodyKinds(body: string): string[] {
  const top = parseObject(body);
  if (top === undefined) return [];
  const inner = asObject(top.error);
  const kinds = [top.type, top.code, top.name, inner?.type, inner?.code, inner?.name];
  return kinds.flatMap((kind) => asText(kind) ?? []);
}

function resetTime(
  headers: JsonObject | undefined,
  body: string,
  failedAt: Timestamp | undefined,
): Timestamp | undefined {
  const error = asObject(parseObject(body)?.error);
  const named = asTimestamp(error?.resets_at);
  if (named !== undefined) return named;
  const wait = asText(headers?.['retry-after']);
  const seconds =
    asNumber(error?.resets_in_seconds) ??
    (wait !== undefined && /^\d+(\.\d+)?$/.test(wait) ? Number(wait) : undefined);
  if (seconds !== undefined)
    return failedAt === undefined ? undefined : asTimestamp(Date.parse(failedAt) + seconds * 1000);
  return wait === undefined ? undefined : asTimestamp(wait);
}

/** The message of an error object, or its name. */
export function errorText(error: JsonObject): string | undefined {
  return asText(asObject(error.data)?.message) ?? asText(error.message) ?? asText(error.name);
}

/** The limit that a session ended at: the error of its last message. */
export function lastMessageLimit(message: JsonObject | undefined): LimitState | undefined {
  const error = asObject(message?.error);
  if (error === undefined) return undefined;
  const time = asObject(message?.time);
  return limitOf(error, asTimestamp(time?.completed) ?? asTimestamp(time?.created));
}

/** Strings of an array; other members are dropped. */
export function texts(value: unknown): string[] {
  return (asArray(value) ?? []).flatMap((item) => asText(item) ?? []);
}
