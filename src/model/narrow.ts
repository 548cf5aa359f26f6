/** Narrowing of parsed JSON: readers ask for the type they need and get undefined for anything else. */
import type { JsonObject, JsonValue, Timestamp } from './session.ts';

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asObject(value: unknown): JsonObject | undefined {
  return isObject(value) ? value : undefined;
}

export function asArray(value: unknown): JsonValue[] | undefined {
  return Array.isArray(value) ? (value as JsonValue[]) : undefined;
}

export function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A non-empty string. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function asBoolean(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}

/** ISO text, epoch seconds or epoch milliseconds → ISO with milliseconds and `Z`. */
export function asTimestamp(value: unknown): Timestamp | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  // most are in this form already, and there are very many
  if (typeof value === 'string' && value.length === 24 && ISO.test(value)) return value;
  // 10^11 seconds is the year 5138, 10^11 milliseconds 1973: no session is older or that new
  const ms = typeof value === 'string' ? Date.parse(value) : value < 1e11 ? value * 1000 : value;
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return undefined;
  return new Date(ms).toISOString();
}

const ISO = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** A copy of the object without the members that are undefined. */
export function defined<T extends object>(value: T): T {
  const copy: Partial<T> = {};
  for (const key in value) if (value[key] !== undefined) copy[key] = value[key];
  return copy as T;
}

/** Parses JSON text; undefined when it is not JSON. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** The first JSON value as object, from text. */
export function parseObject(text: string): JsonObject | undefined {
  return asObject(parseJson(text));
}
