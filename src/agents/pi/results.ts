/** What pi puts around tool results, taken off and put on. Wording: read in 0.87.1 (`dist/core/tools/bash.js`), measured. */
import { asNumber, asObject } from '../../model/narrow.ts';
import type {
  JsonObject,
  NativeCall,
  ResultContent,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';

const EMPTY = '(no output)';
const EXITED = /(?:^|\n\n)Command exited with code (\d+)$/;
const ABORTED = /(?:^|\n\n)(?:Command|Operation) aborted$/;
const SHOWING = /\n\n\[Showing (?:last|lines) [^\n]*\]$/;

/**
 * The outcome that a `toolResult` message tells. A shell command that failed says so in its last line. `details.exitCode` is what
 * `details` writes; pi itself has no details for a command that ran well, and an empty object for one that did not.
 */
export function readResult(
  call: NativeCall | undefined,
  message: JsonObject,
  content: ResultContent[],
): Omit<ToolResultPart, 'type' | 'callId'> {
  const details = asObject(message.details);
  const failed = message.isError === true;
  const shell = isShell(call);
  const parts = [...content];
  const exit = failed && shell ? cutEnd(parts, EXITED) : undefined;
  const aborted = failed && cutEnd(parts, ABORTED) !== undefined;
  const truncated = asObject(details?.truncation)?.truncated === true;
  if (truncated && shell) cutEnd(parts, SHOWING);
  if (shell && parts.length === 1 && parts[0]?.type === 'text' && parts[0].text === EMPTY) parts.pop();
  const ranWell = shell && !failed && (details === undefined || truncated);
  const exitCode = asNumber(details?.exitCode) ?? (exit === undefined ? undefined : Number(exit[1]));
  return {
    status: aborted ? 'interrupted' : failed ? 'error' : 'ok',
    content: parts,
    ...(exitCode !== undefined ? { exitCode } : ranWell ? { exitCode: 0 } : {}),
    ...(truncated ? { truncated } : {}),
  };
}

/** Canonical result → the texts that pi would have written. */
export function writeResult(call: ToolCallPart, result: ToolResultPart): ResultContent[] {
  const shell = isShell(call.native) || call.tool === 'execute';
  if (result.status === 'interrupted')
    return withEnd(result.content, shell ? 'Command aborted' : 'Operation aborted');
  if (!shell) return result.content;
  const content: ResultContent[] =
    result.content.length > 0 ? result.content : [{ type: 'text', text: EMPTY }];
  const code = result.status === 'error' ? (result.exitCode ?? 0) : 0;
  return code === 0 ? content : withEnd(content, `Command exited with code ${code}`);
}

/** The `details` of a written result: the exit code where it is known, nothing where it is not. */
export function details(call: NativeCall | undefined, result: ToolResultPart): JsonObject | undefined {
  if (result.exitCode !== undefined) return { exitCode: result.exitCode };
  return isShell(call) ? {} : undefined;
}

function isShell(call: NativeCall | undefined): boolean {
  return call?.name === 'bash' || call?.name === 'powershell';
}

/** Removes what matches at the end of the last text (and the part, when nothing is left); the match, or undefined. */
function cutEnd(parts: ResultContent[], pattern: RegExp): RegExpExecArray | undefined {
  const last = parts.at(-1);
  if (last?.type !== 'text') return undefined;
  const match = pattern.exec(last.text);
  if (match === null) return undefined;
  parts.pop();
  const text = last.text.slice(0, match.index);
  if (text !== '') parts.push({ type: 'text', text });
  return match;
}

function withEnd(content: ResultContent[], line: string): ResultContent[] {
  const last = content.at(-1);
  if (last?.type !== 'text') return [...content, { type: 'text', text: line }];
  return [...content.slice(0, -1), { type: 'text', text: `${last.text}\n\n${line}` }];
}
