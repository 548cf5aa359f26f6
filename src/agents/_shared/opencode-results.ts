/**
 * Tool results of OpenCode and its forks: `state` of a tool part ⇄ canonical result.
 * What the program puts around a result is taken off only where it can be told for certain, so that both directions
 * are exact for text that merely looks alike.
 */
import { asArray, asNumber, asObject, asString, asText } from '../../model/narrow.ts';
import type {
  ImagePart,
  JsonObject,
  JsonValue,
  ResultContent,
  TextPart,
  ToolResultPart,
} from '../../model/session.ts';
import { texts } from './opencode-limits.ts';

/** What a call leaves when it is cancelled (read in 1.18.33: `cleanup` of the processor). */
export const ABORTED = 'Tool execution aborted';
/** What the shell tool says when a command prints nothing. */
export const NO_OUTPUT = '(no output)';

/** State of a tool part → result; undefined while the call waits or runs (or was killed then). */
export function readResult(tool: string, callId: string, state: JsonObject): ToolResultPart | undefined {
  const metadata = asObject(state.metadata) ?? {};
  const exitCode = asNumber(metadata.exit);
  const base = { type: 'tool_result' as const, callId, ...(exitCode === undefined ? {} : { exitCode }) };
  if (state.status === 'error') {
    const aborted =
      metadata.interrupted === true || (state.error === ABORTED && metadata.interrupted === undefined);
    const text = asString(aborted ? metadata.output : state.error) ?? '';
    const content = arrange(text, attachedImages(metadata), metadata);
    return { ...base, status: aborted ? 'interrupted' : 'error', content };
  }
  if (state.status !== 'completed') return undefined;
  const { text, note } = unwrap(tool, asString(state.output) ?? '', metadata);
  const content = arrange(text, attachedImages(state), metadata);
  return {
    ...base,
    status: note === 'aborted' ? 'interrupted' : failed(tool, exitCode, note) ? 'error' : 'ok',
    content,
    ...(metadata.truncated === true ? { truncated: true } : {}),
  };
}

function failed(tool: string, exitCode: number | undefined, note: string | undefined): boolean {
  // `invalid` stands for a call that could not be made; the program files it as completed
  return tool === 'invalid' || note === 'timeout' || (exitCode !== undefined && exitCode !== 0);
}

/**
 * Result content → what a state holds: one text, and images after it. Any other arrangement is kept in `order`: lengths
 * of the texts, `null` for an image.
 */
export function flatten(content: ResultContent[]): {
  text: string;
  images: ImagePart[];
  order?: (number | null)[];
} {
  const pieces = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  const images = content.flatMap((part) => (part.type === 'image' ? [part] : []));
  const text = pieces.join('\n');
  const plain = pieces.length === 0 || (pieces.length === 1 && text !== '' && content[0]?.type === 'text');
  if (plain) return { text, images };
  return { text, images, order: content.map((part) => (part.type === 'text' ? part.text.length : null)) };
}

/** The inverse of `flatten`; an order that does not fit is ignored. */
function arrange(text: string, images: ImagePart[], metadata: JsonObject): ResultContent[] {
  return (
    ordered(text, images, asArray(metadata[ORDER])) ?? [...(text === '' ? [] : [textPart(text)]), ...images]
  );
}

/** Member of `state.metadata` with the arrangement of a result's content. */
export const ORDER = 'segueOrder';

function ordered(
  text: string,
  images: ImagePart[],
  order: JsonValue[] | undefined,
): ResultContent[] | undefined {
  if (order === undefined) return undefined;
  const content: ResultContent[] = [];
  const rest = [...images];
  let at = 0;
  for (const item of order) {
    const image = item === null ? rest.shift() : undefined;
    if (image !== undefined) content.push(image);
    else if (typeof item === 'number' && item >= 0 && at + item <= text.length) {
      content.push(textPart(text.slice(at, at + item)));
      at += item + 1;
    } else return undefined;
  }
  return rest.length === 0 && at === text.length + 1 ? content : undefined;
}

function textPart(text: string): TextPart {
  return { type: 'text', text };
}

function attachedImages(holder: JsonObject): ImagePart[] {
  return (asArray(holder.attachments) ?? []).flatMap((item) => imageOf(asObject(item)) ?? []);
}

