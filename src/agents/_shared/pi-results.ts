/** What pi and OpenClaw put around tool results, taken off and put on. */
import { asNumber, asObject } from '../../model/narrow.ts';
import type {
  JsonObject,
  NativeCall,
  ResultContent,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';

/** In what the family's results differ. */
export interface PiResultWords {
  /** Names of the shell tools. */
  shells: ReadonlySet<string>;
  /** The line under the output of a command that failed, and how it is found. */
  exited(code: number): string;
  exitedPattern: RegExp;
  /** The line under what was cancelled: a command, and any other tool. */
  aborted: { shell: string; other: string };
  abortedPattern: RegExp;
  /** A command that ran well has no details, so that none means exit code 0. */
  silentSuccess: boolean;
}

/** Results of one agent of the family: reading, the canonical to native texts, and the `details` beside them. */
export interface PiResults {
  readResult(
    call: NativeCall | undefined,
    message: JsonObject,
    content: ResultContent[],
  ): Omit<ToolResultPart, 'type' | 'callId'>;
  writeResult(call: ToolCallPart, result: ToolResultPart): ResultContent[];
  details(call: NativeCall | undefined, result: ToolResultPart): JsonObject | undefined;
}

/** What both agents write for a command without output. */
const EMPTY = '(no output)';
/** pi's note on output that was cut; `details.truncation` says the same. */
const SHOWING = /\n\n\[Showing (?:last|lines) [^\n]*\]$/;

export function piResults(words: PiResultWords): PiResults {
  const isShell = (call: NativeCall | undefined): boolean =>
    call !== undefined && words.shells.has(call.name);
  return {
    /** `details.exitCode` is OpenClaw's own, and what `details` writes for pi. */
    readResult(call, message, content) {
      const shell = isShell(call);
      const details = asObject(message.details);
      const known = asNumber(details?.exitCode);
      const failed = message.isError === true || (shell && known !== undefined && known !== 0);
      const parts = [...content];
      const exit = failed && shell ? cutEnd(parts, words.exitedPattern) : undefined;
      const aborted = message.isError === true && cutEnd(parts, words.abortedPattern) !== undefined;
      const truncated = asObject(details?.truncation)?.truncated === true;
      if (truncated && shell) cutEnd(parts, SHOWING);
      if (shell && parts.length === 1 && parts[0]?.type === 'text' && parts[0].text === EMPTY) parts.pop();
      const ranWell = words.silentSuccess && shell && !failed && (details === undefined || truncated);
      const exitCode = known ?? (exit === undefined ? (ranWell ? 0 : undefined) : Number(exit[1]));
      return {
        status: aborted ? 'interrupted' : failed ? 'error' : 'ok',
        content: parts,
        ...(exitCode === undefined ? {} : { exitCode }),
        ...(truncated ? { truncated } : {}),
      };
    },

    writeResult(call, result) {
      const shell = isShell(call.native);
      if (result.status === 'interrupted')
        return withEnd(result.content, shell ? words.aborted.shell : words.aborted.other);
      if (!shell) return result.content;
      const content: ResultContent[] =
        result.content.length > 0 ? result.content : [{ type: 'text', text: EMPTY }];
      const code = result.status === 'error' ? (result.exitCode ?? 0) : 0;
      return code === 0 ? content : withEnd(content, words.exited(code));
    },

    /** The exit code where it is known; an empty object says that it is not. */
    details(call, result): JsonObject | undefined {
      if (result.exitCode !== undefined) return { exitCode: result.exitCode };
      return isShell(call) ? {} : undefined;
    },
  };
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
