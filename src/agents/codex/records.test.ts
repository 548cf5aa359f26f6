import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  calls,
  event,
  home,
  ids,
  item,
  readOne,
  refs,
  says,
  sessionMeta,
  told,
  uuid,
  write,
} from '../../../test/codex-home.ts';
import { SegueError } from '../../model/errors.ts';
import type { JsonObject } from '../../model/session.ts';
import { agent } from './index.ts';

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'segue-codex-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test('a fork whose parent is missing, or is itself, is still read', () => {
  const base = (thread_id: string) => ({ history_base: { thread_id, end_ordinal_exclusive: 5 } });
  const orphan = home(scratch, 'orphan', [says('user', 'hello')], base(ids.parent));
  const session = readOne(orphan, 'orphan');
  expect(told(session.entries())).toEqual(['user: hello']);
  expect(session.diagnostics).toMatchObject([{ code: 'missing-file' }]);

  const loop = home(scratch, 'loop', [says('user', 'one')], base(uuid('loop-2')));
  write(loop, 'loop-2', [sessionMeta('loop-2', base(uuid('loop'))), says('user', 'two')]);
  const looped = readOne(loop, 'loop');
  expect(told(looped.entries())).toEqual(['user: two', 'user: one']);
  expect(looped.diagnostics).toMatchObject([{ code: 'broken-chain' }]);
});

test('of a fork only the part before the fork is taken, through several forks', () => {
  const context = home(scratch, 'trunk', [says('user', 'a'), says('assistant', 'b'), says('user', 'later')]);
  const child = { history_base: { thread_id: uuid('trunk'), end_ordinal_exclusive: 3 } };
  write(context, 'child', [sessionMeta('child', child), says('user', 'c'), says('user', 'later')]);
  const grandchild = { history_base: { thread_id: uuid('child'), end_ordinal_exclusive: 2 } };
  write(context, 'grandchild', [sessionMeta('grandchild', grandchild), says('user', 'd')]);
  expect(told(readOne(context, 'grandchild').entries())).toEqual([
    'user: a',
    'assistant: b',
    'user: c',
    'user: d',
  ]);
});

test('a copied fork has a second session_meta, which does not count', () => {
  const context = home(scratch, 'copy', [sessionMeta('other', { cwd: '/elsewhere' }), says('user', 'hello')]);
  expect(readOne(context, 'copy').info).toMatchObject({ id: uuid('copy'), cwd: '/home/dev/app' });
});

test('a rolled back turn is a branch', () => {
  const turn = (n: number) => [
    event('task_started', { turn_id: `t${n}` }),
    says('user', `ask ${n}`),
    says('assistant', `answer ${n}`),
    event('task_complete', { turn_id: `t${n}`, last_agent_message: null }),
  ];
  const rollback = event('thread_rolled_back', { num_turns: 2 });
  const context = home(scratch, 'rolled', [...turn(1), ...turn(2), ...turn(3), rollback, ...turn(4)]);
  const session = readOne(context, 'rolled');
  expect(told(session.entries())).toEqual([
    'user: ask 1',
    'assistant: answer 1',
    'rollback',
    'user: ask 4',
    'assistant: answer 4',
  ]);
  expect(session.branches).toMatchObject([{ entries: 4 }]);
  const [ref] = refs(context);
  const branch = agent.read(ref ?? expect.fail('a session'), context, { branch: session.branches[0]?.id });
  expect(told(branch.entries())).toEqual(
    [1, 2, 3].flatMap((n) => [`user: ask ${n}`, `assistant: answer ${n}`]),
  );
  expect(branch.branches).toMatchObject([{ entries: 3 }]);
  expect(() => agent.read(ref ?? expect.fail('a session'), context, { branch: 'nothing' })).toThrow(
    SegueError,
  );
});

test('without task records a rollback counts prompts, also when events tell them again', () => {
  const turn = (n: number) => [
    says('user', `ask ${n}`),
    event('user_message', { message: `ask ${n}` }),
    event('agent_message', { message: `answer ${n}` }),
    says('assistant', `answer ${n}`),
  ];
  const context = home(scratch, 'old', [
    ...turn(1),
    ...turn(2),
    event('thread_rolled_back', { num_turns: 1 }),
  ]);
  expect(told(readOne(context, 'old').entries())).toEqual(['user: ask 1', 'assistant: answer 1', 'rollback']);
});

