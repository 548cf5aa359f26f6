/** Facts for lists: whole small files through the reader, large ones by their head and tail. */

import { basename, dirname } from 'node:path';
import { type FileEnds, headLines, linesBeginning, readEnds, startLines, tailLines } from '../../io/ends.ts';
import { folderNames } from '../../io/files.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { asObject, asText, asTimestamp, defined, parseObject } from '../../model/narrow.ts';
import type { JsonObject, LimitState, Session } from '../../model/session.ts';
import { Tally } from '../../model/tally.ts';
import { oneLine } from '../../model/text.ts';
import { once, type ReadContext, type SessionRef, type SessionSummary } from '../contract.ts';
import { titleFile } from './info.ts';
import { isErrorRecord, limitOf } from './limits.ts';
import { answeringModel } from './models.ts';
import { encodeCwd, sessionFolder } from './places.ts';
import { readTranscript } from './read.ts';
import { type RecordContext, userEntries } from './records.ts';

/** Read from each end; a file that is not longer than this in all is read through the reader and counted. */
const END = 32 << 10;
const WHOLE = 16 << 10;
const TITLE_LENGTH = 120;

/** Reads at most 64 KB of the transcript. Counts are exact for files up to 16 KB, else absent. */
export function summarize(ref: SessionRef, context: ReadContext): SessionSummary {
  const summary: SessionSummary = { agent: 'claude', id: ref.id, bytes: ref.bytes, path: ref.path };
  if (ref.parent !== undefined) summary.parent = ref.parent;
  try {
    if (ref.bytes <= WHOLE) Object.assign(summary, ofSession(readTranscript(ref, { bounded: true })));
    else Object.assign(summary, ofEnds(ref, context));
  } catch (error) {
    if (!(error instanceof SegueError) && systemCode(error) === undefined) throw error;
    summary.damaged = error instanceof SegueError ? error.message : `cannot read (${systemCode(error)})`;
  }
  summary.updatedAt ??= asTimestamp(ref.mtimeMs);
  return summary;
}

function ofSession(session: Session): Partial<SessionSummary> {
  const { info } = session;
  const tally = new Tally();
  let limit: LimitState | undefined;
  for (const entry of session.entries()) {
    tally.add(entry);
    if (entry.type === 'event' && entry.event === 'limit') limit = entry.limit;
    else if (entry.type === 'message' && entry.role === 'assistant') limit = undefined;
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
    ...tally.counts,
    tokens:
      usage === undefined
        ? undefined
        : (usage.input ?? 0) + (usage.output ?? 0) + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0),
    limit,
    damaged: damage?.message,
  });
}

/** What the two ends tell. Lines are parsed only until every fact is found: lists do this for thousands of files. */
function ofEnds(ref: SessionRef, context: ReadContext): Partial<SessionSummary> {
  const ends = readEnds(ref.path, END, END, scratch(context));
  const titles = titlesIn(ends);
  const title = titles.customTitle ?? namedBeside(ref.path, context) ?? titles.aiTitle ?? titles.summary;
  const start = ofStart(ref.path, ends, title === undefined);
  const end = ofTail(ends);
  if (!start.found && !end.found) return { damaged: 'no record could be read at either end' };
  return defined({
    title: title === undefined ? start.prompt : oneLine(title, TITLE_LENGTH),
    cwd: start.cwd,
    branch: end.branch,
    model: end.model ?? start.model,
    createdAt: start.createdAt,
    updatedAt: end.updatedAt,
    limit: end.limit,
  });
}

/** A pasted log, a picture, or what hooks say may be longer than the head. */
function ofStart(path: string, ends: FileEnds, wantsPrompt: boolean): StartFacts {
  const facts = startFacts(headLines(ends), basename(dirname(path)));
  const isKnown = facts.cwd !== undefined && (facts.prompt !== undefined || !wantsPrompt);
  return isKnown || ends.whole ? facts : startFacts(startLines(path), basename(dirname(path)), true);
}

interface StartFacts {
  found: boolean;
  prompt?: string;
  cwd?: string;
  createdAt?: string;
  /** Of the first answer. */
  model?: string;
}

/** What the first records tell, up to an answer after the prompt; `soon`: whether or not the directory is settled. */
function startFacts(lines: Iterable<string>, folder: string, soon = false): StartFacts {
  const facts: StartFacts = { found: false };
  let settled = false;
  for (const line of lines) {
    const record = parseObject(line);
    if (record === undefined) continue;
    facts.found = true;
    if (asText(record.uuid) === undefined) continue;
    const time = asTimestamp(record.timestamp);
    // records of one moment need not stand in the order of their times
    if (time !== undefined && (facts.createdAt === undefined || time < facts.createdAt))
      facts.createdAt = time;
    const cwd = asText(record.cwd);
    if (cwd !== undefined && !settled) {
      settled = encodeCwd(cwd) === folder;
      if (settled || facts.cwd === undefined) facts.cwd = cwd;
    }
    facts.prompt ??= promptOf(record);
    if (record.type === 'assistant') facts.model ??= answeringModel(asObject(record.message)?.model);
    if (record.type === 'assistant' && facts.prompt !== undefined && (soon || settled)) break;
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

const TITLES = { 'custom-title': 'customTitle', 'ai-title': 'aiTitle', summary: 'summary' } as const;
/** Title records begin so, and hardly any others. */
const TYPE_FIRST = Buffer.from('{"type":"');

/** The last title record of each kind at either end. */
function titlesIn(ends: FileEnds): Partial<Record<(typeof TITLES)[keyof typeof TITLES], string>> {
  const found: ReturnType<typeof titlesIn> = {};
  for (const line of linesBeginning(ends, TYPE_FIRST)) Object.assign(found, titleOf(line));
  return found;
}

function titleOf(line: string): ReturnType<typeof titlesIn> {
  const type = /^\{"type":"(custom-title|ai-title|summary)"/.exec(line)?.[1] as
    | keyof typeof TITLES
    | undefined;
  if (type === undefined) return {};
  const title = asText(parseObject(line)?.[TITLES[type]]);
  return title === undefined ? {} : { [TITLES[type]]: title };
}

/** The title file in the session's folder. Most sessions have neither, and one look tells that for all of a project. */
function namedBeside(path: string, context: ReadContext): string | undefined {
  const folder = sessionFolder(path);
  const project = dirname(folder);
  const folders = once(context, `claude folders ${project}`, () => new Set(folderNames(project)));
  return folders.has(basename(folder)) ? titleFile(path) : undefined;
}

/** One buffer for all sessions of a list. */
function scratch(context: ReadContext): Buffer {
  return once(context, 'claude ends', () => Buffer.allocUnsafeSlow(2 * END));
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
