/** What Copilot puts around tool results, and how their outcome is stored. Measured with 1.0.102. */
import { asNumber, asObject, asString } from '../../model/narrow.ts';
import type { JsonObject, ResultContent, ToolCallPart, ToolResultPart } from '../../model/session.ts';

/** The line under the output of a command. */
const EXITED = /(?:^|\n)<shellId: [^>\n]* completed with exit code (-?\d+)>$/;

/** `code` of the error that stands for a call that was cancelled. */
const INTERRUPTED = 'interrupted';

/** The outcome that the `data` of a `tool.execution_complete` tells, without images. */
export function readOutcome(data: JsonObject): Omit<ToolResultPart, 'type' | 'callId'> {
  const exitCode = asNumber(asObject(data.shellExecution)?.exitCode);
  const code = exitCode === undefined ? {} : { exitCode };
  if (data.success !== true) {
    const error = asObject(data.error);
    const text = asString(error?.message) ?? asString(asObject(data.result)?.content) ?? '';
    const status = error?.code === INTERRUPTED ? 'interrupted' : 'error';
    return { status, content: textContent(text), ...code };
  }
  const text = asString(asObject(data.result)?.content) ?? '';
  const line = exitCode === undefined ? null : EXITED.exec(text);
  const own = line !== null && Number(line[1]) === exitCode;
  const cut = asObject(asObject(data.toolTelemetry)?.properties)?.largeOutputHandled === 'true';
  return {
    status: exitCode === undefined || exitCode === 0 ? 'ok' : 'error',
    content: textContent(own ? text.slice(0, line.index) : text),
    ...code,
    ...(cut ? { truncated: true } : {}),
  };
}

function textContent(text: string): ResultContent[] {
  return text === '' ? [] : [{ type: 'text', text }];
}

/** Canonical result → what the model is shown: a command that ended has its exit code below the output. */
export function writeResult(_call: ToolCallPart, result: ToolResultPart): ResultContent[] {
  if (result.exitCode === undefined || !ranToEnd(result)) return result.content;
  const line = `\n<shellId: 0 completed with exit code ${result.exitCode}>`;
  const last = result.content.at(-1);
  if (last?.type !== 'text') return [...result.content, { type: 'text', text: line }];
  return [...result.content.slice(0, -1), { type: 'text', text: last.text + line }];
}

/** Content as it came from `writeResult` → members of a `tool.execution_complete`. */
export function outcomeMembers(result: ToolResultPart): JsonObject {
  const content = result.content.map((part) => (part.type === 'text' ? part.text : '[image]')).join('\n');
  const shell: JsonObject =
    result.exitCode === undefined ? {} : { shellExecution: { exitCode: result.exitCode } };
  if (ranToEnd(result)) return { ...shell, success: true, result: { content } };
  const code = result.status === 'interrupted' ? INTERRUPTED : 'failure';
  return { ...shell, success: false, error: { message: content, code } };
}

/** For Copilot a command that exits with any code has succeeded; only the code tells. */
function ranToEnd(result: ToolResultPart): boolean {
  const { status, exitCode } = result;
  return status === 'ok' || (status === 'error' && exitCode !== undefined && exitCode !== 0);
}
