/** Lines that agents put at the end of a tool's output: taken off, put on. */
import type { ResultContent } from '../../model/session.ts';

/** Removes what matches at the end of the last text (and the part, when nothing is left); the match, or undefined. */
export function cutEnd(parts: ResultContent[], pattern: RegExp): RegExpExecArray | undefined {
  const last = parts.at(-1);
  if (last?.type !== 'text') return undefined;
  const match = pattern.exec(last.text);
  if (match === null) return undefined;
  parts.pop();
  const text = last.text.slice(0, match.index);
  if (text !== '') parts.push({ type: 'text', text });
  return match;
}

/** Adds a line under the last text, or as a text of its own. */
export function withEnd(content: ResultContent[], separator: string, line: string): ResultContent[] {
  const last = content.at(-1);
  if (last?.type !== 'text') return [...content, { type: 'text', text: line }];
  return [...content.slice(0, -1), { type: 'text', text: `${last.text}${separator}${line}` }];
}

/** Removes what matches at the start of the first text (and the part, when nothing is left); the match, or undefined. */
export function cutStart(parts: ResultContent[], pattern: RegExp): RegExpExecArray | undefined {
  const [first] = parts;
  if (first?.type !== 'text') return undefined;
  const match = pattern.exec(first.text);
  if (match === null) return undefined;
  parts.shift();
  const text = first.text.slice(match[0].length);
  if (text !== '') parts.unshift({ type: 'text', text });
  return match;
}

/** Puts a text in front of the first text, or as a text of its own. */
export function withStart(content: ResultContent[], start: string): ResultContent[] {
  const [first, ...rest] = content;
  if (first?.type !== 'text') return [{ type: 'text', text: start }, ...content];
  return [{ type: 'text', text: start + first.text }, ...rest];
}
