/** Usage limits as Codex records them: structured fields only. */
import { asNumber, asObject, asText, asTimestamp } from '../../model/narrow.ts';
import type { JsonObject, LimitState, Timestamp } from '../../model/session.ts';

const SCOPES = new Map<string, LimitState['scope']>([
  ['usage_limit_exceeded', 'account'],
  ['session_budget_exceeded', 'account'],
  ['rate_limit_exceeded', 'minute'],
  ['server_overloaded', 'overload'],
  ['context_window_exceeded', 'context'],
]);

/**
 * Limit named by the `error` of a `task_complete` (0.169.0); undefined for other errors. `rateLimits` is the latest
 * `token_count.rate_limits` before it: the exhausted window says when it resets.
 */
export function limitOfError(
  error: JsonObject | undefined,
  rateLimits: JsonObject | undefined,
): LimitState | undefined {
  const scope = SCOPES.get(asText(error?.codex_error_info) ?? '');
  if (scope === undefined) return undefined;
  const resetsAt = scope === 'account' ? exhausted(rateLimits)?.resetsAt : undefined;
  return { scope, confidence: 'certain', ...(resetsAt === undefined ? {} : { resetsAt }) };
}

/** Limit of a turn without answer and without error record, as 0.98.0 leaves it: a window at 100 percent. */
export function limitOfWindows(rateLimits: JsonObject | undefined): LimitState | undefined {
  const window = exhausted(rateLimits);
  if (window === undefined) return undefined;
  const { resetsAt } = window;
  return { scope: 'account', confidence: 'likely', ...(resetsAt === undefined ? {} : { resetsAt }) };
}

/** The latest reset of the windows that are used up. */
function exhausted(rateLimits: JsonObject | undefined): { resetsAt?: Timestamp } | undefined {
  const windows = [rateLimits?.primary, rateLimits?.secondary]
    .map(asObject)
    .filter((window) => (asNumber(window?.used_percent) ?? 0) >= 100);
  if (windows.length === 0) return undefined;
  const resets = windows.flatMap((window) => asTimestamp(window?.resets_at) ?? []).sort();
  const resetsAt = resets.at(-1);
  return resetsAt === undefined ? {} : { resetsAt };
}
