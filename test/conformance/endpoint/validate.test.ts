import { expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../../../src/model/session.ts';
import { isSealed, seal } from './ids.ts';
import { validateAnthropic } from './validate-anthropic.ts';
import { validateChat } from './validate-chat.ts';
import { validateGemini } from './validate-gemini.ts';
import { validateResponses } from './validate-responses.ts';

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Expects exactly these codes for a list of messages in a valid request. */
type Case = [what: string, codes: string[], messages: JsonValue[]];

test('a seal is valid only for its vendor and only unchanged', () => {
  const value = seal('anthropic');
  expect(isSealed('anthropic', value)).toBe(true);
  expect(isSealed('openai', value)).toBe(false);
  expect(isSealed('anthropic', `A${value.slice(1)}`)).toBe(value.startsWith('A'));
  expect(isSealed('anthropic', '')).toBe(false);
});

const user: JsonObject = { role: 'user', content: 'hello' };
const use = (id: string, more: JsonObject = {}): JsonObject => ({
  type: 'tool_use',
  id,
  name: 'Bash',
  input: {},
  ...more,
});
const result = (id: string, more: JsonObject = {}): JsonObject => ({
  type: 'tool_result',
  tool_use_id: id,
  content: 'out',
  ...more,
});
const asks = (...blocks: JsonObject[]): JsonObject => ({ role: 'assistant', content: blocks });
const says = (...blocks: JsonObject[]): JsonObject => ({ role: 'user', content: blocks });
const text = (value: string): JsonObject => ({ type: 'text', text: value });
const png = (media_type: string, data: string): JsonObject => ({
  type: 'image',
  source: { type: 'base64', media_type, data },
});

const anthropicCases: Case[] = [
  ['text', [], [user, asks(text('hi')), user]],
  [
    'pairs, results first',
    [],
    [user, asks(use('a'), use('b')), says(result('b'), result('a'), text('go on'))],
  ],
  ['results in two messages', [], [user, asks(use('a'), use('b')), says(result('a')), says(result('b'))]],
  [
    'signed thinking',
    [],
    [user, asks({ type: 'thinking', thinking: '', signature: seal('anthropic') }, text('hi')), user],
  ],
  ['image', [], [says(png('image/png', PNG))]],
  [
    'system message between',
    [],
    [user, { role: 'system', content: 'note', output_config: {} }, asks(text('hi'))],
  ],
  ['no messages', ['empty'], []],
  ['starts with assistant', ['first-role'], [asks(text('hi')), user]],
  ['role tool', ['role'], [user, { role: 'tool', content: 'x' }]],
  ['empty string', ['empty'], [{ role: 'user', content: '' }]],
  ['empty text block', ['empty-text'], [says(text(' \n'))]],
  ['empty content array', ['empty'], [says(), asks(text('hi'))]],
  ['unanswered call', ['unanswered-call'], [user, asks(use('a')), user]],
  ['text before the result', ['result-position'], [user, asks(use('a')), says(text('x'), result('a'))]],
  ['result without call', ['orphan-result'], [user, asks(text('hi')), says(result('a'))]],
  ['two results', ['duplicate-result'], [user, asks(use('a')), says(result('a'), result('a'))]],
  [
    'late result',
    ['unanswered-call', 'orphan-result'],
    [user, asks(use('a')), user, asks(text('x')), says(result('a'))],
  ],
  [
    'id used twice',
    ['duplicate-id'],
    [user, asks(use('a')), says(result('a')), asks(use('a')), says(result('a'))],
  ],
  ['bad id', ['call-id', 'call-id'], [user, asks(use('a|b')), says(result('a|b'))]],
  ['long name', ['name'], [user, asks(use('a', { name: 'x'.repeat(129) })), says(result('a'))]],
  ['text input', ['input'], [user, asks(use('a', { input: 'ls' })), says(result('a'))]],
  ['result in assistant', ['block-type'], [user, asks(result('a'))]],
  ['call in user', ['block-type'], [says(use('a'))]],
  ['unknown block', ['block-type'], [says({ type: 'input_text', text: 'x' })]],
  [
    'foreign signature',
    ['signature'],
    [user, asks({ type: 'thinking', thinking: 't', signature: seal('openai') }), user],
  ],
  ['no signature', ['signature'], [user, asks({ type: 'thinking', thinking: 't' }), user]],
  ['foreign redacted data', ['signature'], [user, asks({ type: 'redacted_thinking', data: 'xx' }), user]],
  ['svg', ['image-type'], [says(png('image/svg+xml', PNG))]],
  ['png that is said to be jpeg', ['image-bytes'], [says(png('image/jpeg', PNG))]],
  ['not base64', ['image-base64'], [says(png('image/png', 'not base64!'))]],
  [
    'empty error',
    ['empty-error'],
    [user, asks(use('a')), says(result('a', { content: '', is_error: true }))],
  ],
  ['unknown member', ['unknown-member'], [says({ ...text('x'), id: 'y' })]],
  ['trailing space', ['trailing-space'], [user, asks(text('hi '))]],
  ['lone surrogate', ['lone-surrogate'], [{ role: 'user', content: 'a\ud800' }]],
  [
    'five cache marks',
    ['cache-control'],
    [says(...[1, 2, 3, 4, 5].map((n) => ({ ...text(`${n}`), cache_control: { type: 'ephemeral' } })))],
  ],
];

test.each(anthropicCases)('anthropic: %s', (_what, codes, messages) => {
  expect(validateAnthropic({ max_tokens: 1, messages }).map((v) => v.code)).toEqual(codes);
});

const ask: JsonObject = { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hello' }] };
const call = (call_id: string, more: JsonObject = {}): JsonObject => ({
  type: 'function_call',
  call_id,
  name: 'shell',
  arguments: '{}',
  ...more,
});
const output = (call_id: string, more: JsonObject = {}): JsonObject => ({
  type: 'function_call_output',
  call_id,
  output: 'out',
  ...more,
});
const reply: JsonObject = {
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text: 'hi' }],
};
const think = (more: JsonObject): JsonObject => ({ type: 'reasoning', summary: [], ...more });
const shown = (image_url: string): JsonObject => ({
  role: 'user',
  content: [{ type: 'input_image', image_url }],
});

