/** Prepared session → a Droid session file. */
import { join } from 'node:path';
import { readJsonFile } from '../../io/json-file.ts';
import type { Env } from '../../io/paths.ts';
import { timeMs } from '../../model/ids.ts';
import { asObject, asText } from '../../model/narrow.ts';
import type {
  CompactionEntry,
  Entry,
  JsonObject,
  JsonValue,
  Part,
  ResultContent,
  Session,
} from '../../model/session.ts';
import { jsonLine, oneLine } from '../../model/text.ts';
import { answers } from '../_shared/answers.ts';
import { firstPrompt } from '../_shared/first-prompt.ts';
import type { Acceptance, EncodeTarget, StoreFacts, WritePlan, Writer } from '../contract.ts';
import { VENDOR } from './entries.ts';
import { factoryDir, folderName, sessionsDir } from './places.ts';
import { PROVENANCE } from './read.ts';

const accepts: Acceptance = {
  callId: { pattern: /^[A-Za-z0-9_-]{1,40}$/, prefix: 'toolu_' },
  toolName: { pattern: /^[A-Za-z0-9_-]{1,64}$/, maxLength: 64 },
  images: { user: true, result: true },
  reasoningVendor: VENDOR,
  foreignTools: 'structured',
  compaction: true,
  // Droid's own reminders are left out when sessions are read
  guardedPrefixes: /^\s*<system-reminder>/,
};

/** A title has to be there: without one Droid takes the session for an empty one. */
const UNTITLED = 'New session';
/** Longest title that is made from a prompt. */
const TITLE = 200;

/** `hostId`: this machine's, when Droid has run here. */
function probe(env: Env): StoreFacts {
  const hostId = asText(asObject(readJsonFile(join(factoryDir(env), 'host.json')))?.hostId);
  return hostId === undefined ? {} : { hostId };
}

function encode(session: Session, target: EncodeTarget): WritePlan {
  const sessionId = target.ids.uuid4();
  const path = join(sessionsDir(target.env), folderName(target.cwd), `${sessionId}.jsonl`);
  const seed = target.ids.uuid4();
  return {
    agent: 'droid',
    sessionId,
    ref: { path },
    files: [{ path, content: () => lines(session, target, sessionId, seed) }],
    lines: [],
    members: [],
    rows: () => [],
  };
}

function* lines(
  session: Session,
  target: EncodeTarget,
  sessionId: string,
  seed: string,
): Generator<string, void, void> {
  const { agent, id } = session.info;
  const chain = newChain(target, seed);
  yield jsonLine({
    type: 'session_start',
    id: sessionId,
    // what Droid itself gives a session that nobody named
    title: target.title ?? oneLine(firstPrompt(session, 1000) ?? UNTITLED, TITLE),
    owner: 'unknown',
    version: 2,
    cwd: target.cwd,
    ...(target.store.hostId === undefined ? {} : { hostId: target.store.hostId }),
    isSessionTitleManuallySet: target.title !== undefined,
    [PROVENANCE]: { agent, id },
  });
  for (const item of answers(session.entries())) {
    if (item.type === 'answer') {
      yield* chain.results();
      chain.at(item.entry);
      yield chain.message({ role: 'assistant', content: item.parts.flatMap(block) }, item.ids);
    } else if (item.type === 'compaction') {
      yield* chain.results();
      chain.at(item);
      yield chain.compaction(item);
    } else if (item.type === 'message') {
      chain.at(item);
      for (const part of item.parts) if (part.type === 'tool_result') chain.hold(block(part), item.id);
      const content = item.parts.filter((part) => part.type !== 'tool_result').flatMap(block);
      if (content.length === 0) continue;
      yield* chain.results();
      yield chain.message({ role: 'user', content }, [item.id]);
    }
  }
  yield* chain.results();
}

/** Hands out ids, parents and times, and holds results: all that answer one message have to stand in one. */
function newChain(target: EncodeTarget, seed: string) {
  let count = 0;
  let parentId: string | null = null;
  let ms: number | undefined;
  let held: JsonObject[] = [];
  let heldFor: string[] = [];
  /** Every message: its id, the entries in it, and whether it belongs to the one before. */
  const written: { id: string; entries: string[]; results: boolean }[] = [];
  const nextId = (): string => seed.slice(0, 24) + (count++).toString(16).padStart(12, '0');
  const timestamp = (): string => new Date(ms ?? target.now.getTime()).toISOString();

  function message(fields: JsonObject, entries: string[], results = false): string {
    const id = nextId();
    const record = {
      type: 'message',
      id,
      ...(parentId === null ? {} : { parentId }),
      timestamp: timestamp(),
    };
    parentId = id;
    written.push({ id, entries, results });
    return jsonLine({ ...record, message: fields });
  }

  return {
    message,
    /** Takes an entry's time for the records that follow. */
    at(entry: Entry): void {
      ms = timeMs(entry.time, ms ?? target.now.getTime());
    },
    hold(blocks: JsonObject[], entry: string): void {
      held.push(...blocks);
      heldFor.push(entry);
    },
    *results(): Generator<string, void, void> {
      if (held.length === 0) return;
      const [content, entries] = [held, heldFor];
      held = [];
      heldFor = [];
      yield message({ role: 'user', content }, entries, true);
    },
    /** Everything after the anchor stays in view: from the first kept message on, never from results without their calls. */
    compaction(entry: CompactionEntry): string {
      const wanted = new Set(entry.keeps);
      let first = written.findIndex(({ entries }) => entries.some((id) => wanted.has(id)));
      if (first < 0) first = written.length;
      while (first > 0 && written[first]?.results === true) first--;
      const anchor = written[first - 1];
      return jsonLine({
        type: 'compaction_state',
        id: nextId(),
        timestamp: timestamp(),
        summaryText: entry.summary,
        summaryTokens: Math.ceil(entry.summary.length / 4),
        summaryKind: 'llm_summary',
        ...(anchor === undefined ? {} : { anchorMessage: { id: anchor.id, index: first - 1 } }),
        removedCount: first,
      });
    },
  };
}

function block(part: Part): JsonObject[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'text', text: part.text }];
    case 'reasoning': {
      const kept = part.opaque ?? {};
      return [kept.type === 'redacted_thinking' ? kept : { type: 'thinking', ...kept, thinking: part.text }];
    }
    case 'tool_call':
      return [
        { type: 'tool_use', id: part.callId, name: part.native.name, input: toolInput(part.native.input) },
      ];
    case 'tool_result': {
      const is_error = part.status !== 'ok';
      return [
        { type: 'tool_result', tool_use_id: part.callId, is_error, content: resultContent(part.content) },
      ];
    }
    case 'image': {
      if (part.data === undefined) return [{ type: 'text', text: `[image ${part.path ?? part.mediaType}]` }];
      return [{ type: 'image', source: { type: 'base64', media_type: part.mediaType, data: part.data } }];
    }
    case 'file':
      return []; // files are told as text by then
  }
}

/** The model API takes objects only. */
function toolInput(input: JsonValue): JsonObject {
  return asObject(input) ?? { input };
}

function resultContent(content: ResultContent[]): JsonValue {
  const [only] = content;
  if (content.length === 0) return '';
  return content.length === 1 && only?.type === 'text' ? only.text : content.flatMap(block);
}

export const writer: Writer = { accepts, probe, encode };
