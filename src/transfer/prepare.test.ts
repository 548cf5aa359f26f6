import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rawSession } from '../../test/raw-session.ts';
import { sessionOf } from '../../test/session-of.ts';
import { type ToyVariant, toyAgent } from '../../test/toy-agent.ts';
import type { Agent } from '../agents/contract.ts';
import { comparable } from '../model/compare.ts';
import { seededIds } from '../model/ids.ts';
import type { CompactionEntry, Entry, JsonValue, MessageEntry, Part, Session } from '../model/session.ts';
import { declaredLosses, type FidelityKind, fidelityKinds } from './fidelity.ts';
import { LOOK_AHEAD } from './pairing.ts';
import { prepare } from './prepare.ts';

const source = toyAgent({ id: 'source', store: 'file' });
const target = toyAgent({ id: 'target', store: 'file' });
const plain = toyAgent({
  id: 'plain',
  store: 'file',
  accepts: {
    foreignTools: 'text',
    compaction: false,
    images: { user: false, result: false },
    guardedPrefixes: undefined,
  },
});

const text = (said: string): Part => ({ type: 'text', text: said });
const call = (callId: string, command = 'ls'): Part => ({
  type: 'tool_call',
  callId,
  tool: 'execute',
  input: { command },
  native: { name: 'sh', input: { cmd: command } },
});
const other = (callId: string, name: string, input: JsonValue): Part => ({
  type: 'tool_call',
  callId,
  tool: 'other',
  input: { name, input },
  native: { name, input },
});
const result = (callId: string, said: string): Part => ({
  type: 'tool_result',
  callId,
  status: 'ok',
  content: [{ type: 'text', text: said }],
});

let count = 0;
function message(role: MessageEntry['role'], origin: MessageEntry['origin'], ...parts: Part[]): MessageEntry {
  return { id: `m${count++}`, parentId: null, evidence: [], type: 'message', role, origin, parts };
}
const user = (...parts: Part[]): MessageEntry => message('user', 'human', ...parts);
const model = (...parts: Part[]): MessageEntry => message('assistant', 'agent', ...parts);
const results = (...parts: Part[]): MessageEntry => message('user', 'agent', ...parts);
function cut(summary: string, keeps: string[] = []): CompactionEntry {
  return { id: `c${count++}`, parentId: null, evidence: [], type: 'compaction', summary, keeps };
}

function run(
  entries: Entry[] | Session,
  to: Agent = target,
  from: Agent = source,
  reasoning?: 'omit' | 'text',
) {
  const session = Array.isArray(entries) ? sessionOf(from.id, entries) : entries;
  const ids = () => seededIds(new Uint8Array(32).fill(7), 0);
  const prepared = prepare(session, { source: from, target: to, cwd: '/w', ids, reasoning });
  const out = [...prepared.session.entries()];
  const pass = prepared.pass();
  if (pass === undefined) throw new Error('the pass was not recorded');
  return {
    out,
    pass,
    lines: out.map(brief),
    notes: pass.fidelity.notes.map((note) => `${note.code} ×${note.count}`),
  };
}

/** An entry as one readable line. */
function brief(entry: Entry): string {
  if (entry.type !== 'message')
    return entry.type === 'compaction' ? `cut ${entry.summary} [${entry.keeps}]` : entry.type;
  const parts = entry.parts.map((part) => {
    if (part.type === 'tool_call') return `${part.native.name}#${part.callId}`;
    if (part.type === 'tool_result') return `=${part.callId} ${part.status} ${contentOf(part.content)}`;
    return 'text' in part ? (part.text ?? '') : part.type;
  });
  return `${entry.role}: ${parts.join(' | ')}`;
}

function contentOf(content: { type: string; text?: string }[]): string {
  return content.map((part) => part.text ?? part.type).join(',');
}

