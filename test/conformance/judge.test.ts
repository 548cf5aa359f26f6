import { expect, test } from 'vitest';
import type { Called, Piece, Result, Said } from './account.ts';
import { type JudgeOptions, judge, type Labelled } from './judge.ts';

const user = (text: string): Said => ({ kind: 'said', role: 'user', text });
const assistant = (text: string): Said => ({ kind: 'said', role: 'assistant', text });
const call = (command: string, result?: Partial<Result>, name = 'Bash'): Called => ({
  kind: 'called',
  name,
  input: { [name]: command },
  meaning: [`["execute","${command}"]`],
  result: { text: 'out', failed: false, ...result },
});
const label = (scenario: Labelled['scenario'], ...pieces: Piece[]): Labelled[] =>
  pieces.map((piece) => ({ scenario, piece }));

const source = [
  ...label('text', user('what is it?'), assistant('a service')),
  ...label('tool', user('list'), assistant('step'), call('ls'), assistant('done')),
  ...label('fail', user('break'), call('false', { failed: true, exitCode: 3 }), assistant('it failed')),
];
const plain: JudgeOptions = {
  sameAgent: false,
  images: { prompt: true, result: true },
  foreign: ({ name }) => name.startsWith('mcp'),
};

/** What a faithful target sends: its own tool name, its own wrapping of results. */
function sent(): Piece[] {
  return source.map(({ piece }) => {
    if (piece.kind !== 'called') return piece;
    const { text = '', exitCode } = piece.result ?? {};
    return {
      ...piece,
      name: 'shell',
      result: { failed: false, text: `exit code ${exitCode ?? 0}\n${text}\n` },
    };
  });
}

function scenarios(actual: Piece[], options = plain): string[] {
  return judge(source, actual, options).map((problem) => problem.scenario);
}

test('a faithful request has no problems', () => {
  expect(judge(source, sent(), plain)).toEqual([]);
});

test('joined texts count as the texts they are joined from', () => {
  const actual: Piece[] = [
    user('what is it?'),
    assistant('a service'),
    user('list'),
    assistant('step'),
    ...sent().slice(4),
  ];
  expect(judge(source, actual, plain)).toEqual([]);
  const two = [...label('text', user('a'), user('b'), assistant('c'))];
  expect(judge(two, [user('a\n\nb'), assistant('c')], plain)).toEqual([]);
});

test.each<[string, (pieces: Piece[]) => Piece[], string[]]>([
  ['a text is lost', (p) => p.filter((_, i) => i !== 1), ['text']],
  ['a text is changed', (p) => p.with(1, assistant('a servant')), ['text']],
  ['a text is told by another role', (p) => p.with(1, user('a service')), ['text']],
  ['texts are swapped', (p) => [...p.slice(2, 6), ...p.slice(0, 2), ...p.slice(6)], ['text', 'fail']],
  ['a call is lost', (p) => p.filter((_, i) => i !== 4), ['tool']],
  ['a call under its foreign name', (p) => p.with(4, { ...call('ls'), meaning: ['?'] }), ['tool']],
  ['a call became text', (p) => p.with(4, assistant('Bash ls')), ['tool']],
  ['another command', (p) => p.with(4, call('ls -la')), ['tool']],
  ['another result', (p) => p.with(4, call('ls', { text: 'other' })), ['tool']],
  ['no result', (p) => p.with(4, { ...call('ls'), result: undefined }), ['tool']],
  ['failure not told', (p) => p.with(7, call('false', { text: 'out 3' })), ['fail']],
  ['exit code not told', (p) => p.with(7, call('false', { failed: true })), ['fail']],
  ['everything is lost', () => [], ['text']],
  ['harness text in front', (p) => [user('<env>'), ...p], ['text']],
  ['harness text at the end', (p) => [...p, user('<env>')], ['fail']],
  ['reasoning', (p) => [...p, { kind: 'thought', text: '' }], ['reasoning']],
])('%s', (_what, change, expected) => {
  expect(scenarios(change(sent()))).toEqual(expected);
});

test('reasoning of the agent itself may be sent', () => {
  expect(scenarios([...sent(), { kind: 'thought', text: '' }], { ...plain, sameAgent: true })).toEqual([]);
});

test('foreign reasoning may not be told as text', () => {
  const thinking = [
    ...source,
    ...label('reasoning', user('think'), { kind: 'thought', text: 'secret' }, assistant('x')),
  ];
  const actual = [...sent(), user('think'), assistant('x')];
  expect(judge(thinking, actual, plain)).toEqual([]);
  const told = [...sent(), user('think'), assistant('secret'), assistant('x')];
  expect(judge(thinking, told, plain).map((p) => p.scenario)).toContain('reasoning');
});

test('one call may become several, and a tool that the target lacks keeps its input', () => {
  const patch: Called = { ...call('p'), meaning: ['a', 'b'] };
  const parts: Piece[] = [
    { ...call('1', { text: 'out' }), meaning: ['a'] },
    { ...call('2'), meaning: ['b'] },
  ];
  expect(judge(label('edit', patch), parts, plain)).toEqual([]);
  expect(judge(label('edit', patch), parts.slice(0, 1), plain)).toHaveLength(1);
  const foreign: Called = { ...call('x', {}, 'mcp.do it'), meaning: ['other'] };
  expect(judge(label('tool', foreign), [{ ...foreign, name: 'mcp_do_it', meaning: ['?'] }], plain)).toEqual(
    [],
  );
});

test('images are compared by their bytes, where the target takes them', () => {
  const image = label('image', { kind: 'shown', data: 'AAAA', place: 'result' });
  expect(judge(image, [{ kind: 'shown', data: 'AAAA', place: 'result' }], plain)).toEqual([]);
  expect(judge(image, [{ kind: 'shown', data: 'BBBB', place: 'result' }], plain)).toHaveLength(1);
  expect(judge(image, [], { ...plain, images: { prompt: true, result: false } })).toEqual([]);
});

test('a long result is judged by its ends', () => {
  const long = `HEAD${'x'.repeat(10_000)}TAIL`;
  const expected = label('odd', call('cat', { text: long }));
  const cut = `${long.slice(0, 200)} … ${long.slice(-200)}`;
  expect(judge(expected, [call('cat', { text: cut })], plain)).toEqual([]);
  expect(judge(expected, [call('cat', { text: cut.slice(0, 200) })], plain)).toHaveLength(1);
});
