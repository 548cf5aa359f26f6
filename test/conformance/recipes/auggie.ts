/** Auggie. Speaks to Augment's own service only: its conversation is read and answered here. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  asArray,
  asNumber,
  asObject,
  asString,
  asText,
  isObject,
  parseJson,
} from '../../../src/model/narrow.ts';
import type { JsonObject, JsonValue } from '../../../src/model/session.ts';
import type { InlineImage, Item, ModelRequest, Reply, ToolOffer } from '../endpoint/conversation.ts';
import { alnum } from '../endpoint/ids.ts';
import { decide } from '../endpoint/script.ts';
import type { ExtraRoute } from '../endpoint/server.ts';
import { EDIT_FROM, EDIT_TO, type Recipe } from '../recipe.ts';

const FORMATS = ['image/png', 'image/png', 'image/jpeg', 'image/gif', 'image/webp'];

type Answer = ReturnType<ExtraRoute>;

const service: ExtraRoute = ({ method, path, body }): Answer => {
  if (method !== 'POST') return undefined;
  switch (path.replace(/\?.*$/, '').replace(/^\/+/, '')) {
    case 'chat-stream':
      return chat(body ?? {});
    case 'get-models': {
      const model = {
        name: 'mock-model',
        internal_name: 'mock-model',
        suggested_prefix_char_count: 1,
        suggested_suffix_char_count: 1,
        completion_timeout_ms: 1000,
      };
      const user = { id: 'u', email: 'dev@example.org' };
      return {
        body: { default_model: 'mock-model', models: [model], languages: [], feature_flags: {}, user },
      };
    }
    case 'agents/list-remote-tools':
      return { body: { tools: [] } };
    default:
      return { body: {} };
  }
};

function chat(body: JsonObject): Answer {
  const request = requestOf(body);
  const decision = decide(request);
  if (decision.kind === 'limit') return { status: 429, body: { error: 'rate limited' }, request };
  const reply = inProject(decision.reply);
  const nodes = replyNodes(reply);
  const line = { text: reply.text ?? '', nodes, stop_reason: reply.calls.length > 0 ? 3 : 1 };
  return { body: `${JSON.stringify(line)}\n`, request, reply };
}

/** The shell tool wants a directory, for which the script has no good value. */
function inProject(reply: Reply): Reply {
  const calls = reply.calls.map((call) => {
    const input = asObject(call.input);
    return call.name === 'launch-process' && input !== undefined
      ? { ...call, input: { ...input, cwd: '.' } }
      : call;
  });
  return { ...reply, calls };
}

function replyNodes(reply: Reply): JsonObject[] {
  const nodes: JsonObject[] = [];
  if (reply.reasoning !== undefined)
    nodes.push({
      type: 8,
      content: '',
      thinking: { summary: reply.reasoning, encrypted_content: 'bW9jaw==' },
    });
  if (reply.text !== undefined) nodes.push({ type: 0, content: reply.text });
  for (const { name, input } of reply.calls) {
    const tool_use = {
      tool_use_id: `toolu_${alnum(22)}`,
      tool_name: name,
      input_json: JSON.stringify(input),
      is_partial: false,
    };
    nodes.push({ type: 5, content: '', tool_use });
  }
  return nodes.map((node, id) => ({ id, ...node }));
}

/** The conversation is in nodes; the texts beside them are empty. */
function requestOf(body: JsonObject): ModelRequest {
  const items: Item[] = [];
  for (const exchange of objects(body.chat_history)) {
    items.push(...objects(exchange.request_nodes).flatMap(requestItems));
    items.push(...objects(exchange.response_nodes).flatMap(responseItems));
  }
  items.push(...objects(body.nodes).flatMap(requestItems));
  const tools = objects(body.tool_definitions).map(
    (tool): ToolOffer => ({
      name: asString(tool.name) ?? '',
      schema: asObject(parseJson(asString(tool.input_schema_json) ?? '')) ?? {},
    }),
  );
  return { api: 'anthropic', model: asString(body.model) ?? '', stream: true, system: [], tools, items };
}

