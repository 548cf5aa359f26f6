/** Reading what the real program wrote, what it would do with damaged or hand-made files, and starting it. */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { textsOf } from '../../../test/session-texts.ts';
import { checksum } from '../../io/lines.ts';
import { SegueError } from '../../model/errors.ts';
import type { Entry, JsonObject, Session } from '../../model/session.ts';
import type { SessionRef } from '../contract.ts';
import { agent } from './index.ts';
import { limitOf, resetIn } from './limits.ts';
import { encodeCwd } from './places.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const CWD = '/home/dev/claude/todo-api';
const FOLDER = '.claude/projects/-home-dev-claude-todo-api';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'segue-claude-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function contextOf(folder: string, vars: Record<string, string> = {}) {
  return { env: { home: folder, vars, platform: 'linux' as const } };
}

function fixture(scenario: string, id?: string): { ref: SessionRef; session: Session } {
  const context = contextOf(join(FIXTURES, scenario));
  const { refs, diagnostics } = agent.discover(context);
  expect(diagnostics).toEqual([]);
  const ref = refs.find((each) => (id === undefined ? each.parent === undefined : each.id === id));
  if (ref === undefined) return expect.fail(`no session in ${scenario}`);
  return { ref, session: agent.read(ref, context) };
}

/** One line for each part: `user/human text …`. */
function told(entries: Iterable<Entry>): string[] {
  return [...entries].flatMap((entry) => {
    if (entry.type === 'compaction') return [`compaction ${entry.summary} keeps ${entry.keeps.length}`];
    if (entry.type === 'plan') return ['plan'];
    if (entry.type === 'event') return [`${entry.event} ${entry.text ?? ''}`];
    return entry.parts.map((part) => {
      const head = `${entry.role}/${entry.origin} ${part.type}`;
      if (part.type === 'tool_call') return `${head} ${part.tool} ${JSON.stringify(part.input)}`;
      if (part.type === 'tool_result') {
        const text = part.content.map((c) => (c.type === 'text' ? c.text : c.mediaType)).join('|');
        return `${head} ${part.status} ${part.exitCode ?? '-'} ${text.slice(0, 60)}`;
      }
      return `${head} ${part.type === 'text' ? part.text.slice(0, 60) : part.type === 'image' ? part.mediaType : ''}`.trim();
    });
  });
}