describe('calls and results', () => {
  test('a late result moves up to its call, before what was said in between', () => {
    const { lines, notes } = run([
      user(text('go')),
      model(call('t_1'), call('t_2')),
      results(result('t_2', 'two')),
      model(text('still waiting')),
      results(result('t_1', 'one')),
    ]);
    expect(lines).toEqual([
      'user: go',
      'assistant: sh#t_1 | sh#t_2',
      'user: =t_2 ok exit -,two',
      'user: =t_1 ok exit -,one',
      'assistant: still waiting',
    ]);
    expect(notes).toEqual(['result-moved ×1']);
  });

  test('a prompt that was typed while a tool ran comes after the result', () => {
    const { lines } = run([model(call('t_1')), user(text('hurry')), results(result('t_1', 'one'))]);
    expect(lines).toEqual(['assistant: sh#t_1', 'user: =t_1 ok exit -,one', 'user: hurry']);
  });

  test('calls that overlap are answered before the next call', () => {
    const { lines } = run([
      model(call('t_1'), call('t_2')),
      results(result('t_1', 'one')),
      model(call('t_3')),
      results(result('t_2', 'two'), result('t_3', 'three')),
    ]);
    expect(lines).toEqual([
      'assistant: sh#t_1 | sh#t_2',
      'user: =t_1 ok exit -,one',
      'user: =t_2 ok exit -,two',
      'assistant: sh#t_3',
      'user: =t_3 ok exit -,three',
    ]);
  });

  test('a missing result is filled in, an orphan is told, a double one too', () => {
    const { lines, notes, pass } = run([
      model(call('t_1')),
      results(result('t_9', 'nobody asked')),
      model(call('t_2')),
      results(result('t_2', 'two'), result('t_2', 'again')),
      user(text('next')),
    ]);
    expect(lines).toEqual([
      'assistant: sh#t_1',
      'user: =t_1 error exit -,[no result recorded]',
      'user: [tool result] of a call that is not recorded (ok)\nnobody asked',
      'assistant: sh#t_2',
      'user: =t_2 ok exit -,two',
      'user: [tool result] of a call that is not recorded (ok)\nagain',
      'user: next',
    ]);
    expect(notes).toEqual(['missing-result ×1', 'orphan-result ×2']);
    expect(pass.fidelity.toolResults).toEqual({ source: 3, native: 1, translated: 0, text: 2, omitted: 0 });
  });

  test('an id that is used twice stands for two calls, each with its own result', () => {
    const { lines, notes } = run([
      model(call('t_1', 'a')),
      results(result('t_1', 'one')),
      model(call('t_1', 'b')),
      results(result('t_1', 'two')),
    ]);
    const minted = /sh#(t_[a-z0-9]{24})/.exec(lines[2] ?? '')?.[1];
    expect(lines).toEqual([
      'assistant: sh#t_1',
      'user: =t_1 ok exit -,one',
      `assistant: sh#${minted}`,
      `user: =${minted} ok exit -,two`,
    ]);
    expect(notes).toEqual(['call-id-changed ×1']);
  });

  test('an unanswered call does not take the result of a later one with the same id', () => {
    const { lines } = run([
      model(call('t_1', 'a')),
      user(text('stop')),
      model(call('t_1', 'b')),
      results(result('t_1', 'of b')),
    ]);
    expect(lines[1]).toBe('user: =t_1 error exit -,[no result recorded]');
    expect(lines.at(-1)).toMatch(/^user: =t_[a-z0-9]{24} ok exit -,of b$/);
  });

  test('the look-ahead is bounded: a result beyond it is told', () => {
    const { lines, notes } = run([
      model(call('t_1')),
      ...Array.from({ length: LOOK_AHEAD + 2 }, () => user(text('x'))),
      results(result('t_1', 'too late')),
    ]);
    expect(lines[1]).toBe('user: =t_1 error exit -,[no result recorded]');
    expect(lines.at(-1)).toBe('user: [tool result] of a call that is not recorded (ok)\ntoo late');
    expect(notes).toEqual(['missing-result ×1', 'orphan-result ×1']);
  });
});