test('a conversation told only by events is read, once', () => {
  const legacy = [
    event('user_message', { message: 'hello' }),
    event('agent_reasoning', { text: 'hm' }),
    event('agent_message', { message: 'hi' }),
  ];
  expect(told(readOne(home(scratch, 'events', legacy), 'events').entries())).toEqual([
    'user: hello',
    'thinks: hm',
    'assistant: hi',
  ]);
  const done = (type: string, id: string, more: JsonObject) =>
    event('item_completed', { item: { type, id, ...more } });
  const items = [
    event('user_message', { message: 'hello' }),
    done('UserMessage', '1', { content: [{ type: 'text', text: 'hello' }] }),
    done('CommandExecution', '2', {
      command: ['/bin/bash', '-lc', 'ls'],
      status: 'failed',
      aggregated_output: 'no',
      exit_code: 2,
    }),
    done('AgentMessage', '3', { content: [{ type: 'Text', text: 'hi' }] }),
    event('agent_message', { message: 'hi' }),
  ];
  expect(told(readOne(home(scratch, 'turn-items', items), 'turn-items').entries())).toEqual([
    'user: hello',
    'execute {"command":"ls"}',
    'error 2: no',
    'assistant: hi',
  ]);
});

test('what Codex injects is not taken for a prompt', () => {
  const passthrough = (kinds: string[]) => ({
    internal_chat_message_metadata_passthrough: { content_item_kinds: kinds },
  });
  const marked = (text: string, kinds: string[]) =>
    item({ type: 'message', role: 'user', content: [{ type: 'input_text', text }], ...passthrough(kinds) });
  const context = home(scratch, 'injected', [
    says('developer', 'rules'),
    says('user', '# AGENTS.md instructions for /home/dev/app\n\nx'),
    says('user', '<environment_context>\n  <cwd>/home</cwd>\n</environment_context>'),
    says('user', '<turn_aborted>\nx\n</turn_aborted>'),
    says('user', '<user_instructions>x</user_instructions>'),
    marked('anything', ['generic.turn_aborted']),
    marked('<environment_context> is what I ask about', ['user.text']),
    says('user', 'a plain prompt'),
  ]);
  expect(told(readOne(context, 'injected').entries())).toEqual([
    ...Array.from({ length: 6 }, () => 'harness'),
    'user: <environment_context> is what I ask about',
    'user: a plain prompt',
  ]);
});

test('calls of every form', () => {
  const patch = '*** Begin Patch\n*** Delete File: a.txt\n*** End Patch';
  const context = home(scratch, 'calls', [
    says('user', 'go'),
    item({ type: 'custom_tool_call', name: 'apply_patch', input: patch, call_id: 'p1' }),
    item({
      type: 'custom_tool_call_output',
      call_id: 'p1',
      output: 'Exit code: 1\nWall time: 0.1 seconds\nOutput:\nno such file',
    }),
    item({
      type: 'local_shell_call',
      call_id: 'l1',
      action: { type: 'exec', command: ['bash', '-lc', 'ls'] },
    }),
    item({
      type: 'function_call_output',
      call_id: 'l1',
      output: '{"output":"a\\n","metadata":{"exit_code":0,"duration_seconds":0.1}}',
    }),
    ...calls('s1', 'shell', { command: ['git', 'log', "it's"] }, 'Wall time: 1.2 seconds\naborted by user'),
    ...calls(
      'm1',
      'get_thing',
      { n: 1 },
      [
        { type: 'input_text', text: 'Wall time: 0.0045 seconds\nOutput:' },
        { type: 'input_text', text: 'thing 1' },
      ],
      { namespace: 'mcp__demo' },
    ),
    ...calls('m2', 'mcp__demo__get_thing', { n: 2 }, 'thing 2'),
    ...calls('u1', 'nosuch', { a: 1 }, 'unsupported call: nosuch'),
    ...calls('v1', 'exec_command', { cmd: 'x', workdir: 'sub' }, 'exec_command failed: no'),
    ...calls('t1', 'spawn_agent', { message: 'look' }, '{"agent_id":"x"}', { namespace: 'multi_agent_v1' }),
    ...calls('pl', 'update_plan', { plan: [{ step: 'a', status: 'pending' }] }, 'Plan updated'),
    item({ type: 'web_search_call', status: 'completed', action: { type: 'search', query: 'q' } }),
    ...calls('d1', 'exec_command', { cmd: 'one' }, 'Wall time: 0 seconds\nOutput:\nfirst'),
    ...calls('d1', 'exec_command', { cmd: 'two' }, 'Wall time: 0 seconds\nOutput:\nsecond'),
    ...calls(
      'c1',
      'exec_command',
      { cmd: 'seq' },
      'Chunk ID: a5226c\nWall time: 0.0000 seconds\nProcess exited with code 0\nOriginal token count: 42224\nOutput:\nWarning: truncated output (original token count: 42224)\nTotal output lines: 30000\n\n1\n…41000 tokens truncated…9\n',
    ),
  ]);
  const session = readOne(context, 'calls');
  expect(told(session.entries())).toEqual([
    'user: go',
    'patch {"changes":[{"change":"delete","path":"/home/dev/app/a.txt"}]}',
    'error -: no such file',
    'execute {"command":"ls"}',
    'ok 0: a\n',
    "execute {\"command\":\"git log 'it'\\\\''s'\"}",
    'interrupted -: aborted by user',
    'mcp {"server":"demo","tool":"get_thing","arguments":{"n":1}}',
    'ok -: thing 1',
    'mcp {"server":"demo","tool":"get_thing","arguments":{"n":2}}',
    'ok -: thing 2',
    'other {"name":"nosuch","input":{"a":1}}',
    'error -: unsupported call: nosuch',
    'execute {"command":"x","cwd":"/home/dev/app/sub"}',
    'error -: exec_command failed: no',
    'task {"prompt":"look"}',
    'ok -: {"agent_id":"x"}',
    'plan {"items":[{"text":"a","status":"pending"}]}',
    'ok -: Plan updated',
    'web_search {"query":"q"}',
    'ok -: ',
    'execute {"command":"one"}',
    'ok -: first',
    'execute {"command":"two"}',
    'ok -: second',
    'execute {"command":"seq"}',
    'ok 0: 1\n…41000 tokens truncated…9\n',
  ]);
  const last = [...session.entries()].at(-1);
  expect(last).toMatchObject({ parts: [{ truncated: true }] });
  expect(session.diagnostics).toEqual([]);
});

