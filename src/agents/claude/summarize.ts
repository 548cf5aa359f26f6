/** Facts for lists: whole small files through the reader, large ones by their head and tail. */

import { basename, dirname } from 'node:path';
import { headAndTail } from '../../io/lines.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { asObject, asText, asTimestamp, isObject, parseObject } from '../../model/narrow.ts';
import type { JsonObject, LimitState, Session } from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';
import type { SessionRef, SessionSummary } from '../contract.ts';
import { isErrorRecord, limitOf } from './limits.ts';
import { answeringModel } from './models.ts';
import { encodeCwd } from './places.ts';
import { readTranscript, titleFile } from './read.ts';
import { type RecordContext, userEntries } from './records.ts';

const HEAD = 64 << 10;
const TAIL = 64 << 10;
const TITLE_LENGTH = 120;

/** Reads at most 128 KB of the transcript. Counts are exact for files that short, else absent. */
export function summarize(ref: SessionRef): SessionSummary {
  const summary: SessionSummary = { agent: 'claude', id: ref.id, bytes: ref.bytes, path: ref.path };
  if (ref.parent !== undefined) summary.parent = ref.parent;
  try {
    if (ref.bytes <= HEAD + TAIL)
      Object.assign(summary, ofSession(readTranscript(ref.path, ref.id, ref.parent, { bounded: true })));
    else Object.assign(summary, ofEnds(ref));
  } catch (error) {
    if (!(error instanceof SegueError) && systemCode(error) === undefined) throw error;
    summary.damaged = error instanceof SegueError ? error.message : `cannot read (${systemCode(error)})`;
  }
  summary.updatedAt ??= asTimestamp(ref.mtimeMs);
  return summary;
}

function ofSession(session: Session): Partial<SessionSummary> {
  const { info } = session;
  const counts = { user: 0, assistant: 0 };
  let toolCalls = 0;
  let limit: LimitState | undefined;
  for (const entry of session.entries()) {
    if (entry.type === 'event' && entry.event === 'limit') limit = entry.limit;
    if (entry.type !== 'message' || entry.origin === 'harness') continue;
    if (entry.origin === 'human') counts.user++;
    if (entry.role !== 'assistant') continue;
    counts.assistant++;
    limit = undefined;
    toolCalls += entry.parts.filter((part) => part.type === 'tool_call').length;
  }
  const { usage } = info;
  const damage = session.diagnostics.find((d) => d.code === 'broken-chain' || d.code === 'bad-record');
  return defined({
    title: info.title,
    cwd: info.cwd,
    branch: info.git?.branch,
    model: info.models.at(-1),
    createdAt: info.createdAt,
    updatedAt: info.updatedAt,
    messages: counts,
    toolCalls,
    tokens:
      usage === undefined
        ? undefined
        : (usage.input ?? 0) + (usage.output ?? 0) + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0),
    limit,
    damaged: damage?.message,
  });
}

/** What the first and the last 64 KB tell. */
function ofEnds(ref: SessionRef): Partial<SessionSummary> {
  const ends = headAndTail(ref.path, HEAD, TAIL);
  const head = ends.head.map(parseObject).filter(isObject);
  const tail = ends.tail.map(parseObject).filter(isObject);
  const records = [...head, ...tail];
  const chain = records.filter((record) => asText(record.uuid) !== undefined);
  if (chain.length === 0 && head.length === 0 && tail.length === 0 && ends.head.length + ends.tail.length > 0)
    return { damaged: 'no record could be read at either end' };
  const folder = basename(dirname(ref.path));
  const cwds = chain.flatMap((record) => asText(record.cwd) ?? []);
  const last = (key: string): string | undefined =>
    records.flatMap((record) => asText(record[key]) ?? []).at(-1);
  const title =
    last('customTitle') ??
    titleFile(ref.path) ??
    last('aiTitle') ??
    asText(records.findLast((record) => record.type === 'summary')?.summary);
  return defined({
    title: title === undefined ? firstPrompt(head) : oneLine(title, TITLE_LENGTH),
    cwd: cwds.find((cwd) => encodeCwd(cwd) === folder) ?? cwds[0],
    branch: last('gitBranch'),
    model: chain.flatMap((record) => answeringModel(asObject(record.message)?.model) ?? []).at(-1),
    createdAt: chain.flatMap((record) => asTimestamp(record.timestamp) ?? [])[0],
    updatedAt: chain.flatMap((record) => asTimestamp(record.timestamp) ?? []).at(-1),
    limit: lastLimit(tail),
  });
}

/** The limit of the last answer, when that is a limit. */
function lastLimit(records: JsonObject[]): LimitState | undefined {
  const answer = records.findLast((record) => record.type === 'assistant' && record.isSidechain !== true);
  return answer !== undefined && isErrorRecord(answer) ? limitOf(answer) : undefined;
}

function firstPrompt(records: JsonObject[]): string | undefined {
  const context: RecordContext = { cwd: undefined, spilled: () => undefined, problem: () => {} };
  const evidence = { kind: 'range' as const, path: '', start: 0, end: 0, crc32: 0 };
  for (const record of records) {
    if (record.type !== 'user') continue;
    for (const entry of userEntries({ record, evidence }, context)) {
      if (entry.type !== 'message' || entry.origin !== 'human') continue;
      for (const part of entry.parts) {
        const line = part.type === 'text' ? oneLine(part.text, TITLE_LENGTH) : '';
        if (line !== '') return line;
      }
    }
  }
  return undefined;
}

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}
