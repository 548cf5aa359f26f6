/** Whether what a document states is in the session, entry by entry, and is not out of date. */
import type { Entry, JsonValue, Part } from '../../src/model/session.ts';
import { type Annotated, plain } from './annotated.ts';

export interface Precision {
  /** Lines that quote the session. */
  quoted: number;
  /** Those that the entries they refer to do not say. */
  wrong: string[];
  /** Stale facts that were stated. */
  stale: string[];
}

/** Checks every line between the marks of a segue handoff. */
export function checkPrecision({ session, stale }: Annotated, text: string): Precision {
  const entries = [...session.entries()].map((entry) => plain(textOf(entry)).replaceAll("'", '`'));
  const reports = session.subagents.flatMap((own) => [...own.entries()]).map((entry) => plain(textOf(entry)));
  const everything = [...entries, ...reports].join('\n');
  const near = (ref: number): string => entries.slice(Math.max(ref - 3, 0), ref + 2).join(' ');
  const found: Precision = { quoted: 0, wrong: [], stale: [] };
  let section = '';
  let ref = 0;
  for (const line of dataLines(text)) {
    if (line.startsWith('## ')) section = line.slice(3);
    const own = /\[#(\d+)\]/g;
    for (const match of line.matchAll(own)) ref = Number(match[1]);
    const claims = claimsOf(line, section);
    for (const claim of claims) {
      found.quoted++;
      const source = claim.anywhere || section === 'Subagent results' ? everything : near(ref);
      if (!pieces(claim.text).every((piece) => source.includes(piece)))
        found.wrong.push(`${section}: ${line}`);
    }
  }
  for (const { section: where, words } of stale) {
    const body = where === undefined ? text : sectionOf(text, where);
    const hit = itemsOf(body).find((item) => words.every((word) => item.includes(plain(word))));
    if (hit !== undefined) found.stale.push(`${where ?? ''}: ${hit}`);
  }
  return found;
}

interface Claim {
  text: string;
  /** A diff line's first state may be many entries before its last. */
  anywhere: boolean;
}

/** What a line quotes; lines of the document's own words quote nothing. */
function claimsOf(line: string, section: string): Claim[] {
  const claim = (text: string, anywhere = false): Claim[] => [{ text, anywhere }];
  if (/^\s*(?:##|\[#\d+\]$|…|$)/.test(line)) return [];
  if (/^\s*> /.test(line))
    return claim(line.replace(/^\s*> /, ''), section === 'Commands and their last outcome');
  const body = line.replace(/^- /, '').replace(/ ?\[#\d+\]/g, '');
  switch (section) {
    case 'Files changed': {
      if (/^ {2}[+-]/.test(line)) return claim(line.slice(3), true);
      return body
        .replace(/^(?:created|changed|deleted|moved) /, '')
        .replace(/ \(\d+ edits\)$/, '')
        .split(' → ')
        .flatMap((path) => claim(path));
    }
    case 'Commands and their last outcome': {
      const command = /^`(.*)`/.exec(body)?.[1] ?? '';
      return claim(command);
    }
    case 'Unresolved errors':
      return claim(
        body
          .replace(/^\$ /, '')
          .replace(/ → exit \d+$/, '')
          .replace(/^(?:edit|write|patch|task|mcp|other) /, ''),
      );
    case 'Plan':
      return claim(body.replace(/^\[.\] /, ''), true);
    case 'Answers of the person':
      return body
        .replace(/^Asked: /, '')
        .split(' — the person: ')
        .flatMap((part) => claim(part, true));
    case 'Tool activity':
      return [];
    case 'Where it stopped':
      return body
        .replace(/^(?:Person|Assistant|Call|Result|Interrupted, no result|Stopped by a limit):? ?/, '')
        .replace(/ → (?:exit -?\d+|ok|error|interrupted|no result)$/, '')
        .replace(/ \(resets [^)]*\)$/, '')
        .split(/^([\w.-]+): |, /)
        .filter((part) => part !== undefined && part !== '')
        .flatMap((part) => claim(part));
    default:
      return claim(body);
  }
}

/** The parts of a quote between the places where it was cut. */
function pieces(text: string): string[] {
  return plain(text)
    .split(/\[…\]|…(?: \(\d+ more lines\))?/)
    .map((piece) => piece.trim().replaceAll("'", '`'))
    .filter((piece) => piece !== '');
}

function dataLines(text: string): string[] {
  const start = text.indexOf('<session-data');
  const end = text.lastIndexOf('</session-data');
  return text.slice(text.indexOf('\n', start) + 1, end).split('\n');
}

function sectionOf(text: string, name: string): string {
  const start = text.indexOf(`\n## ${name}\n`);
  if (start < 0) return '';
  const end = text.indexOf('\n## ', start + 1);
  return text.slice(start, end < 0 ? text.lastIndexOf('</session-data') : end);
}

function itemsOf(text: string): string[] {
  return text.split(/\n(?=- |\[#)/).map(plain);
}

function textOf(entry: Entry): string {
  if (entry.type === 'compaction') return entry.summary;
  if (entry.type === 'plan') return entry.items.map((item) => item.text).join('\n');
  if (entry.type === 'event') return entry.text ?? '';
  return entry.parts.map(partText).join('\n');
}

function partText(part: Part): string {
  if (part.type === 'text' || part.type === 'reasoning') return part.text;
  if (part.type === 'tool_call')
    return `${part.native.name} ${strings(part.input as unknown as JsonValue).join('\n')}`;
  if (part.type === 'tool_result')
    return part.content.map((content) => (content.type === 'text' ? content.text : '')).join('\n');
  return '';
}

function strings(value: JsonValue): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(strings);
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(strings) : [];
}
