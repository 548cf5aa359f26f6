/** Gemini generateContent and streamGenerateContent: https://ai.google.dev/api/generate-content. */

import { asArray, asObject, asString, asText } from '../../../src/model/narrow.ts';
import type { JsonObject, JsonValue } from '../../../src/model/session.ts';
import { pieces } from './anthropic.ts';
import type { Api, Item, Reply, Role } from './conversation.ts';
import { alnum, seal } from './ids.ts';

const USAGE = { promptTokenCount: 100, candidatesTokenCount: 20, totalTokenCount: 120 };

export const gemini: Api = {
  name: 'gemini',
  parse(body, path) {
    const [, model, method] = /\/models\/([^/:]+):(\w+)/.exec(path) ?? [];
    return {
      api: 'gemini',
      model: model ?? '',
      stream: method === 'streamGenerateContent',
      system: (asArray(asObject(body.systemInstruction ?? body.system_instruction)?.parts) ?? []).flatMap(
        (part) => asString(asObject(part)?.text) ?? [],
      ),
      tools: (asArray(body.tools) ?? []).flatMap((tool) =>
        (asArray(asObject(tool)?.functionDeclarations) ?? []).flatMap((declaration) => {
          const object = asObject(declaration);
          const name = asText(object?.name);
          return name === undefined
            ? []
            : [
                {
                  name,
                  schema: asObject(object?.parametersJsonSchema) ?? asObject(object?.parameters) ?? {},
                },
              ];
        }),
      ),
      items: contentItems(asArray(body.contents) ?? []),
    };
  },
  body(reply, request) {
    return response(parts(reply), request.model, true);
  },
  stream(reply, request) {
    const all = parts(reply);
    return all.map((part, i) => JSON.stringify(response([part], request.model, i === all.length - 1)));
  },
  error(status, type, message) {
    return { error: { code: status, message, status: type } };
  },
};

/** Calls without an id are paired with results by order and name: the n-th call gets `name#n`. */
function contentItems(contents: JsonValue[]): Item[] {
  const items: Item[] = [];
  let waiting: { id: string; name: string }[] = [];
  let calls = 0;
  for (const value of contents) {
    const content = asObject(value) ?? {};
    const role: Role = content.role === 'model' ? 'assistant' : 'user';
    for (const raw of asArray(content.parts) ?? []) {
      const part = asObject(raw) ?? {};
      const call = asObject(part.functionCall);
      const result = asObject(part.functionResponse);
      const inline = asObject(part.inlineData ?? part.inline_data);
      if (call !== undefined) {
        const name = asString(call.name) ?? '';
        const id = asText(call.id) ?? `${name}#${++calls}`;
        waiting.push({ id, name });
        items.push({ kind: 'call', id, name, input: call.args ?? {} });
      } else if (result !== undefined) {
        const name = asString(result.name) ?? '';
        const id = asText(result.id) ?? waiting.find((w) => w.name === name)?.id ?? '';
        waiting = waiting.filter((w) => w.id !== id);
        const response = asObject(result.response) ?? {};
        items.push({ kind: 'result', id, ...resultText(response), images: inlineImages(result.parts) });
      } else if (inline !== undefined)
        items.push({
          kind: 'image',
          role,
          mediaType: asString(inline.mimeType ?? inline.mime_type) ?? '',
          data: asString(inline.data) ?? '',
        });
      else if (part.thought === true)
        items.push({
          kind: 'reasoning',
          text: asString(part.text) ?? '',
          opaque: asString(part.thoughtSignature),
        });
      else if (typeof part.text === 'string') items.push({ kind: 'text', role, text: part.text });
      else items.push({ kind: 'other', type: Object.keys(part).join(',') });
    }
  }
  return items;
}

/** The text of a function response: `output` or `error` as the API documents, else the whole object. */
function resultText(response: JsonObject): { text: string; error?: boolean } {
  if (typeof response.output === 'string') return { text: response.output };
  if (typeof response.error === 'string') return { text: response.error, error: true };
  return { text: JSON.stringify(response) };
}

function inlineImages(value: JsonValue | undefined): { mediaType: string; data: string }[] {
  return (asArray(value) ?? []).flatMap((part) => {
    const inline = asObject(asObject(part)?.inlineData);
    return inline === undefined
      ? []
      : [{ mediaType: asString(inline.mimeType) ?? '', data: asString(inline.data) ?? '' }];
  });
}

function response(list: JsonObject[], model: string, last: boolean): JsonObject {
  const candidate: JsonObject = { content: { role: 'model', parts: list }, index: 0 };
  if (last) candidate.finishReason = 'STOP';
  return { candidates: [candidate], usageMetadata: USAGE, modelVersion: model, responseId: alnum(22) };
}

function parts(reply: Reply): JsonObject[] {
  const list: JsonObject[] = [];
  if (reply.reasoning !== undefined) list.push({ text: reply.reasoning, thought: true });
  for (const text of pieces(reply.text ?? '')) if (text !== '') list.push({ text });
  for (const [i, call] of reply.calls.entries()) {
    const part: JsonObject = { functionCall: { name: call.name, args: call.input } };
    if (i === 0) part.thoughtSignature = seal('google');
    list.push(part);
  }
  return list;
}
