import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  at,
  event,
  home,
  item,
  readOne,
  refs,
  says,
  sessionMeta,
  told,
  uuid,
  write,
} from '../../../test/codex-home.ts';
import type { JsonObject, JsonValue } from '../../model/session.ts';
import { agent } from './index.ts';

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'segue-codex-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

test.each([
  ['empty', ''],
  ['junk', Buffer.from([0, 255, 1, 2, 10, 0, 0])],
  ['null', 'null\n[]\n"x"\n1\n'],
  ['json', '{"hello":"world"}\n'],
  ['truncated', '{"type":"session_me'],
])('a file that holds no session: %s', (name, content) => {
  const context = at(join(scratch, `bad-${name}`));
  const path = write(context, name, []);
  writeFileSync(path, content);
  const [ref] = refs(context);
  if (ref === undefined) expect.fail('found by its name');
  expect(() => agent.read(ref, context)).toThrow(expect.objectContaining({ code: 'not-a-session' }));
  expect(agent.summarize(ref, context).damaged).toBeDefined();
});

test('what cannot be opened is unreadable', () => {
  const context = at(join(scratch, 'folder'));
  const path = join(context.env.home, '.codex/sessions', `rollout-${uuid('folder')}.jsonl`);
  mkdirSync(path, { recursive: true });
  expect(refs(context)).toEqual([]);
  const ref = { agent: 'codex', id: uuid('folder'), path, bytes: 0, mtimeMs: 0 };
  expect(() => agent.read(ref, context)).toThrow(expect.objectContaining({ code: 'unreadable' }));
  expect(agent.summarize(ref, context).damaged).toBeDefined();
  expect(agent.recognize?.(path, context)).toBeUndefined();
  symlinkSync(path, join(path, 'loop'));
  expect(refs(context)).toEqual([]);
});

test('damaged records are left out and named; the rest is read', () => {
  const context = home(scratch, 'hurt', []);
  const good = JSON.stringify(says('user', 'hello'));
  const wrong = [
    'null',
    '{',
    '\0\0\0',
    '{"type":5,"payload":{}}',
    '{"type":"response_item"}',
    '{"type":"response_item","payload":[]}',
    '{"type":"nonsense","payload":{}}',
  ].join('\n');
  const path = write(
    context,
    'hurt',
    [sessionMeta('hurt')],
    `${wrong}\n${good}\n{"type":"response_item","payl`,
  );
  const session = readOne(context, 'hurt');
  expect(told(session.entries())).toEqual(['user: hello']);
  expect(session.diagnostics.map(({ code }) => code)).toEqual([
    ...Array.from({ length: 6 }, () => 'bad-record'),
    'unknown-record',
    'torn-record',
  ]);
  expect(session.diagnostics.every((diagnostic) => diagnostic.path === path)).toBe(true);
});

test('wrong types in every field do not stop a reader', () => {
  const values: JsonValue[] = [null, 7, true, 'text', [], [null], {}, { a: 1 }];
  const records: JsonObject[] = values.flatMap((value): JsonObject[] => [
    item({ type: 'message', role: value, content: value }),
    item({ type: 'message', role: 'user', content: value }),
    item({
      type: 'message',
      role: 'user',
      content: [value],
      internal_chat_message_metadata_passthrough: value,
    }),
    item({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: value }] }),
    item({ type: 'reasoning', summary: value, content: value, encrypted_content: value, id: value }),
    item({ type: 'function_call', name: value, arguments: value, call_id: value, namespace: value }),
    item({ type: 'function_call', name: 'exec_command', arguments: value, call_id: 'x' }),
    item({ type: 'function_call', name: 'constructor', arguments: '{"command":"x"}', call_id: 'y' }),
    item({ type: 'function_call_output', call_id: value, output: value }),
    item({ type: 'function_call_output', call_id: 'x', output: value }),
    item({ type: 'custom_tool_call', name: 'apply_patch', input: value, call_id: 'z' }),
    item({ type: 'local_shell_call', action: value, call_id: value }),
    item({ type: 'web_search_call', action: value }),
    item({ type: 'image_generation_call', result: value }),
    item({ type: value }),
    event('task_complete', { error: value }),
    event('token_count', { info: value, rate_limits: value }),
    event('thread_rolled_back', { num_turns: value }),
    event('thread_name_updated', { thread_name: value }),
    event('item_completed', { item: value }),
    event('item_completed', {
      item: { type: 'CommandExecution', id: value, exit_code: value, status: value },
    }),
    event('user_message', { message: value, images: value }),
    { type: 'event_msg', payload: { type: value } },
    { type: 'turn_context', payload: { model: value } },
    { type: 'compacted', payload: { message: value, replacement_history: value } },
    { type: 'compacted', payload: { replacement_history: [value, { type: 'message', content: value }] } },
    { type: 'token_usage_record', payload: { usage: value, thread_token_usage: value } },
    {
      type: 'response_item',
      payload: { type: 'message', role: 'user', content: [] },
      metadata: value,
      timestamp: value,
    },
  ]);
  for (const [n, value] of values.entries()) {
    const meta = {
      timestamp: value,
      cwd: value,
      git: value,
      source: value,
      history_base: value,
      cli_version: value,
    };
    const context = home(scratch, `types-${n}`, records, meta as JsonObject);
    const session = readOne(context, `types-${n}`);
    const entries = [...session.entries()];
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
    expect(session.subagents).toEqual([]);
    for (const branch of session.branches) {
      const [ref] = refs(context);
      expect([
        ...agent.read(ref ?? expect.fail('a session'), context, { branch: branch.id }).entries(),
      ]).toBeDefined();
    }
    const [ref] = refs(context);
    expect(agent.summarize(ref ?? expect.fail('a session'), context).damaged).toBeUndefined();
  }
});