/** A file part that is an image → image part; undefined for other files. */
export function imageOf(file: JsonObject | undefined): ImagePart | undefined {
  const mediaType = asText(file?.mime);
  const url = asText(file?.url);
  if (mediaType?.startsWith('image/') !== true || url === undefined) return undefined;
  const data = /^data:[^,]*;base64,/.exec(url);
  if (data !== null) return { type: 'image', mediaType, data: url.slice(data[0].length) };
  return { type: 'image', mediaType, path: url.startsWith('file://') ? filePath(url) : url };
}

/** Path of a `file://` address, as far as it can be decoded. */
export function filePath(url: string): string {
  const path = url.slice('file://'.length).replace(/\?.*$/, '');
  try {
    return decodeURIComponent(path);
  } catch (error) {
    if (error instanceof URIError) return path;
    throw error;
  }
}

interface Unwrapped {
  text: string;
  note?: 'aborted' | 'timeout';
}

function unwrap(tool: string, output: string, metadata: JsonObject): Unwrapped {
  if (tool === 'bash') return unwrapShell(output, metadata);
  if (tool === 'read') return { text: withoutReminder(output, metadata) };
  if (tool === 'task' && asText(metadata.sessionId) !== undefined) return { text: unwrapTask(output) };
  return { text: output };
}

/**
 * What segue adds to the output of a failed command that comes from another agent, in the form of the shell tool's own
 * notes: the program keeps the exit code beside the output, where the model does not see it.
 */
export function exitNote(exitCode: number): string {
  return `\n\n<shell_metadata>\nCommand exited with code ${exitCode}\n</shell_metadata>`;
}

/** The output without the exit note: `metadata.output` has the text as it was before. */
function withoutExitNote(output: string, metadata: JsonObject): string {
  const note = typeof metadata.exit === 'number' ? exitNote(metadata.exit) : undefined;
  if (note === undefined || !output.endsWith(note)) return output;
  const text = output.slice(0, -note.length);
  return metadata.output === text || (metadata.output === '' && text === NO_OUTPUT) ? text : output;
}

/** Notes of the shell tool: only a command that was stopped (`exit: null`) or cut (`outputPath`) carries them. */
function unwrapShell(output: string, metadata: JsonObject): Unwrapped {
  let text = withoutExitNote(output, metadata);
  let note: Unwrapped['note'];
  if (metadata.exit === null) {
    const tail = /\n\n<(shell|bash)_metadata>\n([\s\S]*?)\n<\/\1_metadata>$/.exec(text);
    if (tail !== null) {
      text = text.slice(0, tail.index);
      note = tail[2]?.includes('User aborted') === true ? 'aborted' : 'timeout';
    }
  }
  const saved = asText(metadata.outputPath);
  const head = `...output truncated...\n\nFull output saved to: ${saved}\n\n`;
  if (saved !== undefined && text.startsWith(head)) text = text.slice(head.length);
  if (text === NO_OUTPUT && metadata.output === NO_OUTPUT) text = '';
  return { text, note };
}

/** The answer of a subagent, without the marks around it (1.18: `<task id=…>`, 1.1: `task_id: …`). */
function unwrapTask(output: string): string {
  return (
    /^(?:<task [^>]*>|task_id: [^\n]*\n)\n<task_result>\n([\s\S]*)\n<\/task_result>(?:\n<\/task>)?$/.exec(
      output,
    )?.[1] ?? output
  );
}

/** Instruction files that the read tool appended are named in `metadata.loaded`. */
function withoutReminder(output: string, metadata: JsonObject): string {
  if (texts(metadata.loaded).length === 0) return output;
  const at = output.lastIndexOf('\n\n<system-reminder>\n');
  return at >= 0 && output.endsWith('\n</system-reminder>') ? output.slice(0, at) : output;
}

const READ = /^<path>([^\n]*)<\/path>\n<type>file<\/type>\n<content>\n?([\s\S]*)\n\n\([^\n]*\)\n<\/content>$/;

/** Output of the read tool, as attached files hold it → the file's lines without numbers; undefined for another form. */
export function unwrapRead(output: string): string | undefined {
  const body = READ.exec(output)?.[2];
  if (body === undefined) return undefined;
  const lines = body.split('\n');
  const first = Number(/^(\d+): /.exec(body)?.[1] ?? Number.NaN);
  if (!Number.isInteger(first)) return undefined;
  const bare: string[] = [];
  for (const [index, line] of lines.entries()) {
    const prefix = `${first + index}: `;
    if (!line.startsWith(prefix)) return undefined;
    bare.push(line.slice(prefix.length));
  }
  return bare.join('\n');
}
