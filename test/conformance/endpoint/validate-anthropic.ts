/**
 * What the Anthropic Messages API refuses (documented at docs.anthropic.com/en/api/messages and known from its error
 * messages): empty content, unpaired or misplaced tool blocks, bad ids and names, foreign signatures.
 */
import { asArray, asObject, asString, isObject } from '../../../src/model/narrow.ts';
import type { JsonObject, JsonValue } from '../../../src/model/session.ts';
import type { Violation } from './conversation.ts';
import { isSealed } from './ids.ts';
import { type Check, checkImage, checkKeys, checkText, newCheck } from './validate.ts';

const IMAGES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];
const USER_BLOCKS = ['text', 'image', 'document', 'search_result', 'tool_result', 'container_upload'];
const ASSISTANT_BLOCKS = [
  'text',
  'thinking',
  'redacted_thinking',
  'tool_use',
  'server_tool_use',
  'web_search_tool_result',
  'web_fetch_tool_result',
  'code_execution_tool_result',
  'bash_code_execution_tool_result',
  'text_editor_code_execution_tool_result',
  'tool_search_tool_result',
  'mcp_tool_use',
  'mcp_tool_result',
  'container_upload',
  'compaction',
];
const KEYS: Record<string, string[]> = {
  text: ['type', 'text', 'cache_control', 'citations'],
  image: ['type', 'source', 'cache_control'],
  tool_use: ['type', 'id', 'name', 'input', 'cache_control', 'caller'],
  tool_result: ['type', 'tool_use_id', 'content', 'is_error', 'cache_control'],
  thinking: ['type', 'thinking', 'signature'],
  redacted_thinking: ['type', 'data'],
};

/** Blocks of consecutive messages of one role, as the API sees them: one turn. */
interface Turn {
  role: 'user' | 'assistant';
  blocks: { block: JsonObject; at: string }[];
}

export function validateAnthropic(body: JsonObject): Violation[] {
  const check = newCheck();
  checkText(check, body, '');
  check.need(typeof body.max_tokens === 'number', 'max_tokens', 'missing', 'max_tokens: Field required');
  const messages = asArray(body.messages) ?? [];
  check.need(messages.length > 0, 'messages', 'empty', 'messages: at least one message is required');
  checkTools(check, body);
  checkCacheMarks(check, body);
  const turns = collectTurns(check, messages);
  check.need(
    turns.length === 0 || turns[0]?.role === 'user',
    'messages.0',
    'first-role',
    'first message must use the "user" role',
  );
  checkPairs(check, turns);
  const last = turns.at(-1);
  const lastBlock = last?.blocks.at(-1);
  if (last?.role === 'assistant' && lastBlock?.block.type === 'text')
    check.need(
      !/\s$/.test(asString(lastBlock.block.text) ?? ''),
      lastBlock.at,
      'trailing-space',
      'final assistant content cannot end with trailing whitespace',
    );
  return check.violations;
}

function collectTurns(check: Check, messages: JsonValue[]): Turn[] {
  const turns: Turn[] = [];
  for (const [i, value] of messages.entries()) {
    const at = `messages.${i}`;
    const message = asObject(value);
    if (message === undefined) {
      check.fail(at, 'type', 'a message must be an object');
      continue;
    }
    // system messages between turns, with members of their own, are part of the mid-conversation betas
    if (message.role === 'system') continue;
    checkKeys(check, message, at, ['role', 'content']);
    if (message.role !== 'user' && message.role !== 'assistant') {
      check.fail(at, 'role', `unexpected role '${asString(message.role) ?? typeof message.role}'`);
      continue;
    }
    const blocks = contentBlocks(check, message, at, i === messages.length - 1);
    for (const { block, at: place } of blocks) checkBlock(check, block, place, message.role);
    const turn = turns.at(-1);
    if (turn?.role === message.role) turn.blocks.push(...blocks);
    else turns.push({ role: message.role, blocks });
  }
  return turns;
}

function contentBlocks(check: Check, message: JsonObject, at: string, last: boolean): Turn['blocks'] {
  const optional = last && message.role === 'assistant';
  if (typeof message.content === 'string') {
    check.need(
      optional || message.content.trim() !== '',
      at,
      'empty',
      'messages must have non-empty content',
    );
    return message.content === '' ? [] : [{ block: { type: 'text', text: message.content }, at }];
  }
  const content = asArray(message.content);
  if (content === undefined) {
    check.fail(at, 'type', 'content must be a string or an array');
    return [];
  }
  check.need(optional || content.length > 0, at, 'empty', 'messages must have non-empty content');
  return content.flatMap((value, k) => {
    const place = `${at}.content.${k}`;
    if (isObject(value)) return [{ block: value, at: place }];
    check.fail(place, 'type', 'a content block must be an object');
    return [];
  });
}

function checkBlock(check: Check, block: JsonObject, at: string, role: 'user' | 'assistant'): void {
  const type = asString(block.type) ?? '';
  const allowed = role === 'user' ? USER_BLOCKS : ASSISTANT_BLOCKS;
  check.need(allowed.includes(type), at, 'block-type', `block '${type}' is not allowed in a ${role} message`);
  const keys = KEYS[type];
  if (keys !== undefined) checkKeys(check, block, at, keys);
  if (block.cache_control !== undefined && block.cache_control !== null)
    check.need(
      !/thinking/.test(type) && block.text !== '',
      at,
      'cache-control',
      `cache_control on '${type}'`,
    );
  switch (type) {
    case 'text':
      check.need(
        (asString(block.text) ?? '').trim() !== '',
        at,
        'empty-text',
        'text content blocks must be non-empty',
      );
      return;
    case 'image':
      checkSource(check, block, at);
      return;
    case 'thinking':
      check.need(typeof block.thinking === 'string', at, 'thinking', 'thinking: a string is required');
      check.need(
        isSealed('anthropic', block.signature),
        at,
        'signature',
        'Invalid `signature` in `thinking` block',
      );
      return;
    case 'redacted_thinking':
      check.need(
        isSealed('anthropic', block.data),
        at,
        'signature',
        'Invalid `data` in `redacted_thinking` block',
      );
      return;
    case 'tool_use':
      check.need(
        /^[a-zA-Z0-9_-]+$/.test(asString(block.id) ?? ''),
        at,
        'call-id',
        'tool_use.id has a bad form',
      );
      check.need(
        /^[a-zA-Z0-9_-]{1,128}$/.test(asString(block.name) ?? ''),
        at,
        'name',
        'tool_use.name has a bad form',
      );
      check.need(isObject(block.input), at, 'input', 'tool_use.input: a valid dictionary is required');
      return;
    case 'tool_result':
      checkResult(check, block, at);
  }
}

