/** The built command in a pseudo-terminal. */
import { onTestFinished } from 'vitest';
import { bin, type Home } from '../e2e/segue.ts';
import { openPty, type Pty } from '../pty.ts';

export interface TestTerminal extends Pty {
  /** Which of the two screens is shown, and whether the cursor is. */
  mode(): { screen: 'normal' | 'alternate'; cursor: boolean; mouse: string; paste: boolean };
}

export interface TerminalOptions {
  columns?: number;
  rows?: number;
  nodeFlags?: string[];
  vars?: Record<string, string>;
}

/** Starts `segue` in a terminal of its own, until the test is over. */
export function openTerminal(home: Home, words: string[], options: TerminalOptions = {}): TestTerminal {
  const { columns = 110, rows = 24, nodeFlags = [], vars = {} } = options;
  const pty = openPty([process.execPath, ...nodeFlags, bin, ...words], {
    cwd: home.project,
    env: { HOME: home.path, PATH: `${home.bin}:/usr/bin:/bin`, TERM: 'xterm-256color', ...vars },
    columns,
    rows,
  });
  const { emulator, written } = pty;
  onTestFinished(() => {
    if (!pty.isOver()) pty.kill('SIGKILL');
    emulator.dispose();
  });
  return {
    ...pty,
    mode: () => ({
      screen: emulator.buffer.active.type,
      cursor: written().lastIndexOf('\u001B[?25h') >= written().lastIndexOf('\u001B[?25l'),
      mouse: emulator.modes.mouseTrackingMode,
      paste: emulator.modes.bracketedPasteMode,
    }),
  };
}
