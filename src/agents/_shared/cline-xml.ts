/**
 * Calls in the text of a message, as Cline's extension up to 3.x and its relatives asked models to write them: `<tool><param>…`.
 * Messages are given the blocks that a model API would have, so that they are read like all others. From public source.
 */
import { asString } from '../../model/narrow.ts';
import type { JsonObject } from '../../model/session.ts';
import { blocksOf } from './cline-messages.ts';

const TOOLS = [
  'execute_command',
  'read_file',
  'write_to_file',
  'replace_in_file',
  'apply_diff',
  'search_files',
  'list_files',
  'list_code_definition_names',
  'browser_action',
  'use_mcp_tool',
  'access_mcp_resource',
  'ask_followup_question',
  'attempt_completion',
  'plan_mode_respond',
  'new_task',
  'web_fetch',
];
const CALL = new RegExp(`<(${TOOLS.join('|')})>([\\s\\S]*?)</\\1>`, 'g');
const PARAMETER = /<(\w+)>\n?([\s\S]*?)\n?<\/\1>/g;
/** The line before what a tool answered, in the user's next message. */
const RESULT = /^\[(\w+)(?: for '[\s\S]*?')?\] Result:\n?/;
const DETAILS = /^\s*<environment_details>/;

/** Turns messages one after the other; a new one for each pass. */
export function xmlTurner(): (message: JsonObject) => JsonObject {
  let count = 0;
  let open: string[] = [];
  return (message) => {
    const blocks = blocksOf(message.content);
    if (message.role === 'assistant') {
      if (blocks.some((block) => block.type === 'tool_use')) return message;
      const turned = blocks.flatMap((block) => {
        const text = block.type === 'text' ? asString(block.text) : undefined;
        return text === undefined ? [block] : callsIn(text, () => `xml_${++count}`);
      });
      open = turned.flatMap((block) => (block.type === 'tool_use' ? String(block.id) : []));
      return open.length === 0 ? message : { ...message, content: turned };
    }
    return open.length === 0 ? message : { ...message, content: resultsIn(blocks, open) };
  };
}

function callsIn(text: string, newId: () => string): JsonObject[] {
  const blocks: JsonObject[] = [];
  const say = (said: string): void => {
    if (said.trim() !== '') blocks.push({ type: 'text', text: said.trim() });
  };
  let from = 0;
  for (const match of text.matchAll(CALL)) {
    const [whole, name = '', body = ''] = match;
    say(text.slice(from, match.index));
    from = match.index + whole.length;
    const input = Object.fromEntries(
      [...body.matchAll(PARAMETER)].map(([, key, value = '']) => [key, value]),
    );
    blocks.push({ type: 'tool_use', id: newId(), name, input });
  }
  if (from === 0) return [{ type: 'text', text }];
  say(text.slice(from));
  return blocks;
}

/** What follows a result's line, up to the next one or to the agent's own notes, belongs to it. */
function resultsIn(blocks: JsonObject[], open: string[]): JsonObject[] {
  const turned: JsonObject[] = [];
  let content: JsonObject[] | undefined;
  for (const block of blocks) {
    const text = block.type === 'text' ? (asString(block.text) ?? '') : '';
    const head = RESULT.exec(text);
    const id = head === null ? undefined : open.shift();
    if (head !== null && id !== undefined) {
      const rest = text.slice(head[0].length);
      content = rest === '' ? [] : [{ type: 'text', text: rest }];
      turned.push({ type: 'tool_result', tool_use_id: id, content });
    } else if (content !== undefined && !DETAILS.test(text) && !/^<feedback>/.test(text)) {
      content.push(block);
    } else {
      content = undefined;
      turned.push(block);
    }
  }
  return turned;
}
