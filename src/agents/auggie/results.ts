/** What Auggie puts around tool results. Wording: measured with 0.36.0; cancelled calls: read in its bundle. */
import type { NativeCall, ResultContent, ToolCallPart, ToolResultPart } from '../../model/session.ts';
import { cutEnd, cutStart, withEnd, withStart } from '../_shared/result-ends.ts';

const SHELL = 'launch-process';
const START =
  /^Here are the results from executing the command\.\n<return-code>\n(-?\d+)\n<\/return-code>\n<output>\n/;
const END = /(?:^|\n)<\/output>$/;
const CANCELLED = 'Cancelled by user.';
const INTERRUPTED = /(?:^|\n)(?:Cancelled by user\.|Tool execution was cancelled by user interrupt\.)$/;

export function readResult(
  call: NativeCall | undefined,
  content: ResultContent[],
  failed: boolean,
): Omit<ToolResultPart, 'type' | 'callId'> {
  const parts = [...content];
  const interrupted = failed && cutEnd(parts, INTERRUPTED) !== undefined;
  const start = call?.name === SHELL ? cutStart(parts, START) : undefined;
  if (start !== undefined) cutEnd(parts, END);
  const exitCode = start === undefined ? undefined : Number(start[1]);
  const wrong = failed || (exitCode ?? 0) !== 0;
  return {
    status: interrupted ? 'interrupted' : wrong ? 'error' : 'ok',
    content: parts,
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}

/** Canonical result → the content that Auggie would have stored. */
export function writeResult(call: ToolCallPart, result: ToolResultPart): ResultContent[] {
  const { status, exitCode } = result;
  let { content } = result;
  if (call.native.name === SHELL && exitCode !== undefined) {
    const head = `Here are the results from executing the command.\n<return-code>\n${exitCode}\n</return-code>\n`;
    content = withEnd(withStart(content, `${head}<output>\n`), '\n', '</output>');
  }
  return status === 'interrupted' ? withEnd(content, '\n', CANCELLED) : content;
}
