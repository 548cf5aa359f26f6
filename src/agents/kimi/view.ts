/** The model's view of a session: which messages are in it, and what a compaction leaves. Rules: read in 2.1.0. */
import { asBoolean, asNumber } from '../../model/narrow.ts';
import type { JsonObject } from '../../model/session.ts';

/** A message that the model sees; without id when it is no entry of the session. */
export interface Viewed {
  id?: string;
  /** A person's. */
  human: boolean;
}

/** What a compaction keeps: everything from a place on, or the first and the last messages of the person. */
export type Kept = { from: number } | { first: number; last: number };

/** What a `context.apply_compaction` keeps. */
export function keptOf(record: JsonObject): Kept {
  const kept = asNumber(record.keptUserMessageCount);
  const legacy = asBoolean(record.legacyTail) ?? kept === undefined;
  if (legacy) return { from: asNumber(record.compactedCount) ?? asNumber(record.count) ?? 0 };
  const first = asNumber(record.keptHeadUserMessageCount) ?? 0;
  return { first, last: Math.max((kept ?? 0) - first, 0) };
}

export function newView() {
  let view: Viewed[] = [];
  return {
    add(message: Viewed): void {
      view.push(message);
    },
    clear(): void {
      view = [];
    },
    /** Applies a compaction; the ids of what stays. */
    cut(kept: Kept): string[] {
      if ('from' in kept) {
        const rest = view.slice(kept.from);
        view = [SUMMARY, ...rest];
        return idsOf(rest);
      }
      const human = view.filter((message) => message.human);
      const rest = human.slice(Math.max(human.length - kept.last, kept.first));
      const stays = [...human.slice(0, kept.first), ...rest];
      view = [...stays, SUMMARY, SUMMARY];
      return idsOf(stays);
    },
  };
}

/** The summary, and the note that tells the model to go on. */
const SUMMARY: Viewed = { human: false };

function idsOf(messages: Viewed[]): string[] {
  return messages.flatMap((message) => message.id ?? []);
}
