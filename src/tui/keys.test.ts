import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Key, parseKeys } from './keys.ts';

function names(input: string): string[] {
  return parseKeys(input, true).keys.map(told);
}

function told({ name, text, ctrl, alt, shift }: Key): string {
  return `${ctrl ? 'ctrl-' : ''}${alt ? 'alt-' : ''}${shift ? 'shift-' : ''}${name === 'text' ? text : name}`;
}

test('keys of the terminals that there are', () => {
  expect(names('aé日😀')).toEqual(['a', 'é', '日', '😀']);
  expect(names('\r\n\t\u007f\b')).toEqual(['enter', 'enter', 'tab', 'backspace', 'backspace']);
  expect(names('\u0003\u0015')).toEqual(['ctrl-c', 'ctrl-u']);
  expect(names('\u001b[A\u001bOB\u001b[C\u001b[D\u001b[H\u001bOF')).toEqual([
    ...['up', 'down', 'right', 'left', 'home', 'end'],
  ]);
  expect(names('\u001b[5~\u001b[6~\u001b[3~\u001b[1;5A\u001b[Z')).toEqual([
    ...['pageup', 'pagedown', 'delete', 'ctrl-up', 'shift-tab'],
  ]);
  expect(names('\u001bh\u001b\u001b')).toEqual(['alt-h', 'escape', 'escape']);
  expect(names('\u001b[<64;1;1M\u001b[<65;1;1M\u001b[<0;1;1M\u001b[<0;1;1m')).toEqual([
    'wheelup',
    'wheeldown',
  ]);
  expect(names('\u001b[200~two\nlines\u001b[201~x')).toEqual(['two lines', 'x']);
  expect(names('\u001b[15~')).toEqual(['unknown']);
});

test('a sequence in several reads is the same keys', () => {
  const input = 'a\u001b[A\u001b[1;5B\u001b[<65;10;10M\u001bOC\u001b[200~pas\u001bted\u001b[201~\u001b[6~z';
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: input.length - 1 })), (cuts) => {
      const keys: Key[] = [];
      let rest = '';
      let from = 0;
      for (const to of [...cuts.sort((a, b) => a - b), input.length]) {
        const read = parseKeys(rest + input.slice(from, to), to === input.length);
        keys.push(...read.keys);
        rest = read.rest;
        from = to;
      }
      expect(keys.map(told)).toEqual(names(input));
    }),
  );
});

test('whatever comes, all of it is taken', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (input) => {
      expect(parseKeys(input, true).rest).toBe('');
    }),
  );
});
