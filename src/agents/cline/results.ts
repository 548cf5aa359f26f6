/**
 * Cline's own tools answer with what was asked and what came of it: `{query, result, success, error?}`, as an array of
 * such (commands, reads, searches, fetches) or as JSON text (`editor`). Measured with 3.0.65.
 */
import { asArray, asObject, asString, asText, isObject, parseJson } from '../../model/narrow.ts';
import type {
  JsonObject,
  JsonValue,
  NativeCall,
  ResultContent,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';
import { imageOf, isFailed, type Outcome, resultContent } from '../_shared/cline-messages.ts';

const EXITED = /^Command exited with code (\d+)$/;

/** Tools whose result is an array; the member of their input that has one item for each element. */
const LISTS: Readonly<Record<string, string>> = {
  run_commands: 'commands',
  read_files: 'files',
  search_codebase: 'queries',
  fetch_web_content: 'requests',
};

/** The outcome that a result block tells. */
export function outcome(call: NativeCall | undefined, block: JsonObject): Outcome {
  const elements = elementsOf(call, block.content);
  if (elements === undefined)
    return { status: isFailed(block) ? 'error' : 'ok', content: resultContent(block.content) };
  const shell = call?.name === 'run_commands';
  const [only] = elements;
  const exitCode = shell ? firstFailure(elements) : undefined;
  const failed = isFailed(block) || elements.some(({ success }) => success === false);
  const content =
    elements.length === 1 && only !== undefined
      ? elementContent(only, true)
      : elements.flatMap((element) => elementContent(element, false));
  const code = exitCode ?? (shell && !failed ? 0 : undefined);
  return { status: failed ? 'error' : 'ok', content, ...(code === undefined ? {} : { exitCode: code }) };
}

/** The elements of a result in the form of Cline's own tools; undefined for any other content. */
function elementsOf(call: NativeCall | undefined, content: JsonValue | undefined): JsonObject[] | undefined {
  const value = typeof content === 'string' && call?.name === 'editor' ? parseJson(content) : content;
  const list = isObject(value) ? [value] : asArray(value);
  if (list === undefined || list.length === 0) return undefined;
  const elements = list.filter(isObject).filter((item) => 'query' in item && 'result' in item);
  return elements.length === list.length ? elements : undefined;
}

function firstFailure(elements: JsonObject[]): number | undefined {
  for (const { error } of elements) {
    const match = EXITED.exec(asString(error) ?? '');
    if (match !== null) return Number(match[1]);
  }
  return undefined;
}

/** What an element says. The line with the exit code is cut off where the code is told apart (`unwrap`). */
function elementContent(element: JsonObject, unwrap: boolean): ResultContent[] {
  const error = asText(element.error);
  const exited = error !== undefined && EXITED.test(error);
  if (typeof element.result !== 'string') {
    const content = resultContent(element.result);
    return error === undefined || exited ? content : [...content, { type: 'text', text: error }];
  }
  const head = `[${error}]`;
  let text = element.result;
  if (exited && unwrap && (text === head || text.startsWith(`${head}\n`))) text = text.slice(head.length + 1);
  const texts = exited || error === undefined ? [text] : [text, error];
  return texts.filter((each) => each !== '').map((each) => ({ type: 'text', text: each }));
}

/** Canonical result → what Cline stores. The elements are built by `resultBlock`: nothing is put into the texts. */
export function writeResult(_call: ToolCallPart, result: ToolResultPart): ResultContent[] {
  return result.content;
}

/** A result block for a call, in the form of the tool that was called. */
export function resultBlock(call: NativeCall | undefined, result: ToolResultPart): JsonObject {
  const name = call?.name ?? 'unknown';
  const head = { type: 'tool_result', tool_use_id: result.callId, name };
  const images = result.content.some((part) => part.type === 'image');
  const key = LISTS[name];
  const items = key === undefined ? [] : (asArray(asObject(call?.input)?.[key]) ?? []).map(queryOf);
  if (images) {
    // the only form in which Cline sent the images of a result with both APIs tried
    const blocks = result.content.map(contentBlock);
    return {
      ...head,
      content: [{ query: items.join('\n'), result: blocks, success: result.status === 'ok' }],
    };
  }
  const texts = result.content.map((part) => (part.type === 'text' ? part.text : ''));
  if (key !== undefined && items.length > 1 && items.length === texts.length) {
    const elements = texts.map((text, n) => ({
      query: items[n] ?? '',
      result: text,
      success: !isError(text),
    }));
    return { ...head, content: elements };
  }
  const text = texts.join('\n');
  if (key !== undefined) return { ...head, content: [element(name, items.join('\n'), text, result)] };
  if (name === 'editor') {
    const path = asString(asObject(call?.input)?.path) ?? '';
    return { ...head, content: JSON.stringify(element(name, `edit:${path}`, text, result)) };
  }
  return { ...head, content: text, ...(result.status === 'ok' ? {} : { is_error: true }) };
}

function queryOf(item: JsonValue): string {
  if (typeof item === 'string') return item;
  const { path, url } = asObject(item) ?? {};
  return asString(path) ?? asString(url) ?? '';
}

function isError(text: string): boolean {
  return /^(?:\[Command exited with code \d+\]|Error )/.test(text);
}

function element(name: string, query: string, text: string, result: ToolResultPart): JsonObject {
  const { status, exitCode } = result;
  if (status === 'ok') return { query, result: text, success: true };
  if (name === 'run_commands' && status === 'error' && exitCode !== undefined && exitCode > 0) {
    const error = `Command exited with code ${exitCode}`;
    return { query, result: text === '' ? `[${error}]` : `[${error}]\n${text}`, error, success: false };
  }
  if (status === 'interrupted') return { query, result: text, success: false };
  return { query, result: '', error: text, success: false };
}

export function contentBlock(part: ResultContent): JsonObject {
  if (part.type === 'text') return { type: 'text', text: part.text };
  const image = { type: 'image', data: part.data ?? '', mediaType: part.mediaType };
  return imageOf(image) === undefined
    ? { type: 'text', text: `[image: ${part.path ?? part.mediaType}]` }
    : image;
}
