/** Facts for lists: whole small files through the reader, large ones by what stands at their two ends. */
import { FURTHER, headAndTail } from '../../io/lines.ts';
import { SegueError } from '../../model/errors.ts';
import { asArray, asObject, asText, asTimestamp, parseObject } from '../../model/narrow.ts';
import type { JsonObject } from '../../model/session.ts';
import { headOfArrayFile } from '../_shared/array-file.ts';
import { EDGE, fillFromSession, SMALL, setFacts, summaryOf } from '../_shared/file-summary.ts';
import type { ReadContext, SessionRef, SessionSummary } from '../contract.ts';
import { HISTORY } from './discover.ts';
import { REQUEST, SUPERVISOR } from './entries.ts';
import { directoryOf, read } from './read.ts';

export function summarize(ref: SessionRef, context: ReadContext): SessionSummary {
  return summaryOf(ref, (summary) => {
    if (ref.bytes > SMALL) {
      fillFromEnds(summary, ref);
      return;
    }
    const session = read(ref, context);
    fillFromSession(summary, session);
    // a request that was stopped by a limit is not stored: an empty session is what stays
    const parent = session.info.lineage.find(({ kind }) => kind === 'subagent');
    if (parent !== undefined) summary.parent = parent.id;
  });
}

function fillFromEnds(summary: SessionSummary, ref: SessionRef): void {
  let head = headOfArrayFile(ref.path, HISTORY, EDGE);
  // a pasted log may be longer than that
  if (head?.items.length === 0) head = headOfArrayFile(ref.path, HISTORY, FURTHER);
  if (head === undefined) throw new SegueError('not-a-session', `${ref.path} holds no session`);
  const { members } = head;
  const exchanges = head.items.map(({ start, end }) =>
    asObject(parseObject(head.buffer.toString('utf8', start, end))?.exchange),
  );
  const tail = headAndTail(ref.path, 0, EDGE).tail.join('\n');
  setFacts(summary, {
    title: lastText(tail, 'customTitle') ?? lastText(tail, 'title') ?? firstPrompt(exchanges),
    cwd: exchanges.map(directoryOf).find((cwd) => cwd !== undefined),
    createdAt: asTimestamp(members.created),
    updatedAt: asTimestamp(members.modified) ?? asTimestamp(ref.mtimeMs),
  });
}

/** A member of the object that ends the file: behind the history, one to a line. */
function lastText(tail: string, key: string): string | undefined {
  const behind = tail.slice(tail.lastIndexOf(']'));
  const line = tail.includes(`"${key}"`)
    ? new RegExp(`^,?"${key}": ?(".*?"),?$`, 'm').exec(behind)?.[1]
    : undefined;
  return line === undefined ? undefined : asText(parseObject(`{"x":${line}}`)?.x);
}

function firstPrompt(exchanges: (JsonObject | undefined)[]): string | undefined {
  for (const exchange of exchanges) {
    for (const value of asArray(exchange?.request_nodes) ?? []) {
      const node = asObject(value);
      const text = node?.type === REQUEST.text ? asText(asObject(node.text_node)?.content) : undefined;
      if (text !== undefined && !SUPERVISOR.test(text)) return text;
    }
  }
  return undefined;
}
