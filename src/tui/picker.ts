/** The picker: shows the list, asks its services for previews, and returns what the person chose. */
import type { ReadStream, WriteStream } from 'node:tty';
import type { ListedSession } from '../index/list.ts';
import type { Style } from '../terminal/style.ts';
import { openScreen } from './screen.ts';
import {
  type Effect,
  type Hit,
  type Item,
  initialState,
  press,
  type State,
  selected,
  sessionKey,
  type Target,
  withDocument,
} from './state.ts';
import { view } from './view.ts';

/** What the picker needs from outside. Each may fail: the message is shown at the bottom. */
export interface PickerServices {
  /** Last turns, plan and changed files of a session, as lines. */
  preview(session: ListedSession): Promise<string[]>;
  handoff(session: ListedSession, target: Target | undefined): Promise<string[]>;
  fidelity(session: ListedSession, target: Target | undefined): Promise<string[]>;
  /** `partial`: not everything is searchable yet. */
  search(query: string): Promise<{ hits: Hit[]; note: string; partial: boolean }>;
}

export interface Choice {
  session: ListedSession;
  /** Absent: its own agent. */
  target?: Target;
}

export interface PickerOptions {
  items: Item[];
  targets: Target[];
  services: PickerServices;
  style: Style;
  input: ReadStream;
  output: WriteStream;
}

/** Quiet time after a key before a preview is made. */
const PREVIEW_DELAY_MS = 60;
const SEARCH_DELAY_MS = 120;
/** While sessions are still being indexed. */
const SEARCH_AGAIN_MS = 800;

/** Runs until a session is chosen (or nothing: undefined). The terminal is restored however it ends. */
export function pick(options: PickerOptions): Promise<Choice | undefined> {
  const { services, style } = options;
  return new Promise((resolve, reject) => {
    let previewTimer: NodeJS.Timeout | undefined;
    let searchTimer: NodeJS.Timeout | undefined;
    const screen = openScreen(options.input, options.output, {
      onKey: (key) => guarded(() => onStep(press(state, key))),
      onResize: () => guarded(() => update({ ...state, ...screen.size() })),
    });
    const { columns, rows } = screen.size();
    let state: State = initialState(options.items, options.targets, columns, rows);

    const finish = (choice: Choice | undefined): void => {
      clearTimeout(previewTimer);
      clearTimeout(searchTimer);
      screen.close();
      resolve(choice);
    };
    const guarded = (work: () => void): void => {
      try {
        work();
      } catch (error) {
        clearTimeout(previewTimer);
        clearTimeout(searchTimer);
        screen.close();
        reject(error);
      }
    };
    const update = (next: State): void => {
      state = next;
      screen.draw(view(state, style, new Date()));
      schedulePreview();
    };
    const onStep = (step: { state: State; effect?: Effect }): void => {
      update(step.state);
      if (step.effect !== undefined) perform(step.effect);
    };
    const failed = (error: unknown): void =>
      guarded(() => update({ ...state, message: error instanceof Error ? error.message : String(error) }));

    const perform = (effect: Effect): void => {
      if (effect.do === 'quit') finish(undefined);
      else if (effect.do === 'resume') finish({ session: effect.session, target: effect.target });
      else if (effect.do === 'search') {
        clearTimeout(searchTimer);
        searchTimer = setTimeout(() => void runSearch(effect.query), SEARCH_DELAY_MS);
      } else void showDocument(effect.do, effect.session, effect.target);
    };
    const runSearch = async (query: string): Promise<void> => {
      try {
        const { hits, note, partial } = await services.search(query);
        // the person may have typed on meanwhile
        if (state.mode !== 'search' || state.search.query !== query) return;
        const cursor = Math.min(state.search.cursor, Math.max(hits.length - 1, 0));
        guarded(() => update({ ...state, search: { query, hits, cursor, note } }));
        if (partial) searchTimer = setTimeout(() => void runSearch(query), SEARCH_AGAIN_MS);
      } catch (error) {
        failed(error);
      }
    };
    const showDocument = async (
      kind: 'handoff' | 'fidelity',
      session: ListedSession,
      target: Target | undefined,
    ): Promise<void> => {
      guarded(() => update({ ...state, message: 'working …' }));
      try {
        const lines = await services[kind](session, target);
        const title = `${kind === 'handoff' ? 'Handoff' : 'What a transfer would carry'}${target === undefined ? '' : ` → ${target.name}`}`;
        guarded(() => update(withDocument(state, title, lines)));
      } catch (error) {
        failed(error);
      }
    };
    const schedulePreview = (): void => {
      const session = selected(state);
      if (session === undefined || state.preview.key === sessionKey(session) || state.mode === 'document')
        return;
      clearTimeout(previewTimer);
      previewTimer = setTimeout(() => void makePreview(session), PREVIEW_DELAY_MS);
    };
    const makePreview = async (session: ListedSession): Promise<void> => {
      const key = sessionKey(session);
      let lines: string[];
      try {
        lines = await services.preview(session);
      } catch (error) {
        lines = [error instanceof Error ? error.message : String(error)];
      }
      const current = selected(state);
      if (current !== undefined && sessionKey(current) === key)
        guarded(() => update({ ...state, preview: { key, lines } }));
    };

    guarded(() => update(state));
  });
}
