/** Anthropic Messages: https://docs.anthropic.com/en/api/messages, streaming events as documented there. */

import { asArray, asObject, asString, asText } from '../../../src/model/narrow.ts';
import type { JsonObject, JsonValue } from '../../../src/model/session.ts';
import type { Api, InlineImage, Item, ModelRequest, Reply, Role } from './conversation.ts';
import { alnum, seal } from './ids.ts';

const USAGE = {
  input_tokens: 100,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 20,
};

export const anthropic: Api = {
  name: 'anthropic',
  parse(body) {
    return {
      api: 'anthropic',
      model: asString(body.model) ?? '',
      stream: body.stream === true,
      system: texts(body.system),
      tools: (asArray(body.tools) ?? []).flatMap((tool) => {
        const object = asObject(tool);
        const name = asText(object?.name);
        return name === undefined ? [] : [{ name, schema: asObject(object?.input_schema) ?? {} }];
      }),
      items: (asArray(body.messages) ?? []).flatMap(messageItems),
    };
  },
  body(reply, request) {
    return { ...message(request, blocks(reply), stopReason(reply)), usage: USAGE };
  },
  stream(reply, request) {
    const events: [string, JsonObject][] = [
      [
        'message_start',
        {
          message: { ...message(request, [], null), usage: { ...USAGE, output_tokens: 1 } },
        },
      ],
      ['ping', {}],
    ];
    for (const [index, block] of blocks(reply).entries()) {
      const { start, deltas } = blockDeltas(block);
      events.push(['content_block_start', { index, content_block: start }]);
      for (const delta of deltas) events.push(['content_block_delta', { index, delta }]);
      events.push(['content_block_stop', { index }]);
    }
    events.push([
      'message_delta',
      { delta: { stop_reason: stopReason(reply), stop_sequence: null }, usage: USAGE },
    ]);
    events.push(['message_stop', {}]);
    return events.map(([type, data]) => `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);
  },
  error(_status, type, text) {
    return { type: 'error', error: { type, message: text }, request_id: `req_01${alnum(22)}` };
  },
};

function messageItems(value: JsonValue): Item[] {
  const object = asObject(value);
  const role = asString(object?.role);
  const known: Role = role === 'assistant' ? 'assistant' : role === 'system' ? 'system' : 'user';
  if (typeof object?.content === 'string') return [{ kind: 'text', role: known, text: object.content }];
  return (asArray(object?.content) ?? []).map((block) => blockItem(asObject(block) ?? {}, known));
}

function blockItem(block: JsonObject, role: Role): Item {
  switch (block.type) {
    case 'text':
      return { kind: 'text', role, text: asString(block.text) ?? '' };
    case 'image': {
      const image = inlineImage(block);
      return { kind: 'image', role, mediaType: image.mediaType, data: image.data };
    }
    case 'thinking':
      return { kind: 'reasoning', text: asString(block.thinking) ?? '', opaque: asString(block.signature) };
    case 'redacted_thinking':
      return { kind: 'reasoning', text: '', opaque: asString(block.data) };
    case 'tool_use':
      return {
        kind: 'call',
        id: asString(block.id) ?? '',
        name: asString(block.name) ?? '',
        input: block.input ?? null,
      };
    case 'tool_result': {
      const parts = asArray(block.content) ?? [];
      return {
        kind: 'result',
        id: asString(block.tool_use_id) ?? '',
        text: texts(block.content).join('\n'),
        images: parts.flatMap((part) =>
          asObject(part)?.type === 'image' ? [inlineImage(asObject(part) ?? {})] : [],
        ),
        error: block.is_error === true,
      };
    }
    default:
      return { kind: 'other', type: asString(block.type) ?? typeof block.type };
  }
}

function inlineImage(block: JsonObject): InlineImage {
  const source = asObject(block.source);
  return {
    mediaType: asString(source?.media_type) ?? '',
    data: asString(source?.data) ?? asString(source?.url) ?? '',
  };
}

/** Texts of a string or of text blocks. */
function texts(value: JsonValue | undefined): string[] {
  if (typeof value === 'string') return [value];
  return (asArray(value) ?? []).flatMap((part) => asString(asObject(part)?.text) ?? []);
}

/** Members in the service's order: Claude Code stores the message as it came. */
function message(request: ModelRequest, content: JsonObject[], stop: string | null): JsonObject {
  return {
    model: request.model,
    id: `msg_01${alnum(22)}`,
    type: 'message',
    role: 'assistant',
    content,
    stop_reason: stop,
    stop_sequence: null,
  };
}

function stopReason(reply: Reply): string {
  return reply.calls.length > 0 ? 'tool_use' : 'end_turn';
}

function blocks(reply: Reply): JsonObject[] {
  const list: JsonObject[] = [];
  if (reply.reasoning !== undefined)
    list.push({ type: 'thinking', thinking: reply.reasoning, signature: seal('anthropic') });
  if (reply.text !== undefined) list.push({ type: 'text', text: reply.text });
  for (const call of reply.calls)
    list.push({ type: 'tool_use', id: `toolu_01${alnum(22)}`, name: call.name, input: call.input });
  return list;
}

function blockDeltas(block: JsonObject): { start: JsonObject; deltas: JsonObject[] } {
  switch (block.type) {
    case 'thinking':
      return {
        start: { type: 'thinking', thinking: '', signature: '' },
        deltas: [
          { type: 'thinking_delta', thinking: block.thinking ?? '' },
          { type: 'signature_delta', signature: block.signature ?? '' },
        ],
      };
    case 'text':
      return {
        start: { type: 'text', text: '' },
        deltas: pieces(asString(block.text) ?? '').map((text) => ({ type: 'text_delta', text })),
      };
    default:
      return {
        start: { ...block, input: {} },
        deltas: [{ type: 'input_json_delta', partial_json: JSON.stringify(block.input) }],
      };
  }
}

/** A text in a few pieces, never splitting a surrogate pair. */
export function pieces(text: string, size = 64 * 1024): string[] {
  if (text.length <= size) return [text];
  const list: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = Math.min(text.length, start + size);
    if (end < text.length && /[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end -= 1;
    list.push(text.slice(start, end));
    start = end;
  }
  return list;
}
