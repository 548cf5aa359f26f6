/** What Droid puts around tool results. Wording: measured with 0.225.2; cancelled calls: read in it. */
import { asObject, asString, asText, parseObject } from '../../model/narrow.ts';
import type { NativeCall, ResultContent, ToolCallPart, ToolResultPart } from '../../model/session.ts';
import { cutEnd, cutStart, withEnd, withStart } from '../_shared/result-ends.ts';

const SHELL = 'Execute';
/** Stands for the output of a command that wrote nothing. */
const SILENT = 'Command completed successfully';
const EXITED = /(?:^|\n\n)\[Process exited with code (-?\d+)\]$/;
const FAILED = /^Error: Command failed \(exit code: -?\d+\)(?:\n|$)/;
const ERROR = /^Error: /;
const CANCELLED = 'Tool execution cancelled by user';
const INTERRUPTED =
  /(?:^|\n)(?:Error: )?(?:Tool execution (?:was )?cancelled[^\n]*|Command cancelled by user\.?)$/;

export function readResult(
  call: NativeCall | undefined,
  content: ResultContent[],
  failed: boolean,
): Omit<ToolResultPart, 'type' | 'callId'> {
  const parts = [...content];
  const exit = call?.name === SHELL ? cutEnd(parts, EXITED) : undefined;
  const exitCode = exit === undefined ? {} : { exitCode: Number(exit[1]) };
  if (!failed) {
    const [only] = parts;
    if (exit !== undefined && parts.length === 1 && only?.type === 'text' && only.text === SILENT)
      parts.pop();
    return { status: 'ok', content: toldByFileTool(call, parts), ...exitCode };
  }
  if (cutEnd(parts, INTERRUPTED) !== undefined) {
    cutStart(parts, ERROR);
    return { status: 'interrupted', content: parts, ...exitCode };
  }
  if (exit === undefined || cutStart(parts, FAILED) === undefined) cutStart(parts, ERROR);
  return { status: 'error', content: parts, ...exitCode };
}

/** Canonical result → the content that Droid would have stored. */
export function writeResult(call: ToolCallPart, result: ToolResultPart): ResultContent[] {
  const { exitCode } = result;
  const shell = call.native.name === SHELL;
  const ended = shell && exitCode !== undefined;
  const content = worded(call.native, result, ended);
  return ended ? withEnd(content, '\n\n', `[Process exited with code ${exitCode}]`) : content;
}

function worded(
  call: NativeCall,
  { status, content, exitCode }: ToolResultPart,
  ended: boolean,
): ResultContent[] {
  if (status === 'interrupted') return withStart(withEnd(content, '\n', CANCELLED), 'Error: ');
  if (status === 'error')
    return withStart(
      content,
      ended && exitCode !== 0 ? `Error: Command failed (exit code: ${exitCode})\n` : 'Error: ',
    );
  if (ended && content.length === 0) return [{ type: 'text', text: SILENT }];
  return storedByFileTool(call, content);
}

/** What the model is told of a successful call of a file tool. */
const CHANGED: Readonly<Record<string, string>> = { Edit: 'updated', Create: 'created' };

/**
 * File tools store an object: `{"success":true,"file_path":…}`, with a diff for the person. On the way to the model it
 * becomes a sentence, and a `systemReminder` in it is put behind. `segue`: the reminder is the result's own text.
 */
function toldByFileTool(call: NativeCall | undefined, content: ResultContent[]): ResultContent[] {
  const [only] = content;
  if (call === undefined || !Object.hasOwn(CHANGED, call.name)) return content;
  const stored = content.length === 1 && only?.type === 'text' ? parseObject(only.text) : undefined;
  const path = asText(stored?.file_path);
  if (stored === undefined || path === undefined) return content;
  const text = stored.segue === true ? (asString(stored.systemReminder) ?? '') : sentence(call.name, path);
  return text === '' ? [] : [{ type: 'text', text }];
}

/** Anything but such an object is lost on the way to the model (measured with `Edit`; both read in 0.225.2). */
function storedByFileTool(call: NativeCall, content: ResultContent[]): ResultContent[] {
  const path = asText(asObject(call.input)?.file_path);
  if (!Object.hasOwn(CHANGED, call.name) || path === undefined || content.length === 0) return content;
  const texts = content.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  if (texts.length < content.length) return content; // there is no form for pictures
  const text = texts.join('\n');
  const own = { success: true, file_path: path };
  const stored = text === sentence(call.name, path) ? own : { ...own, systemReminder: text, segue: true };
  return [{ type: 'text', text: JSON.stringify(stored) }];
}

function sentence(name: string, path: string): string {
  return `The file ${path} has been ${CHANGED[name]} successfully.`;
}
