/**
 * What the OpenAI Chat Completions API refuses (documented at platform.openai.com/docs/api-reference/chat and known from
 * its error messages). Reasoning members are an extension of compatible services and are let through.
 */
import { asArray, asObject, asString } from '../../../src/model/narrow.ts';
import type { JsonObject, JsonValue } from '../../../src/model/session.ts';
import type { Violation } from './conversation.ts';
import { type Check, checkText, newCheck } from './validate.ts';
import { checkArguments, checkUrl, OPENAI_NAME } from './validate-responses.ts';

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'];
const PARTS: Record<string, string[]> = {
  system: ['text'],
  developer: ['text'],
  user: ['text', 'image_url', 'input_audio', 'file'],
  assistant: ['text', 'refusal'],
  tool: ['text'],
};

export function validateChat(body: JsonObject): Violation[] {
  const check = newCheck();
  checkText(check, body, '');
  const messages = asArray(body.messages) ?? [];
  check.need(messages.length > 0, 'messages', 'empty', 'messages: empty array');
  for (const [i, value] of (asArray(body.tools) ?? []).entries())
    check.need(
      OPENAI_NAME.test(asString(asObject(asObject(value)?.function)?.name) ?? ''),
      `tools.${i}`,
      'name',
      'tool name has a bad form',
    );
  let open = new Set<string>();
  const seen = new Set<string>();
  for (const [i, value] of messages.entries()) {
    const at = `messages.${i}`;
    const message = asObject(value) ?? {};
    const role = asString(message.role) ?? '';
    check.need(ROLES.includes(role), at, 'role', `Invalid value: '${role}'`);
    if (role === 'tool') {
      const id = asString(message.tool_call_id) ?? '';
      check.need(
        open.delete(id),
        at,
        'orphan-result',
        "messages with role 'tool' must be a response to a preceding message with 'tool_calls'",
      );
    } else {
      checkAnswered(check, open, at);
      open = new Set();
    }
    checkContent(check, message, role, at);
    for (const [k, call] of (asArray(message.tool_calls) ?? []).entries()) {
      const id = checkCall(check, asObject(call) ?? {}, `${at}.tool_calls.${k}`);
      check.need(!seen.has(id), `${at}.tool_calls.${k}`, 'duplicate-id', 'the tool call id is used twice');
      seen.add(id);
      open.add(id);
    }
  }
  checkAnswered(check, open, `messages.${messages.length - 1}`);
  return check.violations;
}

function checkAnswered(check: Check, open: Set<string>, at: string): void {
  check.need(
    open.size === 0,
    at,
    'unanswered-call',
    "an assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'",
  );
}

function checkContent(check: Check, message: JsonObject, role: string, at: string): void {
  const content = message.content;
  const calls = asArray(message.tool_calls);
  if (calls !== undefined) {
    check.need(role === 'assistant', at, 'calls-role', `tool_calls in a message of role '${role}'`);
    check.need(calls.length > 0, at, 'empty', 'tool_calls: empty array');
  }
  if (content === undefined || content === null) {
    const excused = role === 'assistant' && (calls !== undefined || typeof message.refusal === 'string');
    check.need(excused, at, 'empty', "Invalid value for 'content': expected a string, got null");
    return;
  }
  if (typeof content === 'string') return;
  const parts: JsonValue[] = asArray(content) ?? [];
  check.need(parts.length > 0, at, 'empty', 'content: empty array');
  for (const [k, value] of parts.entries()) {
    const part = asObject(value) ?? {};
    const type = asString(part.type) ?? '';
    const place = `${at}.content.${k}`;
    check.need(
      PARTS[role]?.includes(type) ?? false,
      place,
      'block-type',
      `'${type}' in a message of role '${role}'`,
    );
    if (type === 'text')
      check.need(typeof part.text === 'string', place, 'type', 'text: a string is required');
    if (type === 'image_url') checkUrl(check, asObject(part.image_url)?.url, place);
  }
}

/** Checks one call and returns its id. */
function checkCall(check: Check, call: JsonObject, at: string): string {
  const id = asString(call.id) ?? '';
  const definition = asObject(call.function);
  check.need(id.length >= 1 && id.length <= 40, at, 'call-id', 'id: expected a string of 1 to 40 characters');
  check.need(call.type === 'function', at, 'type', "type must be 'function'");
  check.need(
    OPENAI_NAME.test(asString(definition?.name) ?? ''),
    at,
    'name',
    'name: string does not match the pattern',
  );
  checkArguments(check, definition?.arguments, at);
  return id;
}