test('outcomes come from turn items where the text does not tell them', () => {
  const outcome = (item_: JsonObject) => event('item_completed', { item: item_ });
  const context = home(scratch, 'outcomes', [
    says('user', 'go'),
    ...calls('a', 'Read', { file_path: '/x' }, 'boom'),
    outcome({ type: 'DynamicToolCall', id: 'a', tool: 'Read', status: 'failed', success: false }),
    ...calls('b', 'exec_command', { cmd: 'x' }, 'Wall time: 0 seconds\nOutput:\ny'),
    outcome({ type: 'CommandExecution', id: 'b', command: [], status: 'failed', exit_code: 9 }),
    ...calls('c', 'mcp__s__t', {}, 'bad'),
    outcome({ type: 'McpToolCall', id: 'c', status: 'completed', result: { content: [], isError: true } }),
    ...calls('d', 'exec_command', { cmd: 'x' }, 'no'),
    outcome({ type: 'CommandExecution', id: 'd', command: [], status: 'declined' }),
  ]);
  const results = told(readOne(context, 'outcomes').entries()).filter((line) =>
    /^(ok|error|inter)/.test(line),
  );
  expect(results).toEqual(['error -: boom', 'error 9: y', 'error -: bad', 'interrupted -: no']);
});

test('errors, interruptions, names and model changes are events', () => {
  const context = home(scratch, 'events-2', [
    { type: 'turn_context', payload: { model: 'gpt-6' } },
    says('user', 'go'),
    event('turn_aborted', { reason: 'interrupted' }),
    { type: 'turn_context', payload: { model: 'gpt-6-mini' } },
    event('thread_name_updated', { thread_name: 'A name' }),
    event('task_complete', { error: { message: 'broke', codex_error_info: 'bad_request' } }),
    says('assistant', 'hi'),
  ]);
  const session = readOne(context, 'events-2');
  expect(told(session.entries())).toEqual([
    'user: go',
    'interrupted interrupted',
    'model gpt-6-mini',
    'title A name',
    'error broke',
    'assistant: hi',
  ]);
  expect(session.info).toMatchObject({ title: 'A name', models: ['gpt-6', 'gpt-6-mini'] });
  expect([...session.entries()].at(-1)).toMatchObject({ model: 'gpt-6-mini' });
});

test('damage inside entries is told once, however often they are gone through', () => {
  const context = home(scratch, 'orphan-output', [
    says('user', 'go'),
    item({ type: 'function_call_output', call_id: 'nobody', output: 'x' }),
    item({
      type: 'message',
      role: 'assistant',
      content: [{ type: 'hologram' }, { type: 'output_text', text: 'hi' }],
    }),
  ]);
  const session = readOne(context, 'orphan-output');
  for (let pass = 0; pass < 3; pass++) expect(told(session.entries())).toEqual(['user: go', 'assistant: hi']);
  expect(session.diagnostics.map(({ code }) => code)).toEqual(['orphan-result', 'unknown-record']);
});
