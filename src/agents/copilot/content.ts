/** What a person attached to a prompt, and the binary assets of a transcript. */
import { asArray, asObject, asString, asText, isObject } from '../../model/narrow.ts';
import type { FilePart, ImagePart, JsonObject, JsonValue, Part } from '../../model/session.ts';

/** Finds the base64 content of a `session.binary_asset`. */
export type AssetSource = (assetId: string) => string | undefined;

/** Stands for the text of a prompt that is only images: a model API may refuse an empty one. */
export const IMAGE_ONLY = '[image]';

/**
 * The parts of a `user.message`. Copilot tells the text first, then what is attached. `segueBefore` (written by segue) is
 * how many attachments stood before the text, `segueNoText` says that there was none.
 */
export function promptParts(data: JsonObject, assets: AssetSource): Part[] {
  const attached = (asArray(data.attachments) ?? []).filter(isObject).map((item) => attachment(item, assets));
  const text = data.segueNoText === true ? undefined : asText(data.content);
  if (text === undefined) return attached;
  const before = typeof data.segueBefore === 'number' ? data.segueBefore : 0;
  return [...attached.slice(0, before), { type: 'text', text }, ...attached.slice(before)];
}

/** An attachment: an image, or a file for everything else. Kinds: its schema; `file` and `blob` measured. */
function attachment(item: JsonObject, assets: AssetSource): ImagePart | FilePart {
  const mediaType = asText(item.mimeType);
  const path = asText(item.path) ?? asText(item.filePath);
  if (mediaType?.startsWith('image/')) return image(item, mediaType, path, assets);
  const name = asText(item.displayName) ?? asText(item.title) ?? asText(item.url) ?? asText(item.type);
  const text = asString(item.text) ?? asString(asObject(item.selection)?.text);
  const file: FilePart = { type: 'file' };
  if (name !== undefined) file.name = name;
  if (path !== undefined) file.path = path;
  if (mediaType !== undefined) file.mediaType = mediaType;
  if (text !== undefined) file.text = text;
  return file;
}

/** The images among a result's `binaryResultsForLlm`. */
export function resultImages(value: JsonValue | undefined, assets: AssetSource): ImagePart[] {
  return (asArray(value) ?? []).filter(isObject).flatMap((item) => {
    const mediaType = asText(item.mimeType);
    return mediaType?.startsWith('image/') ? [image(item, mediaType, undefined, assets)] : [];
  });
}

function image(
  item: JsonObject,
  mediaType: string,
  path: string | undefined,
  assets: AssetSource,
): ImagePart {
  const assetId = asText(item.assetId);
  const data = asText(item.data) ?? (assetId === undefined ? undefined : assets(assetId));
  return {
    type: 'image',
    mediaType,
    ...(data === undefined ? {} : { data }),
    ...(path === undefined ? {} : { path }),
  };
}
