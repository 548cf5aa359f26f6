/**
 * What the OpenAI Responses API refuses (documented at platform.openai.com/docs/api-reference/responses and known from
 * its error messages): unknown items and content, bad ids and names, unpaired calls, encrypted content it did not make.
 */
import { asArray, asObject, asString, parseJson } from '../../../src/model/narrow.ts';
import type { JsonObject, JsonValue } from '../../../src/model/session.ts';
import type { Violation } from './conversation.ts';
import { isSealed } from './ids.ts';
import { dataUrl } from './responses.ts';
import { type Check, checkImage, checkText, newCheck } from './validate.ts';

export const OPENAI_IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
export const OPENAI_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

/** Item type → prefix of its `id`. */
const PREFIX: Record<string, string> = {
  message: 'msg',
  reasoning: 'rs',
  function_call: 'fc',
  custom_tool_call: 'ctc',
};
const CALLS = ['function_call', 'custom_tool_call', 'local_shell_call'];
const OUTPUTS: Record<string, string> = {
  function_call_output: 'function_call',
  custom_tool_call_output: 'custom_tool_call',
  local_shell_call_output: 'local_shell_call',
};
const OTHERS = [
  'web_search_call',
  'file_search_call',
  'computer_call',
  'computer_call_output',
  'image_generation_call',
  'code_interpreter_call',
  'mcp_call',
  'mcp_list_tools',
  'mcp_approval_request',
  'mcp_approval_response',
  'shell_call',
  'shell_call_output',
  'apply_patch_call',
  'apply_patch_call_output',
  'tool_search_call',
  'tool_search_output',
  'additional_tools',
  'compaction',
  'item_reference',
];

export function validateResponses(body: JsonObject): Violation[] {
  const check = newCheck();
  checkText(check, body, '');
  checkTools(check, asArray(body.tools) ?? []);
  if (typeof body.input === 'string') {
    check.need(body.input !== '', 'input', 'empty', 'input must not be empty');
    return check.violations;
  }
  const input = asArray(body.input) ?? [];
  check.need(input.length > 0, 'input', 'empty', 'input must not be empty');
  const calls = new Map<string, { type: string; at: string }>();
  const outputs = new Set<string>();
  for (const [i, value] of input.entries()) {
    const at = `input.${i}`;
    const item = asObject(value) ?? {};
    const type = asString(item.type) ?? (item.role === undefined ? '' : 'message');
    checkId(check, item, type, at);
    if (type === 'message') checkMessage(check, item, at);
    else if (type === 'reasoning') checkReasoning(check, item, asObject(input[i + 1]), at);
    else if (CALLS.includes(type)) {
      checkCall(check, item, type, at);
      const id = asString(item.call_id) ?? '';
      check.need(!calls.has(id), at, 'duplicate-id', `call_id is used twice`);
      calls.set(id, { type, at });
    } else if (type in OUTPUTS) {
      const id = asString(item.call_id) ?? '';
      checkCallId(check, id, at);
      check.need(
        calls.get(id)?.type === OUTPUTS[type],
        at,
        'orphan-result',
        'No tool call found for function call output',
      );
      check.need(!outputs.has(id), at, 'duplicate-result', 'the call has two outputs');
      outputs.add(id);
      checkOutput(check, item.output, at);
    } else check.need(OTHERS.includes(type), at, 'item-type', `Invalid value: '${type}'`);
  }
  for (const [id, { at }] of calls)
    check.need(outputs.has(id), at, 'unanswered-call', `No tool output found for function call ${id}`);
  return check.violations;
}

function checkId(check: Check, item: JsonObject, type: string, at: string): void {
  const prefix = PREFIX[type];
  if (item.id === undefined || item.id === null || prefix === undefined) return;
  const id = asString(item.id) ?? '';
  check.need(id.startsWith(prefix), at, 'item-id', `Expected an ID that begins with '${prefix}'`);
  check.need(id.length <= 64, at, 'item-id', 'id: string too long. Expected a string with maximum length 64');
}

