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
