/** Content in the Gemini API's form (`parts`) → parts of messages. Gemini CLI and Qwen Code store conversations so. */
import { asArray, asObject, asString, asText, isObject } from '../../model/narrow.ts';
import type {
  FilePart,
  ImagePart,
  JsonObject,
  JsonValue,
  Part,
  ReasoningPart,
  ResultContent,
  ToolCallPart,
} from '../../model/session.ts';
import type { ToolTable } from '../contract.ts';

/** Pairs calls with results: ids made unique and made up where missing. One for each pass over a session. */
export interface CallBook {
  /** Records a call. */
  open(id: string | undefined, name: string, args: JsonValue): ToolCallPart;
  /**
   * The call that a response answers. `again`: it was answered before (both agents store responses more than once).
   * `unknown`: there is no such call.
   */
  close(id: string | undefined, name: string | undefined): ToolCallPart | 'again' | 'unknown';
}

/** A new book of calls. `cwd` resolves relative paths in arguments. */
export function callBook(tools: ToolTable, cwd: string | undefined): CallBook {
  const used = new Set<string>();
  const open: { stored: string | undefined; call: ToolCallPart }[] = [];
  const closed = new Set<string>();
  return {
    open(stored, name, args) {
      let callId = stored ?? `${name}-${used.size + 1}`;
      for (let n = 2; used.has(callId); n++) callId = `${stored ?? name}~${n}`;
      used.add(callId);
      const native = { name, input: args };
      const call: ToolCallPart = { type: 'tool_call', callId, native, ...tools.read(native, cwd) };
      open.push({ stored, call });
      return call;
    },
    close(stored, name) {
      const at = open.findIndex((each) =>
        stored === undefined ? each.call.native.name === name : each.stored === stored,
      );
      // a response without its id, or for a call without one: the oldest open call of that name
      const found =
        open[at] ?? open.find((each) => each.stored === undefined && each.call.native.name === name);
      if (found === undefined) return stored !== undefined && closed.has(stored) ? 'again' : 'unknown';
      open.splice(open.indexOf(found), 1);
      if (stored !== undefined) closed.add(stored);
      return found.call;
    },
  };
}

/** Content as stored (text, a part, or parts) → part objects. */
export function contentParts(content: JsonValue | undefined): JsonObject[] {
  if (typeof content === 'string') return content === '' ? [] : [{ text: content }];
  if (isObject(content)) return [content];
  const parts = (asArray(content) ?? []).map((part) => (typeof part === 'string' ? { text: part } : part));
  return parts.filter(isObject);
}

/** Text, reasoning, image or file; undefined for calls, responses and unknown parts. */
export function plainPart(
  part: JsonObject,
  vendor: string,
): Exclude<Part, { type: `tool_${string}` }> | undefined {
  const text = asString(part.text);
  if (part.thought === true && text !== undefined) return reasoningPart(part, text, vendor);
  if (text !== undefined) return { type: 'text', text };
  return mediaPart(part);
}

function reasoningPart(part: JsonObject, text: string, vendor: string): ReasoningPart {
  const thoughtSignature = signatureOf(part);
  // the form alone is what the vendor's own models take back
  const opaque: JsonObject = thoughtSignature === undefined ? { thought: true } : { thoughtSignature };
  return { type: 'reasoning', text, vendor, opaque };
}

/** A part's signature, unless it is the stand-in that the agents put there themselves. */
export function signatureOf(part: JsonObject): string | undefined {
  const signature = asText(part.thoughtSignature);
  return signature === 'skip_thought_signature_validator' ? undefined : signature;
}

/** Inline or linked media: an image, or a file for anything else. */
export function mediaPart(part: JsonObject): ImagePart | FilePart | undefined {
  const inline = asObject(part.inlineData);
  const linked = asObject(part.fileData);
  const mediaType = asText((inline ?? linked)?.mimeType);
  const data = asText(inline?.data);
  const path = asText(linked?.fileUri);
  if (mediaType === undefined || (data === undefined && path === undefined)) return undefined;
  if (!mediaType.startsWith('image/'))
    return { type: 'file', mediaType, ...(path === undefined ? {} : { path }) };
  return data === undefined ? { type: 'image', mediaType, path } : { type: 'image', mediaType, data };
}

/** Media inside a `functionResponse` (Gemini 3 models, Qwen Code) as result content; texts stand between images. */
export function nestedMedia(parts: JsonValue | undefined): ResultContent[] {
  return (asArray(parts) ?? []).flatMap((value) => resultContent(asObject(value)) ?? []);
}

/** A part as content of a result. */
export function resultContent(part: JsonObject | undefined): ResultContent | undefined {
  if (part === undefined) return undefined;
  const text = asText(part.text);
  if (text !== undefined) return { type: 'text', text };
  const media = mediaPart(part);
  if (media === undefined || media.type === 'image') return media;
  return { type: 'text', text: `[file: ${media.path ?? media.mediaType ?? 'unnamed'}]` };
}

/** Text or image as a part of the Gemini API. An image of which only the path is known is told. */
export function apiPart(part: ResultContent): JsonObject {
  if (part.type === 'text') return { text: part.text };
  return part.data === undefined
    ? { text: `[image: ${part.path ?? part.mediaType}]` }
    : { inlineData: { mimeType: part.mediaType, data: part.data } };
}
