/** `segue.session/1` as text, one entry at a time: a session is never held whole. */
import type { Entry, Session } from '../model/session.ts';
import { jsonText } from './json.ts';

/** Called for every value before it is printed; masks secrets, or returns it as it is. */
export type Mask = (value: unknown) => unknown;

/** The envelope in pieces. `entries`: the session's, or some of them. */
export function* sessionJson(
  session: Session,
  entries: Iterable<Entry>,
  mask: Mask = (value) => value,
): Generator<string, void, void> {
  yield '{"schema":"segue.session/1",';
  yield* documentJson(session, entries, mask);
  yield '}\n';
}

function* documentJson(
  session: Session,
  entries: Iterable<Entry>,
  mask: Mask,
): Generator<string, void, void> {
  yield `"info":${jsonText(mask(session.info))},\n"entries":[`;
  let separator = '\n';
  for (const entry of entries) {
    yield `${separator}${jsonText(mask(entry))}`;
    separator = ',\n';
  }
  yield `],\n"branches":${jsonText(session.branches)},\n"subagents":[`;
  separator = '\n{';
  for (const subagent of session.subagents) {
    yield separator;
    yield* documentJson(subagent, subagent.entries(), mask);
    yield '}';
    separator = ',\n{';
  }
  yield `],\n"diagnostics":${jsonText(session.diagnostics)}`;
}