const responsesCases: Case[] = [
  ['text', [], [ask, reply, { role: 'user', content: '' }]],
  ['pairs, not adjacent', [], [ask, call('a'), call('b'), reply, output('b'), output('a')]],
  [
    'custom tool',
    [],
    [
      { type: 'custom_tool_call', call_id: 'a', name: 'apply_patch', input: 'x' },
      { type: 'custom_tool_call_output', call_id: 'a', output: 'ok' },
    ],
  ],
  ['reasoning of this service', [], [ask, think({ id: 'rs_1', encrypted_content: seal('openai') }), reply]],
  ['image', [], [shown(`data:image/png;base64,${PNG}`), shown('https://example.org/x.png')]],
  ['no items', ['empty'], []],
  ['role tool', ['role', 'block-type'], [{ role: 'tool', content: [{ type: 'output_text', text: 'x' }] }]],
  ['unknown item', ['item-type'], [{ type: 'tool_use' }]],
  ['foreign content', ['block-type'], [{ role: 'user', content: [{ type: 'text', text: 'x' }] }]],
  [
    'output_text of a user',
    ['block-type'],
    [{ role: 'user', content: [{ type: 'output_text', text: 'x' }] }],
  ],
  ['empty content', ['empty'], [{ role: 'user', content: [] }]],
  ['unanswered call', ['unanswered-call'], [ask, call('a')]],
  ['output before its call', ['orphan-result'], [output('a'), call('a')]],
  [
    'output of another kind',
    ['orphan-result'],
    [call('a'), { ...output('a'), type: 'custom_tool_call_output' }],
  ],
  ['id used twice', ['duplicate-id', 'duplicate-result'], [call('a'), output('a'), call('a'), output('a')]],
  ['long id', ['call-id', 'call-id'], [call('x'.repeat(65)), output('x'.repeat(65))]],
  ['bad name', ['name'], [call('a', { name: 'mcp x.y' }), output('a')]],
  ['object arguments', ['arguments'], [call('a', { arguments: {} }), output('a')]],
  ['arguments that are not JSON', ['arguments'], [call('a', { arguments: '{' }), output('a')]],
  ['item id of another kind', ['item-id'], [call('a', { id: 'call_1' }), output('a')]],
  [
    'foreign encrypted content',
    ['encrypted-content'],
    [ask, think({ encrypted_content: seal('anthropic') }), reply],
  ],
  ['reasoning by reference', ['not-stored'], [ask, think({ id: 'rs_1' }), reply]],
  ['reasoning alone', ['reasoning-alone'], [ask, think({}), ask]],
  ['object output', ['type'], [call('a'), output('a', { output: { content: 'x' } })]],
  ['image of another type', ['image-type'], [shown(`data:image/bmp;base64,${PNG}`)]],
  ['lone surrogate', ['lone-surrogate'], [{ role: 'user', content: '\udc00' }]],
];

