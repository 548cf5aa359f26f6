/** What of a session goes into the full-text index, and putting it there. */
import type { Agent, SessionRef } from '../agents/contract.ts';
import type { Env } from '../io/paths.ts';
import type { WriteDatabase } from '../io/sqlite.ts';
import type { Entry, MessageEntry, Part, ResultContent } from '../model/session.ts';
import { stripControls } from '../model/text.ts';
import type { ToolCall } from '../model/tools.ts';
import { type Progress, removeText } from './refresh.ts';

/** Characters kept of each kind of text: words of people and models whole, bulk by its ends. */
const LIMITS = { message: 20_000, call: 2000, resultHead: 1200, resultTail: 600 };

export interface Doc {
  ref: number;
  role: 'user' | 'assistant' | 'tool';
  tool?: string;
  text: string;
}

export interface Touch {
  file: string;
  ref: number;
  how: 'read' | 'changed';
}

/** Sessions whose text is not indexed as they are now, newest first. */
export function pendingText(index: WriteDatabase): { sid: number; ref: SessionRef; stamp: string }[] {
  return index
    .all(
      'SELECT sid, ref, stamp FROM session WHERE text_stamp IS NULL OR text_stamp <> stamp ORDER BY updated DESC',
    )
    .map((row) => ({
      sid: Number(row.sid),
      ref: JSON.parse(String(row.ref)) as SessionRef,
      stamp: String(row.stamp),
    }));
}

/**
 * Indexes the text of every session that is new or changed, oldest first. A session that cannot be read is marked done
 * with what could be read. Yields after each session, so that a caller may stop or let other work run.
 */
export function* indexText(
  index: WriteDatabase,
  agents: ReadonlyMap<string, Agent>,
  env: Env,
  progress?: Progress,
): Generator<void, void, void> {
  const pending = pendingText(index).reverse();
  let bytes = 0;
  let done = 0;
  for (const { sid, ref, stamp } of pending) {
    const agent = agents.get(ref.agent);
    if (agent !== undefined) {
      const docs: Doc[] = [];
      const touches = new Map<string, Touch>();
      try {
        collect(agent.read(ref, { env }).entries(), docs, touches);
      } catch {
        // unreadable: its summary says so; what was read before the failure stays searchable
      }
      index.transaction(() => {
        // another process may have been here, or the session is gone
        const row = index.get('SELECT stamp, text_stamp FROM session WHERE sid = ?', sid);
        if (row === undefined || row.stamp !== stamp || row.text_stamp === stamp) return;
        removeText(index, sid);
        for (const doc of docs)
          index.run(
            'INSERT INTO doc (sid, ref, role, tool, text) VALUES (?, ?, ?, ?, ?)',
            sid,
            doc.ref,
            doc.role,
            doc.tool ?? null,
            doc.text,
          );
        for (const touch of touches.values())
          index.run(
            'INSERT OR REPLACE INTO touched (sid, file, ref, how) VALUES (?, ?, ?, ?)',
            sid,
            touch.file,
            touch.ref,
            touch.how,
          );
        index.run('UPDATE session SET text_stamp = ? WHERE sid = ?', stamp, sid);
      });
    }
    bytes += ref.bytes;
    progress?.(++done, pending.length, bytes);
    yield;
  }
}

function collect(entries: Iterable<Entry>, docs: Doc[], touches: Map<string, Touch>): void {
  let ref = 0;
  for (const entry of entries) {
    ref++;
    if (entry.type === 'message' && entry.origin !== 'harness' && entry.role !== 'system')
      collectMessage(entry, ref, docs, touches);
    else if (entry.type === 'compaction' && entry.summary !== '')
      docs.push({ ref, role: 'assistant', text: searchable(entry.summary, LIMITS.message) });
  }
}

function collectMessage(entry: MessageEntry, ref: number, docs: Doc[], touches: Map<string, Touch>): void {
  const prose = entry.parts
    .map(proseOf)
    .filter((text) => text !== '')
    .join('\n');
  if (prose !== '')
    docs.push({
      ref,
      role: entry.role === 'user' ? 'user' : 'assistant',
      text: searchable(prose, LIMITS.message),
    });
  for (const part of entry.parts) {
    if (part.type === 'tool_call') {
      docs.push({ ref, role: 'tool', tool: part.native.name, text: searchable(callText(part), LIMITS.call) });
      for (const file of filesOf(part)) {
        const how = part.tool === 'read' ? 'read' : 'changed';
        if (touches.get(file)?.how !== 'changed') touches.set(file, { file, ref, how });
      }
    } else if (part.type === 'tool_result') {
      const text = resultText(part.content);
      if (text !== '') docs.push({ ref, role: 'tool', text: ends(text) });
    }
  }
}

function proseOf(part: Part): string {
  if (part.type === 'text' || part.type === 'reasoning') return part.text;
  if (part.type === 'file') return `${part.path ?? part.name ?? ''}\n${part.text ?? ''}`;
  return '';
}

function callText(call: ToolCall): string {
  switch (call.tool) {
    case 'execute':
      return call.input.command;
    case 'write':
      return `${call.input.path}\n${call.input.content}`;
    case 'edit':
      return `${call.input.path}\n${call.input.edits.map((edit) => edit.newText).join('\n')}`;
    case 'patch':
      return call.input.changes
        .map(
          (change) =>
            `${change.path}\n${change.change === 'update' ? change.hunks.flatMap((hunk) => hunk.lines).join('\n') : change.change === 'add' ? change.content : ''}`,
        )
        .join('\n');
    case 'plan':
      return call.input.items.map((item) => item.text).join('\n');
    default:
      return strings(call.input).join(' ');
  }
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(strings);
}

/** Files that a call reads or changes. */
export function filesOf(call: ToolCall): string[] {
  if (call.tool === 'read' || call.tool === 'write' || call.tool === 'edit') return [call.input.path];
  if (call.tool !== 'patch') return [];
  return call.input.changes.flatMap((change) =>
    change.change === 'update' && change.moveTo !== undefined ? [change.path, change.moveTo] : [change.path],
  );
}

function resultText(content: ResultContent[]): string {
  return content
    .map((part) => (part.type === 'text' ? part.text : ''))
    .join('\n')
    .trim();
}

function ends(text: string): string {
  const { resultHead, resultTail } = LIMITS;
  if (text.length <= resultHead + resultTail) return searchable(text, resultHead + resultTail);
  return searchable(
    `${text.slice(0, resultHead)}\n…\n${text.slice(-resultTail)}`,
    resultHead + resultTail + 3,
  );
}

/** Text as it is indexed: cut, clean, without encoded blobs; ideographs stand alone so that each can be found. */
export function searchable(text: string, max: number): string {
  return separateIdeographs(stripControls(text.slice(0, max)).replace(/[A-Za-z0-9+/=_-]{120,}/g, ' '));
}

/** The tokenizer takes a run of ideographs for one word: a space between them makes each one findable. */
export function separateIdeographs(text: string): string {
  return HAS_IDEOGRAPH.test(text) ? text.replace(IDEOGRAPH, ' $& ') : text;
}

const HAS_IDEOGRAPH = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const IDEOGRAPH = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu;
