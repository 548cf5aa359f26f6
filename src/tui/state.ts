/** The picker as a pure machine: (state, key) → state and what has to be done outside. */
import type { ListedSession } from '../index/list.ts';
import { filterItems } from './filter.ts';
import { helpLines } from './help.ts';
import type { Key } from './keys.ts';
import { brokenLines, layout } from './layout.ts';

/** A session that can be picked. */
export interface Item {
  session: ListedSession;
  /** Belongs to the project that the picker was opened in. */
  own: boolean;
  /** What the filter looks at. */
  haystack: string;
}

/** An agent to go on in. */
export interface Target {
  id: string;
  name: string;
  installed: boolean;
  /** How to install it, one line. */
  install: string;
  /** `native`: the session is moved; `handoff`: told as a document. */
  how: 'native' | 'handoff';
  /** The real program was seen to resume such a session. */
  proven: boolean;
}

export interface Hit {
  session: ListedSession;
  at: number;
  snippet: string;
}

export interface Document {
  title: string;
  lines: string[];
  top: number;
  /** What is gone back to. */
  back: Exclude<Mode, 'document'>;
}

export type Mode = 'list' | 'targets' | 'search' | 'document';

export interface State {
  columns: number;
  rows: number;
  items: Item[];
  query: string;
  /** Items that pass the filter, best first. */
  matches: Item[];
  cursor: number;
  mode: Mode;
  /** The list of sessions that everything else came from. */
  base: 'list' | 'search';
  targets: Target[];
  targetCursor: number;
  search: { query: string; hits: Hit[]; cursor: number; note: string };
  document: Document;
  /** Preview of the session under the cursor, once it was made. */
  preview: { key: string; lines: string[] };
  message: string;
}

/** What the outside has to do. */
export type Effect =
  | { do: 'quit' }
  | { do: 'resume'; session: ListedSession; target?: Target }
  | { do: 'handoff'; session: ListedSession; target?: Target }
  | { do: 'fidelity'; session: ListedSession; target?: Target }
  | { do: 'search'; query: string };

export interface Step {
  state: State;
  effect?: Effect;
}

export function initialState(items: Item[], targets: Target[], columns: number, rows: number): State {
  return {
    columns,
    rows,
    items,
    query: '',
    matches: items,
    cursor: 0,
    mode: 'list',
    base: 'list',
    targets,
    targetCursor: 0,
    search: { query: '', hits: [], cursor: 0, note: '' },
    document: { title: '', lines: [], top: 0, back: 'list' },
    preview: { key: '', lines: [] },
    message: '',
  };
}

/** The session under the cursor of the list or of the search. */
export function selected(state: State): ListedSession | undefined {
  return state.base === 'search'
    ? state.search.hits[state.search.cursor]?.session
    : state.matches[state.cursor]?.session;
}

export function sessionKey(session: ListedSession): string {
  return `${session.agent}:${session.id}:${session.path}`;
}

/** Handles one key. */
export function press(state: State, key: Key): Step {
  const clean = state.message === '' ? state : { ...state, message: '' };
  if (key.ctrl && key.text === 'c') return { state: clean, effect: { do: 'quit' } };
  switch (clean.mode) {
    case 'list':
      return pressInList(clean, key);
    case 'targets':
      return pressInTargets(clean, key);
    case 'search':
      return pressInSearch(clean, key);
    case 'document':
      return pressInDocument(clean, key);
  }
}

/** Shows a document; what was before is gone back to. */
export function withDocument(state: State, title: string, lines: string[]): State {
  const back = state.mode === 'document' ? state.document.back : state.mode;
  return { ...state, message: '', mode: 'document', document: { title, lines, top: 0, back } };
}

/** How far a page moves in the list. */
function pageSize(state: State): number {
  return Math.max(layout(state).list.rows - 1, 1);
}

function pressInList(state: State, key: Key): Step {
  const move = movement(key, pageSize(state));
  if (move !== undefined)
    return { state: { ...state, cursor: clamp(state.cursor + move, state.matches.length) } };
  const session = selected(state);
  if (key.name === 'escape')
    return state.query === '' ? { state, effect: { do: 'quit' } } : { state: withQuery(state, '') };
  if (key.name === 'enter') return session === undefined ? { state } : goOn(state, session);
  if (key.name === 'tab' || key.name === 'right')
    return session === undefined ? { state } : { state: openTargets(state) };
  if (key.name === 'backspace') return { state: withQuery(state, dropLast(state.query)) };
  if (key.ctrl && key.text === 'u') return { state: withQuery(state, '') };
  if (key.ctrl && key.text === 'w') return { state: withQuery(state, state.query.replace(/\S*\s*$/, '')) };
  if (key.alt) return previewChord(state, key, session);
  if (key.name !== 'text' || key.ctrl) return { state };
  if (state.query === '' && key.text === '/') return { state: { ...state, mode: 'search', base: 'search' } };
  if (state.query === '' && key.text === '?') return { state: withHelp(state) };
  return { state: withQuery(state, state.query + key.text) };
}

