/** What the first pass over a chat file learns of a message and of metadata, without parsing a message. */
import { memberNames, type Span, stringAt, textAt, valueEnd, walkMembers } from '../../io/json-scan.ts';
import { asNumber, asObject, asText, asTimestamp, parseJson } from '../../model/narrow.ts';
import type { JsonValue, Timestamp, Usage } from '../../model/session.ts';

/** Where a message's JSON text is. */
export interface Slot {
  id: string;
  type: string;
  path: string;
  start: number;
  end: number;
  /** Context that the agent put in, by the beginning of its text. */
  harness: boolean;
  /** An earlier record of this message that has what a rewritten history lost: calls' states, tokens, model, time. */
  earlier?: Slot;
}

/** Metadata; of lines that repeat, the last value, but the first start. */
export interface Facts {
  sessionId?: string;
  projectHash?: string;
  startTime?: Timestamp;
  lastUpdated?: Timestamp;
  kind?: string;
  summary?: string;
}

/** Beginnings of texts that the agent puts in itself; the first two are the agent's own test on resume (read in source). */
const HARNESS =
  /^(?:\[\s*\{\s*"text"\s*:\s*)?"\s*(?:<session_context>|<hook_context>|Here is the user's editor context|Here is a summary of changes in the user's editor context)/;

/** Where the members of a record are that segue looks at; undefined for those it does not have. */
export type Members = Partial<Record<(typeof MEMBERS)[number], Span>>;

const FACTS = ['sessionId', 'projectHash', 'kind', 'summary', 'startTime', 'lastUpdated'] as const;
const MEMBERS = [
  ...(['$rewindTo', '$set', 'messages'] as const),
  ...(['id', 'type', 'content', 'toolCalls', 'model', 'tokens'] as const),
  ...FACTS,
] as const;
const NAMES = memberNames(...MEMBERS);

/** Finds the members of a record in one walk; undefined when it is not an object. */
export function membersAt(buffer: Buffer, start: number, end: number): Members | undefined {
  const found: Members = {};
  const walked = walkMembers(buffer, start, end, NAMES, (name, from) => {
    const to = valueEnd(buffer, from, end);
    if (to >= 0) found[name as 'id'] = [from, to];
    return to;
  });
  return walked === -1 ? undefined : found;
}

/** A message's place, and what it says beside its content; undefined when it has no id. `shift`: buffer → file. */
export function messageOf(
  buffer: Buffer,
  { id: idSpan, type: typeSpan, content, toolCalls, model: modelSpan, tokens }: Members,
  [start, end]: Span,
  shift: number,
  path: string,
): { slot: Slot; rich: boolean; model?: string; usage?: Usage } | undefined {
  const id = textAt(buffer, idSpan);
  if (id === undefined) return undefined;
  const type = textAt(buffer, typeSpan) ?? '';
  const model = textAt(buffer, modelSpan);
  const harness =
    type === 'user' &&
    content !== undefined &&
    HARNESS.test(buffer.toString('utf8', content[0], Math.min(content[1], content[0] + 160)));
  const usage = tokens && readUsage(parseJson(buffer.toString('utf8', ...tokens)));
  const slot = { id, type, path, start: shift + start, end: shift + end, harness };
  return { slot, rich: toolCalls !== undefined || model !== undefined, model, usage };
}

/** What a record of metadata tells. */
export function factsOf(buffer: Buffer, members: Members): Facts {
  const facts: Facts = {};
  for (const key of FACTS) {
    const span = members[key];
    if (span !== undefined) readFact(facts, key, buffer, ...span);
  }
  return facts;
}

/** Takes up one member of a metadata record. */
export function readFact(facts: Facts, key: string, buffer: Buffer, from: number, to: number): void {
  switch (key) {
    case 'sessionId':
    case 'projectHash':
    case 'kind':
    case 'summary': {
      const text = asText(stringAt(buffer, from, to));
      if (text !== undefined) facts[key] = text;
      return;
    }
    case 'startTime':
    case 'lastUpdated': {
      const time = asTimestamp(stringAt(buffer, from, to));
      if (time !== undefined) facts[key] = time;
    }
  }
}

/** Token counts; the API's prompt count includes cached tokens. All-zero counts mean that nothing was recorded. */
export function readUsage(value: JsonValue | undefined): Usage | undefined {
  const tokens = asObject(value);
  if (tokens === undefined) return undefined;
  const cached = asNumber(tokens.cached);
  const input = asNumber(tokens.input);
  const usage: Usage = {};
  if (input !== undefined) usage.input = Math.max(0, input - (cached ?? 0));
  if (asNumber(tokens.output) !== undefined) usage.output = asNumber(tokens.output);
  if (cached !== undefined) usage.cacheRead = cached;
  if (asNumber(tokens.thoughts) !== undefined) usage.reasoning = asNumber(tokens.thoughts);
  return Object.values(usage).some((count) => count > 0) ? usage : undefined;
}
