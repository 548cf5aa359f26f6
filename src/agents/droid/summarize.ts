/** Facts for lists: whole small files through the reader, large ones by their head and tail. */
import { headAndTail } from '../../io/lines.ts';
import { asArray, asObject, asText, asTimestamp, isObject, parseObject } from '../../model/narrow.ts';
import type { JsonObject, LimitState } from '../../model/session.ts';
import { EDGE, fillFromSession, firstOf, SMALL, setFacts, summaryOf } from '../_shared/file-summary.ts';
import type { ReadContext, SessionRef, SessionSummary } from '../contract.ts';
import { REMINDER } from './entries.ts';
import { limitOfOutcome } from './limits.ts';
import { read, settingsOf } from './read.ts';

export function summarize(ref: SessionRef, context: ReadContext): SessionSummary {
  return summaryOf(ref, (summary) => {
    if (ref.bytes <= SMALL) fillFromSession(summary, read(ref, context));
    else fillFromEnds(summary, ref);
  });
}

function fillFromEnds(summary: SessionSummary, ref: SessionRef): void {
  const { head, tail } = headAndTail(ref.path, EDGE, EDGE);
  const records = [...head, ...tail].map(parseObject).filter(isObject);
  const start = records.find((record) => record.type === 'session_start');
  if (start === undefined) summary.damaged = 'the first line is missing';
  const timed = records.filter((record) => record.timestamp !== undefined);
  const answer = records.findLast((record) => asText(asObject(record.message)?.modelId) !== undefined);
  setFacts(summary, {
    title: asText(start?.sessionTitle) ?? asText(start?.title) ?? firstOf(ref.path, promptOf),
    cwd: asText(start?.cwd),
    model: asText(asObject(answer?.message)?.modelId) ?? asText(settingsOf(ref.path)?.model),
    createdAt: asTimestamp(timed[0]?.timestamp),
    updatedAt: asTimestamp(timed.at(-1)?.timestamp) ?? asTimestamp(ref.mtimeMs),
  });
  const limit = lastLimit(records);
  if (limit !== undefined) summary.limit = limit;
}

function promptOf(record: JsonObject): string | undefined {
  const message = asObject(record.message);
  if (message?.role !== 'user' || message.visibility !== undefined) return undefined;
  const { content } = message;
  const texts =
    typeof content === 'string' ? [content] : (asArray(content) ?? []).map((block) => asObject(block)?.text);
  return texts.map(asText).find((text) => text !== undefined && !REMINDER.test(text));
}

/** The limit that the last turn ended with. */
function lastLimit(records: JsonObject[]): LimitState | undefined {
  const last = records.at(-1);
  return last?.type === 'agent_turn_outcome' ? limitOfOutcome(asText(last.reason) ?? '') : undefined;
}
