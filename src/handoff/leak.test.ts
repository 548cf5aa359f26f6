/** Secrets anywhere in a session, in front of and behind text of any length, against everything that leaves segue. */
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { type Seeded, seededSecrets } from '../../test/seeded-secrets.ts';
import { sessionOf } from '../../test/session-of.ts';
import { sessionJson } from '../cli/session-json.ts';
import type { Entry, JsonValue, MessageEntry, Part, Session } from '../model/session.ts';
import { cutToFit, loadTokenCounter, makeHandoff, presets, type TokenCounter } from './index.ts';
import { redactJson, redactText } from './redact/redact.ts';

let count: TokenCounter;
beforeAll(async () => {
  count = await loadTokenCounter();
});

/** Words that fill a text up to where it is cut somewhere. */
const filler = fc
  .tuple(
    fc.constantFrom(0, 90, 180, 290, 400, 500, 880, 1200, 3990, 6000, 19_990),
    fc.integer({ min: 0, max: 60 }),
  )
  .map(([near, more]) => 'plain words of the session '.repeat(900).slice(0, near + more));
const separator = fc.constantFrom(' ', '\n', '\n\n');

/** A text with the secret somewhere in it. */
function holding(secret: Seeded): fc.Arbitrary<string> {
  return fc
    .tuple(filler, separator, separator, filler)
    .map(([before, a, b, after]) => `${before}${a}${secret.inText ?? secret.secret}${b}${after}`);
}

let serial = 0;
function message(role: 'user' | 'assistant', origin: MessageEntry['origin'], part: Part): MessageEntry {
  return { type: 'message', id: `e${++serial}`, parentId: null, evidence: [], role, origin, parts: [part] };
}
function call(
  part: Omit<Extract<Part, { type: 'tool_call' }>, 'callId' | 'type'>,
  output: string,
  ok: boolean,
): Entry[] {
  const callId = `c${++serial}`;
  return [
    message('assistant', 'agent', { ...part, type: 'tool_call', callId } as Part),
    message('user', 'agent', {
      type: 'tool_result',
      callId,
      status: ok ? 'ok' : 'error',
      exitCode: ok ? 0 : 1,
      content: [{ type: 'text', text: output }],
    }),
  ];
}

const native = { name: 'Tool', input: {} };

/** Entries that hold the text in one of the places that a session has for texts. */
const places: ((text: string) => Entry[])[] = [
  (text) => [message('user', 'human', { type: 'text', text })],
  (text) => [
    message('assistant', 'agent', { type: 'text', text: `We decided on this because it works: ${text}` }),
  ],
  (text) => [message('assistant', 'agent', { type: 'reasoning', text: `That failed, so instead: ${text}` })],
  (text) => call({ tool: 'execute', input: { command: `run ${text}` }, native }, 'fine', true),
  (text) => call({ tool: 'execute', input: { command: 'npm test' }, native }, text, true),
  (text) => call({ tool: 'execute', input: { command: 'npm run check' }, native }, `Error: ${text}`, false),
  (text) => call({ tool: 'write', input: { path: 'a.env', content: text }, native }, 'ok', true),
  (text) =>
    call(
      { tool: 'edit', input: { path: 'b.ts', edits: [{ oldText: 'x', newText: text }] }, native },
      'ok',
      true,
    ),
  (text) => call({ tool: 'task', input: { prompt: text }, native }, text, true),
  (text) => call({ tool: 'plan', input: { items: [{ text, status: 'pending' }] }, native }, 'ok', true),
  (text) => [
    { type: 'compaction', id: `e${++serial}`, parentId: null, evidence: [], summary: text, keeps: [] },
  ],
  (text) => [message('assistant', 'agent', { type: 'text', text: `Shall I use ${text}?` })],
];

/** What would already be a leak: most of one line of the secret. */
function leaks(out: string, secret: string): boolean {
  return secret.split('\n').some((line) => {
    const part = Math.ceil(line.length * 0.7);
    if (part < 6) return false;
    for (let at = 0; at + part <= line.length; at++) if (out.includes(line.slice(at, at + part))) return true;
    return false;
  });
}

const secrets = seededSecrets(5);
const cases = fc
  .tuple(fc.constantFrom(...secrets), fc.integer({ min: 0, max: places.length - 1 }))
  .chain(([secret, place]) => holding(secret).map((text) => ({ secret, place, text })));

function sessionWith(text: string, place: number): Session {
  const start = message('user', 'human', { type: 'text', text: 'Start with the parser' });
  return sessionOf('claude', [start, ...(places[place]?.(text) ?? [])]);
}

test('no secret is in a handoff, whatever preset and budget', () => {
  const preset = fc.constantFrom(...(Object.keys(presets) as (keyof typeof presets)[]));
  fc.assert(
    fc.property(cases, preset, ({ secret, place, text }, name) => {
      const made = makeHandoff(sessionWith(text, place), presets[name], count, redactText);
      expect(leaks(made.text, secret.secret), `${secret.kind} ${made.text}`).toBe(false);
    }),
    { numRuns: Number(process.env.SEGUE_LEAK_RUNS ?? 400) },
  );
});

test('no secret is in a session written as JSON', () => {
  fc.assert(
    fc.property(cases, ({ secret, place, text }) => {
      const session = sessionWith(text, place);
      const mask = (value: unknown): unknown => redactJson(value as JsonValue, { count: 0 });
      const json = [...sessionJson(session, session.entries(), mask)].join('');
      const said = JSON.stringify(JSON.parse(json)).replaceAll('\\n', '\n');
      expect(leaks(said, secret.secret), `${secret.kind} ${json}`).toBe(false);
    }),
    { numRuns: Number(process.env.SEGUE_LEAK_RUNS ?? 400) },
  );
});

test('no secret is in the summary that stands for the part before a cut', () => {
  fc.assert(
    fc.property(cases, ({ secret, place, text }) => {
      const { entries } = sessionWith(text, place);
      const later = Array.from({ length: 30 }, (_, i) =>
        message('user', 'human', { type: 'text', text: `Then step ${i}: ${'more words '.repeat(200)}` }),
      );
      const cut = cutToFit(sessionOf('claude', [...entries(), ...later]), 9000, count, redactText);
      expect(cut).toBeDefined();
      expect(leaks(cut?.summary.summary ?? '', secret.secret), secret.kind).toBe(false);
    }),
    { numRuns: Number(process.env.SEGUE_LEAK_RUNS ?? 400) / 8 },
  );
});
