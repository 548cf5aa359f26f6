/** Bounded facts about a session for lists: a small file is read whole, of a big one head and tail are looked at. */
import { headAndTail } from '../../io/lines.ts';
import { asObject, asText, asTimestamp, isObject, parseObject } from '../../model/narrow.ts';
import type { JsonObject } from '../../model/session.ts';
import { EDGE, fillFromSession, firstOf, SMALL, setFacts, summaryOf } from '../_shared/file-summary.ts';
import type { ReadContext, SessionRef, SessionSummary } from '../contract.ts';
import { limitOf } from './limits.ts';
import { read } from './read.ts';
import { readWorkspace } from './workspace.ts';

export function summarize(ref: SessionRef, context: ReadContext): SessionSummary {
  return summaryOf(ref, (summary) => {
    if (ref.bytes <= SMALL) fillFromSession(summary, read(ref, context));
    else readEdges(summary, ref);
    if (readWorkspace(ref.path).damaged) summary.damaged = 'workspace.yaml cannot be parsed';
  });
}

function readEdges(summary: SessionSummary, ref: SessionRef): void {
  const edges = headAndTail(ref.path, EDGE, EDGE);
  const head = edges.head.map(parseObject).filter(isObject);
  const recent = [...head, ...edges.tail.map(parseObject).filter(isObject)]
    .filter((event) => event.agentId === undefined)
    .reverse();
  const start = asObject(head.find((event) => event.type === 'session.start')?.data);
  if (start === undefined && recent.length === 0) {
    summary.damaged = 'not-a-session';
    return;
  }
  const workspace = readWorkspace(ref.path);
  const context = asObject(start?.context);
  const answer = recent.find((event) => event.type === 'assistant.message');
  setFacts(summary, {
    id: asText(start?.sessionId),
    title:
      workspace.name ?? head.map(promptOf).find((text) => text !== undefined) ?? firstOf(ref.path, promptOf),
    cwd: workspace.cwd ?? asText(context?.cwd),
    branch: workspace.branch ?? asText(context?.branch),
    model: asText(asObject(answer?.data)?.model) ?? asText(start?.selectedModel),
    createdAt: asTimestamp(start?.startTime) ?? asTimestamp(head[0]?.timestamp),
    updatedAt: asTimestamp(recent[0]?.timestamp),
  });
  const last = recent.find(({ type }) => typeof type === 'string' && TURNS.has(type));
  const limit = last?.type === 'session.error' ? limitOf(asObject(last.data) ?? {}) : undefined;
  if (limit !== undefined) summary.limit = limit;
}

function promptOf(event: JsonObject): string | undefined {
  return event.type === 'user.message' ? asText(asObject(event.data)?.content) : undefined;
}

const TURNS = new Set(['user.message', 'assistant.message', 'tool.execution_complete', 'session.error']);
