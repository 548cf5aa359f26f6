/** What of a session goes into the full-text index, and putting it there. */
import type { Agent, SessionRef } from '../agents/contract.ts';
import type { Env } from '../io/paths.ts';
import type { WriteDatabase } from '../io/sqlite.ts';
import type { Entry, MessageEntry, Part, ResultContent } from '../model/session.ts';
import { stripControls } from '../model/text.ts';
import type { ToolCall } from '../model/tools.ts';
import { type Progress, removeText } from './refresh.ts';

/** Characters kept of each kind of text: words of people and models whole, bulk by its ends. */
const LIMITS = { message: 12_000, call: 1200, resultHead: 500, resultTail: 250 };
/** Characters kept for showing. */
const SHOWN = { user: 2000, assistant: 1200, tool: 240 };
/** Characters written in one transaction: many small ones cost more than they protect. */
const BATCH_CHARS = 4 << 20;

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

interface Collected {
  sid: number;
  stamp: string;
  docs: Doc[];
  touches: Map<string, Touch>;
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
  let batch: Collected[] = [];
  let chars = 0;
  try {
    for (const { sid, ref, stamp } of pending) {
      const agent = agents.get(ref.agent);
      if (agent !== undefined) {
        const collected = readText(agent, ref, env);
        batch.push({ sid, stamp, ...collected });
        for (const doc of collected.docs) chars += doc.text.length;
        if (chars > BATCH_CHARS) {
          store(index, batch);
          batch = [];
          chars = 0;
        }
      }
      bytes += ref.bytes;
      progress?.(++done, pending.length, bytes);
      yield;
    }
  } finally {
    // also when the caller stops early: what was read is kept
    store(index, batch);
  }
}

function readText(agent: Agent, ref: SessionRef, env: Env): Pick<Collected, 'docs' | 'touches'> {
  const docs: Doc[] = [];
  const touches = new Map<string, Touch>();
  try {
    collect(agent.read(ref, { env }).entries(), docs, touches);
  } catch (error) {
    // unreadable: its summary says so; what was read before the failure stays searchable
    if (!(error instanceof Error)) throw error;
  }
  return { docs, touches };
}

function store(index: WriteDatabase, batch: readonly Collected[]): void {
  if (batch.length === 0) return;
  index.transaction(() => {
    let rowid = Number(index.get('SELECT coalesce(max(rowid), 0) AS last FROM doc')?.last);
    for (const { sid, stamp, docs, touches } of batch) {
      // another process may have been here, or the session is gone
      const row = index.get('SELECT stamp, text_stamp FROM session WHERE sid = ?', sid);
      if (row === undefined || row.stamp !== stamp || row.text_stamp === stamp) continue;
      if (row.text_stamp !== null) removeText(index, sid);
      for (const { ref, role, tool, text } of docs) {
        rowid++;
        const shown = text.slice(0, SHOWN[role]).toWellFormed();
        index.run(
          'INSERT INTO doc (rowid, sid, ref, role, tool, shown) VALUES (?, ?, ?, ?, ?, ?)',
          rowid,
          sid,
          ref,
          role,
          tool ?? null,
          shown,
        );
        index.run('INSERT INTO fts (rowid, text) VALUES (?, ?)', rowid, text);
      }
      for (const { file, ref, how } of touches.values()) {
        index.run(
          'INSERT OR REPLACE INTO touched (sid, file, ref, how) VALUES (?, ?, ?, ?)',
          sid,
          file,
          ref,
          how,
        );
      }
      index.run('UPDATE session SET text_stamp = ? WHERE sid = ?', stamp, sid);
    }
  });
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
  const short = text.length > max ? text.slice(0, max) : text;
  return separateIdeographs(withoutBlobs(stripControls(short)));
}

/** A longer word is encoded data. */
const LONGEST_WORD = 120;

/** By hand: an expression for long words takes time that grows with the square of a word. */
function withoutBlobs(text: string): string {
  if (text.length < LONGEST_WORD) return text;
  let kept = '';
  let from = 0;
  let start = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = at < text.length ? text.charCodeAt(at) : 32;
    if (code > 32 && code < 128) continue;
    if (at - start > LONGEST_WORD) {
      kept += text.slice(from, start);
      from = at;
    }
    start = at + 1;
  }
  return from === 0 ? text : kept + text.slice(from);
}

/** The tokenizer takes a run of ideographs for one word: a space between them makes each one findable. */
export function separateIdeographs(text: string): string {
  return BEYOND_GREEK.test(text) ? text.replace(IDEOGRAPH, ' $& ') : text;
}

const BEYOND_GREEK = /[\u0E00-\u0E7F\u2E80-\uFFFF]/;
const IDEOGRAPH = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/gu;
