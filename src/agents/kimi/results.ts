/** What Kimi Code puts around tool results. Wording: measured with 2.1.0, and read in its JavaScript. */
import { asObject } from '../../model/narrow.ts';
import type {
  JsonValue,
  NativeCall,
  ResultContent,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';
import { cutEnd, withEnd } from '../_shared/result-ends.ts';

const SHELL = 'Bash';
/** The whole output of a command that wrote nothing. */
const SILENT = 'Command executed successfully.';
const FAILED = /(?:^|\n)Command failed with exit code: (-?\d+)\.$/;
/** Stands for the output of a failed command that wrote nothing. */
const EXITED = /^Process exited with code -?\d+$/;
const STOPPED = 'Interrupted by user';
const INTERRUPTED =
  /(?:^|\n)(?:Interrupted by user|Tool "[^"]*" was aborted|The user manually interrupted "[^"]*"[^\n]*)$/;
const SPILLED = /^Tool output exceeded \d+ characters; /;

/** A stored outcome. `exitCode` is segue's own member beside a message: a number, or null for not known. */
export interface StoredResult {
  content: ResultContent[];
  failed: boolean;
  exitCode: JsonValue | undefined;
}

export function readResult(
  call: NativeCall | undefined,
  stored: StoredResult,
): Omit<ToolResultPart, 'type' | 'callId'> {
  const shell = call?.name === SHELL;
  const parts = [...stored.content];
  const first = parts[0];
  const truncated = first?.type === 'text' && SPILLED.test(first.text) ? { truncated: true } : {};
  if (stored.failed && cutEnd(parts, INTERRUPTED) !== undefined)
    return { status: 'interrupted', content: parts, ...exit(stored.exitCode), ...truncated };
  if (!stored.failed) {
    if (shell && parts.length === 1 && first?.type === 'text' && first.text === SILENT) parts.pop();
    const ran = shell && !inBackground(call, first);
    return { status: 'ok', content: parts, ...exit(stored.exitCode, ran ? 0 : undefined), ...truncated };
  }
  const known = stored.exitCode === null || stored.exitCode === 0;
  const end = shell && !known ? cutEnd(parts, FAILED) : undefined;
  if (end !== undefined) cutEnd(parts, EXITED);
  const code = end === undefined ? undefined : Number(end[1]);
  return { status: 'error', content: parts, ...exit(stored.exitCode, code), ...truncated };
}

function exit(stored: JsonValue | undefined, told?: number): { exitCode?: number } {
  if (typeof stored === 'number') return { exitCode: stored };
  return stored === undefined && told !== undefined ? { exitCode: told } : {};
}

/** A command that goes on in the background has no exit code yet: its result is a task's description. */
function inBackground(call: NativeCall, first: ResultContent | undefined): boolean {
  if (asObject(call.input)?.run_in_background === true) return true;
  return first?.type === 'text' && /^task_id: \S+\npid: /.test(first.text);
}

/** Canonical result → the content that Kimi Code would have stored. */
export function writeResult(call: ToolCallPart, result: ToolResultPart): ResultContent[] {
  const { name } = call.native;
  const { status, content, exitCode } = result;
  const shell = name === SHELL;
  if (status === 'interrupted') return withEnd(content, '\n', shell ? STOPPED : `Tool "${name}" was aborted`);
  if (!shell) return content;
  if (status === 'ok') return content.length > 0 ? content : [{ type: 'text', text: SILENT }];
  return exitCode ? withEnd(content, '\n', `Command failed with exit code: ${exitCode}.`) : content;
}

/** What is to be kept beside a stored result: without it, a successful command means exit code 0. */
export function storedExit(call: NativeCall | undefined, result: ToolResultPart): { exitCode?: JsonValue } {
  if (result.exitCode !== undefined) return { exitCode: result.exitCode };
  return call?.name === SHELL ? { exitCode: null } : {};
}