function checkSource(check: Check, block: JsonObject, at: string): void {
  const source = asObject(block.source);
  if (source?.type === 'base64')
    checkImage(check, { mediaType: source.media_type, data: source.data }, at, IMAGES);
  else
    check.need(source?.type === 'url' || source?.type === 'file', at, 'image-source', 'unknown image source');
}

function checkResult(check: Check, block: JsonObject, at: string): void {
  check.need(
    /^[a-zA-Z0-9_-]+$/.test(asString(block.tool_use_id) ?? ''),
    at,
    'call-id',
    'tool_result.tool_use_id has a bad form',
  );
  const content = block.content;
  if (block.is_error === true)
    check.need(
      (typeof content === 'string' && content !== '') || (asArray(content) ?? []).length > 0,
      at,
      'empty-error',
      'content cannot be empty if `is_error` is true',
    );
  if (content === undefined || typeof content === 'string') return;
  const parts = asArray(content);
  if (parts === undefined) {
    check.fail(at, 'type', 'tool_result.content must be a string or an array');
    return;
  }
  for (const [k, value] of parts.entries()) {
    const part = asObject(value) ?? {};
    const place = `${at}.content.${k}`;
    if (part.type === 'text')
      check.need(
        (asString(part.text) ?? '') !== '',
        place,
        'empty-text',
        'text content blocks must be non-empty',
      );
    else if (part.type === 'image') checkSource(check, part, place);
    else
      check.need(
        ['document', 'search_result', 'tool_reference'].includes(asString(part.type) ?? ''),
        place,
        'block-type',
        'unknown block in tool_result',
      );
  }
}

/** Each tool_use is answered in the very next turn, results first; no result without its call; ids unique. */
function checkPairs(check: Check, turns: Turn[]): void {
  const seen = new Set<string>();
  for (const [i, turn] of turns.entries()) {
    const before = i === 0 ? [] : callIds(turns[i - 1]);
    if (turn.role === 'assistant') {
      for (const { block, at } of turn.blocks) {
        const id = asString(block.id) ?? '';
        if (block.type !== 'tool_use') continue;
        check.need(!seen.has(id), at, 'duplicate-id', '`tool_use` ids must be unique');
        seen.add(id);
      }
      const next = turns[i + 1];
      const answered = new Set(next?.blocks.map(({ block }) => asString(block.tool_use_id)));
      for (const id of callIds(turn))
        check.need(
          answered.has(id),
          turn.blocks[0]?.at ?? '',
          'unanswered-call',
          '`tool_use` ids were found without `tool_result` blocks immediately after',
        );
      continue;
    }
    let others = 0;
    const answered = new Set<string>();
    for (const { block, at } of turn.blocks) {
      if (block.type !== 'tool_result') {
        others += 1;
        continue;
      }
      const id = asString(block.tool_use_id) ?? '';
      check.need(
        before.includes(id),
        at,
        'orphan-result',
        'unexpected `tool_use_id` found in `tool_result` blocks',
      );
      check.need(!answered.has(id), at, 'duplicate-result', 'each `tool_use` must have a single result');
      check.need(others === 0, at, 'result-position', '`tool_result` blocks must come first');
      answered.add(id);
    }
  }
}

function callIds(turn: Turn | undefined): string[] {
  return (turn?.blocks ?? []).flatMap(({ block }) =>
    block.type === 'tool_use' ? (asString(block.id) ?? '') : [],
  );
}

function checkTools(check: Check, body: JsonObject): void {
  const names = new Set<string>();
  for (const [i, value] of (asArray(body.tools) ?? []).entries()) {
    const tool = asObject(value) ?? {};
    const name = asString(tool.name) ?? '';
    // a tool with a type other than `custom` is one of the service's own
    if (tool.type !== undefined && tool.type !== 'custom') continue;
    check.need(/^[a-zA-Z0-9_-]{1,128}$/.test(name), `tools.${i}`, 'name', 'tool name has a bad form');
    check.need(!names.has(name), `tools.${i}`, 'duplicate-tool', 'tool names must be unique');
    check.need(
      asObject(tool.input_schema)?.type === 'object',
      `tools.${i}`,
      'schema',
      'input_schema.type must be object',
    );
    names.add(name);
  }
}

function checkCacheMarks(check: Check, body: JsonObject): void {
  const marked = (value: JsonValue | undefined): number =>
    (asArray(value) ?? []).filter((item) => isObject(asObject(item)?.cache_control)).length;
  const total =
    marked(body.system) +
    marked(body.tools) +
    (asArray(body.messages) ?? []).reduce<number>(
      (sum, message) => sum + marked(asObject(message)?.content),
      0,
    );
  check.need(
    total <= 4,
    '',
    'cache-control',
    `a maximum of 4 blocks with cache_control may be provided, found ${total}`,
  );
}
