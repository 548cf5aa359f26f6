/** Messages in the Gemini API's form: what a model said, and results of calls among what a person said. */
import { asObject, asText } from '../../model/narrow.ts';
import type { JsonObject, Part, ResultContent, ToolResultPart } from '../../model/session.ts';
import { type CallBook, nestedMedia, plainPart, resultContent, signatureOf } from './gemini-parts.ts';
import { type RecordedStatus, readResult } from './gemini-results.ts';

/** Parts of what a model said. Calls are recorded in the book; a signed part is preceded by its signature. */
export function modelParts(stored: JsonObject[], book: CallBook, vendor: string): Part[] {
  const parts: Part[] = [];
  for (const part of stored) {
    const thoughtSignature = part.thought === true ? undefined : signatureOf(part);
    if (thoughtSignature !== undefined)
      parts.push({ type: 'reasoning', text: '', vendor, opaque: { thoughtSignature } });
    const call = asObject(part.functionCall);
    if (call !== undefined)
      parts.push(book.open(asText(call.id), asText(call.name) ?? 'unknown', call.args ?? {}));
    else parts.push(...said(part, vendor));
  }
  return parts;
}

export interface ResponseContext {
  book: CallBook;
  vendor: string;
  /** The status that was recorded for a call beside its response. */
  recorded(id: string | undefined): RecordedStatus;
  /** Called for a response without a call. */
  orphan(): void;
}

/**
 * Results, with the media that follows them, and what else was said. A response that was read before is passed over:
 * both agents store responses more than once.
 */
export function splitResponses(
  stored: JsonObject[],
  { book, vendor, recorded, orphan }: ResponseContext,
): { results: ToolResultPart[]; said: Part[] } {
  const results: ToolResultPart[] = [];
  const others: Part[] = [];
  for (let at = 0; at < stored.length; at++) {
    const part = stored[at] ?? {};
    const response = asObject(part.functionResponse);
    if (response === undefined) {
      others.push(...said(part, vendor));
      continue;
    }
    const media: ResultContent[] = nestedMedia(response.parts);
    for (let next = stored[at + 1]; next !== undefined && belongs(next, media); next = stored[at + 1]) {
      const content = resultContent(next);
      if (content !== undefined) media.push(content);
      at++;
    }
    const id = asText(response.id);
    const call = book.close(id, asText(response.name));
    if (call === 'unknown') orphan();
    else if (call !== 'again') results.push(readResult(call, response.response, media, recorded(id)));
  }
  return { results, said: others };
}

/** Media belongs to the response that it follows; a text only after an image. */
function belongs(part: JsonObject, before: ResultContent[]): boolean {
  if (part.inlineData !== undefined || part.fileData !== undefined) return true;
  return before.length > 0 && typeof part.text === 'string' && part.functionResponse === undefined;
}

function said(part: JsonObject, vendor: string): Part[] {
  const plain = plainPart(part, vendor);
  return plain === undefined || (plain.type === 'text' && plain.text === '') ? [] : [plain];
}
