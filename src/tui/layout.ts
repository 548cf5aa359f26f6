/** Where things are on a screen of some size. Pure. */
import { wrap } from '../terminal/width.ts';

export interface Layout {
  /** Lines between the head (two) and the foot (one). */
  body: number;
  list: { columns: number; rows: number };
  /** The preview; undefined where there is no room for one. */
  pane?: { at: 'right' | 'below'; columns: number; rows: number };
}

/** Fewer columns: the preview stands below the list. */
const LEAST_BESIDE = 100;
/** Columns of the preview: enough for the list of agents, not more than can be read. */
const LEAST_PANE = 48;
const MOST_PANE = 90;
/** Fewer lines: there is no room below. */
const LEAST_BELOW = 12;

export function layout({ columns, rows }: { columns: number; rows: number }): Layout {
  const body = Math.max(rows - 3, 1);
  if (columns >= LEAST_BESIDE) {
    const right = Math.min(Math.max(Math.round(columns * 0.45), LEAST_PANE), MOST_PANE);
    return {
      body,
      list: { columns: columns - right - 3, rows: body },
      pane: { at: 'right', columns: right, rows: body },
    };
  }
  if (body < LEAST_BELOW) return { body, list: { columns, rows: body } };
  const below = Math.floor(body * 0.45);
  return {
    body,
    list: { columns, rows: body - below - 1 },
    pane: { at: 'below', columns, rows: below },
  };
}

/** Lines of a document as the screen breaks them. */
export function brokenLines(lines: readonly string[], columns: number): string[] {
  return lines.flatMap((line) => wrap(line, columns));
}

/** First row shown so that the cursor stays in view. */
export function scrollTop(cursor: number, length: number, height: number): number {
  return Math.min(Math.max(cursor - Math.floor(height / 2), 0), Math.max(length - height, 0));
}
