/** Content parts of Kimi Code's messages → parts of the session model. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../model/errors.ts';
import { asArray, asObject, asString, asText, isObject } from '../../model/narrow.ts';
import type {
  FilePart,
  ImagePart,
  JsonObject,
  JsonValue,
  ReasoningPart,
  ResultContent,
  TextPart,
} from '../../model/session.ts';

export type ContentPart = TextPart | ReasoningPart | ImagePart | FilePart;

/** The signature's vendor, as `Acceptance` names it: reasoning goes back to whatever provider the person has set up. */
export const VENDOR = 'kimi';

/**
 * The parts of a message. `blobs` is the folder where the agent puts media of more than 4 KB (read in 2.1.0): a
 * `blobref:<type>;<sha256>` names a file in it.
 */
export function contentParts(content: JsonValue | undefined, blobs: string): ContentPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  const parts = (asArray(content) ?? []).filter(isObject).flatMap((part) => contentPart(part, blobs));
  return withoutMarks(parts);
}

function contentPart(part: JsonObject, blobs: string): ContentPart[] {
  switch (part.type) {
    case 'text': {
      const text = asText(part.text);
      return text === undefined ? [] : [{ type: 'text', text }];
    }
    case 'think': {
      const { type: _type, think, ...opaque } = part;
      return [{ type: 'reasoning', text: asString(think) ?? '', vendor: VENDOR, opaque }];
    }
    case 'image_url':
      return mediaPart(asText(asObject(part.imageUrl)?.url), 'image', blobs);
    case 'audio_url':
      return mediaPart(asText(asObject(part.audioUrl)?.url), 'audio', blobs);
    case 'video_url':
      return mediaPart(asText(asObject(part.videoUrl)?.url), 'video', blobs);
    default:
      return [];
  }
}

const DATA = /^data:([^;,]+);base64,/;
const BLOB = /^blobref:([^;]*);([0-9a-f]+)$/;

function mediaPart(url: string | undefined, kind: 'image' | 'audio' | 'video', blobs: string): ContentPart[] {
  if (url === undefined) return [];
  const inline = DATA.exec(url);
  const blob = BLOB.exec(url);
  const mediaType = inline?.[1] ?? blob?.[1] ?? `${kind}/*`;
  const path = blob?.[2] === undefined ? undefined : join(blobs, blob[2]);
  if (kind !== 'image')
    return [{ type: 'file', mediaType, ...(inline === null ? { path: path ?? url } : { name: kind }) }];
  if (inline !== null) return [{ type: 'image', mediaType, data: url.slice(inline[0].length) }];
  const data = path === undefined ? undefined : base64(path);
  return [
    data === undefined ? { type: 'image', mediaType, path: path ?? url } : { type: 'image', mediaType, data },
  ];
}

/** A file's bytes; undefined when it cannot be read. */
function base64(path: string): string | undefined {
  try {
    return readFileSync(path, 'base64');
  } catch (error) {
    // deleted or unreadable: its path is told
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

const MARK = /^<(?:image|video|audio) path="([^"]*)">$/;
const END_MARK = /^<\/(?:image|video|audio)>$/;

/** The agent puts a media file between `<image path="…">` and `</image>`, as texts of their own. */
function withoutMarks(parts: ContentPart[]): ContentPart[] {
  return parts.flatMap((part, n): ContentPart[] => {
    const before = parts[n - 1];
    const after = parts[n + 1];
    if (part.type === 'image' && before?.type === 'text') {
      const path = MARK.exec(before.text)?.[1];
      return path === undefined ? [part] : [{ ...part, path }];
    }
    if (part.type !== 'text') return [part];
    const opens = MARK.test(part.text) && (after?.type === 'image' || after?.type === 'file');
    const closes = END_MARK.test(part.text) && (before?.type === 'image' || before?.type === 'file');
    return opens || closes ? [] : [part];
  });
}

/** What a tool result can hold of a message's parts. */
export function resultContent(parts: ContentPart[]): ResultContent[] {
  return parts.flatMap((part): ResultContent[] => {
    if (part.type === 'text' || part.type === 'image') return [part];
    if (part.type === 'reasoning') return [];
    return [{ type: 'text', text: `[${part.mediaType}${part.path === undefined ? '' : ` ${part.path}`}]` }];
  });
}
