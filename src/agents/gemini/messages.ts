/** Chat messages → parts. A call stands in `content` or in `toolCalls`, a response there or in a message of its own. */
import { asArray, asObject, asText, isObject } from '../../model/narrow.ts';
import type {
  Diagnostic,
  JsonObject,
  JsonValue,
  Part,
  ReasoningPart,
  ResultContent,
  ToolResultPart,
  Usage,
} from '../../model/session.ts';
import {
  type CallBook,
  contentParts,
  nestedMedia,
  plainPart,
  resultContent,
  signatureOf,
} from '../_shared/gemini-parts.ts';
import { type RecordedStatus, readResult, recordedStatus } from '../_shared/gemini-results.ts';
import { readUsage, type Slot } from './replay.ts';

/** Signed reasoning in Gemini's records is Google's. */
export const VENDOR = 'google';

/** What a `toolCalls` record says about a call. */
export interface CallFacts {
  status: RecordedStatus;
}

interface Reading {
  book: CallBook;
  facts: Map<string, CallFacts>;
  diagnostics: Diagnostic[];
}

/** Usage of a message, as a member to spread. */
export function usageOf(record: JsonObject): { usage?: Usage } {
  const usage = readUsage(record.tokens);
  return usage === undefined ? {} : { usage };
}

/** Parts of a `gemini` message. `rich` is an earlier form of it, where calls still have their states. */
export function assistantParts(record: JsonObject, rich: JsonObject, { book, facts }: Reading): Part[] {
  for (const source of [rich, record]) {
    for (const call of toolCalls(source)) {
      const status = recordedStatus(call.status);
      const id = asText(call.id);
      if (id === undefined || status === undefined) continue;
      facts.set(id, { status });
      // our own records for the interface, beside the call in `content`
      if (id.startsWith('ui-')) facts.set(id.slice(3), { status });
    }
  }
  const stored = contentParts(record.content);
  const inline = stored.some((part) => part.functionCall !== undefined);
  const thinking = stored.some((part) => part.thought === true);
  const parts: Part[] = thinking ? [] : thoughts(record.thoughts);
  for (const part of stored) {
    const signature = part.thought === true ? undefined : signatureOf(part);
    if (signature !== undefined)
      parts.push({ type: 'reasoning', text: '', vendor: VENDOR, opaque: { thoughtSignature: signature } });
    const call = asObject(part.functionCall);
    if (call !== undefined)
      parts.push(book.open(asText(call.id), asText(call.name) ?? 'unknown', call.args ?? {}));
    else {
      const plain = plainPart(part, VENDOR);
      if (plain !== undefined && !(plain.type === 'text' && plain.text === '')) parts.push(plain);
    }
  }
  if (!inline) {
    for (const call of toolCalls(record))
      parts.push(book.open(asText(call.id), asText(call.name) ?? 'unknown', call.args ?? {}));
  }
  return parts;
}

function toolCalls(record: JsonObject): JsonObject[] {
  return (asArray(record.toolCalls) ?? []).filter(isObject);
}

/** Thoughts that are shown to the person; the agent does not give them back to the model. */
function thoughts(value: JsonValue | undefined): ReasoningPart[] {
  return (asArray(value) ?? []).flatMap((item): ReasoningPart[] => {
    const thought = asObject(item);
    const subject = asText(thought?.subject) ?? '';
    const description = asText(thought?.description) ?? '';
    if (subject === '' && description === '') return [];
    const text = subject === '' ? description : `**${subject}** ${description}`;
    return [{ type: 'reasoning', text, vendor: VENDOR, opaque: { subject } }];
  });
}

/** Results that a `gemini` message holds itself, in `toolCalls[].result`. */
export function recordResults(record: JsonObject, reading: Reading): ToolResultPart[] {
  const results: ToolResultPart[] = [];
  for (const call of toolCalls(record)) {
    const { result } = call;
    if (result === undefined || result === null) continue;
    if (typeof result === 'string') {
      const response = { id: call.id ?? null, name: call.name ?? null, response: { output: result } };
      results.push(...responses([{ functionResponse: response }], reading, undefined).results);
    } else {
      results.push(...responses(contentParts(result), reading, undefined).results);
    }
  }
  return results;
}

/** Parts of a `user` message: results of calls, and what was said. */
export function userParts(
  record: JsonObject,
  slot: Slot,
  reading: Reading,
): { results: ToolResultPart[]; said: Part[] } {
  return responses(contentParts(record.content), reading, slot);
}

/**
 * Responses with the media that follows them, and other parts. A response that was read before is passed over; one
 * without a call is diagnosed, unless no `slot` says where.
 */
function responses(
  stored: JsonObject[],
  { book, facts, diagnostics }: Reading,
  slot: Slot | undefined,
): { results: ToolResultPart[]; said: Part[] } {
  const results: ToolResultPart[] = [];
  const said: Part[] = [];
  for (let at = 0; at < stored.length; at++) {
    const part = stored[at] ?? {};
    const response = asObject(part.functionResponse);
    if (response === undefined) {
      const plain = plainPart(part, VENDOR);
      if (plain !== undefined && !(plain.type === 'text' && plain.text === '')) said.push(plain);
      continue;
    }
    const media: ResultContent[] = nestedMedia(response.parts);
    // media stands beside its response; a text belongs to it only after an image
    for (let next = stored[at + 1]; next !== undefined && isMedia(next, media); next = stored[at + 1]) {
      const content = resultContent(next);
      if (content !== undefined) media.push(content);
      at++;
    }
    const id = asText(response.id);
    const call = book.close(id, asText(response.name));
    if (call === 'again') continue;
    if (call === 'unknown') {
      if (slot !== undefined)
        diagnostics.push({
          code: 'orphan-result',
          message: 'a result without a call',
          path: slot.path,
          at: slot.start,
        });
      continue;
    }
    results.push(readResult(call, response.response, media, facts.get(id ?? '')?.status));
  }
  return { results, said };
}

function isMedia(part: JsonObject, before: ResultContent[]): boolean {
  if (part.inlineData !== undefined || part.fileData !== undefined) return true;
  return before.length > 0 && typeof part.text === 'string' && part.functionResponse === undefined;
}
