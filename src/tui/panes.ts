/** The parts of the screen: list, hits, agents, preview. Each gives at most as many lines as it has rows. */
import { stripControls } from '../model/text.ts';
import type { Style } from '../terminal/style.ts';
import { cut, displayWidth, pad, wrap } from '../terminal/width.ts';
import { type Layout, scrollTop } from './layout.ts';
import { type Item, type State, selected, sessionKey, type Target } from './state.ts';

export function listLines(state: State, style: Style, now: Date, columns: number, rows: number): string[] {
  const { items, matches, cursor } = state;
  if (items.length === 0) return [style.dim('no sessions found; `segue agents` shows where was looked')];
  if (matches.length === 0)
    return wrap('nothing matches; Esc clears the filter, / searches inside the sessions', columns).map(
      style.dim,
    );
  const top = scrollTop(cursor, matches.length, rows);
  return matches.slice(top, top + rows).map((item, i) => row(item, top + i === cursor, style, now, columns));
}

function row(item: Item, isCursor: boolean, style: Style, now: Date, columns: number): string {
  const { session } = item;
  const when = ago(Date.parse(session.updatedAt), now.getTime());
  const flags = `${session.limit === undefined ? '' : '!'}${session.damaged === undefined ? '' : '×'}`;
  const fixed = `${pad(session.agent, 9)} ${pad(when, 4, 'right')} ${pad(flags, 2)}`;
  // a narrow list has no room for it
  const where = item.own || columns < 50 ? '' : ` ${cut(lastFolder(session.cwd), 18)}`;
  const title = cut(
    stripControls(session.title ?? session.id),
    Math.max(columns - displayWidth(fixed) - displayWidth(where) - 4, 8),
  );
  const text = `${isCursor ? '›' : ' '} ${fixed} ${title}`;
  const line = pad(text, columns - displayWidth(where)) + (isCursor ? where : style.dim(where));
  return isCursor ? style.bold(style.cyan(line)) : line;
}

export function hitLines(state: State, style: Style, columns: number, rows: number): string[] {
  const { hits, cursor, note } = state.search;
  if (hits.length === 0)
    return wrap(
      note === '' ? 'type what to look for; "phrases", agent: role: tool: file: before:' : note,
      columns,
    ).map(style.dim);
  const perHit = 2;
  const visible = Math.max(Math.floor(rows / perHit), 1);
  const top = scrollTop(cursor, hits.length, visible);
  return hits.slice(top, top + visible).flatMap((hit, i) => {
    const isCursor = top + i === cursor;
    const head = cut(
      `${isCursor ? '›' : ' '} ${hit.session.agent} #${hit.at} ${stripControls(hit.session.title ?? hit.session.id)}`,
      columns,
    );
    const plain = stripControls(hit.snippet);
    return [isCursor ? style.bold(style.cyan(head)) : head, style.dim(cut(`    ${plain}`, columns))];
  });
}

export function targetLines(state: State, style: Style, columns: number, rows: number): string[] {
  const { targets, targetCursor } = state;
  const session = selected(state);
  const head = session === undefined ? '' : `Go on in … (from ${session.agent})`;
  const visible = Math.max(rows - 2, 1);
  const top = scrollTop(targetCursor, targets.length, visible);
  const shown = targets.slice(top, top + visible);
  const names = Math.max(...targets.map(({ name }) => displayWidth(name)), 0);
  return [
    style.bold(cut(head, columns)),
    '',
    ...shown.map((target, i) => {
      const isCursor = top + i === targetCursor;
      const text = cut(
        `${isCursor ? '›' : ' '} ${pad(target.name, names + 2)}${describe(target, session?.agent)}`,
        columns,
      );
      return isCursor ? style.bold(style.cyan(text)) : target.installed ? text : style.dim(text);
    }),
  ];
}

function describe(target: Target, agent: string | undefined): string {
  const own = target.id === agent;
  return [
    own ? 'its own agent' : target.how,
    own || target.how !== 'native' ? '' : target.proven ? 'proven' : 'unproven',
    target.installed ? '' : 'missing',
  ]
    .filter((word) => word !== '')
    .join(' · ');
}

export function previewLines(
  state: State,
  style: Style,
  { at, columns, rows }: NonNullable<Layout['pane']>,
): string[] {
  const session = selected(state);
  if (session === undefined) return [];
  const made =
    state.preview.key === sessionKey(session)
      ? state.preview.lines.flatMap((line) => wrap(stripControls(line), columns, 2))
      : [style.dim('…')];
  const where = session.cwd ?? '';
  const what = [session.branch, session.model].filter((word) => word !== undefined).join(' · ');
  const size = [
    `${new Date(session.updatedAt).toISOString().slice(0, 16).replace('T', ' ')}`,
    bytes(session.bytes),
    session.messages === undefined
      ? ''
      : `${counted(session.messages.user, 'prompt')}, ${counted(session.messages.assistant, 'answer')}`,
  ]
    .filter((word) => word !== '')
    .join(' · ');
  const limit =
    session.limit === undefined
      ? ''
      : `stopped by a limit${session.limit.resetsAt === undefined ? '' : `, resets ${session.limit.resetsAt}`}`;
  const line = (text: string): string => cut(stripControls(text), columns);
  // below the list every line is dear, and the title stands in the list
  const facts =
    at === 'below'
      ? [where, what].filter((fact) => fact !== '').join(' · ')
      : [where, what, size].filter((fact) => fact !== '').join('\n');
  return [
    ...(at === 'below'
      ? []
      : wrap(stripControls(session.title ?? session.id), columns)
          .slice(0, 2)
          .map(style.bold)),
    ...facts.split('\n').map((fact) => style.dim(line(fact))),
    ...(limit === '' ? [] : [style.yellow(line(limit))]),
    ...(session.damaged === undefined ? [] : [style.red(line(session.damaged))]),
    ...(at === 'below' ? [] : ['']),
    ...made,
  ].slice(0, rows);
}

/** A line that may hold styles, filled up: styles take no columns. */
export function padStyled(line: string, columns: number): string {
  return line + ' '.repeat(Math.max(columns - displayWidth(stripControls(line)), 0));
}

/** Cut without breaking a style: a line that is too wide loses its styles. */
export function clip(line: string, columns: number): string {
  const plain = stripControls(line);
  return displayWidth(plain) <= columns ? line : cut(plain, columns);
}

function lastFolder(path: string | null): string {
  return path === null ? '' : (path.split(/[/\\]/).findLast((name) => name !== '') ?? '');
}

/** `3m`, `5h`, `12d`, `7w`, `2y`. */
function ago(then: number, now: number): string {
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

function bytes(count: number): string {
  if (count < 1e3) return `${count} B`;
  if (count < 1e6) return `${Math.round(count / 1e3)} kB`;
  return `${(count / 1e6).toFixed(1)} MB`;
}
