/**
 * The header that Codex puts before a command's output, taken off and put on.
 * Forms (measured on 0.98.0 and 0.169.0, older ones read in source): `Chunk ID … Wall time … Process exited with code N …
 * Output:` from exec_command, `Exit code: N … Wall time … Output:` from shell and apply_patch, `Wall time … Output:` from
 * MCP tools, and a JSON object with `output` and `metadata.exit_code` from old shell calls. A patch given to exec_command
 * has one header inside another.
 */

import { checksum } from '../../io/lines.ts';
import { asNumber, asObject, asString, parseObject } from '../../model/narrow.ts';
import type { ResultContent, ToolCallPart, ToolResultPart } from '../../model/session.ts';

/** What a header said, and the text after it. */
export interface Unwrapped {
  text: string;
  exitCode?: number;
  interrupted?: boolean;
  /** Codex refused or could not run the call. */
  refused?: boolean;
  truncated?: boolean;
}

const HEADER =
  /^(?:Chunk ID: \w+\n)?(?:Exit code: (-?\d+)\n)?Wall time: [\d.]+ seconds?\n(?:Process exited with code (-?\d+)\n)?(?:Process running with session ID \d+\n)?(?:Original token count: (\d+)\n)?(Total output lines: \d+\n)?Output:\n?/;
const ABORTED = /^(?:Wall time: [\d.]+ seconds\n)?(aborted(?: by user)?(?: after [\d.]+s)?)$/;
/** Codex's words for calls that it did not run (measured); they come without a header. */
const REFUSED =
  /^(?:apply_patch verification failed|exec_command failed|unsupported call|failed to parse function arguments|execution error): /;
/** Codex's own notes where it cut the middle out of an output. */
const CUT = /…\d+ (?:tokens|chars) truncated…/;
const CUT_NOTE = /^Warning: truncated output \(original token count: (\d+)\)\nTotal output lines: \d+\n\n/;

const COMMAND_TOOLS = new Set([
  'exec_command',
  'write_stdin',
  'shell',
  'shell_command',
  'local_shell',
  'container.exec',
  'unified_exec',
]);

const HEAD_BYTES = 600;
const OUTPUT_RECORD =
  /^\{"timestamp":"[^"]*",(?:"ordinal":\d+,)?"type":"response_item","payload":\{(?:"type":"(?:function|custom_tool)_call_output"|"id":"[^"]*","type":"(?:function|custom_tool)_call_output")/;
const SUCCEEDED = /(?:"Exit code: 0\\n|\\nProcess exited with code 0\\n)/;
const INNER_FAILURE = /Exit code: -?[1-9]/;

/** Whether a record is a call's output and, unless it is `any`, of a command that succeeded; by its first bytes. */
export function isPlainOutput(bytes: Buffer, any: boolean): boolean {
  const head = bytes.toString('latin1', 0, HEAD_BYTES);
  return OUTPUT_RECORD.test(head) && (any || (SUCCEEDED.test(head) && !INNER_FAILURE.test(head)));
}

/** Tools whose output has a header, by native name. */
export function hasHeader(name: string): boolean {
  return COMMAND_TOOLS.has(name) || name === 'apply_patch' || isMcp(name);
}

function isMcp(name: string): boolean {
  return name.startsWith('mcp__');
}

/** Takes the header off the output of a tool for which `hasHeader` holds. `patch`: the call applies a patch. */
export function unwrapOutput(output: string, patch: boolean): Unwrapped {
  const outer = unwrapOnce(output);
  if (outer === undefined) return unwrapJson(output) ?? unwrapBare(output);
  const inner = patch && /^Exit code: /.test(outer.text) ? unwrapOnce(outer.text) : undefined;
  const { text, ...facts } = inner ?? outer;
  return CUT.test(text) ? { text, ...facts, truncated: true } : { text, ...facts };
}

/** What a text without a header says of the outcome: Codex's own words, or nothing. */
export function unwrapBare(output: string): Unwrapped {
  const aborted = ABORTED.exec(output);
  if (aborted !== null) return { text: aborted[1] ?? '', interrupted: true };
  if (REFUSED.test(output)) return { text: output, refused: true };
  return { text: output };
}

function unwrapOnce(output: string): Unwrapped | undefined {
  const match = HEADER.exec(output);
  if (match === null) return undefined;
  const [header, first, second, tokens, lines] = match;
  const code = first ?? second;
  const body = output.slice(header.length);
  // the note repeats the header's count: other texts that look like it are the command's own
  const note = CUT_NOTE.exec(body);
  const noted = note !== null && note[1] === tokens;
  return {
    text: noted ? body.slice(note[0].length) : body,
    ...(code === undefined ? {} : { exitCode: Number(code) }),
    ...(noted || lines !== undefined ? { truncated: true } : {}),
  };
}

function unwrapJson(output: string): Unwrapped | undefined {
  if (!output.startsWith('{"output":')) return undefined;
  const value = parseObject(output);
  const text = asString(value?.output);
  const exitCode = asNumber(asObject(value?.metadata)?.exit_code);
  return text === undefined || exitCode === undefined ? undefined : { text, exitCode };
}

/** Canonical result → what Codex stores for this (native) call: commands and patches get their header. */
export function writeResult(call: ToolCallPart, result: ToolResultPart): ResultContent[] {
  const name = call.native.name;
  if (!hasHeader(name)) return result.content;
  const header = isMcp(name)
    ? 'Wall time: 0.0000 seconds\nOutput:\n'
    : call.tool === 'patch' || name === 'apply_patch'
      ? patchHeader(name, result)
      : commandHeader(result, textOf(result.content));
  const [first, ...rest] = result.content;
  if (first?.type === 'text') return [{ type: 'text', text: header + first.text }, ...rest];
  return [{ type: 'text', text: header }, ...result.content];
}

function commandHeader(result: ToolResultPart, text: string): string {
  const chunk = (checksum(result.callId) & 0xffffff).toString(16).padStart(6, '0');
  const exited = result.exitCode === undefined ? '' : `Process exited with code ${result.exitCode}\n`;
  const tokens = Math.ceil(Buffer.byteLength(text) / 4);
  return `Chunk ID: ${chunk}\nWall time: 0.0000 seconds\n${exited}Original token count: ${tokens}\nOutput:\n`;
}

function patchHeader(name: string, result: ToolResultPart): string {
  const code = result.exitCode ?? (result.status === 'ok' ? 0 : 1);
  const header = `Exit code: ${code}\nWall time: 0 seconds\nOutput:\n`;
  return name === 'apply_patch' ? header : `Wall time: 0.0000 seconds\nOutput:\n${header}`;
}

function textOf(content: ResultContent[]): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}