test.each(responsesCases)('responses: %s', (_what, codes, input) => {
  expect(validateResponses({ input }).map((v) => v.code)).toEqual(codes);
});

const toolCall = (id: string, more: JsonObject = {}): JsonObject => ({
  id,
  type: 'function',
  function: { name: 'bash', arguments: '{}', ...more },
});
const calls = (...list: JsonObject[]): JsonObject => ({ role: 'assistant', content: null, tool_calls: list });
const tool = (tool_call_id: string, content: JsonValue = 'out'): JsonObject => ({
  role: 'tool',
  tool_call_id,
  content,
});

const chatCases: Case[] = [
  [
    'text',
    [],
    [
      { role: 'system', content: 's' },
      user,
      { role: 'assistant', content: 'hi', reasoning_content: 'r' },
      user,
    ],
  ],
  ['pairs', [], [user, calls(toolCall('a'), toolCall('b')), tool('b'), tool('a'), user]],
  ['image', [], [says({ type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } })]],
  ['no messages', ['empty'], []],
  ['unknown role', ['role', 'block-type'], [says(text('x')), { role: 'model', content: [text('x')] }]],
  ['null content', ['empty'], [user, { role: 'assistant', content: null }]],
  ['null content of a user', ['empty'], [{ role: 'user', content: null }]],
  ['empty content', ['empty'], [says()]],
  ['no calls in the list', ['empty'], [user, { role: 'assistant', content: 'x', tool_calls: [] }]],
  ['unanswered call', ['unanswered-call'], [user, calls(toolCall('a')), user]],
  ['unanswered at the end', ['unanswered-call'], [user, calls(toolCall('a'), toolCall('b')), tool('a')]],
  ['result without call', ['orphan-result'], [user, tool('a')]],
  [
    'text between call and result',
    ['unanswered-call', 'orphan-result'],
    [user, calls(toolCall('a')), user, tool('a')],
  ],
  [
    'id used twice',
    ['duplicate-id'],
    [user, calls(toolCall('a')), tool('a'), calls(toolCall('a')), tool('a')],
  ],
  ['long id', ['call-id'], [user, calls(toolCall('x'.repeat(41))), tool('x'.repeat(41))]],
  ['bad name', ['name'], [user, calls(toolCall('a', { name: 'a.b' })), tool('a')]],
  ['object arguments', ['arguments'], [user, calls(toolCall('a', { arguments: {} })), tool('a')]],
  [
    'image in a tool message',
    ['block-type'],
    [
      user,
      calls(toolCall('a')),
      tool('a', [{ type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } }]),
    ],
  ],
  ['anthropic block', ['block-type'], [says({ type: 'tool_result', content: 'x' })]],
  [
    'broken image',
    ['image-base64'],
    [says({ type: 'image_url', image_url: { url: 'data:image/png;base64,*' } })],
  ],
  ['lone surrogate', ['lone-surrogate'], [{ role: 'user', content: '\ud83d' }]],
];

test.each(chatCases)('chat: %s', (_what, codes, messages) => {
  expect(validateChat({ messages }).map((v) => v.code)).toEqual(codes);
});

