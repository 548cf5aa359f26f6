/** State → the lines of the screen. */

import { stripControls } from '../model/text.ts';
import type { Style } from '../terminal/style.ts';
import { cut, displayWidth, pad } from '../terminal/width.ts';
import { type Item, pageSize, type State, selected, sessionKey, type Target } from './state.ts';

/** Exactly `state.rows` lines, none wider than the screen. */
export function view(state: State, style: Style, now: Date): string[] {
  const lines =
    state.mode === 'help'
      ? helpLines(style)
      : state.mode === 'document'
        ? documentLines(state, style)
        : [...header(state, style), ...body(state, style, now), footer(state, style)];
  return Array.from({ length: state.rows }, (_, i) => lines[i] ?? '');
}

function header(state: State, style: Style): string[] {
  const searching = state.mode === 'search' || (state.mode === 'targets' && state.back === 'search');
  const count = searching
    ? `${state.search.hits.length} found${state.search.hits.length > 0 && state.search.note !== '' ? `; ${state.search.note}` : ''}`
    : `${state.matches.length}/${state.items.length}`;
  const prompt = searching ? `search: ${state.search.query}` : `> ${state.query}`;
  const left = cut(stripControls(prompt), state.columns - count.length - 3);
  return [
    `${style.bold(left)}▏${' '.repeat(Math.max(state.columns - displayWidth(left) - count.length - 2, 1))}${style.dim(count)}`,
    style.dim('─'.repeat(state.columns)),
  ];
}

function body(state: State, style: Style, now: Date): string[] {
  const height = pageSize(state) + 1;
  const wide = state.columns >= 100;
  const listWidth = wide ? Math.floor(state.columns * 0.55) : state.columns;
  const right = state.mode === 'targets' ? targetLines(state, style) : previewLines(state, style);
  if (state.mode === 'targets' && !wide) return right.slice(0, height).map((line) => line);
  const left =
    state.mode === 'search' || state.back === 'search'
      ? hitLines(state, style, listWidth - 2, height)
      : listLines(state, style, now, listWidth - 2, height);
  if (!wide) return left;
  return Array.from(
    { length: height },
    (_, i) =>
      `${padStyled(left[i] ?? '', listWidth - 2)} ${style.dim('│')} ${clip(right[i] ?? '', state.columns - listWidth - 2)}`,
  );
}

function listLines(state: State, style: Style, now: Date, width: number, height: number): string[] {
  if (state.items.length === 0)
    return [style.dim('no sessions found; `segue agents` shows where was looked')];
  if (state.matches.length === 0)
    return [style.dim('nothing matches; Esc clears the filter, / searches inside the sessions')];
  const top = scrollTop(state.cursor, state.matches.length, height);
  return state.matches
    .slice(top, top + height)
    .map((item, i) => row(item, top + i === state.cursor, style, now, width));
}

function row(item: Item, isCursor: boolean, style: Style, now: Date, width: number): string {
  const { session } = item;
  const when = ago(Date.parse(session.updatedAt), now.getTime());
  const flags = `${session.limit === undefined ? '' : '!'}${session.damaged === undefined ? '' : '×'}`;
  const fixed = `${pad(session.agent, 9)} ${pad(when, 4, 'right')} ${pad(flags, 2)}`;
  const where = item.own ? '' : ` ${cut(lastFolder(session.cwd), 18)}`;
  const title = cut(
    stripControls(session.title ?? session.id),
    Math.max(width - displayWidth(fixed) - displayWidth(where) - 4, 8),
  );
  const text = `${isCursor ? '›' : ' '} ${fixed} ${title}`;
  const filled = pad(text, width - displayWidth(where)) + (isCursor ? where : style.dim(where));
  return isCursor ? style.bold(style.cyan(filled)) : filled;
}

function hitLines(state: State, style: Style, width: number, height: number): string[] {
  const { hits, cursor, note } = state.search;
  if (hits.length === 0)
    return [
      style.dim(note === '' ? 'type what to look for; "phrases", agent: role: tool: file: before:' : note),
    ];
  const perHit = 2;
  const visible = Math.max(Math.floor(height / perHit), 1);
  const top = scrollTop(cursor, hits.length, visible);
  return hits.slice(top, top + visible).flatMap((hit, i) => {
    const isCursor = top + i === cursor;
    const head = cut(
      `${isCursor ? '›' : ' '} ${hit.session.agent} #${hit.at} ${stripControls(hit.session.title ?? hit.session.id)}`,
      width,
    );
    const plain = stripControls(hit.snippet);
    return [isCursor ? style.bold(style.cyan(head)) : head, style.dim(cut(`    ${plain}`, width))];
  });
}

function targetLines(state: State, style: Style): string[] {
  const session = selected(state);
  const head = session === undefined ? '' : `Go on in … (from ${session.agent})`;
  return [
    style.bold(head),
    '',
    ...state.targets.map((target, i) => {
      const isCursor = i === state.targetCursor;
      const text = `${isCursor ? '›' : ' '} ${pad(target.name, 20)} ${describe(target, session?.agent)}`;
      return isCursor ? style.bold(style.cyan(text)) : target.installed ? text : style.dim(text);
    }),
    '',
    style.dim('Enter go on · h handoff preview · f fidelity preview · Esc back'),
  ];
}