function checkMessage(check: Check, item: JsonObject, at: string): void {
  const role = asString(item.role) ?? '';
  check.need(
    ['user', 'assistant', 'system', 'developer'].includes(role),
    at,
    'role',
    `unexpected role '${role}'`,
  );
  if (typeof item.content === 'string') return;
  const content = asArray(item.content);
  if (content === undefined) {
    check.fail(at, 'type', 'content must be a string or an array');
    return;
  }
  check.need(content.length > 0, at, 'empty', 'content: empty array');
  const allowed =
    role === 'assistant' ? ['output_text', 'refusal'] : ['input_text', 'input_image', 'input_file'];
  for (const [k, value] of content.entries())
    checkPart(check, asObject(value) ?? {}, `${at}.content.${k}`, allowed);
}

function checkPart(check: Check, part: JsonObject, at: string, allowed: string[]): void {
  const type = asString(part.type) ?? '';
  check.need(allowed.includes(type), at, 'block-type', `Invalid value: '${type}'`);
  if (type === 'input_text' || type === 'output_text')
    check.need(typeof part.text === 'string', at, 'type', 'text: a string is required');
  if (type === 'input_image' && part.file_id === undefined) checkUrl(check, part.image_url, at);
}

/** An `https:` URL or a `data:` URL of an image. */
export function checkUrl(check: Check, url: JsonValue | undefined, at: string): void {
  if (typeof url === 'string' && /^https?:\/\//.test(url)) return;
  checkImage(check, dataUrl(url), at, OPENAI_IMAGES);
}

function checkReasoning(check: Check, item: JsonObject, next: JsonObject | undefined, at: string): void {
  const sealed = item.encrypted_content;
  for (const [k, part] of (asArray(item.summary) ?? []).entries())
    check.need(
      asObject(part)?.type === 'summary_text',
      `${at}.summary.${k}`,
      'block-type',
      'expected summary_text',
    );
  check.need(asArray(item.summary) !== undefined, at, 'missing', 'summary is required');
  if (sealed !== undefined && sealed !== null)
    check.need(
      isSealed('openai', sealed),
      at,
      'encrypted-content',
      'The encrypted content could not be verified',
    );
  else if (item.id !== undefined && item.id !== null)
    check.fail(at, 'not-stored', 'Item not found. Items are not persisted when `store` is set to false');
  const follows = asString(next?.type) ?? '';
  const assistant =
    next?.role === 'assistant' ||
    CALLS.includes(follows) ||
    follows === 'reasoning' ||
    OTHERS.includes(follows);
  check.need(assistant, at, 'reasoning-alone', 'reasoning was provided without its required following item');
}

function checkCall(check: Check, item: JsonObject, type: string, at: string): void {
  checkCallId(check, asString(item.call_id) ?? '', at);
  if (type === 'local_shell_call') return;
  check.need(
    OPENAI_NAME.test(asString(item.name) ?? ''),
    at,
    'name',
    'name: string does not match the pattern',
  );
  if (type === 'custom_tool_call') {
    check.need(typeof item.input === 'string', at, 'input', 'input: a string is required');
    return;
  }
  checkArguments(check, item.arguments, at);
}

/** Arguments of a function call: JSON text of an object. */
export function checkArguments(check: Check, value: JsonValue | undefined, at: string): void {
  const parsed = typeof value === 'string' ? parseJson(value) : undefined;
  check.need(
    asObject(parsed) !== undefined,
    at,
    'arguments',
    'arguments: a JSON string of an object is required',
  );
}

function checkCallId(check: Check, id: string, at: string): void {
  check.need(
    id.length >= 1 && id.length <= 64,
    at,
    'call-id',
    'call_id: expected a string of 1 to 64 characters',
  );
}

function checkOutput(check: Check, output: JsonValue | undefined, at: string): void {
  if (typeof output === 'string') return;
  const parts = asArray(output);
  check.need(parts !== undefined, at, 'type', 'output must be a string or an array');
  for (const [k, part] of (parts ?? []).entries())
    checkPart(check, asObject(part) ?? {}, `${at}.output.${k}`, ['input_text', 'input_image', 'input_file']);
}

function checkTools(check: Check, tools: JsonValue[]): void {
  for (const [i, value] of tools.entries()) {
    const tool = asObject(value) ?? {};
    if (tool.type !== 'function' && tool.type !== 'custom') continue;
    check.need(OPENAI_NAME.test(asString(tool.name) ?? ''), `tools.${i}`, 'name', 'tool name has a bad form');
  }
}
