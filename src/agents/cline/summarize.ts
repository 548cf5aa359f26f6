/** Bounded facts about a session for lists: a small file is read whole, of a big one the facts beside it and its end. */
import { basename } from 'node:path';
import { openLines } from '../../io/lines.ts';
import { asString, asTimestamp, parseJson, parseObject } from '../../model/narrow.ts';
import { clineLimit } from '../_shared/cline-limits.ts';
import { blocksOf } from '../_shared/cline-messages.ts';
import { scanMessages } from '../_shared/cline-store.ts';
import { EDGE, fillFromSession, SMALL, setFacts, summaryOf } from '../_shared/file-summary.ts';
import type { ReadContext, SessionRef, SessionSummary } from '../contract.ts';
import { type Manifest, readManifest } from './manifest.ts';
import { TASK_MESSAGES } from './places.ts';
import { read } from './read.ts';
import { said, saidInTask } from './said.ts';
import { taskFacts } from './task.ts';

export function summarize(ref: SessionRef, context: ReadContext): SessionSummary {
  return summaryOf(ref, (summary) => {
    if (ref.bytes <= SMALL) fillFromSession(summary, read(ref, context));
    else readEdges(summary, ref);
    if (basename(ref.path) !== TASK_MESSAGES && readManifest(ref.path).missing)
      summary.damaged = 'the manifest is missing: Cline does not resume such a session';
  });
}

function readEdges(summary: SessionSummary, ref: SessionRef): void {
  const isTask = basename(ref.path) === TASK_MESSAGES;
  const { head, tail } = edges(ref.path);
  const messages = scanMessages(head);
  if (messages === undefined) {
    summary.damaged = 'not-a-session';
    return;
  }
  const [first] = messages.items;
  const message =
    first === undefined ? undefined : parseObject(head.toString('utf8', first.start, first.end));
  const opening = asString(blocksOf(message?.content)[0]?.text) ?? '';
  const { text: prompt } = isTask ? saidInTask(opening) : said(opening);
  const facts: Partial<Manifest> = isTask ? taskFacts(ref.path) : readManifest(ref.path);
  setFacts(summary, {
    title: facts.title ?? prompt,
    cwd: facts.cwd,
    branch: facts.branch,
    model: facts.model,
    createdAt: facts.createdAt,
    updatedAt: lastTime(tail) ?? asTimestamp(ref.mtimeMs),
  });
  const limit = lastLimit(tail);
  if (limit !== undefined) summary.limit = limit;
}

function edges(path: string): { head: Buffer; tail: string } {
  const file = openLines(path);
  try {
    const head = Buffer.from(file.slice(0, Math.min(EDGE, file.size)));
    return { head, tail: file.slice(Math.max(0, file.size - EDGE), file.size).toString('utf8') };
  } finally {
    file.close();
  }
}

function lastTime(tail: string): string | undefined {
  const times = [...tail.matchAll(/"ts":\s*(\d{13})\b/g)];
  return asTimestamp(Number(times.at(-1)?.[1]));
}

/** The limit that the last message tells of, when it is one of those that only the screen shows. */
function lastLimit(tail: string): SessionSummary['limit'] {
  const last = tail.slice(Math.max(0, tail.lastIndexOf('"role"')));
  if (!/"displayRole":\s*"error"/.test(last)) return undefined;
  const text = /"text":\s*("(?:[^"\\]|\\.)*")/.exec(last)?.[1];
  return text === undefined ? undefined : clineLimit(asString(parseJson(text)) ?? '');
}