describe('tools', () => {
  test("a call becomes the target's own; what it cannot hold is declared", () => {
    const described: Part = {
      type: 'tool_call',
      callId: 't_1',
      tool: 'execute',
      input: { command: 'ls', description: 'List', timeoutMs: 5 },
      native: { name: 'Bash', input: { command: 'ls', description: 'List', timeout: 5 } },
    };
    const { out, pass } = run([model(described), results(result('t_1', 'x'))]);
    expect(out[0]).toMatchObject({
      parts: [
        {
          callId: 't_1',
          native: { name: 'sh', input: { cmd: 'ls' } },
          tool: 'execute',
          input: { command: 'ls' },
        },
      ],
    });
    expect(pass.fidelity.toolCalls).toEqual({ source: 1, native: 0, translated: 1, text: 0, omitted: 0 });
    expect(pass.fidelity.notes).toEqual([
      { code: 'tool-input-changed', count: 1, detail: 'execute: description, timeoutMs' },
    ]);
  });

  test('one call as several: the first gets the result', () => {
    const edit: Part = {
      type: 'tool_call',
      callId: 't_1',
      tool: 'edit',
      input: {
        path: '/f',
        edits: [
          { oldText: 'a', newText: 'b' },
          { oldText: 'c', newText: 'd' },
        ],
      },
      native: { name: 'MultiEdit', input: {} },
    };
    const { out, lines, notes } = run([model(edit), results(result('t_1', 'done'))]);
    const second = /swap#(t_[a-z0-9]{24})$/.exec(lines[0] ?? '')?.[1];
    expect(lines).toEqual([
      `assistant: swap#t_1 | swap#${second}`,
      `user: =t_1 ok done | =${second} ok [part 2 of 2: see the result of part 1]`,
    ]);
    expect(out[0]).toMatchObject({
      parts: [{ tool: 'edit' }, { input: { edits: [{ oldText: 'c', newText: 'd' }] } }],
    });
    expect(notes).toEqual(['tool-split ×1']);
  });

  test('foreign names: of the right form, one for each tool, none that the target has itself', () => {
    const { out, notes } = run([
      model(other('t_1', 'Ask User', { q: 1 }), other('t_2', 'Ask_User', {}), other('t_3', 'sh', {})),
      model(other('t_4', 'x'.repeat(40), 'free text'), other('t_5', 'Ask User', {})),
    ]);
    const calls = out.flatMap((entry) => (entry.type === 'message' ? entry.parts : []));
    expect(calls.flatMap((part) => (part.type === 'tool_call' ? [part.native] : []))).toEqual([
      { name: 'ask_user', input: { q: 1 } },
      { name: 'source_ask_user', input: {} },
      { name: 'source_sh', input: {} },
      { name: 'x'.repeat(24), input: { input: 'free text' } },
      { name: 'ask_user', input: {} },
    ]);
    expect(notes).toContain('tool-renamed ×2');
  });

  test('a target without foreign tools is told, in words, in order', () => {
    const { lines, pass } = run(
      [
        model(call('t_1'), other('t_2', 'Browse', { url: 'u' }), call('t_3')),
        results(result('t_1', 'one'), result('t_2', 'page'), result('t_3', 'three')),
      ],
      plain,
    );
    expect(lines).toEqual([
      'assistant: sh#t_1',
      'user: =t_1 ok exit -,one',
      'assistant: [tool call] Browse\n{"url":"u"} | sh#t_3',
      'user: =t_3 ok exit -,three',
      'user: [tool result] Browse (ok)\npage',
    ]);
    expect(pass.fidelity.toolCalls).toEqual({ source: 3, native: 2, translated: 0, text: 1, omitted: 0 });
  });

  test('between sessions of one agent calls stay as they are', () => {
    const odd = other('t_1', 'Any Name', 'text');
    const { out, notes } = run([model(odd), results(result('t_1', 'x'))], source, source);
    expect(out[0]).toMatchObject({ parts: [odd] });
    expect(notes).toEqual([]);
  });
});