function describe(target: Target, agent: string | undefined): string {
  const own = target.id === agent;
  return [
    target.installed ? '' : 'not installed',
    own ? 'its own agent' : target.how,
    own || target.how !== 'native' ? '' : target.proven ? 'proven' : 'unproven',
  ]
    .filter((word) => word !== '')
    .join(' · ');
}

function previewLines(state: State, style: Style): string[] {
  const session = selected(state);
  if (session === undefined) return [];
  const made = state.preview.key === sessionKey(session) ? state.preview.lines : [style.dim('…')];
  const facts = [
    session.cwd ?? '',
    [session.branch, session.model].filter((word) => word !== undefined).join(' · '),
    [
      `${new Date(session.updatedAt).toISOString().slice(0, 16).replace('T', ' ')}`,
      size(session.bytes),
      session.messages === undefined
        ? ''
        : `${counted(session.messages.user, 'prompt')}, ${counted(session.messages.assistant, 'answer')}`,
    ]
      .filter((word) => word !== '')
      .join(' · '),
    session.limit === undefined
      ? ''
      : style.yellow(
          `stopped by a limit${session.limit.resetsAt === undefined ? '' : `, resets ${session.limit.resetsAt}`}`,
        ),
    session.damaged === undefined ? '' : style.red(session.damaged),
  ].filter((line) => line !== '');
  return [
    style.bold(stripControls(session.title ?? session.id)),
    ...facts.map((line) => style.dim(line)),
    '',
    ...made,
  ];
}

function documentLines(state: State, style: Style): string[] {
  const { title, lines, top } = state.document;
  const height = state.rows - 2;
  const end = Math.min(top + height, lines.length);
  return [
    style.bold(cut(title, state.columns)),
    ...Array.from({ length: height }, (_, i) => clip(lines[top + i] ?? '', state.columns)),
    style.dim(cut(`${end}/${lines.length} · ↑↓ PgUp PgDn scroll · Esc back`, state.columns)),
  ];
}

function footer(state: State, style: Style): string {
  if (state.message !== '') return style.yellow(cut(stripControls(state.message), state.columns));
  const keys =
    state.mode === 'targets'
      ? '↑↓ choose · Enter go on there · h handoff · f fidelity · Esc back'
      : state.mode === 'search'
        ? 'type to search · ↑↓ choose · Enter resume · Tab target agent · Esc back'
        : 'type to filter · Enter resume · Tab agent · Alt-h handoff · Alt-f fidelity · / search · ? help · Esc quit';
  return style.dim(cut(keys, state.columns));
}

function helpLines(style: Style): string[] {
  const row = (keys: string, what: string): string => `  ${pad(keys, 18)}${what}`;
  return [
    style.bold('segue: pick a session'),
    '',
    row('type', 'filter by title, directory, branch, agent and prompts'),
    row('↑ ↓ PgUp PgDn', 'move; so do Ctrl-P, Ctrl-N, Home, End and the mouse wheel'),
    row('Enter', 'resume in its own agent'),
    row('Tab or →', 'choose the agent to go on in; there, Enter goes on'),
    row('Alt-h', 'the handoff document (in the target list: h)'),
    row('Alt-f', 'what a transfer would carry, nothing written (in the target list: f)'),
    row('/', 'search inside all sessions'),
    row('Esc', 'clear the filter, go back, quit'),
    '',
    row('native', "the session itself is moved: the agent's own resume opens it"),
    row('handoff', 'the agent starts with a document about the session'),
    row('proven', 'the real program was seen to go on from such a session'),
    row('! ×', 'stopped by a usage limit, damaged'),
    '',
    style.dim('any key goes back'),
  ];
}

/** First row shown so that the cursor stays in view. */
function scrollTop(cursor: number, length: number, height: number): number {
  return Math.min(Math.max(cursor - Math.floor(height / 2), 0), Math.max(length - height, 0));
}

/** A line that may hold styles, filled up: styles take no columns. */
function padStyled(line: string, width: number): string {
  return line + ' '.repeat(Math.max(width - displayWidth(stripControls(line)), 0));
}

/** Cut without breaking a style: a line that is too wide loses its styles. */
function clip(line: string, width: number): string {
  const plain = stripControls(line);
  return displayWidth(plain) <= width ? line : cut(plain, width);
}

function lastFolder(path: string | null): string {
  return path === null ? '' : (path.split(/[/\\]/).findLast((name) => name !== '') ?? '');
}

/** `3m`, `5h`, `12d`, `7w`, `2y`. */
export function ago(then: number, now: number): string {
  const minutes = Math.max(Math.floor((now - then) / 60e3), 0);
  if (minutes < 60) return `${minutes}m`;
  if (minutes < 1440) return `${Math.floor(minutes / 60)}h`;
  if (minutes < 1440 * 60) return `${Math.floor(minutes / 1440)}d`;
  if (minutes < 1440 * 730) return `${Math.floor(minutes / 10_080)}w`;
  return `${Math.floor(minutes / 525_600)}y`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function size(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
