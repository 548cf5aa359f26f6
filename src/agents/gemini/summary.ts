/** Bounded facts about a session for lists: a small file is replayed whole, of a big one head and tail are looked at. */
import {
  type FileEnds,
  headEnd,
  headLines,
  linesBeginning,
  readEnds,
  startLines,
  tailLines,
} from '../../io/ends.ts';
import { asObject, asText, asTimestamp, defined, isObject, parseObject } from '../../model/narrow.ts';
import type { JsonObject } from '../../model/session.ts';
import { EDGE, fillFromSession, setFacts, summaryOf } from '../_shared/file-summary.ts';
import { contentParts } from '../_shared/gemini-parts.ts';
import { once, type ReadContext, type SessionRef, type SessionSummary } from '../contract.ts';
import { pathsIn } from './info.ts';
import { limitOf } from './limits.ts';
import { projectFolder, projectOf, projectRoot } from './places.ts';
import { read } from './read.ts';

/** A file up to this size is replayed whole, and counted. */
const WHOLE = 16 << 10;
/** Read from each end of a log. */
const END = 32 << 10;

export function summarize(ref: SessionRef, context: ReadContext): SessionSummary {
  return summaryOf(ref, (summary) => {
    if (ref.bytes <= WHOLE) fillFromSession(summary, read(ref, context));
    else if (!ref.path.endsWith('.jsonl') || !readLog(summary, ref, context))
      readEdges(summary, ref, context);
  });
}

/** Takes the facts from both ends of a log; false when it does not begin as one. */
function readLog(summary: SessionSummary, ref: SessionRef, context: ReadContext): boolean {
  const ends = readEnds(ref.path, END, END, scratch(context));
  const lines = headLines(ends);
  const first = lines.next().value;
  const metadata = first === undefined ? undefined : parseObject(first);
  if (asText(metadata?.sessionId) === undefined) return false;
  const end = ofTail(ends);
  setFacts(summary, {
    id: asText(metadata?.sessionId),
    title: lateSummary(ends) ?? asText(metadata?.summary) ?? promptIn(lines) ?? later(ref.path, ends),
    cwd: directoryOf(ref, asText(metadata?.projectHash), context),
    model: end.model ?? modelIn(headLines(ends)) ?? modelIn(startLines(ref.path, headEnd(ends))),
    createdAt: asTimestamp(metadata?.startTime),
    updatedAt: end.updatedAt,
  });
  if (end.limit !== undefined) summary.limit = end.limit;
  return true;
}

/** One buffer for all sessions of a list. */
function scratch(context: ReadContext): Buffer {
  return once(context, 'gemini ends', () => Buffer.allocUnsafeSlow(2 * END));
}

/** What the last records say; each is looked for only until it is found. */
function ofTail(ends: FileEnds) {
  const facts: { model?: string; updatedAt?: string; limit?: SessionSummary['limit'] } = {};
  let message = false;
  for (const line of tailLines(ends)) {
    const record = parseObject(line);
    if (record === undefined) continue;
    const set = asObject(record.$set);
    facts.updatedAt ??= asTimestamp(set?.lastUpdated ?? record.lastUpdated ?? record.timestamp);
    facts.model ??= asText(record.model);
    if (!message && typeof record.id === 'string') {
      message = true;
      facts.limit = limitOf(record);
    }
    if (message && facts.model !== undefined && facts.updatedAt !== undefined) break;
  }
  return facts;
}

/** Updates of metadata begin so. */
const SET = Buffer.from('{"$set":{"summary"');

/** A summary that was written after the conversation began, the last one. */
function lateSummary(ends: FileEnds): string | undefined {
  const last = [...linesBeginning(ends, SET)].at(-1);
  return last === undefined ? undefined : asText(asObject(parseObject(last)?.$set)?.summary);
}

/** The model of the first answer. */
function modelIn(lines: Iterable<string>): string | undefined {
  for (const line of lines) {
    const model = asText(parseObject(line)?.model);
    if (model !== undefined) return model;
  }
  return undefined;
}

/** The first prompt where a long record keeps it out of the head. */
function later(path: string, ends: FileEnds): string | undefined {
  return ends.whole ? undefined : promptIn(startLines(path, headEnd(ends)));
}

