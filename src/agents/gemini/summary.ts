/** Bounded facts about a session for lists: a small file is replayed whole, of a big one head and tail are looked at. */
import { type LineFile, openLines } from '../../io/lines.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { asText, asTimestamp, isObject, parseObject } from '../../model/narrow.ts';
import type { Diagnostic, Entry, JsonObject } from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';
import { contentParts } from '../_shared/gemini-parts.ts';
import type { ReadContext, SessionRef, SessionSummary } from '../contract.ts';
import { limitOf } from './limits.ts';
import { projectOf } from './places.ts';
import { pathsIn, read } from './read.ts';

const SMALL = 128 << 10;
const EDGE = 64 << 10;
const TITLE = 120;

export function summarize(ref: SessionRef, context: ReadContext): SessionSummary {
  const summary: SessionSummary = {
    agent: 'gemini',
    id: ref.id,
    bytes: ref.bytes,
    path: ref.path,
    ...(ref.parent === undefined ? {} : { parent: ref.parent }),
  };
  try {
    if (ref.bytes <= SMALL) readWhole(summary, ref, context);
    else readEdges(summary, ref, context);
  } catch (error) {
    if (!(error instanceof SegueError) && systemCode(error) === undefined) throw error;
    summary.damaged = error instanceof SegueError ? error.code : 'unreadable';
  }
  return summary;
}

function readWhole(summary: SessionSummary, ref: SessionRef, context: ReadContext): void {
  const session = read(ref, context);
  const { info } = session;
  const counts = { user: 0, assistant: 0 };
  let toolCalls = 0;
  let prompt: string | undefined;
  let last: Entry | undefined;
  let updatedAt = info.updatedAt;
  for (const entry of session.entries()) {
    last = entry;
    if (entry.time !== undefined && (updatedAt === undefined || entry.time > updatedAt))
      updatedAt = entry.time;
    if (entry.type !== 'message') continue;
    if (entry.role === 'assistant') counts.assistant++;
    if (entry.origin === 'human') {
      counts.user++;
      prompt ??= entry.parts.find((part) => part.type === 'text')?.text;
    }
    toolCalls += entry.parts.filter((part) => part.type === 'tool_call').length;
  }
  const title = info.title ?? prompt;
  Object.assign(summary, {
    id: info.id,
    ...(title === undefined ? {} : { title: oneLine(title, TITLE) }),
    ...member('cwd', info.cwd),
    ...member('model', info.models.at(-1)),
    ...member('createdAt', info.createdAt),
    ...member('updatedAt', updatedAt),
    messages: counts,
    toolCalls,
  });
  if (info.usage !== undefined)
    summary.tokens = Object.values(info.usage).reduce((sum: number, count: number) => sum + count, 0);
  if (last?.type === 'event' && last.limit !== undefined) summary.limit = last.limit;
  const damage = session.diagnostics.find((each) => DAMAGE.has(each.code));
  if (damage !== undefined) summary.damaged = damage.message;
}

const DAMAGE = new Set<Diagnostic['code']>(['bad-record', 'torn-record', 'too-large', 'unreadable']);

function readEdges(summary: SessionSummary, ref: SessionRef, { env }: ReadContext): void {
  const { head, tail } = edges(ref.path);
  const facts = { ...textFacts(head), ...undefinedLess(tailFacts(tail)) };
  if (facts.sessionId === undefined) {
    summary.damaged = 'not-a-session';
    return;
  }
  summary.id = facts.sessionId;
  const cwd = projectOf(ref.path, facts.projectHash, env, () => pathsIn(ref.path));
  const title = facts.summary ?? firstPrompt(head);
  if (title !== undefined) summary.title = oneLine(title, TITLE);
  Object.assign(summary, {
    ...member('cwd', cwd),
    ...member('model', lastString(tail, 'model') ?? lastString(head, 'model')),
    ...member('createdAt', asTimestamp(firstString(head, 'startTime'))),
    ...member('updatedAt', asTimestamp(lastString(tail, 'lastUpdated') ?? lastString(tail, 'timestamp'))),
  });
  const limit = lastLimit(tail);
  if (limit !== undefined) summary.limit = limit;
}

function edges(path: string): { head: string; tail: string } {
  const file: LineFile = openLines(path);
  try {
    return {
      head: file.slice(0, Math.min(EDGE, file.size)).toString('utf8'),
      tail: file.slice(Math.max(0, file.size - EDGE), file.size).toString('utf8'),
    };
  } finally {
    file.close();
  }
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

function undefinedLess(facts: EdgeFacts): EdgeFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
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
  for (const line of head.split('\n')) {
    const record = parseObject(line);
    if (record?.type === 'user') {
      const text = saidIn(record);
      if (text !== undefined) return text;
    }
  }
  const pretty = /"type": "user",\s*"content": (?:\[\s*\{\s*"text": )?("(?:[^"\\]|\\.)*")/.exec(head)?.[1];
  return unquote(pretty);
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

function member<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: V });
}
