/** Bounded facts about a session for lists: a small file is read whole, of a big one head and tail are looked at. */
import { headAndTail } from '../../io/lines.ts';
import { asObject, asText, asTimestamp, isObject, parseObject } from '../../model/narrow.ts';
import type { JsonObject } from '../../model/session.ts';
import { EDGE, fillFromSession, firstOf, SMALL, setFacts, summaryOf } from '../_shared/file-summary.ts';
import type { ReadContext, SessionRef, SessionSummary } from '../contract.ts';
import { apiFailure } from './limits.ts';
import { read } from './read.ts';
import { messageParts } from './records.ts';

export function summarize(ref: SessionRef, context: ReadContext): SessionSummary {
  return summaryOf(ref, (summary) => {
    if (ref.bytes <= SMALL) fillFromSession(summary, read(ref, context));
    else readEdges(summary, ref);
  });
}

function readEdges(summary: SessionSummary, ref: SessionRef): void {
  const edges = headAndTail(ref.path, EDGE, EDGE);
  const head = edges.head.map(parseObject).filter(isObject);
  const tail = edges.tail.map(parseObject).filter(isObject);
  const first = head.find(isRecord) ?? firstOf(ref.path, (record) => (isRecord(record) ? record : undefined));
  if (first === undefined) {
    summary.damaged = 'not-a-session';
    return;
  }
  const recent = [...head, ...tail].reverse();
  const title = recent.find((record) => record.subtype === 'custom_title');
  setFacts(summary, {
    id: ref.parent === undefined ? asText(first.sessionId) : undefined,
    title:
      asText(asObject(title?.systemPayload)?.customTitle) ??
      head.map(promptText).find((text) => text !== undefined) ??
      firstOf(ref.path, promptText),
    cwd: asText(first.cwd),
    branch: lastText(recent, 'gitBranch'),
    model: lastText(recent, 'model'),
    createdAt: asTimestamp(first.timestamp),
    updatedAt: asTimestamp(lastText(recent, 'timestamp')),
  });
  const last = recent.find((record) => record.type !== 'system' || apiFailure(record) !== undefined);
  const limit = last === undefined ? undefined : apiFailure(last)?.limit;
  if (limit !== undefined) summary.limit = limit;
}

function isRecord(record: JsonObject): boolean {
  return asText(record.uuid) !== undefined;
}

function promptText(record: JsonObject): string | undefined {
  return record.type === 'user' && record.subtype === undefined
    ? messageParts(record).flatMap((part) => asText(part.text) ?? [])[0]
    : undefined;
}

function lastText(recent: JsonObject[], key: string): string | undefined {
  return recent.map((record) => asText(record[key])).find((text) => text !== undefined);
}
