/** Full-text search over everything that is indexed. */
import { sep } from 'node:path';
import type { Row, SqlValue, WriteDatabase } from '../io/sqlite.ts';
import { unpackShown } from './blocks.ts';
import type { Query, Term } from './query.ts';
import { loadSession } from './sessions.ts';
import { BLOCK_DOCS } from './store.ts';
import { toolWord } from './words.ts';

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
  const match = expression(index, query);
  const candidates = match === undefined ? unranked(index, query) : ranked(index, query, match);
  const best = new Map<number, { hit: Candidate; more: number }>();
  for (const hit of candidates.sort((a, b) => b.score - a.score)) {
    const known = best.get(hit.sid);
    if (known === undefined) best.set(hit.sid, { hit, more: 0 });
    else known.more++;
  }
  return [...best.values()].slice(0, limit).map(({ hit, more }) => toHit(index, hit, more, query));
}

/** What is asked of the full-text table; undefined when there are only filters, or words that must not occur. */
function expression(index: WriteDatabase, { wanted, unwanted, tool }: Query): string | undefined {
  const parts = wanted.map((term) => textWith(index, term));
  if (tool !== undefined) parts.push(`tool : "${toolWord(tool)}"`);
  if (parts.length === 0) return undefined;
  return [parts.join(' AND '), ...unwanted.map((term) => textWith(index, term))].join(' NOT ');
}

function textWith(index: WriteDatabase, { words, prefix }: Term): string {
  const [word = ''] = words;
  const whole = prefix && words.length === 1 ? wordsBeginning(index, word.toLowerCase()) : [];
  if (whole.length > 0) return `text : (${whole.map((each) => `"${each}"`).join(' OR ')})`;
  return `text : "${words.join(' ')}"${prefix ? ' *' : ''}`;
}

/** More words than this take longer to name than to look through. */
const MOST_WORDS = 500;
const SIMPLE_WORD = /^[a-z0-9]+$/;

/**
 * Words of the index that begin so; none when there are too many, or the beginning is not a simple one. For the beginning of a
 * word FTS5 gathers all that matches before it gives the first, but for words it gives the newest and stops.
 */
function wordsBeginning(index: WriteDatabase, start: string): string[] {
  const found: string[] = [];
  if (!SIMPLE_WORD.test(start)) return found;
  for (let from = start; ; ) {
    const word = index.get('SELECT term FROM word WHERE term >= ? LIMIT 1', from)?.term;
    if (typeof word !== 'string' || !word.startsWith(start)) return found;
    if (found.push(word) > MOST_WORDS) return [];
    from = `${word}\u0001`;
  }
}

interface Candidate {
  /** Row in the full-text table. */
  doc: number;
  sid: number;
  role: SearchHit['role'];
  score: number;
}

const ROLES: Readonly<Record<string, SearchHit['role']>> = { u: 'user', a: 'assistant', t: 'tool' };

/** Texts that match, the newest. */
function ranked(index: WriteDatabase, query: Query, match: string): Candidate[] {
  const { where, params } = conditions(query);
  const place = `(fts.rowid % ${BLOCK_DOCS}) + 1`;
  if (query.role !== undefined) params.push(query.role);
  const rows = index.all(
    `SELECT fts.rowid AS doc, b.sid, substr(b.roles, ${place}, 1) AS role, substr(b.sizes, ${place}, 1) AS size, s.updated
     FROM fts JOIN block b ON b.bid = fts.rowid / ${BLOCK_DOCS} JOIN session s ON s.sid = b.sid
     WHERE fts MATCH ?${where}${query.role === undefined ? '' : ` AND substr(b.roles, ${place}, 1) = substr(?, 1, 1)`}
     ORDER BY fts.rowid DESC LIMIT ${MOST_MATCHES}`,
    match,
    ...params,
  );
  const newest = newestOf(rows);
  return rows.map((row) =>
    candidate(
      Number(row.doc),
      Number(row.sid),
      String(row.role),
      String(row.size),
      Number(row.updated),
      newest,
    ),
  );
}

