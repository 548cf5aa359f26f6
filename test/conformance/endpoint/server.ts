/** The loopback model endpoint: four model APIs over plain HTTP, a scripted model, a log of every request. */
import { appendFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { parseObject } from '../../../src/model/narrow.ts';
import type { JsonObject } from '../../../src/model/session.ts';
import { anthropic } from './anthropic.ts';
import { chat } from './chat.ts';
import type { Api, ApiName, ModelRequest, Reply, Violation } from './conversation.ts';
import { gemini } from './gemini.ts';
import { alnum } from './ids.ts';
import { responses } from './responses.ts';
import { decide } from './script.ts';
import { validateAnthropic } from './validate-anthropic.ts';
import { validateChat } from './validate-chat.ts';
import { validateGemini } from './validate-gemini.ts';
import { validateResponses } from './validate-responses.ts';

/** One request as it was received and what was answered. */
export interface LogEntry {
  n: number;
  time: string;
  method: string;
  /** Path with query. */
  path: string;
  headers: Record<string, string>;
  body: JsonObject | null;
  status: number;
  /** Set for requests to one of the model APIs. */
  api?: ApiName;
  /** The request in the common form. */
  request?: ModelRequest;
  violations: Violation[];
  reply?: Reply;
}

/**
 * An answer for an agent's own service (accounts, settings): undefined lets the endpoint go on. A service that carries
 * the conversation itself gives it as `request` (and what it answered as `reply`), so that it can be judged.
 */
export type ExtraRoute = (request: { method: string; path: string; body: JsonObject | null }) =>
  | {
      status?: number;
      body: JsonObject | string;
      type?: string;
      request?: ModelRequest;
      reply?: Reply;
      violations?: Violation[];
    }
  | undefined;

export interface EndpointOptions {
  /** 0: any free port. */
  port?: number;
  /** JSON lines are appended to this file. */
  log?: string;
  routes?: ExtraRoute[];
  /** Violations with these codes are logged but not refused; `all`: none is. */
  excuse?: 'all' | ReadonlySet<string>;
}

export interface Endpoint {
  port: number;
  /** `http://127.0.0.1:PORT`, without a path. */
  url: string;
  requests: LogEntry[];
  close(): Promise<void>;
}

/** Starts an endpoint on the loopback interface. */
export async function startEndpoint(options: EndpointOptions = {}): Promise<Endpoint> {
  const requests: LogEntry[] = [];
  const server = createServer((request, response) => {
    readBody(request)
      .then((body) => {
        const entry = answer(request, body, response, requests.length + 1, options);
        requests.push(entry);
        if (options.log !== undefined) appendFileSync(options.log, `${JSON.stringify(entry)}\n`);
      })
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  const raw = Buffer.concat(chunks);
  switch (request.headers['content-encoding']) {
    case 'gzip':
      return gunzipSync(raw);
    case 'deflate':
      return inflateSync(raw);
    case 'br':
      return brotliDecompressSync(raw);
    case 'zstd':
      return zstdDecompressSync(raw);
    default:
      return raw;
  }
}

function answer(
  request: IncomingMessage,
  raw: Buffer,
  response: ServerResponse,
  n: number,
  options: EndpointOptions,
): LogEntry {
  const path = request.url ?? '/';
  const method = request.method ?? 'GET';
  const body = raw.length === 0 ? null : (parseObject(raw.toString('utf8')) ?? null);
  const entry: LogEntry = {
    n,
    time: new Date().toISOString(),
    method,
    path,
    headers: plainHeaders(request),
    body,
    status: 200,
    violations: [],
  };
  const extra = (options.routes ?? [])
    .map((route) => route({ method, path, body }))
    .find((given) => given !== undefined);
  if (extra !== undefined) {
    entry.status = extra.status ?? 200;
    entry.request = extra.request;
    entry.reply = extra.reply;
    entry.violations = extra.violations ?? [];
    const text = typeof extra.body === 'string' ? extra.body : JSON.stringify(extra.body);
    send(response, entry.status, text, extra.type ?? 'application/json');
    return entry;
  }
  const api = method === 'POST' ? apiOf(path) : undefined;
  if (api === undefined) {
    const other = otherAnswer(method, path);
    entry.status = other.status;
    send(response, other.status, JSON.stringify(other.body));
    return entry;
  }
  modelAnswer(api, entry, response, options.excuse);
  return entry;
}

function modelAnswer(
  api: Api,
  entry: LogEntry,
  response: ServerResponse,
  excuse: EndpointOptions['excuse'],
): void {
  entry.api = api.name;
  const fail = (
    status: number,
    type: string,
    message: string,
    headers: Record<string, string> = {},
  ): void => {
    entry.status = status;
    send(response, status, JSON.stringify(api.error(status, type, message)), 'application/json', headers);
  };
  if (entry.body === null) {
    entry.violations.push({ code: 'not-json', at: '', message: 'the body is not a JSON object' });
    fail(400, errorType(api.name, 400), 'the body is not a JSON object');
    return;
  }
  const request = api.parse(entry.body, entry.path);
  entry.request = request;
  entry.violations.push(...validate(request, entry.body));
  const first = excuse === 'all' ? undefined : entry.violations.find((v) => excuse?.has(v.code) !== true);
  if (first !== undefined) {
    fail(400, errorType(api.name, 400), `${first.at}: ${first.message}`);
    return;
  }
  const decision = decide(request);
  if (decision.kind === 'limit') {
    const limit = limitAnswer(api.name, decision.unified);
    fail(429, limit.type, limit.message, limit.headers);
    return;
  }
  entry.reply = decision.reply;
  const headers = replyHeaders(api.name);
  if (!request.stream) {
    send(response, 200, JSON.stringify(api.body(decision.reply, request)), 'application/json', headers);
    return;
  }
  const chunks = api.stream(decision.reply, request);
  if (api.name !== 'gemini') send(response, 200, chunks.join(''), 'text/event-stream', headers);
  else if (/[?&]alt=sse/.test(entry.path))
    send(
      response,
      200,
      chunks.map((chunk) => `data: ${chunk}\r\n\r\n`).join(''),
      'text/event-stream',
      headers,
    );
  else send(response, 200, `[${chunks.join('\n,\r\n')}]`, 'application/json', headers);
}

function validate(request: ModelRequest, body: JsonObject): Violation[] {
  switch (request.api) {
    case 'anthropic':
      return validateAnthropic(body);
    case 'responses':
      return validateResponses(body);
    case 'chat':
      return validateChat(body);
    case 'gemini':
      return validateGemini(body, request.model);
  }
}

function apiOf(path: string): Api | undefined {
  const plain = path.replace(/\?.*$/, '');
  if (/\/messages$/.test(plain)) return anthropic;
  if (/\/responses$/.test(plain)) return responses;
  if (/\/chat\/completions$/.test(plain)) return chat;
  if (/:(stream)?[gG]enerateContent$/.test(plain)) return gemini;
  return undefined;
}

/** Model lists and token counts; anything else is unknown. */
function otherAnswer(method: string, path: string): { status: number; body: JsonObject } {
  const plain = path.replace(/\?.*$/, '');
  if (/\/messages\/count_tokens$/.test(plain)) return { status: 200, body: { input_tokens: 100 } };
  if (/:countTokens$/.test(plain)) return { status: 200, body: { totalTokens: 100 } };
  if (method === 'GET' && /\/models(\/|$)/.test(plain)) {
    const model = {
      id: 'mock-model',
      slug: 'mock-model',
      object: 'model',
      type: 'model',
      created: 1700000000,
      created_at: '2026-01-01T00:00:00Z',
      display_name: 'mock-model',
      owned_by: 'mock',
    };
    return { status: 200, body: { object: 'list', data: [model], has_more: false } };
  }
  if (method === 'HEAD' || plain === '/') return { status: 200, body: {} };
  return { status: 404, body: { error: { type: 'not_found_error', message: `no such path: ${plain}` } } };
}

/** The error type that each API names for a status. */
export function errorType(api: ApiName, status: number): string {
  if (api === 'gemini') return status === 429 ? 'RESOURCE_EXHAUSTED' : 'INVALID_ARGUMENT';
  if (api === 'anthropic') return status === 429 ? 'rate_limit_error' : 'invalid_request_error';
  return status === 429 ? 'rate_limit_exceeded' : 'invalid_request_error';
}

function limitAnswer(
  api: ApiName,
  unified: boolean,
): { type: string; message: string; headers: Record<string, string> } {
  const reset = Math.floor(Date.now() / 1000) + 3 * 3600;
  const type = errorType(api, 429);
  if (!unified) return { type, message: 'Rate limit reached (scripted)', headers: {} };
  if (api === 'anthropic')
    return {
      type,
      message: 'This request would exceed your account’s rate limit.',
      headers: {
        'anthropic-ratelimit-unified-status': 'rejected',
        'anthropic-ratelimit-unified-reset': String(reset),
        'anthropic-ratelimit-unified-representative-claim': 'five_hour',
        'anthropic-ratelimit-unified-5h-status': 'rejected',
        'anthropic-ratelimit-unified-5h-reset': String(reset),
        'anthropic-ratelimit-unified-overage-status': 'rejected',
      },
    };
  return {
    type: 'usage_limit_reached',
    message: 'The usage limit has been reached',
    headers: {
      'x-codex-primary-used-percent': '100',
      'x-codex-primary-window-minutes': '300',
      'x-codex-primary-reset-at': String(reset),
    },
  };
}

function replyHeaders(api: ApiName): Record<string, string> {
  return api === 'anthropic'
    ? { 'request-id': `req_01${alnum(22)}` }
    : { 'x-request-id': `req_${alnum(24)}` };
}

function send(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'application/json',
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(body);
}

/** Headers as text, without what authorises. */
function plainHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers)
      .filter(([name]) => !/authorization|api-key|cookie/i.test(name))
      .map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