function requestItems(node: JsonObject): Item[] {
  const text = asText(asObject(node.text_node)?.content);
  const image = asObject(node.image_node);
  const result = asObject(node.tool_result_node);
  if (text !== undefined) return [{ kind: 'text', role: 'user', text }];
  if (image !== undefined) return [{ kind: 'image', role: 'user', ...imageOf(image) }];
  if (result === undefined) return [];
  const parts = objects(result.content_nodes);
  const images = parts.flatMap((part) => {
    const content = asObject(part.image_content);
    return content === undefined ? [] : [imageOf(content)];
  });
  const texts = parts.flatMap((part) => asText(part.text_content) ?? []);
  const id = asString(result.tool_use_id) ?? '';
  const said = parts.length > 0 ? texts.join('\n') : (asString(result.content) ?? '');
  return [{ kind: 'result', id, text: said, images, error: result.is_error === true }];
}

function imageOf(stored: JsonObject): InlineImage {
  const mediaType = FORMATS[asNumber(stored.format) ?? 0] ?? 'image/png';
  return { mediaType, data: asString(stored.image_data) ?? '' };
}

function responseItems(node: JsonObject): Item[] {
  const call = asObject(node.tool_use);
  const thinking = asObject(node.thinking);
  if (call !== undefined) {
    const input = parseJson(asString(call.input_json) ?? '') ?? {};
    return [
      { kind: 'call', id: asString(call.tool_use_id) ?? '', name: asString(call.tool_name) ?? '', input },
    ];
  }
  if (thinking !== undefined) return [{ kind: 'reasoning', text: asString(thinking.summary) ?? '' }];
  const text = node.type === 0 ? asText(node.content) : undefined;
  return text === undefined ? [] : [{ kind: 'text', role: 'assistant', text }];
}

function objects(value: JsonValue | undefined): JsonObject[] {
  return (asArray(value) ?? []).filter(isObject);
}

export const recipe: Recipe = {
  id: 'auggie',
  setup(place) {
    const folder = join(place.home, '.augment');
    mkdirSync(folder, { recursive: true });
    // else its interface begins with a welcome and a question
    writeFileSync(
      join(folder, '.auggie.json'),
      JSON.stringify({ sessionCount: 1, onboardingVersion: '1.0.0' }),
    );
    writeFileSync(join(folder, 'settings.json'), JSON.stringify({ indexingDenyDirs: [place.cwd] }));
    return {
      AUGMENT_SESSION_AUTH: JSON.stringify({
        accessToken: 'test-key',
        tenantURL: `${place.url}/`,
        scopes: ['read', 'write'],
      }),
      AUGMENT_DISABLE_AUTO_UPDATE: '1',
    };
  },
  routes: () => [service],
  edit({ cwd }) {
    const path = join(cwd, 'src/index.js');
    const entry = {
      old_str: EDIT_FROM,
      new_str: EDIT_TO,
      old_str_start_line_number: 3,
      old_str_end_line_number: 3,
    };
    const config = {
      path: join(cwd, 'config.json'),
      file_content: '{"port":8080}',
      add_last_line_newline: true,
    };
    return [
      `CALL: view ${JSON.stringify({ path, type: 'file' })}`,
      `CALL: str-replace-editor ${JSON.stringify({ command: 'str_replace', path, str_replace_entries: [entry] })}`,
      `CALL: save-file ${JSON.stringify(config)}`,
    ].join('\n');
  },
  image: (_place, path) => `CALL: view ${JSON.stringify({ path, type: 'file' })}`,
  withoutHarness: (text, role) =>
    role === 'user' ? text.replace(/<supervisor>[\s\S]*?<\/supervisor>\s*/g, '') : text,
  list: {
    run: () => ({ argv: ['auggie', 'session', 'list', '--json', '-n', '1000'] }),
    sessions: (stdout) =>
      objects(parseJson(stdout)).map((row) => ({
        id: asText(row.sessionId),
        title: asText(row.customTitle) ?? asText(row.firstUserMessage),
        cwd: asText(row.workspaceRoot),
        updated: asText(row.modified),
      })),
  },
};