const part = (...parts: JsonObject[]): JsonObject => ({ role: 'user', parts });
const model = (...parts: JsonObject[]): JsonObject => ({ role: 'model', parts });
const asked = (name: string, more: JsonObject = {}): JsonObject => ({
  functionCall: { name, args: {}, ...more },
});
const given = (name: string, more: JsonObject = {}): JsonObject => ({
  functionResponse: { name, response: { output: 'x' }, ...more },
});

const geminiCases: Case[] = [
  ['text', [], [part({ text: 'x' }), model({ text: 'y' }), part({ text: 'z' })]],
  [
    'pairs',
    [],
    [
      part({ text: 'x' }),
      model({ text: 't' }, asked('ls'), asked('cat')),
      part(given('ls'), given('cat')),
      model({ text: 'y' }),
    ],
  ],
  ['image', [], [part({ inlineData: { mimeType: 'image/png', data: PNG } })]],
  [
    'signature',
    [],
    [part({ text: 'x' }), model({ ...asked('ls'), thoughtSignature: seal('google') }), part(given('ls'))],
  ],
  [
    'documented stand-in',
    [],
    [
      part({ text: 'x' }),
      model({ ...asked('ls'), thoughtSignature: 'skip_thought_signature_validator' }),
      part(given('ls')),
    ],
  ],
  ['no contents', ['empty'], []],
  ['role assistant', ['role'], [{ role: 'assistant', parts: [{ text: 'x' }] }]],
  ['no parts', ['empty'], [part()]],
  ['empty part', ['part'], [part({})]],
  ['two kinds in a part', ['part'], [part({ text: 'x', inlineData: { mimeType: 'image/png', data: PNG } })]],
  ['empty text', ['empty-text'], [part({ text: '' })]],
  [
    'call after a model turn',
    ['call-position'],
    [part({ text: 'x' }), model({ text: 'y' }), model(asked('ls')), part(given('ls'))],
  ],
  ['unanswered call', ['unanswered-call'], [part({ text: 'x' }), model(asked('ls')), part({ text: 'y' })]],
  [
    'fewer responses',
    ['unanswered-call', 'response-name'],
    [part({ text: 'x' }), model(asked('ls'), asked('cat')), part(given('ls'))],
  ],
  [
    'response without call',
    ['orphan-result', 'response-name'],
    [part({ text: 'x' }), model({ text: 'y' }), part(given('ls'))],
  ],
  ['other name', ['response-name'], [part({ text: 'x' }), model(asked('ls')), part(given('cat'))]],
  [
    'other id',
    ['orphan-result'],
    [part({ text: 'x' }), model(asked('ls', { id: 'a' })), part(given('ls', { id: 'b' }))],
  ],
  ['bad name', ['name', 'name'], [part({ text: 'x' }), model(asked('1 2')), part(given('1 2'))]],
  [
    'text response',
    ['response'],
    [part({ text: 'x' }), model(asked('ls')), part(given('ls', { response: 'x' }))],
  ],
  [
    'foreign signature',
    ['signature'],
    [part({ text: 'x' }), model({ ...asked('ls'), thoughtSignature: seal('anthropic') }), part(given('ls'))],
  ],
  ['gif', ['image-type'], [part({ inlineData: { mimeType: 'image/gif', data: PNG } })]],
  ['lone surrogate', ['lone-surrogate'], [part({ text: '\ud83d' })]],
];

test.each(geminiCases)('gemini: %s', (_what, codes, contents) => {
  expect(validateGemini({ contents }, 'gemini-2.5-flash').map((v) => v.code)).toEqual(codes);
});

test('gemini 3 wants signatures in the current turn only', () => {
  const step = [model(asked('ls')), part(given('ls'))];
  const old = { contents: [part({ text: 'x' }), ...step, model({ text: 'y' }), part({ text: 'z' })] };
  const current = { contents: [part({ text: 'x' }), ...step] };
  expect(validateGemini(old, 'gemini-3.8-flash')).toEqual([]);
  expect(validateGemini(current, 'gemini-3.8-flash').map((v) => v.code)).toEqual(['missing-signature']);
  expect(validateGemini(current, 'gemini-2.5-flash')).toEqual([]);
});
