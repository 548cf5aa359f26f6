/** Usage limits and errors in Qwen Code's telemetry records. */
import { asNumber, asObject, asText } from '../../model/narrow.ts';
import type { JsonObject, LimitState } from '../../model/session.ts';

/** A failed request to the model. */
export interface ApiFailure {
  text: string;
  limit?: LimitState;
}

/** The failure that a `ui_telemetry` record tells of; undefined for anything else, and for work in the background. */
export function apiFailure(record: JsonObject): ApiFailure | undefined {
  const event = asObject(asObject(record.systemPayload)?.uiEvent);
  if (event?.['event.name'] !== 'qwen-code.api_error' || asText(event.subagent_name) !== undefined)
    return undefined;
  const text = asText(event.error_message) ?? asText(event.error_type) ?? 'request failed';
  const limit = limitOf(asNumber(event.status_code), asText(event.error_type) ?? '', text);
  return limit === undefined ? { text } : { text, limit };
}

/** The status code is certain; what ran out is not recorded, so the account is assumed unless the message says more. */
function limitOf(status: number | undefined, type: string, text: string): LimitState | undefined {
  if (status === 429 || type === 'RateLimitError') {
    const scope = /per[ -]?minute|\brpm\b|\btpm\b/i.test(text) ? 'minute' : 'account';
    return { scope, confidence: 'certain' };
  }
  if (status === 503 || status === 529) return { scope: 'overload', confidence: 'certain' };
  return /context (?:length|window)|maximum context/i.test(text)
    ? { scope: 'context', confidence: 'likely' }
    : undefined;
}
