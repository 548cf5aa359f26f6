/** Full-text search over everything that is indexed. */
import { sep } from 'node:path';
import type { SessionSummary } from '../agents/contract.ts';
import type { SqlValue, WriteDatabase } from '../io/sqlite.ts';
import { parseJson } from '../model/narrow.ts';
import type { Query } from './query.ts';

export interface SearchHit {
  agent: string;
  id: string;
  path: string;
  title: string | null;
  cwd: string | null;
  updatedAt: string;
  /** Number of the entry that matches best; `segue show AGENT:ID --at N`. */
  at: number;
  role: 'user' | 'assistant' | 'tool';
  tool?: string;
  /** Text around the match; matches stand between \u0002 and \u0003. */
  snippet: string;
  /** Further matches in the same session. */
  more: number;
}

/** Matches looked at, the newest: ranking a word that stands everywhere would take longer than it helps. */
const MOST_MATCHES = 4000;
const ROLE_WEIGHT: Record<string, number> = { user: 1.5, assistant: 1.2, tool: 1 };

/** Runs a query; best sessions first, one hit for each. */
export function search(index: WriteDatabase, query: Query, limit: number): SearchHit[] {
  const candidates = query.match === undefined ? unranked(index, query) : ranked(index, query, query.match);
  const best = new Map<number, { hit: Candidate; more: number }>();
  for (const hit of candidates.sort((a, b) => b.score - a.score)) {
    const known = best.get(hit.sid);
    if (known === undefined) best.set(hit.sid, { hit, more: 0 });
    else known.more++;
  }
  return [...best.values()].slice(0, limit).map(({ hit, more }) => toHit(index, hit, more, query));
}

interface Candidate {
  doc: number;
  sid: number;
  ref: number;
  role: SearchHit['role'];
  tool: string | undefined;
  score: number;
}

function ranked(index: WriteDatabase, query: Query, match: string): Candidate[] {
  const { where, params } = conditions(query);
  const rows = index.all(
    `SELECT d.rowid AS doc, d.sid, d.ref, d.role, d.tool, length(d.shown) AS size, s.updated
     FROM fts JOIN doc d ON d.rowid = fts.rowid JOIN session s ON s.sid = d.sid
     WHERE fts MATCH ?${where} ORDER BY fts.rowid DESC LIMIT ${MOST_MATCHES}`,
    match,
    ...params,
  );
  return toCandidates(rows);
}

function unranked(index: WriteDatabase, query: Query): Candidate[] {
  const { where, params } = conditions(query);
  const rows = index.all(
    `SELECT d.rowid AS doc, d.sid, d.ref, d.role, d.tool, length(d.shown) AS size, s.updated
     FROM doc d JOIN session s ON s.sid = d.sid WHERE 1${where} ORDER BY d.rowid DESC LIMIT ${MOST_MATCHES}`,
    ...params,
  );
  return toCandidates(rows);
}

/** Short texts that match are about it; a person's words weigh more than output; newer sessions come first among equals. */
function toCandidates(rows: Record<string, SqlValue>[]): Candidate[] {
  const newest = Math.max(...rows.map((row) => Number(row.updated)), 0);
  return rows.map((row) => {
    const ageDays = (newest - Number(row.updated)) / 86_400e3;
    const brevity = 1 / Math.log2(16 + Number(row.size) / 50);
    return {
      doc: Number(row.doc),
      sid: Number(row.sid),
      ref: Number(row.ref),
      role: String(row.role) as SearchHit['role'],
      tool: row.tool === null ? undefined : String(row.tool),
      score: (ROLE_WEIGHT[String(row.role)] ?? 1) * brevity * (1 / (1 + ageDays / 60)),
    };
  });
}

