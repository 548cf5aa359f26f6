import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../model/session.ts';
import { Follower } from './follow.ts';
import { resolveChain, type Step } from './path.ts';
import type { Node } from './skeleton.ts';

type Given = Partial<Node> & Pick<Node, 'kind'>;

/** Records in file order; without a parent each hangs on the one before. */
function records(given: readonly Given[]): Node[] {
  const nodes: Node[] = [];
  for (const [i, own] of given.entries()) {
    nodes.push({
      uuid: `r${i}`,
      parent: i === 0 ? null : (nodes[i - 1]?.uuid ?? null),
      start: 100 * i,
      end: 100 * i + 90,
      messageId: undefined,
      model: undefined,
      resultFor: undefined,
      subtype: undefined,
      sidechain: false,
      time: undefined,
      parsed: undefined,
      ...own,
    });
  }
  return nodes;
}

function followed(nodes: readonly Node[]): Step[] | undefined {
  const follower = new Follower();
  const steps: Step[] = [];
  for (const node of nodes) {
    const complete = follower.add(node);
    if (complete === undefined) return undefined;
    steps.push(...complete);
  }
  return [...steps, ...follower.end()];
}

/** What the whole skeleton says; undefined where it says more than steps. */
function resolved(nodes: readonly Node[]): Step[] | undefined {
  const diagnostics: Diagnostic[] = [];
  const last = new Map(nodes.map((node) => [node.uuid, node]));
  const unique = nodes.filter((node) => last.get(node.uuid) === node);
  const chain = resolveChain(unique, undefined, 'file', diagnostics);
  const simple = unique.length === nodes.length && chain?.branches.length === 0 && diagnostics.length === 0;
  return simple ? chain.steps : undefined;
}

const told = (steps: readonly Step[] | undefined): string[] | undefined =>
  steps?.map(({ kind, id, nodes }) => `${kind} ${id}: ${nodes.map(({ uuid }) => uuid).join(' ')}`);

const prompt: Given = { kind: 'user' };
const block = (messageId: string, parent?: string): Given => ({
  kind: 'assistant',
  messageId,
  ...(parent === undefined ? {} : { parent }),
});
const result = (resultFor: string, parent?: string): Given => ({
  kind: 'user',
  resultFor,
  ...(parent === undefined ? {} : { parent }),
});

describe('a conversation whose records come in order', () => {
  test.each<[string, Given[], string[]]>([
    [
      'calls one after the other',
      [prompt, block('m1'), result('c1'), block('m2'), prompt],
      ['user r0: r0', 'assistant r1: r1', 'user r2: r2', 'assistant r3: r3', 'user r4: r4'],
    ],
    [
      'parallel calls, results on their blocks',
      [prompt, block('m1'), block('m1'), result('c1', 'r1'), result('c2', 'r2'), block('m2')],
      ['user r0: r0', 'assistant r1: r1 r2', 'user r3: r3', 'user r4: r4', 'assistant r5: r5'],
    ],
    [
      'a result before the next block',
      [
        prompt,
        block('m1'),
        result('c1'),
        block('m1', 'r1'),
        result('c2'),
        { kind: 'attachment' },
        block('m2'),
      ],
      ['user r0: r0', 'assistant r1: r1 r3', 'user r2: r2', 'user r4: r4', 'assistant r6: r6'],
    ],
    [
      'a compaction with its summary, and what stands between them',
      [
        prompt,
        block('m1'),
        { kind: 'system', subtype: 'compact_boundary', parent: null, logicalParent: 'r1' },
        { kind: 'attachment', subtype: 'queued_command' },
        { kind: 'user', isSummary: true },
        prompt,
      ],
      ['user r0: r0', 'assistant r1: r1', 'compaction r2: r2 r4', 'user r5: r5'],
    ],
  ])('%s', (_name, given, steps) => {
    expect(told(followed(records(given)))).toEqual(steps);
    expect(told(resolved(records(given)))).toEqual(steps);
  });

  test.each<[string, Given[]]>([
    ['a branch', [prompt, block('m1'), { ...prompt, parent: 'r0' }]],
    ['an id again', [prompt, block('m1'), { ...prompt, uuid: 'r0' }]],
    ['a second root', [prompt, block('m1'), { ...prompt, parent: null }]],
    ['a parent that is not there', [prompt, { ...prompt, parent: 'gone' }]],
    ['a response that goes on after a prompt', [prompt, block('m1'), prompt, block('m1')]],
    ['a second result of a call', [prompt, block('m1'), result('c1'), result('c1')]],
  ])('not with %s', (_name, given) => {
    expect(followed(records(given))).toBeUndefined();
  });
});

/** What a record may be: mostly what comes next in practice, now and then anything. */
const anyRecord = fc.record({
  what: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom<Given>({ kind: 'user' }, { kind: 'assistant' }) },
    {
      weight: 2,
      arbitrary: fc.constantFrom<Given>(
        { kind: 'user', isSummary: true },
        { kind: 'attachment' },
        { kind: 'attachment', subtype: 'queued_command' },
        { kind: 'system', subtype: 'api_error' },
        { kind: 'system', subtype: 'compact_boundary' },
      ),
    },
  ),
  message: fc.constantFrom(0, 1, 1, 1, 1, 2),
  call: fc.option(fc.integer({ min: 0, max: 4 }), { freq: 4 }),
  back: fc.oneof(
    { weight: 6, arbitrary: fc.constant(1) },
    { weight: 3, arbitrary: fc.integer({ min: 2, max: 4 }) },
    { weight: 1, arbitrary: fc.constantFrom(0, -1, -2) },
  ),
  again: fc.oneof({ weight: 30, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
});

test('what is followed is what the whole skeleton says', () => {
  let both = 0;
  fc.assert(
    fc.property(fc.array(anyRecord, { minLength: 1, maxLength: 10, size: 'max' }), (drawn) => {
      const nodes = records(
        drawn.map(({ what, message, call, back, again }, i): Given => {
          const given: Given = { ...what };
          if (what.kind === 'assistant' && message > 0) given.messageId = `m${message}`;
          if (what.kind === 'user' && call !== null) given.resultFor = `c${call}`;
          const before = i - back;
          // 0 and less: a root, a record without a parent, a parent that is not there
          given.parent =
            back === -1 ? undefined : back === -2 ? 'gone' : before >= 0 && back > 0 ? `r${before}` : null;
          if (what.subtype === 'compact_boundary' && typeof given.parent === 'string') {
            given.logicalParent = given.parent;
            given.parent = null;
          }
          if (again && i > 0) given.uuid = 'r0';
          return given;
        }),
      );
      const steps = followed(nodes);
      if (steps === undefined) return;
      both++;
      expect(told(steps)).toEqual(told(resolved(nodes)));
    }),
    { numRuns: 20_000 },
  );
  expect(both).toBeGreaterThan(2000);
});
