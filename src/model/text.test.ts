import { expect, test } from 'vitest';
import { jsonLine } from './text.ts';

test('a JSON line holds no half characters and nothing that line readers split at', () => {
  expect(jsonLine({ a: 'x\uD800y', b: ['\uDC00'], c: 1 })).toBe('{"a":"x\uFFFDy","b":["\uFFFD"],"c":1}\n');
  // told about, not held
  expect(jsonLine({ a: '\\ud800', b: '🙂' })).toBe('{"a":"\\\\ud800","b":"🙂"}\n');
  expect(jsonLine(['a\u2028b\u2029c\n'])).toBe('["a\\u2028b\\u2029c\\n"]\n');
});
