/** Masks secrets in text and in JSON values. */
import type { JsonValue } from '../../model/session.ts';
import { type Rule, ruleGroups } from './rules.ts';

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
  const found: Redacted = { text, count: 0, kinds: {} };
  for (const { sign, rules } of ruleGroups)
    if (sign === undefined || sign.test(found.text)) for (const rule of rules) apply(rule, found);
  return found;
}

function apply({ kind, pattern, accept }: Rule, found: Redacted): void {
  found.text = found.text.replace(pattern, (...match: unknown[]) => {
    const whole = String(match[0]);
    const groups = match.at(-1) as Record<string, string | undefined>;
    const secret = groups.secret ?? groups.secret2 ?? groups.secret3;
    if (secret === undefined || secret.includes('[REDACTED:')) return whole;
    if (accept !== undefined && !accept(secret)) return whole;
    found.count++;
    found.kinds[kind] = (found.kinds[kind] ?? 0) + 1;
    const at = whole.lastIndexOf(secret);
    return `${whole.slice(0, at)}${placeholder(kind)}${whole.slice(at + secret.length)}`;
  });
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