/** Texts of sessions that pass, the newest: there are only filters. */
function unranked(index: WriteDatabase, query: Query): Candidate[] {
  const { where, params } = conditions(query);
  const rows = index.all(
    `SELECT b.bid, b.sid, b.roles, b.sizes, s.updated FROM block b JOIN session s ON s.sid = b.sid
     WHERE 1${where} ORDER BY b.bid DESC LIMIT ${MOST_MATCHES}`,
    ...params,
  );
  const newest = newestOf(rows);
  const unwanted = query.unwanted.map((term) => textWith(index, term)).join(' OR ');
  const leftOut = unwanted === '' ? [] : index.iterate(MATCHES, unwanted);
  const found: Candidate[] = [];
  for (const { doc, role, block } of without(textsOf(rows), leftOut)) {
    if (query.role !== undefined && ROLES[role] !== query.role) continue;
    const { sid, sizes, updated } = block;
    found.push(
      candidate(doc, Number(sid), role, String(sizes)[doc % BLOCK_DOCS] ?? '', Number(updated), newest),
    );
    if (found.length > MOST_MATCHES) break;
  }
  return found;
}

const MATCHES = 'SELECT rowid AS doc FROM fts WHERE fts MATCH ? ORDER BY rowid DESC';

/** The texts of blocks that come newest first, the newest first. */
function* textsOf(blocks: readonly Row[]): Generator<{ doc: number; role: string; block: Row }, void, void> {
  for (const block of blocks) {
    const roles = String(block.roles);
    for (let i = roles.length - 1; i >= 0; i--)
      yield { doc: Number(block.bid) * BLOCK_DOCS + i, role: roles[i] ?? '', block };
  }
}

/** Those of the texts that are not among the others; both come newest first, and are read only as far as is needed. */
function* without<T extends { doc: number }>(
  texts: Iterable<T>,
  others: Iterable<Row>,
): Generator<T, void, void> {
  const rest = others[Symbol.iterator]();
  try {
    let next = rest.next();
    for (const text of texts) {
      while (!next.done && Number(next.value.doc) > text.doc) next = rest.next();
      if (next.done || Number(next.value.doc) < text.doc) yield text;
    }
  } finally {
    rest.return?.();
  }
}

function newestOf(rows: readonly Row[]): number {
  return rows.reduce((newest, row) => Math.max(newest, Number(row.updated)), 0);
}

/** Short texts that match are about it; a person's words weigh more than output; newer sessions come first among equals. */
function candidate(
  doc: number,
  sid: number,
  letter: string,
  size: string,
  updated: number,
  newest: number,
): Candidate {
  const role = ROLES[letter] ?? 'tool';
  const ageDays = (newest - updated) / 86_400e3;
  const brevity = 1 / (4 + Number(size));
  return { doc, sid, role, score: (ROLE_WEIGHT[role] ?? 1) * brevity * (1 / (1 + ageDays / 60)) };
}

function conditions(query: Query): { where: string; params: SqlValue[] } {
  const parts: string[] = [];
  const params: SqlValue[] = [];
  const add = (sql: string, ...values: SqlValue[]): void => {
    parts.push(sql);
    params.push(...values);
  };
  if (query.agents !== undefined)
    add('s.agent IN (SELECT value FROM json_each(?))', JSON.stringify(query.agents));
  if (query.before !== undefined) add('s.updated < ?', query.before);
  if (query.after !== undefined) add('s.updated >= ?', query.after);
  if (query.cwd !== undefined) add('instr(s.cwd, ?) > 0', query.cwd);
  if (query.file !== undefined)
    add(`s.sid IN (SELECT sid FROM touched WHERE ${fileCondition()})`, ...fileParams(query.file));
  return { where: parts.map((part) => ` AND ${part}`).join(''), params };
}

function toHit(index: WriteDatabase, hit: Candidate, more: number, query: Query): SearchHit {
  const { summary, updatedMs } = loadSession(index, hit.sid);
  const block = index.get('SELECT shown FROM block WHERE bid = ?', Math.floor(hit.doc / BLOCK_DOCS));
  const [at, tool, text] = unpackShown(block?.shown as Uint8Array)[hit.doc % BLOCK_DOCS] ?? [0, null, ''];
  return {
    agent: summary.agent,
    id: summary.id,
    path: summary.path,
    title: summary.title ?? null,
    cwd: summary.cwd ?? null,
    updatedAt: new Date(updatedMs).toISOString(),
    at,
    role: hit.role,
    tool: tool ?? undefined,
    snippet: snippet(
      text,
      query.wanted.map(({ words }) => words),
    ),
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
      `SELECT s.agent, s.id, s.ref ->> '$.path' AS path, s.updated, s.title, t.file, t.ref, t.how FROM touched t JOIN session s ON s.sid = t.sid
       WHERE ${fileCondition('t.')} ORDER BY s.updated DESC LIMIT ?`,
      ...fileParams(file),
      limit,
    )
    .map((row) => ({
      agent: String(row.agent),
      id: String(row.id),
      path: String(row.path),
      title: row.title === null ? null : String(row.title),
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
