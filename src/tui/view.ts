/** State → the lines of the screen. */

import { stripControls } from '../model/text.ts';
import type { Style } from '../terminal/style.ts';
import { cut, displayWidth } from '../terminal/width.ts';
import { brokenLines, layout } from './layout.ts';
import { clip, hitLines, listLines, padStyled, previewLines, targetLines } from './panes.ts';
import type { State } from './state.ts';

/** Exactly `state.rows` lines, none wider than the screen. */
export function view(state: State, style: Style, now: Date): string[] {
  const lines =
    state.mode === 'document'
      ? documentLines(state, style)
      : [...header(state, style), ...body(state, style, now), footer(state, style)];
  return Array.from({ length: state.rows }, (_, i) => lines[i] ?? '');
}

function header(state: State, style: Style): string[] {
  const searching = state.base === 'search';
  const { hits, note, query } = state.search;
  const count = searching
    ? `${hits.length} found${hits.length > 0 && note !== '' ? `; ${note}` : ''}`
    : `${state.matches.length}/${state.items.length}`;
  const prompt = searching ? `search: ${query}` : `> ${state.query}`;
  const left = cut(stripControls(prompt), state.columns - count.length - 3);
  const space = Math.max(state.columns - displayWidth(left) - count.length - 2, 1);
  return [
    `${style.bold(left)}▏${' '.repeat(space)}${style.dim(count)}`,
    style.dim('─'.repeat(state.columns)),
  ];
}

function body(state: State, style: Style, now: Date): string[] {
  const { body: rows, list, pane } = layout(state);
  const choosing = state.mode === 'targets';
  if (choosing && pane?.at !== 'right') return filled(targetLines(state, style, state.columns, rows), rows);
  const left = filled(
    state.base === 'search'
      ? hitLines(state, style, list.columns, list.rows)
      : listLines(state, style, now, list.columns, list.rows),
    list.rows,
  );
  if (pane === undefined) return left;
  if (pane.at === 'below')
    return [
      ...left,
      style.dim('─'.repeat(state.columns)),
      ...filled(previewLines(state, style, pane), pane.rows),
    ];
  const right = choosing
    ? targetLines(state, style, pane.columns, pane.rows)
    : previewLines(state, style, pane);
  return left.map((line, i) => `${padStyled(line, list.columns)} ${style.dim('│')} ${right[i] ?? ''}`);
}

/** So that what stands below keeps its place. */
function filled(lines: readonly string[], rows: number): string[] {
  return Array.from({ length: rows }, (_, i) => lines[i] ?? '');
}

function documentLines(state: State, style: Style): string[] {
  const { title, lines, top } = state.document;
  const broken = brokenLines(lines, state.columns);
  const rows = state.rows - 2;
  const from = Math.max(Math.min(top, broken.length - rows), 0);
  const end = Math.min(from + rows, broken.length);
  const keys = broken.length > rows ? '↑↓ PgUp PgDn scroll · Esc back' : 'Esc back';
  return [
    style.bold(cut(title, state.columns)),
    ...Array.from({ length: rows }, (_, i) => clip(broken[from + i] ?? '', state.columns)),
    style.dim(cut(`${end}/${broken.length} · ${keys}`, state.columns)),
  ];
}

/** Keys of each mode; what comes first is left out last where the screen is narrow. */
const KEYS = {
  list: [
    'Enter resume',
    'Tab other agent',
    '? help',
    '/ search',
    'Esc quit',
    'Alt-h handoff',
    'Alt-f fidelity',
    'type to filter',
  ],
  search: ['Enter resume', 'Tab other agent', 'Esc back', '↑↓ choose', 'type to search'],
  targets: ['Enter go on there', 'Esc back', 'h handoff', 'f fidelity', '? help', '↑↓ choose'],
} as const;

function footer(state: State, style: Style): string {
  if (state.message !== '') return style.yellow(cut(stripControls(state.message), state.columns));
  if (state.mode === 'document') return '';
  let line = '';
  for (const key of KEYS[state.mode]) {
    const longer = line === '' ? key : `${line} · ${key}`;
    if (displayWidth(longer) <= state.columns) line = longer;
  }
  return style.dim(cut(line, state.columns));
}
