/** Content items of Codex's messages and outputs ⇄ parts, and who a user message is from. */
import { asArray, asObject, asString, asText } from '../../model/narrow.ts';
import type { ImagePart, JsonObject, JsonValue, TextPart } from '../../model/session.ts';

/** First line of a compaction summary, by which Codex knows it again (same in 0.98.0 and 0.169.0). */
export const SUMMARY_PREFIX =
  'Another language model started to solve this problem and produced a summary of its thinking process. You also have access to the state of the tools that were used by that language model. Use this to build on the work that has already been done and avoid duplicating work. Here is the summary produced by the other language model, use the information in this summary to assist with your own analysis:\n';

/** Texts that Codex puts into user messages itself (measured, and read in source). */
const HARNESS_TEXT =
  /^\s*(?:# AGENTS\.md instructions|<(?:environment_context|user_instructions|turn_aborted|skill|user_shell_command|subagent_notification|hook_prompt|permissions instructions|collaboration_mode)\b)/i;

/** Kinds of content items that a person's input can have; others mark what Codex injected. */
const USER_KIND = /^(?:user\.|images\.|audio\.|unknown$|$)/;

/** `content_item_kinds` of a message, when there is one for each item. */
export function itemKinds(payload: JsonObject): string[] | undefined {
  const passthrough = asObject(payload.internal_chat_message_metadata_passthrough);
  const kinds = asArray(passthrough?.content_item_kinds)?.filter((kind) => typeof kind === 'string');
  return kinds !== undefined && kinds.length > 0 && kinds.length === asArray(payload.content)?.length
    ? kinds
    : undefined;
}

/** Whether a user message was injected by Codex: by its kinds, else by how its first text starts. */
export function isHarness(kinds: readonly string[] | undefined, firstText: string | undefined): boolean {
  if (kinds !== undefined) return !kinds.some((kind) => USER_KIND.test(kind));
  return firstText !== undefined && (HARNESS_TEXT.test(firstText) || firstText.startsWith(SUMMARY_PREFIX));
}

export interface ReadContent {
  parts: (TextPart | ImagePart)[];
  /** Blocks of a kind that is not known. */
  unknown: number;
}

/** Content of a message or an output: a string or a list of items. `kinds` leaves injected items out. */
export function readContent(content: JsonValue | undefined, kinds?: readonly string[]): ReadContent {
  if (typeof content === 'string') return { parts: content === '' ? [] : [text(content)], unknown: 0 };
  const items = asArray(content) ?? [];
  const parts: ReadContent['parts'] = [];
  let unknown = asArray(content) === undefined && content !== undefined && content !== null ? 1 : 0;
  for (const [index, item] of items.entries()) {
    if (kinds !== undefined && !USER_KIND.test(kinds[index] ?? '')) continue;
    const block = asObject(item);
    const words = asString(block?.text);
    if (words !== undefined) {
      if (!isImageMark(items, index)) parts.push(text(words));
    } else if (block?.type === 'input_image') {
      parts.push(readImage(block, openingMark(items, index)));
    } else unknown++;
  }
  return { parts, unknown };
}

function text(words: string): TextPart {
  return { type: 'text', text: words };
}

const OPENING = /^<image(?: name=\[Image #\d+\])?(?: path="([^"]*)")?>$/;
const CLOSING = '</image>';

/** Codex puts a text mark before and after each image; they are not a person's words. */
function isImageMark(items: JsonValue[], index: number): boolean {
  const words = asString(asObject(items[index])?.text) ?? '';
  if (OPENING.test(words)) return asObject(items[index + 1])?.type === 'input_image';
  return words === CLOSING && openingMark(items, index - 1) !== undefined;
}

/** The mark before the image at `index`. */
function openingMark(items: JsonValue[], index: number): RegExpExecArray | undefined {
  if (asObject(items[index])?.type !== 'input_image') return undefined;
  return OPENING.exec(asString(asObject(items[index - 1])?.text) ?? '') ?? undefined;
}

function readImage(block: JsonObject, mark: RegExpExecArray | undefined): ImagePart {
  const url =
    asText(block.image_url) ?? asText(asObject(block.image_url)?.url) ?? asText(block.file_id) ?? '';
  const data = /^data:([^;,]*)(?:;[^,]*)?;base64,/.exec(url);
  const path = mark?.[1];
  if (data === null) return { type: 'image', mediaType: 'image/png', path: path ?? url };
  const image: ImagePart = {
    type: 'image',
    mediaType: data[1] || 'image/png',
    data: url.slice(data[0].length),
  };
  return path === undefined ? image : { ...image, path };
}

/** An image as a content item; one without data has only its place. */
export function writeImage(image: ImagePart): JsonObject {
  const url = image.data === undefined ? (image.path ?? '') : `data:${image.mediaType};base64,${image.data}`;
  return { type: 'input_image', image_url: url };
}

/** Items and kinds of a person's message, with the marks around images that Codex puts there. */
export function writeUserContent(parts: readonly (TextPart | ImagePart)[]): {
  content: JsonObject[];
  kinds: string[];
} {
  const content: JsonObject[] = [];
  const kinds: string[] = [];
  const add = (item: JsonObject, kind: string): void => {
    content.push(item);
    kinds.push(kind);
  };
  let images = 0;
  for (const part of parts) {
    if (part.type === 'text') add({ type: 'input_text', text: part.text }, 'user.text');
    else {
      images++;
      const path = part.path === undefined || /["\n]/.test(part.path) ? '' : ` path="${part.path}"`;
      add({ type: 'input_text', text: `<image name=[Image #${images}]${path}>` }, 'user.text');
      add(writeImage(part), 'user.image');
      add({ type: 'input_text', text: CLOSING }, 'user.text');
    }
  }
  return { content, kinds };
}

/** The summary in a compaction text, without Codex's introduction. */
export function summaryText(message: string): string {
  return message.startsWith(SUMMARY_PREFIX) ? message.slice(SUMMARY_PREFIX.length) : message;
}

/** Readable text of a reasoning item: its summary, else its content. */
export function reasoningText(item: JsonObject): string {
  const texts = (list: JsonValue | undefined): string[] =>
    (asArray(list) ?? []).flatMap((part) => asText(asObject(part)?.text) ?? []);
  const summary = texts(item.summary);
  return (summary.length > 0 ? summary : texts(item.content)).join('\n\n');
}
