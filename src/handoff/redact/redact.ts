/** Masks secrets in text and in JSON values. */
import type { JsonValue } from '../../model/session.ts';
import { rules } from './rules.ts';

export interface Redacted {
  text: string;
  /** How many secrets were masked. */
  count: number;
  /** How many of each kind. */
  kinds: Record<string, number>;
}

/** What stands in a secret's place. */
export function placeholder(kind: string): string {
  return `[REDACTED:${kind}]`;
}

/** Replaces every secret that a rule finds by a typed placeholder. */
export function redactText(text: string): Redacted {
  const kinds: Record<string, number> = {};
  let count = 0;
  let result = text;
  for (const rule of rules) {
    result = result.replace(rule.pattern, (...match: unknown[]) => {
      const whole = String(match[0]);
      const groups = match.at(-1) as Record<string, string | undefined>;
      const secret = groups.secret ?? groups.secret2 ?? groups.secret3;
      if (secret === undefined || secret.includes('[REDACTED:')) return whole;
      if (rule.accept !== undefined && !rule.accept(secret)) return whole;
      count++;
      kinds[rule.kind] = (kinds[rule.kind] ?? 0) + 1;
      const at = whole.lastIndexOf(secret);
      return `${whole.slice(0, at)}${placeholder(rule.kind)}${whole.slice(at + secret.length)}`;
    });
  }
  return { text: result, count, kinds };
}

/** The same for every string inside a JSON value. A member named like a secret is masked by its name as well. */
export function redactJson(value: JsonValue, counter: { count: number }): JsonValue {
  if (typeof value === 'string') {
    const masked = redactText(value);
    counter.count += masked.count;
    return masked.text;
  }
  if (Array.isArray(value)) return value.map((item) => redactJson(item, counter));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, redactMember(key, inner, counter)]),
  );
}

function redactMember(key: string, value: JsonValue, counter: { count: number }): JsonValue {
  if (typeof value !== 'string') return redactJson(value, counter);
  // the member as text lets the rules that look at names see it
  const head = `"${key}": "`;
  const masked = redactText(`${head}${value}"`);
  if (masked.count === 0 || !masked.text.startsWith(head)) return redactJson(value, counter);
  counter.count += masked.count;
  return masked.text.slice(head.length, -1);
}
