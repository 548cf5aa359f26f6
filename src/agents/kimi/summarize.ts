/** Facts for lists: whole small files through the reader, large ones by their head and tail. */
import { headAndTail } from '../../io/lines.ts';
import { asObject, asText, asTimestamp, isObject, parseObject } from '../../model/narrow.ts';
import type { JsonObject, LimitState } from '../../model/session.ts';
import { EDGE, fillFromSession, firstOf, SMALL, setFacts, summaryOf } from '../_shared/file-summary.ts';
import type { ReadContext, SessionRef, SessionSummary } from '../contract.ts';
import { limitOf } from './limits.ts';
import { contentParts } from './parts.ts';
import { isLegacy, legacyCwd } from './places.ts';
import { read } from './read.ts';
import { readLegacyState, readState } from './state.ts';
import { isHuman, isTask } from './wire.ts';

export function summarize(ref: SessionRef, context: ReadContext): SessionSummary {
  return summaryOf(ref, (summary) => {
    if (ref.bytes <= SMALL) fillFromSession(summary, read(ref, context));
    else fillFromEnds(summary, ref);
    const state = isLegacy(ref.path) ? readLegacyState(ref.path) : readState(ref.path);
    if (state.archived) summary.archived = true;
  });
}

function fillFromEnds(summary: SessionSummary, ref: SessionRef): void {
  const { head, tail } = headAndTail(ref.path, EDGE, EDGE);
  const start = head.map(parseObject).filter(isObject);
  const end = tail.map(parseObject).filter(isObject);
  if (start.length + end.length === 0) {
    summary.damaged = 'no record was found at its start or end';
    return;
  }
  if (isLegacy(ref.path)) {
    const title = readLegacyState(ref.path).title ?? firstOf(ref.path, (row) => promptOf({ message: row }));
    setFacts(summary, { title, cwd: legacyCwd(ref.path), updatedAt: asTimestamp(ref.mtimeMs) });
    return;
  }
  const state = readState(ref.path);
  const all = [...start, ...end];
  const bound = start.find((record) => record.type === 'profile.bind');
  setFacts(summary, {
    title: (ref.parent === undefined ? state.title : undefined) ?? firstOf(ref.path, promptOf),
    cwd: state.cwd ?? asText(asObject(bound?.environmentDisclosure)?.cwd),
    model:
      asText(all.findLast((record) => record.type === 'usage.record')?.model) ?? asText(bound?.modelAlias),
    createdAt: state.createdAt ?? asTimestamp(start[0]?.created_at),
    updatedAt: asTimestamp(all.findLast((record) => record.time !== undefined)?.time) ?? state.updatedAt,
  });
  const limit = lastLimit(end);
  if (limit !== undefined) summary.limit = limit;
}

function promptOf(record: JsonObject): string | undefined {
  const message = asObject(record.message);
  const origin = asObject(message?.origin);
  if (record.kind === 'event' || message?.role !== 'user' || !(isHuman(origin) || isTask(origin)))
    return undefined;
  const text = contentParts(message.content, '').find((part) => part.type === 'text');
  return text?.type === 'text' ? text.text : undefined;
}

/** The limit that the last turn ended with. */
function lastLimit(records: JsonObject[]): LimitState | undefined {
  const last = records.findLast((record) => record.type === 'turn.ended' || record.type === 'turn.prompt');
  return last?.type === 'turn.ended' && last.reason === 'failed' ? limitOf(last) : undefined;
}
