/**
 * What the Gemini API refuses (documented at ai.google.dev/api and known from its error messages): empty contents,
 * function calls and responses that are not adjacent or do not match in number, foreign thought signatures.
 */
import { asArray, asObject, asString, isObject } from '../../../src/model/narrow.ts';
import type { JsonObject, JsonValue } from '../../../src/model/session.ts';
import type { Violation } from './conversation.ts';
import { isSealed } from './ids.ts';
import { type Check, checkImage, checkText, newCheck } from './validate.ts';

const IMAGES = ['image/png', 'image/jpeg', 'image/webp', 'image/heic', 'image/heif'];
const NAME = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/;
const KINDS = [
  'text',
  'inlineData',
  'functionCall',
  'functionResponse',
  'fileData',
  'executableCode',
  'codeExecutionResult',
];
/** Values that the documentation gives for history which has no signature. */
const DUMMY_SIGNATURES = ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go'];

export function validateGemini(body: JsonObject, model: string): Violation[] {
  const check = newCheck();
  checkText(check, body, '');
  const contents = (asArray(body.contents) ?? []).map((value) => asObject(value) ?? {});
  check.need(contents.length > 0, 'contents', 'empty', 'contents is not specified');
  const tools = asArray(body.tools) ?? [];
  for (const tool of tools)
    for (const declaration of asArray(asObject(tool)?.functionDeclarations) ?? [])
      check.need(
        NAME.test(asString(asObject(declaration)?.name) ?? ''),
        'tools',
        'name',
        'Invalid function name in a declaration',
      );
  for (const [i, content] of contents.entries()) {
    const at = `contents.${i}`;
    const role = content.role ?? 'user';
    check.need(role === 'user' || role === 'model', at, 'role', 'Please use a valid role: user, model');
    const parts = partsOf(content);
    check.need(parts.length > 0, at, 'empty', 'contents.parts must not be empty');
    for (const [k, part] of parts.entries()) checkPart(check, part, `${at}.parts.${k}`, role === 'model');
    checkOrder(check, contents, i);
  }
  if (/^gemini-([3-9]|\d\d)/.test(model)) checkSignatures(check, contents);
  return check.violations;
}

function partsOf(content: JsonObject | undefined): JsonObject[] {
  return (asArray(content?.parts) ?? []).map((part) => asObject(part) ?? {});
}

function checkPart(check: Check, part: JsonObject, at: string, model: boolean): void {
  const kinds = KINDS.filter((kind) => part[kind] !== undefined);
  if (kinds.length !== 1) {
    check.fail(at, 'part', 'required oneof field data must have one initialized field');
    return;
  }
  if (part.thoughtSignature !== undefined)
    check.need(validSignature(part.thoughtSignature), at, 'signature', 'Thought signature is not valid');
  const call = part.functionCall;
  const response = part.functionResponse;
  const inline = asObject(part.inlineData);
  if (part.text !== undefined)
    check.need(
      typeof part.text === 'string' && part.text !== '',
      at,
      'empty-text',
      'must have a text parameter',
    );
  if (call !== undefined) {
    check.need(model, at, 'call-role', 'functionCall in a user turn');
    check.need(NAME.test(asString(asObject(call)?.name) ?? ''), at, 'name', 'Invalid function name');
    const args = asObject(call)?.args;
    check.need(args === undefined || isObject(args), at, 'args', 'args: a Struct is required');
  }
  if (response !== undefined) {
    check.need(!model, at, 'response-role', 'functionResponse in a model turn');
    check.need(NAME.test(asString(asObject(response)?.name) ?? ''), at, 'name', 'Invalid function name');
    check.need(isObject(asObject(response)?.response), at, 'response', 'response: a Struct is required');
  }
  if (inline !== undefined && !/^(audio|video|application|text)\//.test(asString(inline.mimeType) ?? ''))
    checkImage(check, { mediaType: inline.mimeType, data: inline.data }, at, IMAGES);
}

function validSignature(value: JsonValue): boolean {
  return isSealed('google', value) || DUMMY_SIGNATURES.includes(asString(value) ?? '');
}

/** A call turn follows a user or response turn and is followed by a turn with exactly its responses. */
function checkOrder(check: Check, contents: JsonObject[], i: number): void {
  const at = `contents.${i}`;
  const before = contents[i - 1];
  const calls = named(contents[i], 'functionCall');
  const responses = named(contents[i], 'functionResponse');
  if (calls.length > 0) {
    check.need(
      before !== undefined && before.role !== 'model',
      at,
      'call-position',
      'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
    );
    check.need(
      i + 1 < contents.length && named(contents[i + 1], 'functionResponse').length === calls.length,
      at,
      'unanswered-call',
      'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
    );
  }
  if (responses.length === 0) return;
  const asked = named(before, 'functionCall');
  check.need(
    asked.length > 0,
    at,
    'orphan-result',
    'Please ensure that function response turn comes immediately after a function call turn.',
  );
  const sorted = (list: { name: string }[]): string =>
    list
      .map((entry) => entry.name)
      .sort()
      .join();
  check.need(
    sorted(asked) === sorted(responses),
    at,
    'response-name',
    'the names of calls and responses differ',
  );
  for (const response of responses)
    check.need(
      response.id === '' || asked.some((call) => call.id === '' || call.id === response.id),
      at,
      'orphan-result',
      'no call has the id of this response',
    );
}

function named(
  content: JsonObject | undefined,
  kind: 'functionCall' | 'functionResponse',
): { name: string; id: string }[] {
  return partsOf(content).flatMap((part) => {
    const inner = asObject(part[kind]);
    return inner === undefined ? [] : [{ name: asString(inner.name) ?? '', id: asString(inner.id) ?? '' }];
  });
}

/** Gemini 3: in the current turn (since the last prompt) each step's first call carries a signature. */
function checkSignatures(check: Check, contents: JsonObject[]): void {
  const start = contents.findLastIndex(
    (content) => content.role !== 'model' && partsOf(content).some((part) => typeof part.text === 'string'),
  );
  for (const [i, content] of contents.entries()) {
    if (i <= start) continue;
    const first = partsOf(content).find((part) => part.functionCall !== undefined);
    if (first !== undefined)
      check.need(
        first.thoughtSignature !== undefined,
        `contents.${i}`,
        'missing-signature',
        'Function call is missing a thought_signature in functionCall parts',
      );
  }
}
