import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/model/session.ts';
import type { ApiName } from './conversation.ts';
import { type Endpoint, startEndpoint } from './server.ts';

let endpoint: Endpoint;
beforeAll(async () => {
  endpoint = await startEndpoint();
});
afterAll(() => endpoint.close());

const schema = {
  type: 'object',
  properties: { command: { type: 'string' }, why: { type: 'string' } },
  required: ['command', 'why'],
};

/** The request of each API for one prompt, with a shell tool. */
function request(api: ApiName, prompt: string, stream: boolean): { path: string; body: JsonObject } {
  switch (api) {
    case 'anthropic':
      return {
        path: '/v1/messages?beta=true',
        body: {
          stream,
          max_tokens: 9,
          tools: [{ name: 'Bash', input_schema: schema }],
          messages: [{ role: 'user', content: prompt }],
        },
      };
    case 'responses':
      return {
        path: '/v1/responses',
        body: { stream, tools: [{ type: 'function', name: 'bash', parameters: schema }], input: prompt },
      };
    case 'chat':
      return {
        path: '/v1/chat/completions',
        body: {
          stream,
          tools: [{ type: 'function', function: { name: 'bash', parameters: schema } }],
          messages: [{ role: 'user', content: prompt }],
        },
      };
    case 'gemini':
      return {
        path: `/v1beta/models/mock:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
        body: {
          tools: [{ functionDeclarations: [{ name: 'bash', parametersJsonSchema: schema }] }],
          contents: [{ role: 'user', parts: [{ text: prompt }] }],
        },
      };
  }
}

async function ask(api: ApiName, prompt: string, stream: boolean): Promise<{ status: number; text: string }> {
  const { path, body } = request(api, prompt, stream);
  const response = await fetch(endpoint.url + path, { method: 'POST', body: JSON.stringify(body) });
  return { status: response.status, text: await response.text() };
}

const apis: ApiName[] = ['anthropic', 'responses', 'chat', 'gemini'];
const all = apis.flatMap((api) => [true, false].map((stream) => ({ api, stream })));

test.each(all)(
  '$api (stream: $stream): the shell tool is called, reasoning first',
  async ({ api, stream }) => {
    const { status, text } = await ask(api, 'THINK. Then RUN: echo "a b"', stream);
    expect(status).toBe(200);
    expect(text.indexOf('Thinking about')).toBeGreaterThan(-1);
    expect(text.indexOf('Thinking about')).toBeLessThan(text.indexOf('MOCK-STEP'));
    expect(endpoint.requests.at(-1)?.reply?.calls).toMatchObject([
      { name: /bash/i.exec(text)?.[0], input: { command: 'echo "a b"', why: 'scripted step' } },
    ]);
    expect(text.replaceAll('\\', '')).toContain('echo "a b"');
  },
);

test.each(all)('$api (stream: $stream): odd text comes back as it was asked for', async ({ api, stream }) => {
  const odd = 'é 😀 \u2028 \u2029 \u0007 "x"';
  const { text } = await ask(api, `SAY: ${JSON.stringify(odd)}`, stream);
  expect(text).toContain(JSON.stringify(odd).slice(1, -1));
});

test.each(apis)('%s: a limit is status 429', async (api) => {
  expect((await ask(api, 'RATE-LIMIT', true)).status).toBe(429);
});

test.each(apis)('%s: a refused request is logged with its violation', async (api) => {
  const { status, text } = await ask(api, 'lone \ud800', false);
  // fetch replaces the surrogate on the way, the JSON escape does not
  expect(status).toBe(400);
  expect(text).toContain('lone surrogate');
  expect(endpoint.requests.at(-1)?.violations).toMatchObject([{ code: 'lone-surrogate' }]);
});

test('steps follow each other, results count', async () => {
  const prompt = { role: 'user', content: 'RUN: one\nCALL: bash {"command":"t}w\\"o"} ENDCALL' };
  const tools = [{ type: 'function', function: { name: 'bash', parameters: schema } }];
  const messages: JsonObject[] = [
    { role: 'user', content: 'RUN: old' },
    { role: 'assistant', content: 'x' },
    prompt,
  ];
  const commands: unknown[] = [];
  for (let i = 0; i < 3; i++) {
    await fetch(`${endpoint.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ tools, messages }),
    });
    const reply = endpoint.requests.at(-1)?.reply;
    const call = reply?.calls[0];
    commands.push(call === undefined ? reply?.text : (call.input as JsonObject).command);
    const id = `call_${i}`;
    const fn = { name: 'bash', arguments: JSON.stringify(call?.input ?? {}) };
    messages.push({ role: 'assistant', content: '', tool_calls: [{ id, type: 'function', function: fn }] });
    messages.push({ role: 'tool', tool_call_id: id, content: 'ok' });
    messages.push({ role: 'user', content: '<system-reminder>RUN: not this</system-reminder>' });
  }
  expect(commands).toEqual(['one', 't}w"o', 'MOCK-REPLY #2']);
});
