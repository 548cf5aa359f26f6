/** Texts on their way to another agent: made well-formed, guarded, and the labels under which other things are told. */
import type { Acceptance } from '../agents/contract.ts';
import type {
  FilePart,
  ImagePart,
  JsonValue,
  ReasoningPart,
  ToolCallPart,
  ToolResultPart,
} from '../model/session.ts';
import type { Ledger } from './fidelity.ts';

const REPLACED = 'lone surrogates were replaced by U+FFFD';

/** The text with lone surrogates replaced: no agent's store can hold them. */
export function wellFormed(text: string, ledger: Ledger): string {
  if (text.isWellFormed()) return text;
  ledger.note('lone-surrogate', REPLACED);
  return text.toWellFormed();
}

/** The same for every string and key inside a JSON value. Returns the value itself when there is nothing to do. */
export function wellFormedValue<T extends JsonValue>(value: T, ledger: Ledger): T {
  if (isWellFormedValue(value)) return value;
  ledger.note('lone-surrogate', REPLACED);
  return replaceIn(value) as T;
}

function isWellFormedValue(value: JsonValue | undefined): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isWellFormedValue);
  return Object.entries(value).every(([key, inner]) => key.isWellFormed() && isWellFormedValue(inner));
}

function replaceIn(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(replaceIn);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.toWellFormed(), replaceIn(inner)]),
  );
}

/** A user's text that the target would take as a command or as its own: a zero-width space goes in front. */
export function guarded(text: string, accepts: Acceptance, ledger: Ledger): string {
  if (accepts.guardedPrefixes === undefined || text.search(accepts.guardedPrefixes) !== 0) return text;
  ledger.note(
    'guarded-prefix',
    'a zero-width space was put before a prompt that the target would not take as one',
  );
  return `\u200B${text}`;
}

/** Nothing that a model could read: the model APIs refuse such a text. */
export function isBlank(text: string): boolean {
  return text.trim() === '';
}

export function toldReasoning(part: ReasoningPart): string {
  return `[reasoning]\n${part.text}`;
}

export function toldCompaction(summary: string): string {
  return `[summary of the conversation so far]\n${summary}`;
}

export function toldCall(call: ToolCallPart): string {
  return `[tool call] ${call.native.name}\n${JSON.stringify(call.native.input)}`;
}

/** `name` is the called tool's; undefined when no call is known. Only the result's texts are told. */
export function toldResult(result: ToolResultPart, name: string | undefined): string {
  const state =
    result.exitCode === undefined ? result.status : `${result.status}, exit code ${result.exitCode}`;
  const head = `[tool result] ${name ?? 'of a call that is not recorded'} (${state})`;
  const texts = result.content.filter((part) => part.type === 'text').map((part) => part.text);
  return [head, ...texts].join('\n');
}

export function toldImage(image: ImagePart): string {
  if (image.data === undefined) return `[image: ${image.path ?? image.mediaType}]`;
  return `[image: ${image.mediaType}, ${Math.floor((image.data.length * 3) / 4)} bytes, not carried over]`;
}

export function toldFile(file: FilePart): string {
  const head = `[file: ${file.path ?? file.name ?? file.mediaType ?? 'unnamed'}]`;
  return file.text === undefined ? head : `${head}\n${file.text}`;
}
