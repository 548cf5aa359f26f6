/** Tables for terminals: columns as wide as their content, the last one cut to what is left. */
import type { Style } from '../terminal/style.ts';
import { cut, displayWidth, pad } from '../terminal/width.ts';

export interface Column {
  head: string;
  align?: 'left' | 'right';
  /** Widest it gets. */
  most?: number;
  paint?: (text: string) => string;
}

/** Lines of a table, without newlines at the end. `width`: columns of the terminal; undefined: nothing is cut at the end. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
  style: Style,
): string[] {
  const widths = columns.map((column, i) =>
    Math.min(
      Math.max(displayWidth(column.head), ...rows.map((row) => displayWidth(row[i] ?? ''))),
      column.most ?? Number.POSITIVE_INFINITY,
    ),
  );
  const line = (cells: readonly string[], paint: (text: string, column: Column) => string): string => {
    let left = width ?? Number.POSITIVE_INFINITY;
    const parts = columns.map((column, i) => {
      const last = i === columns.length - 1;
      const room = last ? Math.max(left, 8) : (widths[i] ?? 0);
      const text = cut(cells[i] ?? '', Math.min(room, widths[i] ?? room));
      left -= (widths[i] ?? 0) + 2;
      return paint(
        last && column.align !== 'right'
          ? text
          : pad(text, widths[i] ?? 0, column.align === 'right' ? 'right' : 'left'),
        column,
      );
    });
    return parts.join('  ').trimEnd();
  };
  return [
    line(
      columns.map((column) => column.head),
      (text) => style.dim(text),
    ),
    ...rows.map((row) => line(row, (text, column) => column.paint?.(text) ?? text)),
  ];
}
