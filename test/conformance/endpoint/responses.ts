/** OpenAI Responses: https://platform.openai.com/docs/api-reference/responses, streaming events as documented there. */

import { asArray, asObject, asString, asText, parseJson } from '../../../src/model/narrow.ts';
import type { JsonObject, JsonValue } from '../../../src/model/session.ts';
import { pieces } from './anthropic.ts';
import type { Api, InlineImage, Item, ModelRequest, Reply, Role, ToolOffer } from './conversation.ts';
import { alnum, hex, seal } from './ids.ts';

const USAGE = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 120,
};

export const responses: Api = {
  name: 'responses',
  parse(body) {
    return {
      api: 'responses',
      model: asString(body.model) ?? '',
      stream: body.stream === true,
      system: typeof body.instructions === 'string' ? [body.instructions] : [],
      tools: (asArray(body.tools) ?? []).flatMap((tool) => offers(tool)),
      items:
        typeof body.input === 'string'
          ? [{ kind: 'text', role: 'user', text: body.input }]
          : (asArray(body.input) ?? []).flatMap(inputItems),
    };
  },
  body(reply, request) {
    return { ...envelope(request), status: 'completed', output: outputItems(reply), usage: USAGE };
  },
  stream(reply, request) {
    const base = envelope(request);
    const output = outputItems(reply);
    const events: JsonObject[] = [
      { type: 'response.created', response: { ...base, status: 'in_progress', output: [] } },
      { type: 'response.in_progress', response: { ...base, status: 'in_progress', output: [] } },
      ...output.flatMap((item, index) => itemEvents(item, index)),
      { type: 'response.completed', response: { ...base, status: 'completed', output, usage: USAGE } },
    ];
    return events.map(
      (event, sequence) =>
        `event: ${asString(event.type)}\ndata: ${JSON.stringify({ ...event, sequence_number: sequence })}\n\n`,
    );
  },
  error(_status, type, message) {
    return { error: { message, type, param: null, code: type } };
  },
};

function offers(value: JsonValue, namespace?: string): ToolOffer[] {
  const tool = asObject(value);
  if (tool?.type === 'namespace')
    return (asArray(tool.tools) ?? []).flatMap((inner) => offers(inner, asText(tool.name)));
  const name = asText(tool?.name);
  if (tool === undefined || name === undefined) return [];
  return [{ name, schema: asObject(tool.parameters) ?? {}, text: tool.type === 'custom', namespace }];
}

function inputItems(value: JsonValue): Item[] {
  const item = asObject(value) ?? {};
  const type = asString(item.type) ?? (item.role === undefined ? '' : 'message');
  switch (type) {
    case 'message': {
      const role: Role = item.role === 'assistant' ? 'assistant' : item.role === 'user' ? 'user' : 'system';
      if (typeof item.content === 'string') return [{ kind: 'text', role, text: item.content }];
      return (asArray(item.content) ?? []).map((part) => contentItem(asObject(part) ?? {}, role));
    }
    case 'reasoning':
      return [
        {
          kind: 'reasoning',
          text: [...partTexts(item.summary), ...partTexts(item.content)].join('\n'),
          opaque: asString(item.encrypted_content),
        },
      ];
    case 'function_call': {
      const text = asString(item.arguments) ?? '';
      return [
        {
          kind: 'call',
          id: asString(item.call_id) ?? '',
          name: asString(item.name) ?? '',
          input: parseJson(text) ?? text,
        },
      ];
    }
    case 'custom_tool_call':
      return [
        {
          kind: 'call',
          id: asString(item.call_id) ?? '',
          name: asString(item.name) ?? '',
          input: item.input ?? null,
        },
      ];
    case 'local_shell_call':
      return [
        { kind: 'call', id: asString(item.call_id) ?? '', name: 'local_shell', input: item.action ?? null },
      ];
    case 'function_call_output':
    case 'custom_tool_call_output':
    case 'local_shell_call_output': {
      const parts = asArray(item.output) ?? [];
      return [
        {
          kind: 'result',
          id: asString(item.call_id) ?? '',
          text: typeof item.output === 'string' ? item.output : partTexts(item.output).join('\n'),
          images: parts.flatMap((part) =>
            asObject(part)?.type === 'input_image' ? [dataUrl(asObject(part)?.image_url)] : [],
          ),
        },
      ];
    }
    default:
      return [{ kind: 'other', type }];
  }
}

