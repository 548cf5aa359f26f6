/** Prepared parts → response items: the model's context. */
import { isObject } from '../../model/narrow.ts';
import type {
  Entry,
  ImagePart,
  JsonObject,
  MessageEntry,
  Part,
  ReasoningPart,
  ResultContent,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';
import { reasoningText, writeImage, writeUserContent } from './content.ts';

/** A call: free text is a custom tool call, everything else a function call. */
export function callItem({ callId, native }: ToolCallPart): JsonObject {
  const dot = native.name === 'container.exec' ? -1 : native.name.lastIndexOf('.');
  const named: JsonObject =
    dot > 0
      ? { name: native.name.slice(dot + 1), namespace: native.name.slice(0, dot) }
      : { name: native.name };
  if (typeof native.input === 'string')
    return {
      type: 'custom_tool_call',
      status: 'completed',
      call_id: callId,
      ...named,
      input: native.input,
    };
  if (native.name === 'local_shell' && isObject(native.input))
    return { type: 'local_shell_call', call_id: callId, status: 'completed', action: native.input };
  return {
    type: 'function_call',
    ...named,
    arguments: JSON.stringify(native.input),
    call_id: callId,
  };
}

/** The output of a call. Text alone is a string, as Codex stores it. */
export function outputItem(call: ToolCallPart, result: ToolResultPart): JsonObject {
  const custom = typeof call.native.input === 'string';
  const onlyText = result.content.every((part) => part.type === 'text');
  return {
    type: custom ? 'custom_tool_call_output' : 'function_call_output',
    call_id: result.callId,
    output: onlyText ? textOf(result.content) : result.content.map(contentItem),
  };
}

function contentItem(part: ResultContent): JsonObject {
  return part.type === 'text' ? { type: 'input_text', text: part.text } : writeImage(part);
}

/** The texts of a result, a line each. */
export function textOf(content: ResultContent[]): string {
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

/** A search that ran at the provider: call and outcome in one item. Undefined when there is an output to keep. */
export function webSearchItem(call: ToolCallPart, result: ToolResultPart): JsonObject | undefined {
  if (result.exitCode !== undefined || result.status === 'interrupted') return undefined;
  if (result.content.some((part) => part.type !== 'text' || part.text !== '')) return undefined;
  const status = result.status === 'ok' ? 'completed' : 'failed';
  return { type: 'web_search_call', status, action: call.native.input };
}

/** Whether a call is one that Codex's provider ran: its input is the stored action. */
export function isWebSearch({ native }: ToolCallPart): boolean {
  if (native.name !== 'web_search' || !isObject(native.input)) return false;
  return ['search', 'open_page', 'find_in_page', 'other'].includes(String(native.input.type));
}

/** OpenAI's own reasoning as it was stored; without the stored form its text as a summary. */
export function reasoningItem({ text, opaque }: ReasoningPart): JsonObject {
  const { id, summary, content, encrypted_content } = opaque ?? {};
  const stored = reasoningText(opaque ?? {}) === text;
  return {
    type: 'reasoning',
    ...(id === undefined ? {} : { id }),
    summary: stored ? (summary ?? []) : [{ type: 'summary_text', text }],
    ...(content === undefined ? {} : { content }),
    encrypted_content: encrypted_content ?? null,
  };
}

/** Items of one entry, by themselves. */
export function entryItems(entry: Entry): JsonObject[] {
  if (entry.type !== 'message') return [];
  return entry.parts.map((part) => {
    if (part.type === 'tool_call') return callItem(part);
    if (part.type === 'tool_result') return lateOutput(part);
    if (part.type === 'reasoning') return reasoningItem(part);
    const said = spoken(part) ?? { type: 'text' as const, text: '' };
    return entry.role === 'assistant' && said.type === 'text'
      ? answerItem(said.text)
      : messageItem(entry.role, [said]);
  });
}

/** An output whose call is not at hand: `paired` gives it its call's type. */
function lateOutput(result: ToolResultPart): JsonObject {
  const call: ToolCallPart = {
    type: 'tool_call',
    callId: result.callId,
    tool: 'other',
    input: { name: '', input: {} },
    native: { name: '', input: {} },
  };
  return outputItem(call, result);
}

/** Only calls with outputs and outputs with calls, of matching types. */
export function paired(items: JsonObject[]): JsonObject[] {
  const calls = new Map<string, boolean>();
  const outputs = new Set<string>();
  for (const { type, call_id } of items) {
    if (String(type).endsWith('_call')) calls.set(String(call_id), type === 'custom_tool_call');
    else if (String(type).endsWith('_output')) outputs.add(String(call_id));
  }
  return items.flatMap((item) => {
    const id = String(item.call_id);
    if (String(item.type).endsWith('_call')) return outputs.has(id) ? [item] : [];
    if (!String(item.type).endsWith('_output')) return [item];
    const custom = calls.get(id);
    if (custom === undefined) return [];
    return [{ ...item, type: custom ? 'custom_tool_call_output' : 'function_call_output' }];
  });
}

/** A model's words. */
export function answerItem(text: string): JsonObject {
  return { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] };
}

/** A prompt. The kinds say that a person wrote it, whatever it starts with. */
export function messageItem(
  role: MessageEntry['role'],
  parts: (TextPart | ImagePart)[],
  turnId?: string,
): JsonObject {
  const { content, kinds } = writeUserContent(parts);
  return {
    type: 'message',
    role: role === 'system' ? 'developer' : role,
    content,
    internal_chat_message_metadata_passthrough: {
      ...(turnId === undefined ? {} : { turn_id: turnId }),
      content_item_kinds: kinds,
    },
  };
}

/** What a message can say in Codex: text and images. A file's text, or its place, is told. */
export function spoken(part: Part): TextPart | ImagePart | undefined {
  if (part.type === 'text' || part.type === 'image') return part;
  if (part.type !== 'file') return undefined;
  const name = part.path ?? part.name ?? 'file';
  return {
    type: 'text',
    text: part.text === undefined ? `[file: ${name}]` : `[file: ${name}]\n${part.text}`,
  };
}
