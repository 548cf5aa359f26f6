/** What Claude Code's error records say about usage limits. Only structured error records are looked at. */

import { timeMs } from '../../model/ids.ts';
import { asNumber, asObject, asString, asTimestamp } from '../../model/narrow.ts';
import type { JsonObject, LimitState, Timestamp } from '../../model/session.ts';

/** Whether an assistant record is an error that the agent wrote itself (model `<synthetic>`). */
export function isErrorRecord(record: JsonObject): boolean {
  return record.isApiErrorMessage === true;
}

/** The text of a record's message: its string or its first text block. */
export function messageText(record: JsonObject): string {
  const content = asObject(record.message)?.content;
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  for (const block of content) {
    const text = asString(asObject(block)?.text);
    if (text !== undefined) return text;
  }
  return '';
}

/**
 * The limit that a synthetic error record (`isApiErrorMessage`) tells of; undefined when it is another error.
 * `zone` is the IANA time zone for texts that name none; default: this machine's.
 * Structured fields: 2.1.330, measured. Wordings of older versions: public reports.
 */
export function limitOf(record: JsonObject, zone = localZone()): LimitState | undefined {
  if (!isErrorRecord(record)) return undefined;
  const text = messageText(record);
  const at = timeMs(asTimestamp(record.timestamp), Date.now());
  const quota = asObject(record.quotaLimits) ?? asObject(asObject(record.apiErrorParams)?.rate_limit_info);
  const status = asNumber(record.apiErrorStatus);
  if (quota !== undefined && quota.status !== 'allowed') {
    const resetsAt = asTimestamp(quota.resetsAt) ?? resetIn(text, at, zone);
    return {
      scope: quotaScope(asString(quota.rateLimitType), text),
      ...given(resetsAt),
      confidence: 'certain',
    };
  }
  const confidence = record.error === undefined && status === undefined ? 'likely' : 'certain';
  if (record.apiError === 'usage_limit_reached' || LIMIT_TEXT.test(text))
    return { scope: quotaScope(undefined, text), ...given(resetIn(text, at, zone)), confidence };
  if (status === 529 || record.error === 'overloaded' || record.apiErrorType === 'overloaded_error')
    return { scope: 'overload', confidence };
  if (record.error === 'rate_limit' || status === 429) return { scope: 'minute', confidence };
  if (/^(?:API Error: )?Prompt is too long/i.test(text)) return { scope: 'context', confidence: 'likely' };
  return undefined;
}

/** The limit in a `system/informational` record that announces an automatic continuation. */
export function announcedLimit(record: JsonObject, zone = localZone()): LimitState | undefined {
  const text = asString(record.content) ?? '';
  if (record.subtype !== 'informational' || !/^Usage limit reached\b/i.test(text)) return undefined;
  const at = timeMs(asTimestamp(record.timestamp), Date.now());
  return { scope: 'account', ...given(resetIn(text, at, zone)), confidence: 'likely' };
}

const LIMIT_TEXT =
  /you['’]ve hit your .*limit|\blimit reached\b|usage limit reached|your limit will reset|hit your usage limit/i;

function quotaScope(type: string | undefined, text: string): 'account' | 'model' {
  return /opus|sonnet|haiku|fable/i.test(`${type ?? ''} ${type === undefined ? text : ''}`)
    ? 'model'
    : 'account';
}

function given(resetsAt: Timestamp | undefined): { resetsAt?: Timestamp } {
  return resetsAt === undefined ? {} : { resetsAt };
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const RESET =
  /(?:resets?(?: at)?|automatically at)\s+(?:(?<month>[a-z]{3})[a-z]*\s+(?<day>\d{1,2})(?:,|\s+at)?\s+)?(?<hour>\d{1,2})(?::(?<minute>\d\d))?\s*(?<half>[ap]m)(?:\s*\((?<zone>[^)]+)\))?/i;

/**
 * The moment a limit text names: `…|<epoch seconds>`, or a wall-clock time in a zone, the first such after `at` (ms).
 */
export function resetIn(text: string, at: number, localZoneName: string): Timestamp | undefined {
  const epoch = /\|(\d{9,13})\s*$/.exec(text)?.[1];
  if (epoch !== undefined) return asTimestamp(Number(epoch));
  const found = RESET.exec(text)?.groups;
  if (found === undefined) return undefined;
  const zone = found.zone ?? localZoneName;
  const hour = (Number(found.hour) % 12) + (found.half?.toLowerCase() === 'pm' ? 12 : 0);
  const minute = Number(found.minute ?? 0);
  try {
    const today = wallClock(at, zone);
    if (found.month !== undefined) {
      const month = MONTHS.indexOf(found.month.toLowerCase());
      if (month < 0) return undefined;
      const inYear = (year: number) => fromWallClock(year, month, Number(found.day), hour, minute, zone);
      const ms = inYear(today.year);
      return asTimestamp(new Date(ms < at ? inYear(today.year + 1) : ms).toISOString());
    }
    const onDay = (day: number) => fromWallClock(today.year, today.month, day, hour, minute, zone);
    const ms = onDay(today.day);
    return asTimestamp(new Date(ms <= at ? onDay(today.day + 1) : ms).toISOString());
  } catch (error) {
    // a zone name that this system does not know
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}

function localZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

interface WallClock {
  year: number;
  month: number;
  day: number;
  /** The wall clock's reading taken as if it were UTC, ms. */
  asUtc: number;
}

function wallClock(ms: number, zone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const parts = new Map(format.formatToParts(ms).map((part) => [part.type, Number(part.value)]));
  const get = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
  const [year, month, day] = [get('year'), get('month') - 1, get('day')];
  return { year, month, day, asUtc: Date.UTC(year, month, day, get('hour'), get('minute'), get('second')) };
}

/** Wall-clock time in a zone → ms. The second step settles days on which the offset changes. */
function fromWallClock(y: number, month: number, d: number, h: number, min: number, zone: string): number {
  const wanted = Date.UTC(y, month, d, h, min);
  const first = wanted - (wallClock(wanted, zone).asUtc - wanted);
  return wanted - (wallClock(first, zone).asUtc - first);
}
