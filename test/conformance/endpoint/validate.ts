/** What the validators of the four APIs share: collecting violations, images, well-formed text. */
import { asString } from '../../../src/model/narrow.ts';
import type { JsonObject, JsonValue } from '../../../src/model/session.ts';
import type { Violation } from './conversation.ts';

/** Collects the violations of one request. */
export interface Check {
  violations: Violation[];
  /** Records a violation at `at`. */
  fail(at: string, code: string, message: string): void;
  /** Records a violation unless `condition`. */
  need(condition: boolean, at: string, code: string, message: string): void;
}

export function newCheck(): Check {
  const violations: Violation[] = [];
  const fail = (at: string, code: string, message: string): void => {
    violations.push({ code, at, message });
  };
  return {
    violations,
    fail,
    need: (condition, at, code, message) => {
      if (!condition) fail(at, code, message);
    },
  };
}

/** Every string must be well-formed: the services refuse lone surrogates as invalid JSON. */
export function checkText(check: Check, value: JsonValue | undefined, at: string): void {
  if (typeof value === 'string') {
    check.need(value.isWellFormed(), at, 'lone-surrogate', 'the text has a lone surrogate');
  } else if (Array.isArray(value)) {
    for (const [i, inner] of value.entries()) checkText(check, inner, `${at}.${i}`);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value))
      checkText(check, inner, at === '' ? key : `${at}.${key}`);
  }
}

/** Members that the API does not know. */
export function checkKeys(check: Check, object: JsonObject, at: string, known: string[]): void {
  for (const key of Object.keys(object))
    check.need(known.includes(key), `${at}.${key}`, 'unknown-member', 'extra inputs are not permitted');
}

const MAGIC: Record<string, RegExp> = {
  'image/png': /^89504e47/,
  'image/jpeg': /^ffd8ff/,
  'image/gif': /^47494638/,
  'image/webp': /^52494646.{8}57454250/,
};

/** An inline image: media type that the API takes, base64 that decodes, bytes that are such an image. */
export function checkImage(
  check: Check,
  image: { mediaType: JsonValue | undefined; data: JsonValue | undefined },
  at: string,
  types: string[],
): void {
  const mediaType = asString(image.mediaType) ?? '';
  const data = asString(image.data) ?? '';
  check.need(types.includes(mediaType), at, 'image-type', `unsupported media type '${mediaType}'`);
  const valid = data !== '' && data.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(data);
  check.need(valid, at, 'image-base64', 'the image data is not base64');
  const magic = MAGIC[mediaType];
  if (!valid || magic === undefined || !types.includes(mediaType)) return;
  const head = Buffer.from(data.slice(0, 32), 'base64').toString('hex');
  check.need(magic.test(head), at, 'image-bytes', `the bytes are not ${mediaType}`);
}
