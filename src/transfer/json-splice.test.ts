import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../model/session.ts';
import { type Place, spliceIn, spliceOut } from './json-splice.ts';

function add(json: string, place: Place, value: JsonValue): string {
  const base = Buffer.from(json);
  const splice = spliceIn(base, place, value);
  if (typeof splice === 'string') return splice;
  const { offset, text } = splice;
  return Buffer.concat([base.subarray(0, offset), Buffer.from(text), base.subarray(offset)]).toString();
}

test.each<[string, string, Place, JsonValue, string]>([
  ['one line', '{"a":{"é":1}}', { at: ['a'], key: 'b' }, [2], '{"a":{"é":1,"b":[2]}}'],
  ['empty', '{}', { at: [], key: 'b' }, 1, '{"b":1}'],
  [
    'indented',
    '{\n  "a": 1\n}\n',
    { at: [], key: 'b' },
    { c: 2 },
    '{\n  "a": 1,\n  "b": {\n    "c": 2\n  }\n}\n',
  ],
  ['tabs, empty inside', '{\n\t"a": {}\n}', { at: ['a'], key: 'b' }, 1, '{\n\t"a": {\n\t\t"b": 1\n\t}\n}'],
  ['missing container', '{"x":1}', { at: ['a', 'b'], key: 'c' }, 2, '{"x":1,"a":{"b":{"c":2}}}'],
  ['missing list', '{}', { at: ['a'], end: 'first' }, 2, '{"a":[2]}'],
  ['first of a list', '[ 1, 2 ]', { at: [], end: 'first' }, 0, '[ 0, 1, 2 ]'],
  ['last of a list', '[\n 1,\n 2\n]', { at: [], end: 'last' }, 3, '[\n 1,\n 2,\n 3\n]'],
  ['mark at the start', '\uFEFF{"a":1}', { at: [], key: 'b' }, 2, '\uFEFF{"a":1,"b":2}'],
  ['key with escapes', '{"a\\"b":{"c":1}}', { at: ['a"b'], key: 'd' }, 2, '{"a\\"b":{"c":1,"d":2}}'],
  [
    'key given twice: the last counts',
    '{"a":{},"a":{"x":1}}',
    { at: ['a'], key: 'b' },
    2,
    '{"a":{},"a":{"x":1,"b":2}}',
  ],
  ['a comment', '{ /* no */ }', { at: [], key: 'b' }, 1, 'not-json'],
  ['key in use', '{"b":1}', { at: [], key: 'b' }, 1, 'taken'],
  ['a list where an object should be', '{"a":[]}', { at: ['a'], key: 'b' }, 1, 'wrong-container'],
  ['an object where a list should be', '{"a":{}}', { at: ['a'], end: 'last' }, 1, 'wrong-container'],
  ['a value on the way', '{"a":null}', { at: ['a', 'b'], key: 'c' }, 1, 'wrong-container'],
])('adds: %s', (_name, json, place, value, expected) => {
  expect(add(json, place, value)).toBe(expected);
});

const anyJson = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);
const anyIndex = fc.record({
  index: fc
    .dictionary(fc.string(), anyJson, { maxKeys: 4 })
    .map((members) => ({ ...members, list: [1], map: { 'é"\\': { a: null } } }) as JsonObject),
  indent: fc.constantFrom(undefined, '  ', '\t', ' '),
  value: anyJson,
  place: fc.constantFrom<Place[]>(
    { at: ['list'], end: 'first' },
    { at: ['list'], end: 'last' },
    { at: ['map'], key: '__proto__' },
    { at: ['map', 'é"\\'], key: 'new\u2028' },
    { at: [], key: 'added by segue' },
    { at: ['not there', 'nor this'], key: 'k' },
  ),
});

test('for any index: the member stands where it should, everything else is as it was', () => {
  fc.assert(
    fc.property(anyIndex, ({ index, indent, value, place }) => {
      const json = JSON.stringify(index, null, indent);
      const changed = JSON.parse(add(json, place, value)) as JsonObject;
      let container: JsonValue = changed;
      for (const name of place.at) container = (container as JsonObject)[name] ?? null;
      if (place.key !== undefined) {
        expect(Object.getOwnPropertyDescriptor(container, place.key)?.value).toEqual(value);
        expect(Reflect.deleteProperty(container as JsonObject, place.key)).toBe(true);
      } else expect((container as JsonValue[])[place.end === 'first' ? 'shift' : 'pop']()).toEqual(value);
      if (place.at[0] === 'not there') {
        expect(changed['not there']).toEqual({ 'nor this': {} });
        delete changed['not there'];
      }
      expect(changed).toEqual(index);
    }),
  );
});

test('for any index: taken out again, also after it was written anew', () => {
  fc.assert(
    fc.property(anyIndex, fc.constantFrom(undefined, '  '), ({ index, indent, value, place }, later) => {
      const added = JSON.parse(add(JSON.stringify(index, null, indent), place, value)) as JsonObject;
      const out =
        spliceOut(Buffer.from(JSON.stringify(added, null, later)), place, value)?.toString() ?? 'nothing';
      const left = JSON.parse(out) as JsonObject;
      if (place.at[0] === 'not there') delete left['not there'];
      expect(left).toEqual(index);
    }),
  );
});

test('what is not there, or has changed, is left alone', () => {
  expect(spliceOut(Buffer.from('{"a":1}'), { at: [], key: 'b' }, 1)).toBeUndefined();
  expect(spliceOut(Buffer.from('{"b":2}'), { at: [], key: 'b' }, 1)).toBeUndefined();
  expect(spliceOut(Buffer.from('{"b":'), { at: [], key: 'b' }, 1)).toBeUndefined();
});