function promptIn(lines: Iterable<string>): string | undefined {
  for (const line of lines) {
    const record = parseObject(line);
    const text = record?.type === 'user' ? saidIn(record) : undefined;
    if (text !== undefined) return text;
  }
  return undefined;
}

function directoryOf(ref: SessionRef, hash: string | undefined, context: ReadContext): string | undefined {
  const folder = projectFolder(ref.path);
  const marker = once(context, `gemini project ${folder}`, () => projectRoot(folder));
  if (typeof marker === 'object') return marker.path;
  return projectOf(ref.path, hash, context.env, () => pathsIn(ref.path));
}

/** A file that is one object, pretty-printed: what its ends say as text. */
function readEdges(summary: SessionSummary, ref: SessionRef, context: ReadContext): void {
  const { head, tail } = edges(ref.path);
  const facts = { ...textFacts(head), ...defined(tailFacts(tail)) };
  if (facts.sessionId === undefined) {
    summary.damaged = 'not-a-session';
    return;
  }
  setFacts(summary, {
    id: facts.sessionId,
    title: facts.summary ?? firstPrompt(head),
    cwd: directoryOf(ref, facts.projectHash, context),
    model: lastString(tail, 'model') ?? lastString(head, 'model'),
    createdAt: asTimestamp(firstString(head, 'startTime')),
    updatedAt: asTimestamp(lastString(tail, 'lastUpdated') ?? lastString(tail, 'timestamp')),
  });
  const limit = lastLimit(tail);
  if (limit !== undefined) summary.limit = limit;
}

function edges(path: string): { head: string; tail: string } {
  const { head, tail, whole } = readEnds(path, EDGE, EDGE);
  return { head: head.toString('utf8'), tail: (whole ? head : tail).toString('utf8') };
}

interface EdgeFacts {
  sessionId?: string;
  projectHash?: string;
  summary?: string;
}

/** Metadata stands at the beginning of both kinds of files. */
function textFacts(head: string): EdgeFacts {
  const start = head.slice(0, 4096);
  return {
    sessionId: firstString(start, 'sessionId'),
    projectHash: firstString(start, 'projectHash'),
    summary: firstString(start, 'summary'),
  };
}

/** A summary that was written later: an update of its own (.jsonl), or after the messages (.json). */
function tailFacts(tail: string): EdgeFacts {
  const update = [...tail.matchAll(/^\{"\$set":\{"summary":("(?:[^"\\]|\\.)*")/gm)].at(-1)?.[1];
  const member = /^ {2}"summary": ("(?:[^"\\]|\\.)*"),?$/m.exec(tail)?.[1];
  return { summary: unquote(update ?? member) };
}

function firstString(text: string, key: string): string | undefined {
  return unquote(new RegExp(`"${key}"\\s*:\\s*("(?:[^"\\\\]|\\\\.)*")`).exec(text)?.[1]);
}

function lastString(text: string, key: string): string | undefined {
  const at = text.lastIndexOf(`"${key}"`);
  return at < 0 ? undefined : firstString(text.slice(at, at + 400), key);
}

function unquote(json: string | undefined): string | undefined {
  return json === undefined ? undefined : asText(parseObject(`{"v":${json}}`)?.v);
}

/** The first prompt among the whole lines of the head; of a pretty-printed file, its `content`. */
function firstPrompt(head: string): string | undefined {
  const pretty = /"type": "user",\s*"content": (?:\[\s*\{\s*"text": )?("(?:[^"\\]|\\.)*")/.exec(head)?.[1];
  return promptIn(head.split('\n')) ?? unquote(pretty);
}

function saidIn(record: JsonObject): string | undefined {
  const text = contentParts(record.content).flatMap((part) => asText(part.text) ?? [])[0];
  return text === undefined || /^\s*<(?:session|hook)_context>/.test(text) ? undefined : text;
}

function lastLimit(tail: string): SessionSummary['limit'] {
  const records = tail.split('\n').map(parseObject).filter(isObject);
  const last = records.filter((record) => typeof record.id === 'string').at(-1);
  return last === undefined ? undefined : limitOf(last);
}