describe('sessions that Claude Code 2.1.330 wrote', () => {
  test('two turns: text, facts, evidence', () => {
    const { ref, session } = fixture('basic');
    expect(session.info).toEqual({
      agent: 'claude',
      id: '364ebac8-7f2a-4898-9525-a0229388f712',
      title: 'List the files and say what this service does.',
      cwd: CWD,
      git: { branch: 'main' },
      models: ['claude-opus-5-5'],
      usage: { input: 222, output: 44, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
      createdAt: '2026-11-22T16:52:07.562Z',
      updatedAt: '2026-11-22T16:52:08.856Z',
      agentVersion: '2.1.330',
      lineage: [],
    });
    const entries = [...session.entries()];
    expect(told(entries)).toEqual([
      'user/human text List the files and say what this service does.',
      'assistant/agent text MOCK-REPLY #2 (saw 2 messages)',
      'user/human text Which endpoint is missing for creating todos?',
      'assistant/agent text MOCK-REPLY #3 (saw 4 messages)',
    ]);
    expect(entries.map((entry) => entry.parentId)).toEqual([null, ...entries.slice(0, -1).map((e) => e.id)]);
    const bytes = readFileSync(ref.path);
    for (const { evidence } of entries)
      for (const item of evidence) {
        if (item.kind !== 'range') return expect.fail('a range');
        const line = bytes.subarray(item.start, item.end);
        expect(checksum(line)).toBe(item.crc32);
        expect(JSON.parse(line.toString('utf8')).sessionId).toBe(ref.id);
      }
    expect(told(session.entries())).toEqual(told(entries));
    expect([session.branches, session.subagents, session.diagnostics]).toEqual([[], [], []]);
  });

  test('a command that fails: exit code without its header', () => {
    expect(told(fixture('error').session.entries())).toEqual([
      'user/human text Run the failing check. RUN: ls /does-not-exist',
      'assistant/agent text I will run it.',
      'assistant/agent tool_call execute {"command":"ls /does-not-exist"}',
      "user/agent tool_result error 2 ls: cannot access '/does-not-exist': No such file or directo",
      'assistant/agent text MOCK-REPLY #9 (saw 4 messages)',
    ]);
  });

  test('blocks of one response are one entry, with signed reasoning', () => {
    for (const scenario of ['think', 'tools-2.1.197']) {
      const [, answer] = fixture(scenario).session.entries();
      if (answer?.type !== 'message') return expect.fail('a message');
      expect(answer.parts.map((part) => part.type)).toEqual(['reasoning', 'text', 'tool_call']);
      expect(answer.parts[0]).toEqual({
        type: 'reasoning',
        text: 'mock thinking about it',
        vendor: 'anthropic',
        opaque: { signature: 'bW9ja3NpZw==' },
      });
      expect(answer.usage).toMatchObject({ input: 111, output: 22 });
      expect(answer.evidence).toHaveLength(3);
    }
  });

  test('edits and writes', () => {
    const calls = told(fixture('edit').session.entries()).filter((line) => line.includes('tool_call'));
    expect(calls).toEqual([
      `assistant/agent tool_call read {"path":"${CWD}/src/index.js"}`,
      `assistant/agent tool_call edit {"path":"${CWD}/src/index.js","edits":[{"oldText":"listen(3000)","newText":"listen(8080)"}]}`,
      `assistant/agent tool_call write {"path":"${CWD}/config.json","content":"{\\"port\\":8080}\\n"}`,
    ]);
  });

  test('an image in a prompt; its companion note is the harness', () => {
    expect(told(fixture('image').session.entries())).toEqual([
      'user/human text What is in this screenshot?',
      'user/human image image/png',
      'user/harness text [Image: source: /tmp/claude-0/-home-dev-claude-todo-api/d97e',
      'assistant/agent text MOCK-REPLY #15 (saw 2 messages)',
    ]);
  });

  test('a compaction: the whole history is read, the summary is bare, what was kept is named', () => {
    const { session } = fixture('compact');
    expect(told(session.entries()).filter((line) => !line.includes('/harness'))).toEqual([
      'user/human text Explain the server file.',
      'assistant/agent text MOCK-REPLY #10 (saw 2 messages)',
      'user/human text Now outline a persistence layer.',
      'assistant/agent text MOCK-REPLY #11 (saw 4 messages)',
      'compaction MOCK-REPLY #12 (saw 6 messages) keeps 1',
      'user/human text Continue after the summary.',
      'assistant/agent text MOCK-REPLY #14 (saw 5 messages)',
    ]);
    const entries = [...session.entries()];
    const compaction = entries.find((entry) => entry.type === 'compaction');
    expect(compaction?.keeps).toEqual([entries[3]?.id]);
  });

  test('a queued prompt is read once, a rename gives the title, a fork names its origin', () => {
    const original = fixture('interactive', '6421c0c4-101d-4dd8-b087-3fd97acd14b6').session;
    const fork = fixture('interactive', '59ac89f4-0e13-4e44-a2a5-f0b69be1b4b3').session;
    const lines = told(original.entries());
    expect(lines.filter((line) => line.includes('And this one'))).toEqual([
      'user/human text And this one: RATE-LIMIT please',
    ]);
    expect(lines.filter((line) => line.includes('/harness'))).toEqual([
      'user/harness text <system-reminder>\nThe user named this session "todo notes".',
    ]);
    expect(lines.at(-1)).toBe(
      'limit API Error: Request rejected (429) · This request would exceed your rate limit.',
    );
    expect([original.info.title, fork.info.title]).toEqual(['todo notes', 'Start: write a file. (Branch)']);
    expect([original.info.lineage, fork.info.lineage]).toEqual([
      [],
      [{ kind: 'fork', agent: 'claude', id: original.info.id }],
    ]);
    expect(told(fork.entries())).toEqual(lines);
  });

  test('a subagent is a session of its own; its notification is the harness', () => {
    const { session, ref } = fixture('subagent');
    const lines = told(session.entries());
    expect(lines.filter((line) => line.includes('task-notification'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('user/human'))).toHaveLength(1);
    const [sub] = session.subagents;
    expect(sub?.info).toMatchObject({
      id: 'ae38a06387286c385',
      title: 'Count the lines. RUN: wc -l src/index.js',
      lineage: [{ kind: 'subagent', agent: 'claude', id: ref.id }],
    });
    expect(told(sub?.entries() ?? [])).toEqual([
      'user/human text Count the lines. RUN: wc -l src/index.js',
      'assistant/agent text I will run it.',
      'assistant/agent tool_call execute {"command":"wc -l src/index.js"}',
      'user/agent tool_result ok - 7 src/index.js',
      'assistant/agent text MOCK-REPLY #8 (saw 5 messages)',
    ]);
    const { refs } = agent.discover(contextOf(join(FIXTURES, 'subagent')));
    expect(refs.map((each) => [each.id, each.parent])).toEqual([
      ['ae38a06387286c385', ref.id],
      [ref.id, undefined],
    ]);
  });

  test('calls of tools that are not there: the wrapping is taken off', () => {
    const lines = told(fixture('tasks').session.entries()).filter((line) => line.includes('_result'));
    expect(lines).toEqual([
      'user/agent tool_result ok - No matching deferred tools found',
      'user/agent tool_result error - Error: No such tool available: TaskCreate. TaskCreate is dis',
      'user/agent tool_result error - Error: No such tool available: TodoWrite. TodoWrite is disab',
    ]);
  });

  test('limits: an event with the time of reset, and in the summary', () => {
    const limit = { scope: 'account', resetsAt: '2026-11-22T19:24:34.000Z', confidence: 'certain' };
    const { session, ref } = fixture('limit-subscription');
    expect([...session.entries()].at(-1)).toMatchObject({ type: 'event', event: 'limit', limit });
    expect(agent.summarize(ref, contextOf(home)).limit).toEqual(limit);
    const plain = fixture('limit');
    expect(told(plain.session.entries())).toEqual([
      'user/human text Please add a DELETE endpoint. RATE-LIMIT',
      'error 429 This request would exceed your rate limit.',
      'limit API Error: Request rejected (429) · This request would exceed your rate limit.',
    ]);
    expect(agent.summarize(plain.ref, contextOf(home))).toMatchObject({
      limit: { scope: 'minute', confidence: 'certain' },
      messages: { user: 1, assistant: 0 },
    });
  });

  test('a summary of a small file counts messages, calls and tokens once; of a larger one it says what the ends say', () => {
    const small = fixture('tools-2.1.197').ref;
    const facts = {
      agent: 'claude',
      cwd: CWD,
      branch: 'main',
      model: 'claude-opus-4-8',
      messages: { user: 2, assistant: 4 },
      toolCalls: 2,
      tokens: 532,
    };
    expect(agent.summarize(small, contextOf(home))).toMatchObject(facts);
    const { ref } = fixture('tools');
    expect(agent.summarize(ref, contextOf(home))).toEqual({
      agent: 'claude',
      id: ref.id,
      path: ref.path,
      bytes: ref.bytes,
      title: 'Show me the package version. RUN: cat package.json',
      cwd: CWD,
      branch: 'main',
      model: 'claude-opus-5-5',
      createdAt: '2026-11-22T16:52:12.890Z',
      updatedAt: '2026-11-22T16:52:15.576Z',
    });
  });
});

describe('spilled results', () => {
  const id = '1504bd3f-9253-4734-b476-4b9f099a107a';
  const result = (session: Session) =>
    [...session.entries()].flatMap((entry) =>
      entry.type === 'message' ? entry.parts.filter((part) => part.type === 'tool_result') : [],
    )[0];
  const copy = (): string => {
    cpSync(join(FIXTURES, 'bigoutput'), home, { recursive: true });
    return join(home, FOLDER, id, 'tool-results/b3myvd0ku.txt');
  };
  const readCopy = (): Session => {
    const ref = agent.recognize?.(join(home, FOLDER, `${id}.jsonl`), contextOf(home));
    return ref === undefined ? expect.fail('recognised') : agent.read(ref, contextOf(home));
  };

  test('the full text is read, wherever the store lies now', () => {
    const full = readFileSync(copy(), 'utf8');
    expect(result(readCopy())).toEqual({
      type: 'tool_result',
      callId: 'toolu_avunhs0vnxamtrsbhv9dc',
      status: 'ok',
      exitCode: 0,
      content: [{ type: 'text', text: full }],
    });
  });

  test('a missing file leaves the stub, marked as cut', () => {
    rmSync(copy());
    const session = readCopy();
    const part = result(session);
    expect([part?.truncated, part?.content[0]]).toEqual([
      true,
      { type: 'text', text: expect.stringMatching(/^<persisted-output>\nOutput too large \(106\.3KB\)/) },
    ]);
    expect(session.diagnostics.map((d) => d.code)).toEqual(['missing-file']);
  });

  test('a link out of the session is not followed, whether it is the file or its folder', () => {
    const file = copy();
    const secret = join(home, 'secret/b3myvd0ku.txt');
    mkdirSync(dirname(secret));
    writeFileSync(secret, 'SECRET');
    for (const [link, target] of [
      [file, secret],
      [dirname(file), dirname(secret)],
      [dirname(dirname(file)), join(home, 'secret')],
    ] as const) {
      rmSync(link, { recursive: true });
      if (link.endsWith(id)) {
        mkdirSync(join(home, 'secret/tool-results'));
        writeFileSync(join(home, 'secret/tool-results/b3myvd0ku.txt'), 'SECRET');
      }
      symlinkSync(target, link);
      expect(JSON.stringify(result(readCopy()))).not.toContain('SECRET');
    }
  });
});

/** A transcript made of records; `parentUuid` defaults to the record before. */
function transcript(records: JsonObject[], id = '00000000-0000-4000-8000-000000000001'): SessionRef {
  const path = join(home, FOLDER, `${id}.jsonl`);
  mkdirSync(dirname(path), { recursive: true });
  let last: string | null = null;
  const lines = records.map((record) => {
    if (record.type === 'summary' || 'customTitle' in record || 'aiTitle' in record)
      return JSON.stringify(record);
    const line = { parentUuid: last, isSidechain: false, sessionId: id, cwd: CWD, ...record };
    last = typeof record.uuid === 'string' ? record.uuid : null;
    return JSON.stringify(line);
  });
  writeFileSync(path, `${lines.join('\n')}\n`);
  return { agent: 'claude', id, path, bytes: statSync(path).size, mtimeMs: 0 };
}

function user(uuid: string, content: JsonObject['content'], more: JsonObject = {}): JsonObject {
  return { type: 'user', uuid, message: { role: 'user', content: content ?? uuid }, ...more };
}
function answer(
  uuid: string,
  block: string | JsonObject,
  messageId: string,
  more: JsonObject = {},
): JsonObject {
  const content = [typeof block === 'string' ? { type: 'text', text: block } : block];
  const message = { id: messageId, role: 'assistant', model: 'claude-opus-5-5', content };
  return { type: 'assistant', uuid, message, ...more };
}
const call = (id: string): JsonObject => ({ type: 'tool_use', id, name: 'Bash', input: { command: id } });
const result = (id: string): JsonObject[] => [{ type: 'tool_result', tool_use_id: id, content: `did ${id}` }];

function texts(ref: SessionRef, branch?: string): string[] {
  return told(agent.read(ref, contextOf(home), { branch }).entries()).map((line) =>
    line.replace(/^(user|assistant)\/(human|agent) /, ''),
  );
}

describe('the parent chain', () => {
  test('the last leaf in the file wins; the other path is a branch that can be read', () => {
    const ref = transcript([
      user('u1', 'one'),
      answer('a1', 'first', 'm1'),
      user('u2', 'two'),
      answer('a2', 'second', 'm2'),
      user('u3', 'two again', { parentUuid: 'a1' }),
      answer('a3', 'third', 'm3'),
    ]);
    expect(texts(ref)).toEqual(['text one', 'text first', 'text two again', 'text third']);
    expect(agent.read(ref, contextOf(home)).branches).toEqual([{ id: 'a2', entries: 2 }]);
    expect(texts(ref, 'a2')).toEqual(['text one', 'text first', 'text two', 'text second']);
    expect(texts(ref, 'a3')).toEqual(texts(ref));
    expect(() => texts(ref, 'nowhere')).toThrow(SegueError);
  });

  test('results of parallel calls hang beside the path and belong to it', () => {
    // as 2.1.330 writes them: each result points at its own call, the next response at the last result
    const ref = transcript([
      user('u1', 'go'),
      answer('a1', 'I will.', 'm1'),
      answer('a2', call('t1'), 'm1'),
      answer('a3', call('t2'), 'm1'),
      answer('a4', call('t3'), 'm1'),
      user('r2', result('t2'), { parentUuid: 'a3' }),
      user('r1', result('t1'), { parentUuid: 'a2' }),
      user('r3', result('t3'), { parentUuid: 'a4' }),
      answer('a5', 'Done.', 'm2'),
    ]);
    expect(texts(ref)).toEqual([
      'text go',
      'text I will.',
      'tool_call execute {"command":"t1"}',
      'tool_call execute {"command":"t2"}',
      'tool_call execute {"command":"t3"}',
      'tool_result ok - did t2',
      'tool_result ok - did t1',
      'tool_result ok - did t3',
      'text Done.',
    ]);
    expect(agent.read(ref, contextOf(home)).branches).toEqual([]);
  });

  test('results between the blocks of a response, and blocks beside the path', () => {
    const between = transcript([
      user('u1', 'go'),
      answer('a1', call('t1'), 'm1'),
      user('r1', result('t1')),
      answer('a2', call('t2'), 'm1'),
      user('r2', result('t2')),
      answer('a3', 'Done.', 'm2'),
    ]);
    const wanted = [
      'text go',
      'tool_call execute {"command":"t1"}',
      'tool_call execute {"command":"t2"}',
      'tool_result ok - did t1',
      'tool_result ok - did t2',
      'text Done.',
    ];
    expect(texts(between)).toEqual(wanted);
    const beside = transcript([
      user('u1', 'go'),
      answer('a1', call('t1'), 'm1'),
      user('r1', result('t1')),
      answer('a2', call('t2'), 'm1', { parentUuid: 'a1' }),
      user('r2', result('t2')),
      answer('a3', 'Done.', 'm2', { parentUuid: 'r1' }),
    ]);
    expect(texts(beside)).toEqual(wanted);
  });

  test('a parent that is not there is bridged, a circle is cut, file order does not matter', () => {
    const dangling = transcript([user('u1', 'one'), answer('a1', 'first', 'm1', { parentUuid: 'gone' })]);
    expect(texts(dangling)).toEqual(['text one', 'text first']);
    expect(agent.read(dangling, contextOf(home)).diagnostics.map((d) => d.code)).toEqual(['broken-chain']);
    const circle = transcript([user('u1', 'one', { parentUuid: 'a1' }), answer('a1', 'first', 'm1')]);
    expect(texts(circle)).toEqual(['text one', 'text first']);
    const reversed = transcript([
      answer('a1', 'first', 'm1', { parentUuid: 'u1' }),
      user('u1', 'one', { parentUuid: null }),
    ]);
    expect(texts(reversed)).toEqual(['text one', 'text first']);
  });

  test('records without ids or parents stay in file order; of repeated ids the last counts', () => {
    const bare = transcript([
      { type: 'user', message: { role: 'user', content: 'one' }, parentUuid: undefined as never },
      { type: 'assistant', message: { role: 'assistant', content: 'first' }, parentUuid: undefined as never },
      user('u2', 'two', { parentUuid: undefined as never }),
    ]);
    expect(texts(bare)).toEqual(['text one', 'text first', 'text two']);
    const twice = transcript([
      user('u1', 'old'),
      answer('a1', 'first', 'm1'),
      user('u1', 'new', { parentUuid: null }),
    ]);
    expect(texts(twice)).toEqual(['text new', 'text first']);
  });

  test('history before a compaction is followed through the logical parent or the file order', () => {
    const boundary = { type: 'system', subtype: 'compact_boundary', uuid: 'b1', parentUuid: null };
    const summary = user('s1', 'what was', { isCompactSummary: true });
    const links: JsonObject[] = [{ logicalParentUuid: 'a1' }, {}, { parentUuid: 'a1' }];
    for (const link of links) {
      const ref = transcript([
        user('u1', 'one'),
        answer('a1', 'first', 'm1'),
        { ...boundary, ...link },
        summary,
        user('u2', 'two'),
      ]);
      expect(texts(ref)).toEqual(['text one', 'text first', 'compaction what was keeps 0', 'text two']);
    }
    const alone = transcript([user('u1', 'one'), summary, user('u2', 'two')]);
    expect(texts(alone)).toEqual(['text one', 'user/harness text what was', 'text two']);
  });

  test('side chains in the main file are subagents', () => {
    const ref = transcript([
      user('u1', 'one'),
      answer('a1', 'first', 'm1'),
      user('s1', 'look there', { isSidechain: true, parentUuid: null }),
      answer('s2', 'looked', 'm9', { isSidechain: true }),
    ]);
    expect(texts(ref)).toEqual(['text one', 'text first']);
    const { subagents } = agent.read(ref, contextOf(home));
    expect(subagents.map((sub) => [sub.info.id, told(sub.entries())])).toEqual([
      ['s1', ['user/human text look there', 'assistant/agent text looked']],
    ]);
  });
});

describe('what was not said by a person', () => {
  test.each([
    ['<command-name>/clear</command-name>', {}],
    ['<local-command-stdout>done</local-command-stdout>', {}],
    ['<task-notification>done</task-notification>', {}],
    ['<system-reminder>x</system-reminder>', {}],
    ['Base directory for this skill: /x', { isMeta: true }],
    ['anything', { origin: { kind: 'task-notification' } }],
  ])('%s', (text, more) => {
    const ref = transcript([user('u1', text, more), user('u2', 'mine')]);
    expect(texts(ref)).toEqual([`user/harness text ${text}`, 'text mine']);
  });

  test('a stopped turn is an event, a refused call is interrupted', () => {
    const refused = [
      {
        type: 'tool_result',
        tool_use_id: 't1',
        is_error: true,
        content: "The user doesn't want to proceed with this tool use. The tool use was rejected.",
      },
    ];
    const ref = transcript([
      user('u1', 'go'),
      answer('a1', call('t1'), 'm1'),
      user('r1', refused, { toolUseResult: 'User rejected tool use' }),
      user('u2', [{ type: 'text', text: '[Request interrupted by user for tool use]' }]),
      answer('a2', 'No response requested.', 'm2', {
        message: {
          role: 'assistant',
          model: '<synthetic>',
          content: [{ type: 'text', text: 'No response requested.' }],
        },
      }),
    ]);
    expect(texts(ref).slice(2)).toEqual([
      "tool_result interrupted - The user doesn't want to proceed with this tool use. The too",
      'interrupted [Request interrupted by user for tool use]',
      'assistant/harness text No response requested.',
    ]);
  });

  test('a record that holds a result and words becomes two entries', () => {
    const mixed = [...result('t1'), { type: 'text', text: 'and now this' }];
    const ref = transcript([user('u1', 'go'), answer('a1', call('t1'), 'm1'), user('r1', mixed)]);
    const entries = [...agent.read(ref, contextOf(home)).entries()].slice(2);
    expect(entries.map((entry) => [entry.id, entry.parentId])).toEqual([
      ['r1', 'a1'],
      ['r1.1', 'r1'],
    ]);
    expect(told(entries)).toEqual(['user/agent tool_result ok - did t1', 'user/human text and now this']);
  });
});

describe('titles', () => {
  const prompt = user('u1', 'fix\n  the   bug');
  const custom = { type: 'custom-title', customTitle: 'Mine' };
  const ai = { type: 'ai-title', aiTitle: 'Bug fix' };
  const summary = { type: 'summary', summary: 'Older title', leafUuid: 'u1' };
  test.each([
    ['Mine', [prompt, custom, ai, summary]],
    ['Bug fix', [summary, ai, prompt]],
    ['Older title', [summary, prompt]],
    ['fix the bug', [prompt]],
  ])('%s', (title, records) => {
    expect(agent.read(transcript(records as JsonObject[]), contextOf(home)).info.title).toBe(title);
  });
});

describe('large transcripts', () => {
  test('a summary looks at both ends only', () => {
    const filler = user('f', 'x'.repeat(300_000));
    const last = { type: 'custom-title', customTitle: 'Late title' };
    const limit = answer('e1', "You've hit your weekly limit · resets Apr 23 at 4pm (UTC)", 'm9', {
      isApiErrorMessage: true,
      error: 'rate_limit',
      timestamp: '2026-04-21T10:00:00.000Z',
      message: {
        model: '<synthetic>',
        content: [{ type: 'text', text: "You've hit your weekly limit · resets Apr 23 at 4pm (UTC)" }],
      },
    });
    const ref = transcript([user('u1', 'start', { timestamp: '2026-04-20T10:00:00Z' }), filler, limit, last]);
    const summary = agent.summarize(ref, contextOf(home));
    expect(summary).toEqual({
      agent: 'claude',
      id: ref.id,
      path: ref.path,
      bytes: ref.bytes,
      title: 'Late title',
      cwd: CWD,
      createdAt: '2026-04-20T10:00:00.000Z',
      updatedAt: '2026-04-21T10:00:00.000Z',
      limit: { scope: 'account', resetsAt: '2026-04-23T16:00:00.000Z', confidence: 'certain' },
    });
  });
});

describe('a title file beside a large transcript', () => {
  test('wins over a made title, also when only some sessions of a list have one', () => {
    const records = [
      user('u1', 'start'),
      user('f', 'x'.repeat(300_000)),
      { type: 'ai-title', aiTitle: 'Made' },
    ];
    const [bare, empty, named] = [1, 2, 3].map((n) =>
      transcript(records, `00000000-0000-4000-8000-00000000000${n}`),
    ) as [SessionRef, SessionRef, SessionRef];
    const folderOf = ({ path }: SessionRef): string => path.slice(0, -'.jsonl'.length);
    mkdirSync(folderOf(empty));
    mkdirSync(folderOf(named));
    writeFileSync(join(folderOf(named), 'custom-title.json'), '{"customTitle":"Renamed"}');
    for (const context of [contextOf(home), { ...contextOf(home), known: new Map() }])
      expect([bare, empty, named].map((ref) => agent.summarize(ref, context).title)).toEqual([
        'Made',
        'Made',
        'Renamed',
      ]);
  });
});

describe('clipped reading', () => {
  /** What a session says, without what clipped reading leaves out. */
  function said(session: Session): unknown[] {
    return [...session.entries()].map((entry) => {
      const { evidence, ...rest } = entry;
      if ('usage' in rest) delete rest.usage;
      return { ...rest, evidence: evidence.map((place) => ({ ...place, crc32: undefined })) };
    });
  }

  test.each(readdirSync(FIXTURES))('%s: says the same, whatever form the records have', (scenario) => {
    const context = contextOf(join(FIXTURES, scenario));
    for (const ref of agent.discover(context).refs) {
      const whole = agent.read(ref, context);
      const clipped = agent.read(ref, context, { clip: 1 << 20 });
      expect(said(clipped)).toEqual(said(whole));
      expect(clipped.branches).toEqual(whole.branches);
      expect({ ...clipped.info, usage: undefined }).toEqual({ ...whole.info, usage: undefined });
    }
  });

  test.each(readdirSync(FIXTURES))('%s: texts are the same without the details of outcomes', (scenario) => {
    const context = contextOf(join(FIXTURES, scenario));
    for (const ref of agent.discover(context).refs) {
      const brief = agent.read(ref, context, { clip: 1 << 20, textsOnly: true });
      expect(textsOf(brief)).toEqual(textsOf(agent.read(ref, context)));
    }
  });

  test('an id inside a call, or an error of the agent, is not taken for the record', () => {
    const path = join(home, 'tricky.jsonl');
    const line = (parent: string | null, uuid: string, content: unknown, rest: object = {}): string =>
      JSON.stringify({
        parentUuid: parent,
        isSidechain: false,
        message: { id: `msg_${uuid}`, type: 'message', role: 'assistant', model: 'claude-opus-5-5', content },
        type: 'assistant',
        uuid,
        timestamp: '2026-11-22T16:52:13.113Z',
        ...rest,
      });
    const id = (n: number): string => `00000000-0000-4000-8000-00000000000${n}`;
    const tricky = { type: 'assistant', uuid: id(9), timestamp: '2020-01-01T00:00:00.000Z', x: 'y' };
    writeFileSync(
      path,
      `${[
        line(null, id(1), [
          { type: 'tool_use', id: 't1', name: 'Bash', input: { command: 'ls', ...tricky } },
        ]),
        line(id(1), id(2), [{ type: 'text', text: JSON.stringify(tricky) }]),
        line(id(2), id(3), [{ type: 'text', text: 'last' }], { later: tricky }),
        line(id(3), id(4), [{ type: 'text', text: 'API Error: 529' }], { isApiErrorMessage: true }),
      ].join('\n')}\n`,
    );
    const ref: SessionRef = { agent: 'claude', id: 'tricky', path, bytes: 0, mtimeMs: 0 };
    const entries = [...agent.read(ref, contextOf(home), { clip: 1 << 20 }).entries()];
    expect(entries.map((entry) => [entry.id, entry.type])).toEqual([
      [id(1), 'message'],
      [id(2), 'message'],
      [id(3), 'message'],
      [id(4), 'event'],
    ]);
  });

  test('long texts are cut in the middle, and only then', () => {
    const path = join(home, 'long.jsonl');
    const words = Array.from({ length: 4000 }, (_, i) => `word${i}`).join(' ');
    const record = {
      parentUuid: null,
      isSidechain: false,
      type: 'user',
      message: { role: 'user', content: words },
      uuid: '00000000-0000-4000-8000-000000000001',
      timestamp: '2026-11-22T16:52:13.113Z',
    };
    writeFileSync(path, `${JSON.stringify(record)}\n`);
    const ref: SessionRef = { agent: 'claude', id: 'long', path, bytes: 0, mtimeMs: 0 };
    const textOf = (clip?: number): string => {
      const [entry] = agent.read(ref, contextOf(home), clip === undefined ? {} : { clip }).entries();
      const part = entry?.type === 'message' ? entry.parts[0] : undefined;
      return part?.type === 'text' ? part.text : '';
    };
    expect(textOf()).toBe(words);
    const [head = '', tail = ''] = textOf(3000).split('\n...\n');
    expect([words.startsWith(head), words.endsWith(tail)]).toEqual([true, true]);
    expect(head.length + tail.length).toBeLessThanOrEqual(3000);
    expect(head.length + tail.length).toBeGreaterThan(2900);
  });
});

describe('bad input', () => {
  const path = (): string => join(home, FOLDER, '00000000-0000-4000-8000-000000000009.jsonl');
  const refTo = (file: string): SessionRef => ({
    agent: 'claude',
    id: 'x',
    path: file,
    bytes: 10,
    mtimeMs: 0,
  });
  const write = (content: string | Uint8Array): SessionRef => {
    mkdirSync(dirname(path()), { recursive: true });
    writeFileSync(path(), content);
    return refTo(path());
  };
  const codeOf = (work: () => unknown): string | undefined => {
    try {
      work();
    } catch (error) {
      if (error instanceof SegueError) return error.code;
      throw error;
    }
    return undefined;
  };
  const good = JSON.stringify(user('u1', 'fine', { parentUuid: null }));

  test.each([
    ['empty', ''],
    ['blank lines', '\n\r\n  \n'],
    ['binary', Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)],
    ['NUL bytes', '\0\0\0\0\n\0\0'],
    ['null', 'null\n'],
    ['other JSON', '[1,2]\n"text"\n17\n{}\n{"type":5}\n{"role":"user"}\n'],
    ['titles only', '{"type":"summary","summary":"x","leafUuid":"y"}\n'],
  ])('%s is not a session', (_name, content) => {
    const ref = write(content);
    expect(codeOf(() => agent.read(ref, contextOf(home)))).toBe('not-a-session');
    expect(agent.summarize(ref, contextOf(home)).damaged).toContain('no Claude Code conversation');
    expect(agent.recognize?.(ref.path, contextOf(home))).toBeUndefined();
  });

  test('a damaged line is a diagnostic with its place, a torn last line another', () => {
    const session = agent.read(
      write(`${good}\nnull\n{"type":"user","uuid\0\n${good.slice(0, 40)}`),
      contextOf(home),
    );
    expect(told(session.entries())).toEqual(['user/human text fine']);
    expect(session.diagnostics).toEqual([
      { code: 'bad-record', message: 'a line is not a record', path: path(), at: good.length + 1 },
      { code: 'bad-record', message: 'a line is not a record', path: path(), at: good.length + 6 },
      { code: 'torn-record', message: 'the last record is cut', path: path(), at: good.length + 28 },
    ]);
    expect(agent.read(write(`\ufeff${good}\r\n`), contextOf(home)).diagnostics).toEqual([]);
  });

  test('a folder, a missing file, a loop of links, a file without permission are unreadable', () => {
    mkdirSync(join(home, 'folder.jsonl'));
    symlinkSync(join(home, 'b.jsonl'), join(home, 'a.jsonl'));
    symlinkSync(join(home, 'a.jsonl'), join(home, 'b.jsonl'));
    for (const name of ['folder.jsonl', 'gone.jsonl', 'a.jsonl']) {
      const ref = refTo(join(home, name));
      expect(codeOf(() => agent.read(ref, contextOf(home)))).toBe('unreadable');
      expect(agent.summarize(ref, contextOf(home)).damaged).toContain('cannot read');
      expect(agent.recognize?.(ref.path, contextOf(home))).toBeUndefined();
    }
    const locked = write(good);
    chmodSync(locked.path, 0);
    // the superuser reads it all the same
    if (process.getuid?.() !== 0)
      expect(codeOf(() => agent.read(locked, contextOf(home)))).toBe('unreadable');
  });

  test('discovery survives links in a circle and things that are not sessions', () => {
    write(good);
    const projects = join(home, '.claude/projects');
    symlinkSync(projects, join(projects, 'loop'));
    mkdirSync(join(projects, '-x', '00000000-0000-4000-8000-000000000001.jsonl'), { recursive: true });
    writeFileSync(join(projects, '-x', 'notes.jsonl'), good);
    const { refs } = agent.discover(contextOf(home));
    expect(refs.map((ref) => ref.path)).toEqual([path()]);
  });

  test('any value in any field: no crash, ids unique, parents in line', () => {
    const odd = fc.oneof(
      fc.constantFrom(null, true, 0, '', 'u1', 'a1', [], {}, [null, 1, 'x', {}], {
        id: 5,
        content: [{ type: 'text' }],
      }),
      fc.jsonValue({ maxDepth: 2 }),
    );
    const samples = ['interactive', 'compact', 'image', 'limit-subscription', 'subagent', 'error'].flatMap(
      (scenario) => {
        const folder = join(FIXTURES, scenario, FOLDER);
        return readdirSync(folder)
          .filter((name) => name.endsWith('.jsonl'))
          .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
          .filter((line) => !line.startsWith('{"type":"api-request'))
          .map((line) => JSON.parse(line) as JsonObject);
      },
    );
    const spoiled = fc
      .tuple(
        fc.constantFrom(...samples),
        fc.array(fc.tuple(fc.nat(30), odd), { maxLength: 3 }),
        fc.nat(3),
        odd,
      )
      .map(([record, changes, depth, value]) => {
        const copy = structuredClone(record);
        for (const [n, replacement] of changes) {
          const key = Object.keys(copy)[n];
          if (key !== undefined) copy[key] = replacement as never;
        }
        spoilInside(copy.message ?? copy.attachment ?? null, depth, value);
        return copy;
      });
    fc.assert(
      fc.property(fc.array(spoiled, { minLength: 1, maxLength: 12 }), (records) => {
        const ref = write(`${records.map((record) => JSON.stringify(record)).join('\n')}\n`);
        agent.summarize({ ...ref, bytes: 1 << 20 }, contextOf(home));
        agent.summarize(ref, contextOf(home));
        const code = codeOf(() => {
          const session = agent.read(ref, contextOf(home));
          const entries = [...session.entries(), ...session.subagents.flatMap((sub) => [...sub.entries()])];
          JSON.stringify(entries);
          const own = [...session.entries()];
          expect(new Set(own.map((entry) => entry.id)).size).toBe(own.length);
          expect(own.map((entry) => entry.parentId)).toEqual(
            [null, ...own.map((e) => e.id)].slice(0, own.length),
          );
          for (const branch of session.branches)
            for (const _ of agent.read(ref, contextOf(home), { branch: branch.id }).entries());
        });
        expect([undefined, 'not-a-session']).toContain(code);
      }),
      { numRuns: 200 },
    );
  });
});

/** Replaces something at a depth inside a message or attachment. */
function spoilInside(value: JsonObject['x'], depth: number, replacement: unknown): void {
  let at: unknown = value;
  for (let i = 0; i < depth; i++) {
    if (typeof at !== 'object' || at === null) return;
    const inner: unknown = Object.values(at).findLast((each) => typeof each === 'object' && each !== null);
    if (inner === undefined) break;
    at = inner;
  }
  if (typeof at !== 'object' || at === null) return;
  const key = Object.keys(at)[depth % Math.max(1, Object.keys(at).length)];
  if (key !== undefined) Object.assign(at, { [key]: structuredClone(replacement) });
}

describe('limits', () => {
  const record = (text: string, more: JsonObject = {}): JsonObject => ({
    type: 'assistant',
    isApiErrorMessage: true,
    timestamp: '2026-11-22T17:00:00.000Z',
    message: { content: [{ type: 'text', text }] },
    ...more,
  });
  test.each([
    ["You've hit your 5-hour limit · resets 7:24pm (UTC)", 'account', '2026-11-22T19:24:00.000Z'],
    ["You've hit your weekly limit · resets 3am (UTC)", 'account', '2026-11-23T03:00:00.000Z'],
    [
      "You've hit your session limit · resets 12:50am (America/Los_Angeles)",
      'account',
      '2026-11-23T08:50:00.000Z',
    ],
    ["You've hit your limit · resets Apr 23 at 4pm (Europe/Berlin)", 'account', '2027-04-23T14:00:00.000Z'],
    ["You've hit your Opus limit · resets Nov 24, 9am (UTC)", 'model', '2026-11-24T09:00:00.000Z'],
    ['5-hour limit reached ∙ resets 3pm', 'account', '2026-11-22T20:00:00.000Z'],
    [
      'Claude usage limit reached. Your limit will reset at 9am (Asia/Tokyo)',
      'account',
      '2026-11-23T00:00:00.000Z',
    ],
    ['Claude AI usage limit reached|1795375474', 'account', '2026-11-22T19:24:34.000Z'],
    ["You've hit your limit · resets 3pm (Nowhere/Land)", 'account', undefined],
  ])('%s', (text, scope, resetsAt) => {
    const limit = limitOf(record(text), 'America/New_York');
    expect(limit).toEqual({ scope, ...(resetsAt === undefined ? {} : { resetsAt }), confidence: 'likely' });
  });

  test('structured fields come before the text', () => {
    const quotaLimits = { status: 'rejected', resetsAt: 1795375474, rateLimitType: 'seven_day_opus' };
    expect(limitOf(record('whatever', { error: 'rate_limit', quotaLimits }))).toEqual({
      scope: 'model',
      resetsAt: '2026-11-22T19:24:34.000Z',
      confidence: 'certain',
    });
    expect(limitOf(record('API Error: Overloaded', { apiErrorStatus: 529 }))?.scope).toBe('overload');
    expect(limitOf(record('Prompt is too long'))?.scope).toBe('context');
    expect(limitOf(record('API Error: 500', { apiErrorStatus: 500 }))).toBeUndefined();
    expect(
      limitOf({ ...record("You've hit your limit · resets 3pm"), isApiErrorMessage: false }),
    ).toBeUndefined();
  });

  test('a wall clock is read on the days on which it changes', () => {
    // in Berlin the clock goes from 2 to 3 on 2026-03-29
    const at = Date.parse('2026-03-28T23:30:00Z');
    expect(resetIn('resets 4am (Europe/Berlin)', at, 'UTC')).toBe('2026-03-29T02:00:00.000Z');
  });

  test('a waiting session tells when it goes on', () => {
    const notice = {
      type: 'system',
      subtype: 'informational',
      uuid: 'n1',
      timestamp: '2026-11-22T17:00:00.000Z',
      content: 'Usage limit reached · continuing automatically at 10:00am · esc or type to cancel',
    };
    const entries = [...agent.read(transcript([user('u1', 'go'), notice]), contextOf(home)).entries()];
    expect(entries[1]).toMatchObject({
      type: 'event',
      event: 'limit',
      limit: { scope: 'account', confidence: 'likely' },
    });
  });
});

describe('places', () => {
  test('folder names, as the real program made them', () => {
    expect(encodeCwd('/home/dev/claude/todo-api')).toBe('-home-dev-claude-todo-api');
    expect(encodeCwd('/a_b c.é漢😀')).toBe('-a-b-c-----');
    const long = `/tmp/${'x'.repeat(250)}`;
    expect(encodeCwd(long)).toBe(`-tmp-${'x'.repeat(195)}-3v30nt`);
  });

  test('CLAUDE_CONFIG_DIR moves the store', () => {
    expect(agent.roots(contextOf('/h').env)).toEqual(['/h/.claude/projects']);
    expect(agent.roots(contextOf('/h', { CLAUDE_CONFIG_DIR: '/c' }).env)).toEqual(['/c/projects']);
  });

  test('a transcript, or the folder beside it, is recognised anywhere', () => {
    const id = '1504bd3f-9253-4734-b476-4b9f099a107a';
    const folder = join(FIXTURES, 'bigoutput', FOLDER, id);
    expect(agent.recognize?.(folder, contextOf(home))).toMatchObject({
      agent: 'claude',
      id,
      path: `${folder}.jsonl`,
    });
    cpSync(`${folder}.jsonl`, join(home, 'kept.jsonl'));
    expect(agent.recognize?.(join(home, 'kept.jsonl'), contextOf(home))).toMatchObject({ id: 'kept' });
  });

  test('probing says whether the store can be written', () => {
    const { env } = contextOf(home);
    expect(agent.writer?.probe(env, CWD)).toEqual({});
    writeFileSync(join(home, '.claude'), 'a file');
    expect(() =>
      agent.writer?.probe({ ...env, vars: { CLAUDE_CONFIG_DIR: join(home, '.claude') } }, CWD),
    ).toThrow(SegueError);
  });
});

test('command lines', () => {
  const { launch } = agent;
  const cwd = '/w';
  const session = { id: 'ID', path: '/p' };
  expect(launch.start({ cwd, prompt: 'go', flags: ['--model', 'opus'] })).toEqual({
    argv: ['claude', 'go', '--model', 'opus'],
    cwd,
  });
  expect(launch.resume(session, { cwd })).toEqual({ argv: ['claude', '--resume', 'ID'], cwd });
  expect(launch.resume(session, { cwd, prompt: 'go', headless: true })).toEqual({
    argv: ['claude', '-p', '--resume', 'ID', 'go'],
    cwd,
  });
  expect(launch.resume(session, { cwd, prompt: '-x', headless: true })).toEqual({
    argv: ['claude', '-p', '--resume', 'ID'],
    cwd,
    stdin: { text: '-x' },
  });
  expect(launch.start({ cwd, prompt: '-x' })?.argv).toEqual(['claude', ' -x']);
});