function conditions(query: Query): { where: string; params: SqlValue[] } {
  const parts: string[] = [];
  const params: SqlValue[] = [];
  const add = (sql: string, ...values: SqlValue[]): void => {
    parts.push(sql);
    params.push(...values);
  };
  if (query.agent !== undefined) add('s.agent = ?', query.agent);
  if (query.role !== undefined) add('d.role = ?', query.role);
  if (query.tool !== undefined) add('lower(d.tool) = lower(?)', query.tool);
  if (query.before !== undefined) add('s.updated < ?', query.before);
  if (query.after !== undefined) add('s.updated >= ?', query.after);
  if (query.cwd !== undefined) add("instr(coalesce(json_extract(s.summary, '$.cwd'), ''), ?) > 0", query.cwd);
  if (query.file !== undefined)
    add(`s.sid IN (SELECT sid FROM touched WHERE ${fileCondition()})`, ...fileParams(query.file));
  return { where: parts.map((part) => ` AND ${part}`).join(''), params };
}

function toHit(index: WriteDatabase, hit: Candidate, more: number, query: Query): SearchHit {
  const session = index.get('SELECT agent, id, path, updated, summary FROM session WHERE sid = ?', hit.sid);
  const summary = parseJson(String(session?.summary ?? '{}')) as SessionSummary | undefined;
  const shown = String(index.get('SELECT shown FROM doc WHERE rowid = ?', hit.doc)?.shown ?? '');
  return {
    agent: String(session?.agent),
    id: String(session?.id),
    path: String(session?.path),
    title: summary?.title ?? null,
    cwd: summary?.cwd ?? null,
    updatedAt: new Date(Number(session?.updated)).toISOString(),
    at: hit.ref,
    role: hit.role,
    tool: hit.tool,
    snippet: snippet(shown, query.terms),
    more,
  };
}

/** Characters shown on each side of a match. */
const AROUND = 90;

/** One line around the first term that stands in the text; its beginning when the match lies further on. */
export function snippet(text: string, terms: readonly string[][]): string {
  const plain = text.replace(/\s+/g, ' ').trim();
  const folded = fold(plain);
  for (const words of terms) {
    const pattern = words
      .map((word) => fold(word).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^\\p{L}\\p{N}]+');
    const found = new RegExp(`(?<![\\p{L}\\p{N}])${pattern}`, 'u').exec(folded);
    if (found === null) continue;
    const start = Math.max(found.index - AROUND, 0);
    const end = found.index + found[0].length;
    const stop = Math.min(end + AROUND, plain.length);
    const marked = `${plain.slice(start, found.index)}\u0002${plain.slice(found.index, end)}\u0003${plain.slice(end, stop)}`;
    return `${start > 0 ? '…' : ''}${marked}${stop < plain.length ? '…' : ''}`.toWellFormed();
  }
  return plain.length > 2 * AROUND ? `${plain.slice(0, 2 * AROUND)}…`.toWellFormed() : plain;
}

/** Lower case without diacritics, character for character, as the index compares. */
function fold(text: string): string {
  return [...text].map((c) => (c < '\u0080' ? c.toLowerCase() : sameLength(c))).join('');
}

function sameLength(character: string): string {
  const base = character.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return base.length === character.length ? base : character;
}

/** A session that read or changed a file. */
export interface FileHit {
  agent: string;
  id: string;
  path: string;
  title: string | null;
  updatedAt: string;
  file: string;
  at: number;
  how: 'read' | 'changed';
}

/** Sessions that touched a file (an absolute path, or the end of one), newest first. */
export function sessionsOfFile(index: WriteDatabase, file: string, limit: number): FileHit[] {
  return index
    .all(
      `SELECT s.agent, s.id, s.path, s.updated, s.summary, t.file, t.ref, t.how FROM touched t JOIN session s ON s.sid = t.sid
       WHERE ${fileCondition('t.')} ORDER BY s.updated DESC LIMIT ?`,
      ...fileParams(file),
      limit,
    )
    .map((row) => ({
      agent: String(row.agent),
      id: String(row.id),
      path: String(row.path),
      title: (parseJson(String(row.summary)) as SessionSummary | undefined)?.title ?? null,
      updatedAt: new Date(Number(row.updated)).toISOString(),
      file: String(row.file),
      at: Number(row.ref),
      how: row.how === 'read' ? 'read' : 'changed',
    }));
}

function fileCondition(table = ''): string {
  return `(${table}file = ? OR substr(${table}file, -length(?)) = ?)`;
}

function fileParams(file: string): SqlValue[] {
  const tail = file.startsWith(sep) ? file : `/${file.replace(/^\.\//, '')}`;
  return [file, tail, tail];
}
