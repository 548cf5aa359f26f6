/**
 * What Gemini CLI and Qwen Code put around a command's output ⇄ the output and its exit code.
 * Forms measured on Gemini CLI 0.27.4, 0.38.2, 0.61.0 and Qwen Code 0.15.10, 0.24.4.
 */

/** A command's outcome without the agent's wrapping. */
export interface ShellOutput {
  text: string;
  exitCode?: number;
  /** The person stopped the command. */
  interrupted: boolean;
}

const UNTRUSTED = /^<untrusted_context>\n([\s\S]*)\n<\/untrusted_context>$/;
const CANCELLED =
  /^Command was cancelled by user before it could complete\.(?: There was no output before it was cancelled\.$| Below is the output before it was cancelled:\n)/;
const EMPTY = '(empty)';

/** The text inside `<untrusted_context>`, or the text itself. */
export function stripUntrusted(text: string): string {
  return UNTRUSTED.exec(text)?.[1] ?? text;
}

/** Puts `<untrusted_context>` around a text. */
export function wrapUntrusted(text: string): string {
  return `<untrusted_context>\n${text}\n</untrusted_context>`;
}

/**
 * Reads what the shell tool stored; undefined when it has none of the known forms. `command` is the call's, which older
 * forms repeat. Gemini's own form names the exit code only when it is not 0.
 */
export function readShellOutput(stored: string, command: string | undefined): ShellOutput | undefined {
  const inner = stripUntrusted(stored);
  const cancelled = CANCELLED.exec(inner);
  if (cancelled !== null) return { text: inner.slice(cancelled[0].length), interrupted: true };
  const head = headLength(inner, command);
  if (head === undefined) return undefined;
  const lines = trailer(inner, head);
  let text = inner.slice(head, lines.end);
  // only our own form has "Error: (none)" without a process group: its output is exact
  const exact = lines.noError && !lines.group;
  if (text === EMPTY && !exact) text = '';
  const output: ShellOutput = { text, interrupted: false };
  const code = lines.exitCode ?? (lines.signal ? undefined : '0');
  if (code !== undefined && /^-?\d+$/.test(code)) output.exitCode = Number(code);
  return output;
}

/** Where the output starts: after `Output: `, and before that, in older forms, the command and its directory. */
function headLength(text: string, command: string | undefined): number | undefined {
  const known = `Command: ${command ?? ''}\n`;
  const skip = command !== undefined && text.startsWith(known) ? known.length : 0;
  const head = /^(?:Command: [\s\S]*?\n)?(?:Directory: [^\n]*\n)?Output: /.exec(text.slice(skip));
  return head === null ? undefined : skip + head[0].length;
}

interface Trailer {
  /** Where the output ends. */
  end: number;
  exitCode?: string;
  signal: boolean;
  noError: boolean;
  group: boolean;
}

/** The lines after the output, each at most once and in their order, read from the end. */
function trailer(text: string, from: number): Trailer {
  let end = text.length;
  const take = (name: string, value: RegExp): string | undefined => {
    // the newline before the first line belongs to the trailer even when the output is empty
    const start = text.lastIndexOf('\n', end - 1);
    const line = start < from ? undefined : text.slice(start + 1, end);
    if (line === undefined || !line.startsWith(`${name}: `)) return undefined;
    const found = line.slice(name.length + 2);
    if (!value.test(found)) return undefined;
    end = start;
    return found;
  };
  const group = take('Process Group PGID', /^(?:\d+|\(none\))$/) !== undefined;
  take('Background PIDs', /^[\d, ]+$|^\(none\)$/);
  const signal = take('Signal', /^\S+$/);
  const exitCode = take('Exit Code', /^(?:-?\d+|\(none\))$/);
  const noError = take('Error', /^\(none\)$/) !== undefined;
  return { end, exitCode, signal: signal !== undefined && !/^(?:\(none\)|0)$/.test(signal), noError, group };
}

/** What the shell tool stores for a command that ended with `exitCode`; `natural` is the agent's own form of it. */
export function writeShellOutput(
  output: { text: string; exitCode: number },
  command: string | undefined,
  natural: (text: string, exitCode: number) => string,
): string {
  const own = natural(output.text === '' ? EMPTY : output.text, output.exitCode);
  const back = readShellOutput(own, command);
  const same = back?.text === output.text && back.exitCode === output.exitCode && !back.interrupted;
  return same ? own : exactOutput(output.text, output.exitCode);
}

/** A form that is read back exactly whatever the output is. */
export function exactOutput(text: string, exitCode: number | undefined): string {
  return `Output: ${text}\nError: (none)\nExit Code: ${exitCode ?? '(none)'}\nSignal: (none)`;
}