describe('texts and other parts', () => {
  test('harness, system, plans and events stay behind, each with its reason', () => {
    const base = { parentId: null, evidence: [] };
    const { lines, pass } = run([
      message('user', 'harness', text('<reminder>')),
      message('system', 'agent', text('You are')),
      { ...base, id: 'x', type: 'event', event: 'limit' },
      { ...base, id: 'y', type: 'event', event: 'title', text: 'T' },
      { ...base, id: 'z', type: 'plan', items: [] },
      user(text('hello')),
    ]);
    expect(lines).toEqual(['user: hello']);
    expect(pass.fidelity).toMatchObject({
      messages: { source: 3, native: 1, omitted: 2 },
      events: { source: 2, translated: 1, omitted: 1 },
      plans: { source: 1, omitted: 1 },
    });
    expect(pass.fidelity.notes.map((note) => note.code)).toEqual([
      'event',
      'harness-message',
      'plan-entry',
      'system-message',
      'title-event',
    ]);
  });

  test('texts are well-formed, not blank and not commands', () => {
    const { lines, notes } = run([
      user(text('/help'), text(' \n'), text('a\ud800')),
      model(text('/fine'), text('')),
    ]);
    expect(lines).toEqual(['user: \u200B/help | a\uFFFD', 'assistant: /fine']);
    expect(notes).toEqual(['empty-text ×2', 'guarded-prefix ×1', 'lone-surrogate ×1']);
  });

  test('reasoning: own kept, foreign left out or told', () => {
    const own: Part = { type: 'reasoning', text: 'hm', vendor: 'toyvendor', opaque: { s: 1 } };
    const foreign: Part = { type: 'reasoning', text: 'well', vendor: 'else', opaque: { s: 1 } };
    const entries = [model(own, foreign, text('so'))];
    expect(run(entries, source, source).lines).toEqual(['assistant: hm | so']);
    expect(run(entries).lines).toEqual(['assistant: so']);
    expect(run(entries, target, source, 'text').lines).toEqual([
      'assistant: [reasoning]\nhm | [reasoning]\nwell | so',
    ]);
  });

  test('images and files where the target takes none', () => {
    const image: Part = { type: 'image', mediaType: 'image/png', data: 'AAAA' };
    const file: Part = { type: 'file', path: '/a.txt', text: 'content' };
    const shot: Part = { type: 'tool_result', callId: 't_1', status: 'ok', content: [image] };
    const { lines, pass } = run([user(text('see'), image, file), model(call('t_1')), results(shot)], plain);
    expect(lines).toEqual([
      'user: see | [image: image/png, 3 bytes, not carried over] | [file: /a.txt]\ncontent',
      'assistant: sh#t_1',
      'user: =t_1 ok exit -,[image: image/png, 3 bytes, not carried over]',
    ]);
    expect(pass.fidelity.images).toEqual({ source: 2, native: 0, translated: 0, text: 2, omitted: 0 });
    expect(pass.fidelity.files).toEqual({ source: 1, native: 0, translated: 0, text: 1, omitted: 0 });
  });
});

describe('compaction', () => {
  const history = (): Entry[] => {
    const kept = user(text('kept'));
    return [
      user(text('old')),
      kept,
      cut('first'),
      user(text('mid')),
      cut('', []),
      cut('all of it', [kept.id]),
      user(text('new')),
    ];
  };

  test('a target with a record for it gets everything', () => {
    const { lines, pass } = run(history());
    const kept = pass.expected.entryIds[1];
    expect(lines).toEqual([
      'user: old',
      'user: kept',
      'cut first []',
      'user: mid',
      `cut all of it [${kept}]`,
      'user: new',
    ]);
    expect(pass.fidelity.compactions).toEqual({ source: 3, native: 0, translated: 2, text: 0, omitted: 1 });
  });

  test('another target gets what the model saw', () => {
    const { lines, pass } = run(history(), plain);
    expect(lines).toEqual([
      'user: [summary of the conversation so far]\nall of it',
      'user: kept',
      'user: new',
    ]);
    expect(pass.fidelity.compactions).toEqual({ source: 3, native: 0, translated: 0, text: 1, omitted: 2 });
    expect(pass.fidelity.messages).toEqual({ source: 4, native: 2, translated: 0, text: 0, omitted: 2 });
  });
});

