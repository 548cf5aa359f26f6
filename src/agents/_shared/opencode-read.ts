/** A session of OpenCode or a fork, from whichever layout holds it. */

import { asObject, asText } from '../../model/narrow.ts';
import type { Branch, Diagnostic, Entry, Lineage, Session } from '../../model/session.ts';
import type { ReadOptions, SessionRef } from '../contract.ts';
import { databaseSource } from './opencode-database.ts';
import { entriesOf } from './opencode-entries.ts';
import type { Family } from './opencode-family.ts';
import { fileSource } from './opencode-files.ts';
import { firstPrompt, type SessionFacts, type SessionSource, type StoredMessage } from './opencode-source.ts';

/** Opens a session: facts now, entries as they are asked for. Throws `not-a-session` and `unreadable`. */
export function read(family: Family, ref: SessionRef, options: ReadOptions = {}): Session {
  return sessionOf(family, openSource(ref), options);
}

/** The session behind a reference: a row of a database when it has a key, else a file. */
export function openSource(ref: SessionRef): SessionSource {
  return ref.key === undefined ? fileSource(ref.path) : databaseSource(ref.path, ref.key);
}

function sessionOf(family: Family, source: SessionSource, options: ReadOptions): Session {
  const { facts } = source;
  const diagnostics: Diagnostic[] = [];
  const undone = undoneBranch(source);
  const whole = options.branch !== undefined && options.branch === undone?.id;
  function* entries(): Generator<Entry, void, void> {
    const stored = source.messages(diagnostics);
    const messages = whole ? stored : untilRevert(stored, facts.revert);
    yield* entriesOf(messages, { cwd: facts.directory, diagnostics });
  }
  return {
    info: {
      agent: family.id,
      id: facts.id,
      title: facts.title ?? firstPrompt(source.messages([])),
      cwd: facts.directory,
      models: source.models(),
      usage: facts.usage,
      createdAt: facts.createdAt,
      updatedAt: facts.updatedAt,
      agentVersion: facts.version,
      lineage: lineage(family, facts),
    },
    entries,
    branches: undone === undefined || whole ? [] : [undone],
    subagents: source.children(diagnostics).map((child) => sessionOf(family, child, {})),
    diagnostics,
  };
}

function lineage(family: Family, { parentId, metadata }: SessionFacts): Lineage[] {
  const lines: Lineage[] = [];
  if (parentId !== undefined) lines.push({ kind: 'subagent', agent: family.id, id: parentId });
  const from = asObject(asObject(metadata?.segue)?.from);
  const agent = asText(from?.agent);
  const id = asText(from?.id);
  if (agent !== undefined && id !== undefined) lines.push({ kind: 'transplant', agent, id });
  return lines;
}

/**
 * What the user undid stays stored until the next prompt: messages from the revert point on, or only the later parts of
 * one message and what follows it.
 */
function* untilRevert(
  messages: Iterable<StoredMessage>,
  revert: SessionFacts['revert'],
): Generator<StoredMessage, void, void> {
  for (const message of messages) {
    if (message.id !== revert?.messageId) {
      yield message;
      continue;
    }
    const at = message.parts.findIndex((part) => part.id === revert.partId);
    if (at > 0) yield { ...message, parts: message.parts.slice(0, at) };
    else if (revert.partId !== undefined && at < 0) yield message;
    return;
  }
}

/** The path with what was undone, named by its last entry. */
function undoneBranch(source: SessionSource): Branch | undefined {
  const { revert } = source.facts;
  if (revert === undefined) return undefined;
  const active = countEntries(untilRevert(source.messages([]), revert)).count;
  const all = countEntries(source.messages([]));
  if (all.last === undefined || all.count <= active) return undefined;
  return { id: all.last, entries: all.count - active };
}

function countEntries(messages: Iterable<StoredMessage>): { count: number; last?: string } {
  let count = 0;
  let last: string | undefined;
  for (const entry of entriesOf(messages, { diagnostics: [] })) {
    count++;
    last = entry.id;
  }
  return { count, last };
}
