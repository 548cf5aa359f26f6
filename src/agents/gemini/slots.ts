/** What the first pass over a chat file learns of a message and of metadata, without parsing a message. */
import { memberNames, stringAt, valueEnd, walkMembers } from '../../io/json-scan.ts';
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

const MESSAGE = memberNames('id', 'type', 'content', 'toolCalls', 'model', 'tokens');

/** One message's place, and what it says beside its content; undefined when it has no id. `shift`: buffer → file. */
export function scanMessage(
  buffer: Buffer,
  start: number,
  end: number,
  shift: number,
  path: string,
): { slot: Slot; rich: boolean; model?: string; usage?: Usage } | undefined {
  let id: string | undefined;
  let type = '';
  let harness = false;
  let calls = false;
  let model: string | undefined;
  let tokens: JsonValue | undefined;
  const walked = walkMembers(buffer, start, end, MESSAGE, (key, from) => {
    const to = valueEnd(buffer, from, end);
    if (to < 0) return to;
    if (key === 'id') id = stringAt(buffer, from, to);
    else if (key === 'type') type = stringAt(buffer, from, to) ?? '';
    else if (key === 'content')
      harness = HARNESS.test(buffer.toString('utf8', from, Math.min(to, from + 160)));
    else if (key === 'toolCalls') calls = true;
    else if (key === 'model') model = stringAt(buffer, from, to);
    else if (key === 'tokens') tokens = parseJson(buffer.toString('utf8', from, to));
    return to;
  });
  if (walked === -1 || id === undefined) return undefined;
  const slot = {
    id,
    type,
    path,
    start: shift + start,
    end: shift + end,
    harness: harness && type === 'user',
  };
  return { slot, rich: calls || model !== undefined, model, usage: readUsage(tokens) };
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