test('a pass that is left early lets go of the files that it reads', () => {
  const all = [user(text('a')), model(call('x')), user(text('b')), results(result('x', 'late'))];
  const open = new Set<object>();
  const session: Session = {
    ...sessionOf('source', all),
    *entries() {
      const pass = {};
      open.add(pass);
      try {
        yield* all;
      } finally {
        open.delete(pass);
      }
    },
  };
  const ids = () => seededIds(new Uint8Array(32).fill(7), 0);
  const prepared = prepare(session, { source, target, cwd: '/w', ids });
  for (const entry of prepared.session.entries()) if (entry.type === 'message') break;
  expect(open.size).toBe(0);
});

describe('for any session', () => {
  const variants: ToyVariant[] = [
    { id: 'source', store: 'file' },
    { id: 'target', store: 'file' },
    { id: 'plain', store: 'file', accepts: { foreignTools: 'text', compaction: false } },
    {
      id: 'blind',
      store: 'file',
      accepts: { images: { user: false, result: false }, guardedPrefixes: undefined },
    },
  ];
  const agentOf = (id: string): Agent => {
    const variant = variants.find((each) => each.id === id) ?? { id, store: 'file' };
    return Object.assign(toyAgent(variant), { [fc.toStringMethod]: () => id });
  };
  const anyRun = fc.record({
    session: rawSession(source),
    to: fc.constantFrom(...variants.map(({ id }) => id)).map(agentOf),
    reasoning: fc.constantFrom('omit' as const, 'text' as const),
  });

  test('every record is counted exactly once', () => {
    fc.assert(
      fc.property(anyRun, ({ session, to, reasoning }) => {
        const { fidelity } = run(session, to, source, reasoning).pass;
        const met = countAll([...session.entries()]);
        for (const kind of fidelityKinds) {
          const { source: all, native, translated, text: told, omitted } = fidelity[kind];
          expect([kind, all]).toEqual([kind, met[kind] ?? 0]);
          expect([kind, native + translated + told + omitted]).toEqual([kind, all]);
        }
      }),
    );
  });

  test('a target can hold what comes out', () => {
    fc.assert(
      fc.property(anyRun, ({ session, to, reasoning }) => {
        const { out } = run(session, to, source, reasoning);
        const accepts = to.writer?.accepts;
        if (accepts === undefined) throw new Error('a toy writes');
        const ids = out.map((entry) => entry.id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(out.map((entry) => entry.parentId)).toEqual([null, ...ids.slice(0, -1)].slice(0, ids.length));
        const open = new Set<string>();
        const seen = new Set<string>();
        for (const entry of out) {
          expect(['message', accepts.compaction ? 'compaction' : 'message']).toContain(entry.type);
          if (entry.type !== 'message') {
            expect(open.size).toBe(0);
            continue;
          }
          expect(entry.origin).not.toBe('harness');
          expect(entry.parts.length).toBeGreaterThan(0);
          for (const part of entry.parts) {
            expect(JSON.stringify(part)).not.toMatch(/\\ud[89a-f]/);
            if (part.type === 'tool_call') {
              expect([entry.role, seen.has(part.callId)]).toEqual(['assistant', false]);
              expect(part.callId).toMatch(accepts.callId.pattern);
              if (to.id !== source.id) expect(part.native.name).toMatch(accepts.toolName.pattern);
              seen.add(part.callId);
              open.add(part.callId);
            } else if (part.type === 'tool_result') {
              expect([entry.role, open.delete(part.callId)]).toEqual(['user', true]);
              if (!accepts.images.result)
                expect(part.content.every((each) => each.type === 'text')).toBe(true);
            } else if (part.type === 'reasoning') {
              expect([to.id, part.vendor]).toEqual([source.id, accepts.reasoningVendor]);
            } else {
              expect(open.size).toBe(0);
              if (part.type === 'text') expect(part.text.trim()).not.toBe('');
              else expect([part.type, entry.role, accepts.images.user]).toEqual(['image', 'user', true]);
            }
          }
        }
        expect(open.size).toBe(0);
      }),
    );
  });

  test('every pass is equal', () => {
    fc.assert(
      fc.property(anyRun, ({ session, to }) => {
        const ids = () => seededIds(new Uint8Array(32), 0);
        const prepared = prepare(session, { source, target: to, cwd: '/w', ids });
        const first = [...prepared.session.entries()];
        const before = prepared.pass();
        expect([...prepared.session.entries()]).toEqual(first);
        expect(prepared.pass()).toEqual(before);
      }),
    );
  });

  test('it says the same, or a note says what changed', () => {
    fc.assert(
      fc.property(anyRun, ({ session, to, reasoning }) => {
        const { pass, out } = run(session, to, source, reasoning);
        const codes = new Set(pass.fidelity.notes.map((note) => note.code));
        const before = [...comparable(session.entries(), { tools: 'canonical' })].filter(
          (line) => !isSystem(line),
        );
        const after = [...comparable(unwrapped(out, to), { tools: 'canonical' })];
        if (declaredLosses(pass.fidelity).length === 0) expect(after).toEqual(before);
        if ([...codes].some((code) => LOUD.has(code))) expect(after).not.toEqual(before);
      }),
      { numRuns: 300 },
    );
  });
});

/** Notes that always mean a difference. */
const LOUD = new Set([
  'missing-result',
  'orphan-result',
  'result-moved',
  'call-as-text',
  'image-as-text',
  'guarded-prefix',
  'empty-text',
  'tool-split',
  'tool-kind-changed',
  'tool-input-changed',
  'reasoning',
  'reasoning-as-text',
  'file-as-text',
  'compaction-as-text',
  'result-status',
  'exit-code',
]);

function isSystem(line: string): boolean {
  return line.startsWith('["system"');
}

/** Results as the target's reader gives them back. */
function unwrapped(entries: Entry[], to: Agent): Entry[] {
  const names = new Map<string, string>();
  return entries.map((entry) => {
    if (entry.type !== 'message') return entry;
    const parts = entry.parts.map((part): Part => {
      if (part.type === 'tool_call') names.set(part.callId, part.native.name);
      if (part.type !== 'tool_result' || names.get(part.callId) !== 'sh') return part;
      expect(part.content[0]).toEqual({ type: 'text', text: `exit ${part.exitCode ?? '-'}` });
      return { ...part, content: part.content.slice(1) };
    });
    expect(to.tools.writeResult).toBeDefined();
    return { ...entry, parts };
  });
}

/** An account of the records in a session, kept apart from the one in select.ts. */
function countAll(entries: Entry[]): Partial<Record<FidelityKind, number>> {
  const met: Partial<Record<FidelityKind, number>> = {};
  const add = (kind: FidelityKind, n: number): void => {
    met[kind] = (met[kind] ?? 0) + n;
  };
  for (const entry of entries) {
    if (entry.type === 'event') add('events', 1);
    else if (entry.type === 'plan') add('plans', 1);
    else if (entry.type === 'compaction') add('compactions', 1);
    else {
      const of = (type: Part['type']): Part[] => entry.parts.filter((part) => part.type === type);
      const inResults = of('tool_result').flatMap((part) =>
        part.type === 'tool_result' ? part.content : [],
      );
      add('messages', of('text').length > 0 || entry.parts.length === 0 ? 1 : 0);
      add('toolCalls', of('tool_call').length);
      add('toolResults', of('tool_result').length);
      add('reasoning', of('reasoning').length);
      add('images', of('image').length + inResults.filter((part) => part.type === 'image').length);
      add('files', of('file').length);
    }
  }
  return met;
}
