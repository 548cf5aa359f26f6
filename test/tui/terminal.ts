/** The built command in a pseudo-terminal, its screen through a terminal emulator. */
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { onTestFinished } from 'vitest';
import { bin, type Home } from '../e2e/segue.ts';

export interface TestTerminal {
  /** Types. */
  keys(text: string): void;
  resize(columns: number, rows: number): void;
  kill(signal: string): void;
  /** Lines of the screen, without spaces at the end. */
  screen(): string[];
  /** Waits until the screen shows it, and returns the screen. Rejects with the screen when it never does. */
  until(shows: RegExp): Promise<string>;
  /** Everything that the program wrote. */
  written(): string;
  /** Which of the two screens is shown, and whether the cursor is. */
  mode(): { screen: 'normal' | 'alternate'; cursor: boolean; mouse: string; paste: boolean };
  ended: Promise<{ exitCode: number; signal?: number }>;
}

export interface TerminalOptions {
  columns?: number;
  rows?: number;
  nodeFlags?: string[];
  vars?: Record<string, string>;
}

const PATIENCE_MS = 20_000;

/** Starts `segue` in a terminal of its own. */
export function openTerminal(home: Home, words: string[], options: TerminalOptions = {}): TestTerminal {
  const { columns = 110, rows = 24, nodeFlags = [], vars = {} } = options;
  const emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const child = spawn(process.execPath, [...nodeFlags, bin, ...words], {
    name: 'xterm-256color',
    cols: columns,
    rows,
    cwd: home.project,
    env: { HOME: home.path, PATH: `${home.bin}:/usr/bin:/bin`, TERM: 'xterm-256color', ...vars },
  });
  let written = '';
  let over = false;
  const changed = new Set<() => void>();
  child.onData((data) => {
    written += data;
    emulator.write(data, () => {
      for (const look of changed) look();
    });
  });
  const ended = new Promise<{ exitCode: number; signal?: number }>((resolve) => {
    child.onExit((how) => {
      over = true;
      // what is on its way to the emulator comes first
      emulator.write('', () => resolve(how));
    });
  });
  onTestFinished(() => {
    if (!over) child.kill('SIGKILL');
    emulator.dispose();
  });
  const screen = (): string[] => {
    const buffer = emulator.buffer.active;
    return Array.from({ length: emulator.rows }, (_, i) =>
      (buffer.getLine(buffer.viewportY + i)?.translateToString(true, 0, emulator.cols) ?? '').trimEnd(),
    );
  };
  return {
    keys: (text) => child.write(text),
    resize(toColumns, toRows) {
      emulator.resize(toColumns, toRows);
      child.resize(toColumns, toRows);
    },
    kill: (signal) => child.kill(signal),
    screen,
    until: (shows) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          changed.delete(look);
          reject(new Error(`never shown: ${shows}\n${screen().join('\n')}`));
        }, PATIENCE_MS);
        const look = (): void => {
          const text = screen().join('\n');
          if (!shows.test(text)) return;
          clearTimeout(timer);
          changed.delete(look);
          resolve(text);
        };
        changed.add(look);
        look();
      }),
    written: () => written,
    mode: () => ({
      screen: emulator.buffer.active.type,
      cursor: written.lastIndexOf('\u001B[?25h') >= written.lastIndexOf('\u001B[?25l'),
      mouse: emulator.modes.mouseTrackingMode,
      paste: emulator.modes.bracketedPasteMode,
    }),
    ended,
  };
}
