/** Which stored user texts were never said by a person. */
import { asObject, asString } from '../../model/narrow.ts';
import type { JsonObject } from '../../model/session.ts';

/** How texts start that Claude Code injects into user records, and that it drops or hides when they come from elsewhere. */
export const INJECTED =
  /^\s*(?:<(?:command-name|command-message|command-args|local-command-stdout|local-command-stderr|local-command-caveat|task-notification|system-reminder)>|\[Request interrupted by user)/;

/** The texts that stand for the person's stopping of a turn. */
export const INTERRUPTED = /^\[Request interrupted by user(?: for tool use)?\]$/;

/** Whether the whole record is injected: `isMeta`, or an origin that is not a person. */
export function isInjectedRecord(record: JsonObject): boolean {
  const kind = asString(asObject(record.origin)?.kind);
  return (
    record.isMeta === true ||
    record.promptSource === 'system' ||
    record.turnOrigin === 'task_notification' ||
    kind === 'task-notification'
  );
}
