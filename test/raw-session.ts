/** Generates sessions as readers give them, with everything that goes wrong in real ones: input of `transfer/prepare`. */
import fc from 'fast-check';
import type { Agent } from '../src/agents/contract.ts';
import type {
  Entry,
  MessageEntry,
  Part,
  ResultContent,
  Session,
  ToolCallPart,
} from '../src/model/session.ts';
import type { ToolCall } from '../src/model/tools.ts';
import { arbitraryCall, arbitraryText } from './arbitrary-session.ts';
import { sessionOf } from './session-of.ts';

const someText = fc.oneof(
  { weight: 8, arbitrary: arbitraryText },
  { weight: 1, arbitrary: fc.constantFrom('', ' \n', 'a\ud800b', '/command', '\udfff') },
);
const someImage = fc.constantFrom(
  { type: 'image' as const, mediaType: 'image/png', data: 'AAAA' },
  { type: 'image' as const, mediaType: 'image/png', path: '/p.png' },
);
const someContent: fc.Arbitrary<ResultContent> = fc.oneof(
  { weight: 4, arbitrary: someText.map((text) => ({ type: 'text' as const, text })) },
  { weight: 1, arbitrary: someImage },
);
/** Few ids, so that they meet: in order, twice, late, never. */
const someCallId = fc.constantFrom('t_1', 't_2', 't_3', 't_4', 'Not An Id!');

const someOpaque = fc.record({
  type: fc.constant('reasoning' as const),
  text: someText,
  vendor: fc.constantFrom('toyvendor', 'othervendor', undefined),
  opaque: fc.constantFrom(undefined, { signature: 's' }),
});
const someResult = fc.record({
  type: fc.constant('tool_result' as const),
  callId: someCallId,
  status: fc.constantFrom('ok' as const, 'error' as const, 'interrupted' as const),
  content: fc.array(someContent, { maxLength: 2 }),
  exitCode: fc.constantFrom(undefined, 0, 3),
});
const someFile = fc.record({
  type: fc.constant('file' as const),
  path: fc.constant('/f.txt'),
  text: fc.option(someText, { nil: undefined }),
});

/** A call as `source` would have read it from its own store. */
function someCall(source: Agent): fc.Arbitrary<ToolCallPart> {
  return fc.record({ call: arbitraryCall, callId: someCallId }).map(({ call, callId }) => {
    const native = source.tools.write(call, '/w')?.[0] ?? foreign(call);
    return { type: 'tool_call', callId, native, ...source.tools.read(native, '/w') };
  });
}

function foreign(call: ToolCall): { name: string; input: never } {
  const name = call.tool === 'other' ? call.input.name : `Their ${call.tool}`;
  return {
    name,
    input: JSON.parse(JSON.stringify(call.tool === 'other' ? call.input.input : call.input)) as never,
  };
}

type Draft = Omit<Entry, 'parentId' | 'evidence' | 'id'>;

/** Sessions of `source`. */
export function rawSession(source: Agent): fc.Arbitrary<Session> {
  const said: fc.Arbitrary<Part> = fc.oneof(
    { weight: 6, arbitrary: someText.map((text) => ({ type: 'text' as const, text })) },
    { weight: 1, arbitrary: someImage },
    { weight: 1, arbitrary: someFile },
  );
  const message = (
    role: MessageEntry['role'],
    origin: MessageEntry['origin'],
    part: fc.Arbitrary<Part>,
  ): fc.Arbitrary<Draft> =>
    fc.array(part, { maxLength: 3 }).map((parts) => ({ type: 'message', role, origin, parts }) as Draft);
  const draft = fc.oneof(
    { weight: 4, arbitrary: message('user', 'human', said) },
    { weight: 6, arbitrary: message('assistant', 'agent', fc.oneof(said, someCall(source), someOpaque)) },
    { weight: 6, arbitrary: message('assistant', 'agent', someCall(source)) },
    { weight: 6, arbitrary: message('user', 'agent', someResult) },
    { weight: 1, arbitrary: message('user', 'harness', said) },
    { weight: 1, arbitrary: message('system', 'harness', said) },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('compaction' as const),
        summary: fc.constantFrom('', 'what was said', 'more of it'),
        keeps: fc.subarray(['e0', 'e1', 'e2', 'e3', 'e4']),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        type: fc.constant('event' as const),
        event: fc.constantFrom('limit' as const, 'model' as const, 'title' as const),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ type: 'plan' as const, items: [] }) },
  );
  return fc.array(draft, { minLength: 1, maxLength: 14 }).chain((drafts) =>
    fc
      .array(fc.integer({ min: 0, max: 40 }), { minLength: drafts.length, maxLength: drafts.length })
      .map((draws) =>
        sessionOf(
          source.id,
          drafts.map(
            (each, n) =>
              ({ ...each, id: draws[n] === 0 ? 'e0' : `e${n}`, parentId: null, evidence: [] }) as Entry,
          ),
        ),
      ),
  );
}
