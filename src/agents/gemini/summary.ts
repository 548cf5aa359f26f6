/** Bounded facts about a session for lists: a small file is replayed whole, of a big one head and tail are looked at. */
import { openLines } from '../../io/lines.ts';
import { asText, asTimestamp, isObject, parseObject } from '../../model/narrow.ts';
import type { JsonObject } from '../../model/session.ts';
import { EDGE, fillFromSession, SMALL, setFacts, summaryOf } from '../_shared/file-summary.ts';
import { contentParts } from '../_shared/gemini-parts.ts';
import type { ReadContext, SessionRef, SessionSummary } from '../contract.ts';
import { pathsIn } from './info.ts';
import { limitOf } from './limits.ts';
import { projectOf } from './places.ts';
import { read } from './read.ts';

export function summarize(ref: SessionRef, context: ReadContext): SessionSummary {
  return summaryOf(ref, (summary) => {
    if (ref.bytes <= SMALL) fillFromSession(summary, read(ref, context));
    else readEdges(summary, ref, context);
  });
}

function readEdges(summary: SessionSummary, ref: SessionRef, { env }: ReadContext): void {
  const { head, tail } = edges(ref.path);
  const facts = { ...textFacts(head), ...undefinedLess(tailFacts(tail)) };
  if (facts.sessionId === undefined) {
    summary.damaged = 'not-a-session';
    return;
  }
  setFacts(summary, {
    id: facts.sessionId,
    title: facts.summary ?? firstPrompt(head),
    cwd: projectOf(ref.path, facts.projectHash, env, () => pathsIn(ref.path)),
    model: lastString(tail, 'model') ?? lastString(head, 'model'),
    createdAt: asTimestamp(firstString(head, 'startTime')),
    updatedAt: asTimestamp(lastString(tail, 'lastUpdated') ?? lastString(tail, 'timestamp')),
  });
  const limit = lastLimit(tail);
  if (limit !== undefined) summary.limit = limit;
}

function edges(path: string): { head: string; tail: string } {
  const file = openLines(path);
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
