/**
 * One session of OpenCode or a fork, as its three layouts (database, file store, exported document) give it:
 * facts, and messages with their parts in order, read one message at a time.
 */
import { asNumber, asObject, asText, asTimestamp } from '../../model/narrow.ts';
import type { Diagnostic, Evidence, JsonObject, Timestamp, Usage } from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';

/** A stored part: the JSON object without its ids. */
export interface StoredPart {
  id: string;
  data: JsonObject;
  evidence: Evidence;
}

/** A stored message with its parts in display order. */
export interface StoredMessage {
  id: string;
  data: JsonObject;
  parts: StoredPart[];
  evidence: Evidence;
}

/** What the session record says, whatever the layout. */
export interface SessionFacts {
  id: string;
  /** Absent for the placeholder that stands until a title was made. */
  title?: string;
  directory?: string;
  parentId?: string;
  version?: string;
  agent?: string;
  model?: string;
  createdAt?: Timestamp;
  updatedAt?: Timestamp;
  archived: boolean;
  usage?: Usage;
  /** Free object that survives import and export; segue's provenance is in it. */
  metadata?: JsonObject;
  /** Everything from this message (or from this part of it) on was undone by the user and goes with the next prompt. */
  revert?: { messageId: string; partId?: string };
}

export interface SessionSource {
  facts: SessionFacts;
  /** Starts anew each time; what cannot be read becomes a diagnostic. */
  messages(diagnostics: Diagnostic[]): Iterable<StoredMessage>;
  children(diagnostics: Diagnostic[]): SessionSource[];
  /** Models that answered, in order of first use. */
  models(): string[];
}

/** Session record in its JSON form (file store, export) → facts; undefined when it has no session id. */
export function factsOf(info: JsonObject): SessionFacts | undefined {
  const id = asText(info.id);
  if (id === undefined) return undefined;
  const time = asObject(info.time);
  return {
    id,
    title: realTitle(info.title),
    directory: asText(info.directory),
    parentId: asText(info.parentID),
    version: asText(info.version),
    agent: asText(info.agent),
    model: modelName(asObject(info.model)),
    createdAt: asTimestamp(time?.created),
    updatedAt: asTimestamp(time?.updated),
    archived: asNumber(time?.archived) !== undefined,
    usage: usageOf(asObject(info.tokens)),
    metadata: asObject(info.metadata),
    revert: revertOf(asObject(info.revert)),
  };
}

/** `provider/model`, as the agent's own `-m` takes it; from the session's or a message's model object. */
export function modelName(model: JsonObject | undefined): string | undefined {
  const name = asText(model?.modelID) ?? asText(model?.id);
  const provider = asText(model?.providerID);
  return name === undefined || provider === undefined ? name : `${provider}/${name}`;
}

/** A title that was made, not the placeholder `New session - <time>`. */
export function realTitle(title: unknown): string | undefined {
  const text = asText(title);
  return text !== undefined && PLACEHOLDER.test(text) ? undefined : text;
}

const TITLE_LENGTH = 120;
const PLACEHOLDER = /^(New|Child) session - \d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/** Token counts of a message or a session record; undefined when all are zero. */
export function usageOf(tokens: JsonObject | undefined): Usage | undefined {
  if (tokens === undefined) return undefined;
  const cache = asObject(tokens.cache);
  const usage: Usage = {
    input: asNumber(tokens.input),
    output: asNumber(tokens.output),
    cacheRead: asNumber(cache?.read),
    cacheWrite: asNumber(cache?.write),
    reasoning: asNumber(tokens.reasoning),
  };
  return Object.values(usage).some((count) => count !== undefined && count !== 0) ? usage : undefined;
}

export function revertOf(revert: JsonObject | undefined): SessionFacts['revert'] {
  const messageId = asText(revert?.messageID);
  return messageId === undefined ? undefined : { messageId, partId: asText(revert?.partID) };
}

/**
 * The first thing that a person said, for a session without a title. `run` stores an argument that has a space in
 * double quotes: one pair is taken off.
 */
export function firstPrompt(messages: Iterable<StoredMessage>): string | undefined {
  for (const { data, parts } of messages) {
    if (data.role !== 'user') continue;
    for (const part of parts) {
      const text = asText(part.data.text);
      if (part.data.type !== 'text' || text === undefined || isInjected(part.data)) continue;
      return oneLine(/^"([\s\S]*)"\s*$/.exec(text)?.[1] ?? text, TITLE_LENGTH);
    }
  }
  return undefined;
}

/** Models of assistant messages, in order of first use. */
export function messageModels(messages: Iterable<StoredMessage>): string[] {
  const names = new Set<string>();
  for (const { data } of messages) {
    const name = data.role === 'assistant' ? modelName(data) : undefined;
    if (name !== undefined) names.add(name);
  }
  return [...names];
}

/** Text that the program put into a user message (`synthetic`), or that only the screen shows (`ignored`). */
export function isInjected(part: JsonObject): boolean {
  return part.synthetic === true || part.ignored === true;
}
