/** Usage limits: reasons of a turn's outcome, and the errors that are shown to the person. Reasons: read in 0.225.2. */
import { asObject, asText, parseObject } from '../../model/narrow.ts';
import type { LimitState } from '../../model/session.ts';

const REASONS: Readonly<Record<string, LimitState['scope']>> = {
  model_usage_exhausted: 'account',
  model_rate_limited: 'minute',
  model_provider_unavailable: 'overload',
};

/** The limit that a turn's outcome names. */
export function limitOfOutcome(reason: string): LimitState | undefined {
  const scope = Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined;
  return scope === undefined ? undefined : { scope, confidence: 'certain' };
}

/** The limit that a shown error tells of: `BYOK Error: 429 {"type":"error","error":{"type":…}}`. */
export function limitOfText(text: string): LimitState | undefined {
  const status = /\bError: (\d{3})\b/.exec(text)?.[1];
  const brace = text.indexOf('{');
  const line = brace < 0 ? '' : (text.slice(brace).split('\n')[0] ?? '');
  const type = asText(asObject(parseObject(line)?.error)?.type);
  if (status === '429' || type === 'rate_limit_error') return { scope: 'minute', confidence: 'certain' };
  if (status === '529' || type === 'overloaded_error') return { scope: 'overload', confidence: 'certain' };
  return undefined;
}
