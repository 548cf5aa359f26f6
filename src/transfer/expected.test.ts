import { expect, test } from 'vitest';
import { sessionOf } from '../../test/session-of.ts';
import type { Entry, Part } from '../model/session.ts';
import { emptyFingerprint, type Fingerprint, recordLines } from './expected.ts';

function fingerprint(...parts: Part[]): Fingerprint {
  const entry: Entry = {
    id: 'm',
    parentId: null,
    evidence: [],
    type: 'message',
    role: 'user',
    origin: 'human',
    parts,
  };
  const found = emptyFingerprint();
  const passed = [...recordLines(sessionOf('source', [entry]).entries(), found)];
  expect(passed).toEqual([entry]);
  return found;
}

const text = (said: string): Part => ({ type: 'text', text: said });
const reasoning = (said: string): Part => ({ type: 'reasoning', text: said });

test('texts that differ in anything have other checksums', () => {
  const texts = ['', 'a', 'a\n', '"a"', '["user","text"]', 'é', 'e\u0301', '\uFFFD', '\uD800', '\uDC00'];
  const lines = [...texts.map(text), ...texts.map(reasoning)];
  const { sums, kinds } = fingerprint(...lines);
  expect(new Set(sums).size).toBe(lines.length);
  expect(kinds).toEqual([...texts.map(() => 'user text'), ...texts.map(() => 'user reasoning')]);
  expect(fingerprint(...lines)).toEqual(fingerprint(...structuredClone(lines)));
});
