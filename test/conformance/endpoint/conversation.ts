/** A model request in one form for all APIs: what the scripted model and the comparison look at. */
import type { JsonObject, JsonValue } from '../../../src/model/session.ts';

export type ApiName = 'anthropic' | 'responses' | 'chat' | 'gemini';

/** One thing that the model is told, in order. `call` and `result` are paired by `id`. */
export type Item =
  | { kind: 'text'; role: Role; text: string }
  | { kind: 'image'; role: Role; mediaType: string; data: string }
  | { kind: 'reasoning'; text: string; opaque?: string }
  | { kind: 'call'; id: string; name: string; input: JsonValue }
  | { kind: 'result'; id: string; text: string; images: InlineImage[]; error?: boolean }
  | { kind: 'other'; type: string };

export type Role = 'user' | 'assistant' | 'system';

export interface InlineImage {
  mediaType: string;
  data: string;
}

/** A tool that the request offers to the model. `text` tools take free text instead of an object. */
export interface ToolOffer {
  name: string;
  schema: JsonObject;
  text?: boolean;
  /** Responses API: the namespace that the tool is offered in. */
  namespace?: string;
}

export interface ModelRequest {
  api: ApiName;
  model: string;
  stream: boolean;
  system: string[];
  tools: ToolOffer[];
  items: Item[];
}

/** What the scripted model answers. */
export interface Reply {
  reasoning?: string;
  text?: string;
  calls: ReplyCall[];
}

export interface ReplyCall {
  name: string;
  input: JsonValue;
  text?: boolean;
  namespace?: string;
}

/** A breach of an API's rules: what the real service would refuse the request for. */
export interface Violation {
  /** Stable code, kebab-case. */
  code: string;
  /** Where in the body, e.g. `messages.3.content.0`. */
  at: string;
  message: string;
}

/** One API: how to read its requests, check them and write its answers. */
export interface Api {
  name: ApiName;
  parse(body: JsonObject, path: string): ModelRequest;
  /** The answer as one JSON body, or as the chunks of a stream. */
  body(reply: Reply, request: ModelRequest): JsonObject;
  stream(reply: Reply, request: ModelRequest): string[];
  error(status: number, type: string, message: string): JsonObject;
}
