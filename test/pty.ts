/** A program in a pseudo-terminal, its screen through a terminal emulator. */
import { spawn } from '@lydell/node-pty';
import xterm, { type Terminal } from '@xterm/headless';

export interface Pty {
  /** Process id of the program, which leads its own process group. */
  pid: number;
  /** Types. */
  keys(text: string): void;
  resize(columns: number, rows: number): void;
  kill(signal: string): void;
  /** Lines of the screen, without spaces at the end. */
  screen(): string[];
  /** Waits until the screen is as wanted, and returns it. Rejects with the screen when it never is. */
  until(isWanted: RegExp | ((screen: string) => boolean), patienceMs?: number): Promise<string>;
  /** Everything that the program wrote. */
  written(): string;
  emulator: Terminal;
  isOver(): boolean;
  ended: Promise<{ exitCode: number; signal?: number }>;
}

export interface PtyOptions {
  cwd: string;
  env: Record<string, string>;
  columns: number;
  rows: number;
}

const PATIENCE_MS = 20_000;
/** Synchronised updates, as programs that draw frames mark them. */
const FRAME_BEGINS = '\u001B[?2026h';
const FRAME_ENDS = '\u001B[?2026l';

/** Starts a program in a terminal of its own. Whoever opens it ends it, and disposes of the emulator. */
export function openPty(argv: readonly string[], { cwd, env, columns, rows }: PtyOptions): Pty {
  const [program = '', ...args] = argv;
  const emulator = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const child = spawn(program, args, { name: 'xterm-256color', cols: columns, rows, cwd, env });
  let written = '';
  let over = false;
  const changed = new Set<() => boolean>();
  child.onData((data) => {
    written += data;
    emulator.write(data, () => {
      // half a frame is no screen: it may come in several reads
      if (written.lastIndexOf(FRAME_ENDS) < written.lastIndexOf(FRAME_BEGINS)) return;
      for (const look of changed) look();
    });
  });
  // programs ask the terminal what it is and where the cursor stands, and wait for the answer
  emulator.onData((answer) => {
    if (!over) child.write(answer);
  });
  const ended = new Promise<{ exitCode: number; signal?: number }>((resolve) => {
    child.onExit((how) => {
      over = true;
      // what is on its way to the emulator comes first
      emulator.write('', () => resolve(how));
    });
  });
  const screen = (): string[] => {
    const buffer = emulator.buffer.active;
    return Array.from({ length: emulator.rows }, (_, i) =>
      (buffer.getLine(buffer.viewportY + i)?.translateToString(true, 0, emulator.cols) ?? '').trimEnd(),
    );
  };
  return {
    pid: child.pid,
    keys: (text) => child.write(text),
    resize(toColumns, toRows) {
      emulator.resize(toColumns, toRows);
      child.resize(toColumns, toRows);
    },
    kill: (signal) => child.kill(signal),
    screen,
    until: (isWanted, patienceMs = PATIENCE_MS) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          // a frame that never ended counts in the end
          if (look()) return;
          changed.delete(look);
          reject(new Error(`never shown: ${isWanted}\n${screen().join('\n')}`));
        }, patienceMs);
        const look = (): boolean => {
          const text = screen().join('\n');
          if (!(isWanted instanceof RegExp ? isWanted.test(text) : isWanted(text))) return false;
          clearTimeout(timer);
          changed.delete(look);
          resolve(text);
          return true;
        };
        changed.add(look);
        look();
      }),
    written: () => written,
    emulator,
    isOver: () => over,
    ended,
  };
}
