/** What cn puts around tool results. Wording: read in 1.5.47 (its `src`), measured. */

import { asObject, asString } from '../../model/narrow.ts';
import type {
  JsonValue,
  NativeCall,
  ResultContent,
  ToolCallPart,
  ToolResultPart,
} from '../../model/session.ts';

const FAILED = /^Error executing tool [^:\n]*: /;
/** What cn tells the model for a call without output; after a partial output it is segue's. */
const CANCELLED = 'Tool cancelled';
const CANCELLED_END = /(?:^|\n\n)Tool cancelled$/;
const EXITED = /^(?:Bash command failed: )?Error \(exit code (\d+)\): /;

/**
 * The outcome that a tool call state tells. `exitCode` is segue's own member of the state; cn stores an exit code only as
 * text, and only when the command wrote to its error output.
 */
export function readResult(
  call: NativeCall | undefined,
  status: JsonValue | undefined,
  exitCode: number | undefined,
  texts: string[],
): Omit<ToolResultPart, 'type' | 'callId'> {
  const [first = '', ...rest] = texts;
  const content = (text: string): ResultContent[] =>
    [text, ...rest].filter((said) => said !== '').map((said) => ({ type: 'text', text: said }));
  const code = exitCode === undefined ? {} : { exitCode };
  if (status === 'canceled' || status === 'calling') {
    const last = texts.at(-1) ?? '';
    const said = [...texts.slice(0, -1), last.replace(CANCELLED_END, '')].filter((text) => text !== '');
    return { status: 'interrupted', content: said.map((text) => ({ type: 'text', text })), ...code };
  }
  if (status !== 'errored') {
    const header = fileHeader(call);
    const text = header !== undefined && first.startsWith(header) ? first.slice(header.length) : first;
    return { status: 'ok', content: content(text), ...code };
  }
  const said = first.replace(FAILED, '');
  const exit = EXITED.exec(said);
  if (exit === null) return { status: 'error', content: content(said), ...code };
  return {
    status: 'error',
    content: content(said.slice(exit[0].length)),
    exitCode: exitCode ?? Number(exit[1]),
  };
}

/** Canonical result → the texts that cn would have written. */
export function writeResult(call: ToolCallPart, result: ToolResultPart): ResultContent[] {
  if (result.status === 'interrupted') return withEnd(result.content, CANCELLED);
  if (result.status === 'ok') return withStart(result.content, fileHeader(call.native) ?? '');
  const code = result.exitCode ? `Error (exit code ${result.exitCode}): ` : '';
  return withStart(result.content, `Error executing tool ${call.native.name}: ${code}`);
}

/** `Read` puts the path above the text. */
function fileHeader(call: NativeCall | undefined): string | undefined {
  const path = call?.name === 'Read' ? asString(asObject(call.input)?.filepath) : undefined;
  return path === undefined ? undefined : `Content of ${path}:\n`;
}

function withStart(content: ResultContent[], start: string): ResultContent[] {
  if (start === '') return content;
  const [first, ...rest] = content;
  if (first?.type !== 'text') return [{ type: 'text', text: start }, ...content];
  return [{ type: 'text', text: start + first.text }, ...rest];
}

function withEnd(content: ResultContent[], line: string): ResultContent[] {
  const last = content.at(-1);
  if (last?.type !== 'text') return [...content, { type: 'text', text: line }];
  return [...content.slice(0, -1), { type: 'text', text: `${last.text}\n\n${line}` }];
}
