/** Compacted histories: a `chat_compression` record holds what the model sees instead of everything before it. */
import { checksum } from '../../io/lines.ts';
import { asArray, asObject, asText, isObject } from '../../model/narrow.ts';
import type { Entry, JsonObject, JsonValue } from '../../model/session.ts';
import { ACKNOWLEDGEMENT, readSnapshot, writeSnapshot } from '../_shared/gemini-compaction.ts';
import { contentParts, plainPart } from '../_shared/gemini-parts.ts';

/** What newer versions put after a summary (read in source of 0.24.4). */
const TRAILER =
  '\n\nResume the prior task using the summary above. Continue from the last in-flight step; do not acknowledge the summary, do not re-introduce, do not greet the user again.';

/** Content of earlier records, by checksum: the compacted history repeats what was kept. */
export interface KeptRecords {
  add(entryId: string, parts: JsonObject[]): void;
  /** Ids of the entries that contents repeat, and the contents that are new. */
  match(contents: JsonObject[]): { keeps: string[]; rest: JsonObject[] };
}

export function keptRecords(): KeptRecords {
  const sums: number[] = [];
  const ids: string[] = [];
  const callers = new Map<string, string>();
  return {
    add(entryId, parts) {
      ids.push(entryId);
      sums.push(checksum(JSON.stringify(parts)));
      for (const id of callIds(parts)) callers.set(id, entryId);
    },
    match(contents) {
      const keeps: string[] = [];
      const rest: JsonObject[] = [];
      let before = sums.length;
      for (const content of contents.toReversed()) {
        const parts = contentParts(content.parts);
        const at = before === 0 ? -1 : sums.lastIndexOf(checksum(JSON.stringify(parts)), before - 1);
        if (at >= 0) {
          before = at;
          keeps.push(ids[at] ?? '');
          continue;
        }
        // a call that was not answered yet is repeated without what was said beside it
        const asked = callIds(parts).flatMap((id) => callers.get(id) ?? []);
        if (asked.length > 0) keeps.push(...asked);
        else rest.push(content);
      }
      return { keeps: keeps.reverse(), rest: rest.reverse() };
    },
  };
}

function callIds(parts: JsonObject[]): string[] {
  return parts.flatMap((part) => asText(asObject(part.functionCall)?.id) ?? []);
}

/** The compaction, and after it what the agent restored beside the summary (files, reminders). */
export function* readCompaction(
  base: Pick<Entry, 'id' | 'parentId' | 'evidence' | 'time'>,
  payload: JsonObject,
  seen: KeptRecords,
): Generator<Entry> {
  const history = (asArray(payload.compressedHistory) ?? []).filter(isObject);
  const [first, answer, ...others] = history;
  const summary = contentParts(first?.parts).flatMap((part) => asText(part.text) ?? [])[0];
  const acknowledged = contentParts(answer?.parts).some((part) => part.text === ACKNOWLEDGEMENT);
  if (summary === undefined || !acknowledged) {
    // a history with old results cleared away has no summary
    yield { ...base, type: 'compaction', summary: '', keeps: seen.match(history).keeps };
    return;
  }
  const calls = contentParts(answer?.parts).filter((part) => part.functionCall !== undefined);
  const { keeps, rest } = seen.match(
    calls.length > 0 ? [{ role: 'model', parts: calls }, ...others] : others,
  );
  yield { ...base, type: 'compaction', summary: readSummary(summary), keeps };
  for (const content of rest) {
    const parts = contentParts(content.parts).flatMap((part) => plainPart(part, 'qwen') ?? []);
    const role = content.role === 'model' ? ('assistant' as const) : ('user' as const);
    if (parts.length > 0) yield { ...base, type: 'message', role, origin: 'harness', parts };
  }
}

function readSummary(text: string): string {
  return readSnapshot(text.endsWith(TRAILER) ? text.slice(0, -TRAILER.length) : text);
}

/** What the model sees after a compaction: summary, acknowledgement, what was kept. */
export function compactedHistory(summary: string, kept: JsonObject[]): JsonValue {
  return [
    { role: 'user', parts: [{ text: `${writeSnapshot(summary)}${TRAILER}` }] },
    { role: 'model', parts: [{ text: ACKNOWLEDGEMENT }] },
    ...kept,
  ];
}
