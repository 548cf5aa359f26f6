/** Bounded facts about a pi transcript: the whole path of a small one, head and tail of a large one. */
import { headAndTail } from '../../io/lines.ts';
import { SegueError, systemCode } from '../../model/errors.ts';
import { asObject, asString, asText, asTimestamp, isObject, parseJson } from '../../model/narrow.ts';
import type { Diagnostic, JsonObject, LimitState, Session, Usage } from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';
import type { SessionRef, SessionSummary } from '../contract.ts';
import { firstOf } from './file-summary.ts';
import { contentParts } from './pi-entries.ts';
import { limitOf } from './pi-limits.ts';

const EDGE = 64 << 10;
const TITLE = 120;

/** Sessions up to this many bytes are read whole for a summary. */
export const SMALL = 2 * EDGE;

/** Summary of a transcript file. `readWhole` is called for small ones. Never throws. */
export function summarizeTranscript(ref: SessionRef, readWhole: () => Session): SessionSummary {
  return safely(ref, () => {
    if (ref.bytes <= SMALL) return summaryOf(ref, readWhole());
    const { head, tail } = headAndTail(ref.path, EDGE, EDGE);
    return edgeSummary(ref, records(head), records(tail), () => firstOf(ref.path, promptOf));
  });
}

/** A summary that says what is wrong instead of throwing. */
export function safely(ref: SessionRef, summarize: () => SessionSummary): SessionSummary {
  try {
    return summarize();
  } catch (error) {
    const reason =
      error instanceof SegueError ? error.message : `cannot be read (${systemCode(error) ?? 'error'})`;
    return { ...fixedFacts(ref), damaged: reason };
  }
}

/** Everything that a full pass over a session tells. */
export function summaryOf(ref: SessionRef, session: Session): SessionSummary {
  const { info } = session;
  const messages = { user: 0, assistant: 0 };
  let toolCalls = 0;
  let firstPrompt: string | undefined;
  let model: string | undefined;
  let limit: LimitState | undefined;
  for (const entry of session.entries()) {
    if (entry.type === 'event') {
      if (entry.event === 'limit') limit = entry.limit;
    } else if (entry.type === 'message' && entry.origin !== 'harness') {
      limit = undefined;
      if (entry.role === 'assistant') messages.assistant++;
      else if (entry.origin === 'human') messages.user++;
      if (entry.origin === 'human') {
        const text = entry.parts.find((part) => part.type === 'text')?.text;
        firstPrompt ??= text;
      }
      model = entry.model ?? model;
      toolCalls += entry.parts.filter((part) => part.type === 'tool_call').length;
    }
  }
  const damage = session.diagnostics.find((diagnostic) => isDamage(diagnostic));
  return {
    ...fixedFacts(ref),
    id: info.id,
    title: titleOf(info.title ?? firstPrompt),
    cwd: info.cwd,
    model,
    createdAt: info.createdAt,
    updatedAt: info.updatedAt,
    messages,
    toolCalls,
    tokens: totalTokens(info.usage),
    ...(limit === undefined ? {} : { limit }),
    ...(damage === undefined ? {} : { damaged: damage.message }),
  };
}

/** A torn last line is the agent at work; the others lose nothing. */
function isDamage({ code }: Diagnostic): boolean {
  return code !== 'torn-record' && code !== 'unknown-record' && code !== 'orphan-result';
}

/** What the first and the last records of a large session tell. `later`: its first prompt when it is not among the first. */
export function edgeSummary(
  ref: SessionRef,
  start: JsonObject[],
  end: JsonObject[],
  later: () => string | undefined = () => undefined,
): SessionSummary {
  const [first] = start;
  if (start.length === 0 && end.length === 0)
    return { ...fixedFacts(ref), damaged: 'no record was found at its start or end' };
  const all = [...start, ...end];
  const last = end.at(-1) ?? start.at(-1);
  const answer = all.findLast((record) => asObject(record.message)?.role === 'assistant');
  const name = all.findLast((record) => record.type === 'session_info')?.name;
  const limit = lastLimit(end);
  return {
    ...fixedFacts(ref),
    id: asText(first?.id) ?? ref.id,
    title: titleOf(asText(name) ?? firstPrompt(start) ?? later()),
    cwd: asText(first?.cwd),
    model: asText(asObject(answer?.message)?.model),
    createdAt: asTimestamp(first?.timestamp),
    updatedAt: asTimestamp(last?.timestamp) ?? asTimestamp(ref.mtimeMs),
    ...(limit === undefined ? {} : { limit }),
    ...(first?.type === 'session' ? {} : { damaged: 'the session header is missing' }),
  };
}

function records(lines: string[]): JsonObject[] {
  return lines.map((line) => parseJson(line)).filter(isObject);
}

function fixedFacts(ref: SessionRef): SessionSummary {
  return {
    agent: ref.agent,
    id: ref.id,
    bytes: ref.bytes,
    path: ref.path,
    ...(ref.archived === undefined ? {} : { archived: ref.archived }),
  };
}

function titleOf(name: string | undefined): string | undefined {
  const text = oneLine(name ?? '', TITLE);
  return text === '' ? undefined : text;
}

function firstPrompt(records: JsonObject[]): string | undefined {
  return records.map(promptOf).find((text) => text !== undefined);
}

function promptOf(record: JsonObject): string | undefined {
  const message = asObject(record.message);
  if (record.type !== 'message' || message?.role !== 'user') return undefined;
  const part = contentParts(message.content).find((content) => content.type === 'text');
  return part?.type === 'text' ? part.text : undefined;
}

/** The limit that the last message is the record of. */
function lastLimit(records: JsonObject[]): LimitState | undefined {
  const record = records.findLast((item) => item.type === 'message');
  const message = asObject(record?.message);
  if (message?.stopReason !== 'error') return undefined;
  return limitOf(asString(message.errorMessage), asTimestamp(record?.timestamp));
}

function totalTokens(usage: Usage | undefined): number | undefined {
  if (usage === undefined) return undefined;
  return (usage.input ?? 0) + (usage.output ?? 0) + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0);
}
