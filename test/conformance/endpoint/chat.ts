/** OpenAI Chat Completions: https://platform.openai.com/docs/api-reference/chat. Reasoning as the common `reasoning_content` extension. */

import { asArray, asObject, asString, asText, parseJson } from '../../../src/model/narrow.ts';
import type { JsonObject, JsonValue } from '../../../src/model/session.ts';
import { pieces } from './anthropic.ts';
import type { Api, Item, ModelRequest, Reply, Role } from './conversation.ts';
import { alnum } from './ids.ts';
import { dataUrl } from './responses.ts';

const USAGE = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };

export const chat: Api = {
  name: 'chat',
  parse(body) {
    const items = (asArray(body.messages) ?? []).flatMap(messageItems);
    return {
      api: 'chat',
      model: asString(body.model) ?? '',
      stream: body.stream === true,
      system: items.flatMap((item) => (item.kind === 'text' && item.role === 'system' ? item.text : [])),
      tools: (asArray(body.tools) ?? []).flatMap((tool) => {
        const definition = asObject(asObject(tool)?.function);
        const name = asText(definition?.name);
        return name === undefined ? [] : [{ name, schema: asObject(definition?.parameters) ?? {} }];
      }),
      items,
    };
  },
  body(reply, request) {
    const message: JsonObject = { role: 'assistant' };
    if (reply.reasoning !== undefined) message.reasoning_content = reply.reasoning;
    message.content = reply.text ?? null;
    if (reply.calls.length > 0) message.tool_calls = toolCalls(reply);
    return {
      ...envelope(request, 'chat.completion'),
      choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(reply) }],
      usage: USAGE,
    };
  },
  stream(reply, request) {
    const base = envelope(request, 'chat.completion.chunk');
    const chunk = (delta: JsonObject, finish_reason: string | null = null): JsonObject => ({
      ...base,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    });
    const chunks = [chunk({ role: 'assistant', content: '' })];
    if (reply.reasoning !== undefined) chunks.push(chunk({ reasoning_content: reply.reasoning }));
    for (const content of pieces(reply.text ?? '')) chunks.push(chunk({ content }));
    for (const [index, call] of toolCalls(reply).entries())
      chunks.push(chunk({ tool_calls: [{ index, ...call }] }));
    chunks.push(chunk({}, finishReason(reply)));
    chunks.push({ ...base, choices: [], usage: USAGE });
    return [...chunks.map((c) => `data: ${JSON.stringify(c)}\n\n`), 'data: [DONE]\n\n'];
  },
  error(_status, type, message) {
    return { error: { message, type, param: null, code: type } };
  },
};

function messageItems(value: JsonValue): Item[] {
  const message = asObject(value) ?? {};
  if (message.role === 'tool') {
    const parts = asArray(message.content) ?? [];
    return [
      {
        kind: 'result',
        id: asString(message.tool_call_id) ?? '',
        text:
          typeof message.content === 'string'
            ? message.content
            : parts.flatMap((part) => asString(asObject(part)?.text) ?? []).join('\n'),
        images: parts.flatMap((part) =>
          asObject(part)?.type === 'image_url' ? [dataUrl(asObject(part)?.image_url)] : [],
        ),
      },
    ];
  }
  const role: Role = message.role === 'assistant' ? 'assistant' : message.role === 'user' ? 'user' : 'system';
  const items: Item[] = [];
  const reasoning = asText(message.reasoning_content) ?? asText(message.reasoning);
  if (reasoning !== undefined) items.push({ kind: 'reasoning', text: reasoning });
  if (typeof message.content === 'string') {
    if (message.content !== '' || role !== 'assistant')
      items.push({ kind: 'text', role, text: message.content });
  } else
    for (const part of asArray(message.content) ?? []) items.push(contentItem(asObject(part) ?? {}, role));
  for (const value of asArray(message.tool_calls) ?? []) {
    const call = asObject(value);
    const definition = asObject(call?.function);
    const text = asString(definition?.arguments) ?? '';
    items.push({
      kind: 'call',
      id: asString(call?.id) ?? '',
      name: asString(definition?.name) ?? '',
      input: parseJson(text) ?? text,
    });
  }
  return items;
}

function contentItem(part: JsonObject, role: Role): Item {
  switch (part.type) {
    case 'text':
      return { kind: 'text', role, text: asString(part.text) ?? '' };
    case 'refusal':
      return { kind: 'text', role, text: asString(part.refusal) ?? '' };
    case 'image_url':
      return { kind: 'image', role, ...dataUrl(part.image_url) };
    default:
      return { kind: 'other', type: asString(part.type) ?? typeof part.type };
  }
}

function envelope(request: ModelRequest, object: string): JsonObject {
  return {
    id: `chatcmpl-${alnum(29)}`,
    object,
    created: Math.floor(Date.now() / 1000),
    model: request.model,
  };
}

function finishReason(reply: Reply): string {
  return reply.calls.length > 0 ? 'tool_calls' : 'stop';
}

function toolCalls(reply: Reply): JsonObject[] {
  return reply.calls.map((call) => ({
    id: `call_${alnum(24)}`,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.input) },
  }));
}
