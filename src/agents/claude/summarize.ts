/** Facts for lists: whole small files through the reader, large ones by their head and tail. */

import { basename, dirname } from 'node:path';
import { type FileEnds, headLines, lastLineWith, readEnds, tailLines } from '../../io/ends.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { asObject, asText, asTimestamp, parseObject } from '../../model/narrow.ts';
import type { JsonObject, LimitState, Session } from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';
import type { SessionRef, SessionSummary } from '../contract.ts';
import { isErrorRecord, limitOf } from './limits.ts';
import { answeringModel } from './models.ts';
import { encodeCwd } from './places.ts';
import { readTranscript, titleFile } from './read.ts';
import { type RecordContext, userEntries } from './records.ts';

/** Read from each end; a file that is not longer than this in all is read through the reader and counted. */
const END = 32 << 10;
const WHOLE = 32 << 10;
const TITLE_LENGTH = 120;

/** Reads at most 64 KB of the transcript. Counts are exact for files up to 32 KB, else absent. */
export function summarize(ref: SessionRef): SessionSummary {
  const summary: SessionSummary = { agent: 'claude', id: ref.id, bytes: ref.bytes, path: ref.path };
  if (ref.parent !== undefined) summary.parent = ref.parent;
  try {
    if (ref.bytes <= WHOLE)
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

/** What the two ends tell. Lines are parsed only until every fact is found: lists do this for thousands of files. */
function ofEnds(ref: SessionRef): Partial<SessionSummary> {
  const ends = readEnds(ref.path, END, END);
  const start = ofHead(ends, basename(dirname(ref.path)));
  const end = ofTail(ends);
  if (!start.found && !end.found) return { damaged: 'no record could be read at either end' };
  const title =
    titleIn(ends, 'customTitle') ??
    titleFile(ref.path) ??
    titleIn(ends, 'aiTitle') ??
    titleIn(ends, 'summary');
  return defined({
    title: title === undefined ? start.prompt : oneLine(title, TITLE_LENGTH),
    cwd: start.cwd,
    branch: end.branch,
    model: end.model,
    createdAt: start.createdAt,
    updatedAt: end.updatedAt ?? start.createdAt,
    limit: end.limit,
  });
}

function ofHead(ends: FileEnds, folder: string) {
  const facts: { found: boolean; prompt?: string; cwd?: string; createdAt?: string } = { found: false };
  let settled = false;
  for (const line of headLines(ends)) {
    const record = parseObject(line);
    if (record === undefined) continue;
    facts.found = true;
    if (asText(record.uuid) === undefined) continue;
    facts.createdAt ??= asTimestamp(record.timestamp);
    const cwd = asText(record.cwd);
    if (cwd !== undefined && !settled) {
      settled = encodeCwd(cwd) === folder;
      if (settled || facts.cwd === undefined) facts.cwd = cwd;
    }
    facts.prompt ??= promptOf(record);
    if (facts.prompt !== undefined && settled && facts.createdAt !== undefined) break;
  }
  return facts;
}

function ofTail(ends: FileEnds) {
  const facts: { found: boolean; branch?: string; model?: string; updatedAt?: string; limit?: LimitState } = {
    found: false,
  };
  let answered = false;
  for (const line of tailLines(ends)) {
    const record = parseObject(line);
    if (record === undefined) continue;
    facts.found = true;
    if (asText(record.uuid) === undefined) continue;
    facts.updatedAt ??= asTimestamp(record.timestamp);
    facts.branch ??= asText(record.gitBranch);
    facts.model ??= answeringModel(asObject(record.message)?.model);
    if (!answered && record.type === 'assistant' && record.isSidechain !== true) {
      answered = true;
      if (isErrorRecord(record)) facts.limit = limitOf(record);
    }
    if (answered && facts.model !== undefined && facts.branch !== undefined && facts.updatedAt !== undefined)
      break;
  }
  return facts;
}

/** A title record at either end, the last one. */
function titleIn(ends: FileEnds, member: 'customTitle' | 'aiTitle' | 'summary'): string | undefined {
  const type = { customTitle: 'custom-title', aiTitle: 'ai-title', summary: 'summary' }[member];
  const line = lastLineWith(ends, `"type":"${type}"`);
  const record = line === undefined ? undefined : parseObject(line);
  return record?.type === type ? asText(record[member]) : undefined;
}

/** The words of a person in this record, as one line. */
function promptOf(record: JsonObject): string | undefined {
  if (record.type !== 'user') return undefined;
  for (const entry of userEntries({ record, evidence: NO_EVIDENCE }, NO_CONTEXT)) {
    if (entry.type !== 'message' || entry.origin !== 'human') continue;
    for (const part of entry.parts) {
      const line = part.type === 'text' ? oneLine(part.text, TITLE_LENGTH) : '';
      if (line !== '') return line;
    }
  }
  return undefined;
}

const NO_CONTEXT: RecordContext = { cwd: undefined, spilled: () => undefined, problem: () => {} };
const NO_EVIDENCE = { kind: 'range' as const, path: '', start: 0, end: 0, crc32: 0 };

function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}
