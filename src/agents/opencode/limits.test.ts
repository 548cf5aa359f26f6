import { expect, test } from 'vitest';
import type { JsonObject } from '../../model/session.ts';
import { limitOf } from '../_shared/opencode-limits.ts';

const at = '2026-11-22T17:00:00.000Z';
const failed = (statusCode: number, body: JsonObject | string, headers: JsonObject = {}): JsonObject => ({
  name: 'APIError',
  data: {
    message: 'no',
    statusCode,
    responseHeaders: headers,
    responseBody: typeof body === 'string' ? body : JSON.stringify(body),
  },
});

test('kinds of limits', () => {
  expect(limitOf(failed(429, { error: { code: 'rate_limit_exceeded' } }), at)).toEqual({
    scope: 'minute',
    confidence: 'certain',
  });
  expect(limitOf(failed(429, 'Too many requests', { 'retry-after': '90' }), at)).toEqual({
    scope: 'minute',
    confidence: 'likely',
    resetsAt: '2026-11-22T17:01:30.000Z',
  });
  expect(
    limitOf(
      failed(429, { type: 'error', error: { type: 'GoUsageLimitError' } }, { 'retry-after': '3600' }),
      at,
    ),
  ).toEqual({
    scope: 'account',
    confidence: 'certain',
    resetsAt: '2026-11-22T18:00:00.000Z',
  });
  expect(limitOf(failed(429, { error: { type: 'usage_limit_reached', resets_at: 1795371234 } }), at)).toEqual(
    {
      scope: 'account',
      confidence: 'certain',
      resetsAt: '2026-11-22T18:13:54.000Z',
    },
  );
  expect(limitOf(failed(529, { type: 'error', error: { type: 'overloaded_error' } }), at)).toEqual({
    scope: 'overload',
    confidence: 'certain',
  });
  expect(limitOf({ name: 'ContextOverflowError', data: {} }, at)).toEqual({
    scope: 'context',
    confidence: 'certain',
  });
});

test('other errors are none, whatever their text says', () => {
  expect(
    limitOf(failed(500, { error: { message: 'rate limit 429 usage_limit_reached' } }), at),
  ).toBeUndefined();
  expect(limitOf({ name: 'MessageAbortedError', data: { message: 'rate limit' } }, at)).toBeUndefined();
  expect(limitOf({ name: 'APIError', data: 7 }, at)).toBeUndefined();
});