/** Goes on in the target, or in the session's own agent; where that is not installed it says how to. */
function goOn(state: State, session: ListedSession, target?: Target): Step {
  const agent = target ?? state.targets.find(({ id }) => id === session.agent);
  if (agent === undefined || agent.installed) return { state, effect: { do: 'resume', session, target } };
  const otherwise = target === undefined ? ' (Tab: another agent)' : '';
  return { state: { ...state, message: `${agent.name} is not installed${otherwise}: ${agent.install}` } };
}

function withHelp(state: State): State {
  return withDocument(state, 'segue: pick a session', helpLines(state.columns));
}

function previewChord(state: State, key: Key, session: ListedSession | undefined): Step {
  if (session === undefined) return { state };
  if (key.text === 'h') return { state, effect: { do: 'handoff', session } };
  if (key.text === 'f') return { state, effect: { do: 'fidelity', session } };
  return { state };
}

function openTargets(state: State): State {
  return { ...state, mode: 'targets', targetCursor: 0 };
}

function pressInTargets(state: State, key: Key): Step {
  const move = movement(key, state.targets.length);
  if (move !== undefined)
    return { state: { ...state, targetCursor: clamp(state.targetCursor + move, state.targets.length) } };
  const session = selected(state);
  const target = state.targets[state.targetCursor];
  if (key.name === 'escape' || key.name === 'left' || (key.name === 'tab' && key.shift))
    return { state: { ...state, mode: state.base } };
  if (key.name === 'tab')
    return {
      state: { ...state, targetCursor: (state.targetCursor + 1) % Math.max(state.targets.length, 1) },
    };
  if (key.text === '?') return { state: withHelp(state) };
  if (session === undefined || target === undefined) return { state };
  if (key.name === 'enter') return goOn(state, session, target);
  if (key.name !== 'text') return { state };
  if (key.text === 'h') return { state, effect: { do: 'handoff', session, target } };
  if (key.text === 'f') return { state, effect: { do: 'fidelity', session, target } };
  return { state };
}

function pressInSearch(state: State, key: Key): Step {
  const { search } = state;
  const withSearch = (change: Partial<State['search']>): State => ({
    ...state,
    search: { ...search, ...change },
  });
  const move = movement(key, pageSize(state));
  if (move !== undefined)
    return { state: withSearch({ cursor: clamp(search.cursor + move, search.hits.length) }) };
  if (key.name === 'escape') return { state: { ...state, mode: 'list', base: 'list' } };
  const session = search.hits[search.cursor]?.session;
  if (key.name === 'enter')
    return session === undefined
      ? { state, effect: { do: 'search', query: search.query } }
      : goOn(state, session);
  if (key.name === 'tab' || key.name === 'right')
    return session === undefined ? { state } : { state: openTargets(state) };
  if (key.alt) return previewChord(state, key, session);
  const query =
    key.name === 'backspace'
      ? dropLast(search.query)
      : key.name === 'text' && !key.ctrl
        ? search.query + key.text
        : undefined;
  if (query === undefined) return { state };
  return { state: withSearch({ query, cursor: 0 }), effect: { do: 'search', query } };
}

function pressInDocument(state: State, key: Key): Step {
  const move = movement(key, state.rows - 2);
  if (move === undefined) {
    const leave = key.name === 'escape' || key.name === 'left' || key.name === 'enter' || key.text === 'q';
    return { state: leave ? { ...state, mode: state.document.back } : state };
  }
  const length = brokenLines(state.document.lines, state.columns).length;
  const most = Math.max(length - (state.rows - 2), 0);
  return {
    state: {
      ...state,
      document: { ...state.document, top: Math.min(Math.max(state.document.top + move, 0), most) },
    },
  };
}

function movement(key: Key, page: number): number | undefined {
  if (key.name === 'up' || (key.ctrl && key.text === 'p')) return -1;
  if (key.name === 'down' || (key.ctrl && key.text === 'n')) return 1;
  if (key.name === 'wheelup') return -3;
  if (key.name === 'wheeldown') return 3;
  if (key.name === 'pageup') return -page;
  if (key.name === 'pagedown') return page;
  if (key.name === 'home') return Number.NEGATIVE_INFINITY;
  if (key.name === 'end') return Number.POSITIVE_INFINITY;
  return undefined;
}

function clamp(at: number, length: number): number {
  return Math.min(Math.max(at, 0), Math.max(length - 1, 0));
}

function withQuery(state: State, query: string): State {
  const narrower = query.startsWith(state.query) && state.query !== '';
  return { ...state, query, cursor: 0, matches: filterItems(narrower ? state.matches : state.items, query) };
}

function dropLast(text: string): string {
  return [...text].slice(0, -1).join('');
}