function contentItem(part: JsonObject, role: Role): Item {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
      return { kind: 'text', role, text: asString(part.text) ?? '' };
    case 'refusal':
      return { kind: 'text', role, text: asString(part.refusal) ?? '' };
    case 'input_image':
      return { kind: 'image', role, ...dataUrl(part.image_url) };
    default:
      return { kind: 'other', type: asString(part.type) ?? typeof part.type };
  }
}

function partTexts(value: JsonValue | undefined): string[] {
  return (asArray(value) ?? []).flatMap((part) => asString(asObject(part)?.text) ?? []);
}

/** Media type and data of a `data:` URL; another URL is given back as data without a type. */
export function dataUrl(value: JsonValue | undefined): InlineImage {
  const url = asString(value) ?? asString(asObject(value)?.url) ?? '';
  const match = /^data:([^;,]*);base64,/.exec(url.slice(0, 200));
  return match === null
    ? { mediaType: '', data: url }
    : { mediaType: match[1] ?? '', data: url.slice(match[0].length) };
}

function envelope(request: ModelRequest): JsonObject {
  return {
    id: `resp_${hex(48)}`,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    model: request.model,
    error: null,
    incomplete_details: null,
    parallel_tool_calls: true,
    tools: [],
    output: [],
  };
}

function outputItems(reply: Reply): JsonObject[] {
  const list: JsonObject[] = [];
  if (reply.reasoning !== undefined)
    list.push({
      type: 'reasoning',
      id: `rs_${hex(48)}`,
      summary: [{ type: 'summary_text', text: reply.reasoning }],
      encrypted_content: seal('openai'),
    });
  if (reply.text !== undefined)
    list.push({
      type: 'message',
      id: `msg_${hex(48)}`,
      status: 'completed',
      role: 'assistant',
      content: [{ type: 'output_text', text: reply.text, annotations: [] }],
    });
  for (const call of reply.calls) {
    const shared = { call_id: `call_${alnum(24)}`, name: call.name, status: 'completed' };
    const placed: JsonObject =
      call.namespace === undefined ? shared : { ...shared, namespace: call.namespace };
    list.push(
      call.text === true
        ? {
            type: 'custom_tool_call',
            id: `ctc_${hex(48)}`,
            ...placed,
            input: asString(call.input) ?? JSON.stringify(call.input),
          }
        : { type: 'function_call', id: `fc_${hex(48)}`, ...placed, arguments: JSON.stringify(call.input) },
    );
  }
  return list;
}

function itemEvents(item: JsonObject, output_index: number): JsonObject[] {
  const at = { output_index, item_id: item.id ?? '' };
  const done: JsonObject = { type: 'response.output_item.done', output_index, item };
  const added = (start: JsonObject): JsonObject => ({
    type: 'response.output_item.added',
    output_index,
    item: start,
  });
  switch (item.type) {
    case 'message': {
      const part = asObject(asArray(item.content)?.[0]) ?? {};
      const text = asString(part.text) ?? '';
      const place = { ...at, content_index: 0 };
      return [
        added({ ...item, status: 'in_progress', content: [] }),
        { type: 'response.content_part.added', ...place, part: { ...part, text: '' } },
        ...pieces(text).map((delta) => ({
          type: 'response.output_text.delta',
          ...place,
          delta,
          logprobs: [],
        })),
        { type: 'response.output_text.done', ...place, text, logprobs: [] },
        { type: 'response.content_part.done', ...place, part },
        done,
      ];
    }
    case 'reasoning': {
      const part = asObject(asArray(item.summary)?.[0]) ?? {};
      const place = { ...at, summary_index: 0 };
      return [
        added({ ...item, summary: [] }),
        { type: 'response.reasoning_summary_part.added', ...place, part: { type: 'summary_text', text: '' } },
        { type: 'response.reasoning_summary_text.delta', ...place, delta: part.text ?? '' },
        { type: 'response.reasoning_summary_text.done', ...place, text: part.text ?? '' },
        { type: 'response.reasoning_summary_part.done', ...place, part },
        done,
      ];
    }
    case 'function_call':
      return [
        added({ ...item, status: 'in_progress', arguments: '' }),
        { type: 'response.function_call_arguments.delta', ...at, delta: item.arguments ?? '' },
        { type: 'response.function_call_arguments.done', ...at, arguments: item.arguments ?? '' },
        done,
      ];
    default:
      return [
        added({ ...item, status: 'in_progress', input: '' }),
        { type: 'response.custom_tool_call_input.delta', ...at, delta: item.input ?? '' },
        { type: 'response.custom_tool_call_input.done', ...at, input: item.input ?? '' },
        done,
      ];
  }
}
