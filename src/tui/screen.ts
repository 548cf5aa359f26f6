/** The terminal while the picker has it: alternate screen, raw keys, only changed lines are written. */
import type { ReadStream, WriteStream } from 'node:tty';
import { type Key, parseKeys } from './keys.ts';

export interface Screen {
  size(): { columns: number; rows: number };
  /** Shows these lines; unchanged ones are not written again. */
  draw(lines: string[]): void;
  /** Gives the terminal back as it was. Safe to call twice. */
  close(): void;
}

export interface ScreenHandlers {
  onKey(key: Key): void;
  onResize(): void;
}

const ENTER = '\u001B[?1049h\u001B[?25l\u001B[?1000h\u001B[?1006h\u001B[?2004h\u001B[?7l';
const LEAVE = '\u001B[?7h\u001B[?2004l\u001B[?1006l\u001B[?1000l\u001B[?25h\u001B[?1049l';
/** Synchronised update: terminals that know it show the frame at once. */
const BEGIN = '\u001B[?2026h';
const END = '\u001B[?2026l';

/** How long the rest of a sequence may take, on a slow line as well; a lone escape is the key after it. */
const SEQUENCE_MS = 40;

/** Takes over the terminal. It is given back on close, on exit, and when the process crashes or is told to stop. */
export function openScreen(input: ReadStream, output: WriteStream, handlers: ScreenHandlers): Screen {
  let shown: string[] = [];
  let open = true;
  let pending = '';
  let waiting: NodeJS.Timeout | undefined;

  const feed = (text: string, last: boolean): void => {
    clearTimeout(waiting);
    const { keys, rest } = parseKeys(pending + text, last);
    pending = rest;
    if (rest !== '') waiting = setTimeout(() => feed('', true), SEQUENCE_MS);
    for (const key of keys) {
      if (!open) return; // chosen: what was typed after it is not for the picker
      if (key.ctrl && key.text === 'z' && process.platform !== 'win32') suspend();
      else handlers.onKey(key);
    }
  };
  const onData = (data: string): void => feed(data, false);
  const onResize = (): void => {
    shown = [];
    handlers.onResize();
  };
  const take = (): void => {
    if (input.isTTY) input.setRawMode(true);
    output.write(ENTER);
    shown = [];
  };
  const leave = (): void => {
    output.write(LEAVE);
    if (input.isTTY) input.setRawMode(false);
  };
  const suspend = (): void => {
    leave();
    process.kill(process.pid, 'SIGTSTP');
    // runs when the process is continued; at once where nothing can stop it (no shell to go back to)
    setTimeout(() => {
      if (!open) return;
      take();
      handlers.onResize();
    }, 50);
  };
  const close = (): void => {
    if (!open) return;
    open = false;
    clearTimeout(waiting);
    leave();
    input.off('data', onData);
    input.pause();
    output.off('resize', onResize);
    process.off('exit', close);
    process.off('uncaughtExceptionMonitor', close);
    for (const signal of SIGNALS) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    close();
    process.kill(process.pid, signal);
  };

  input.setEncoding('utf8');
  input.on('data', onData);
  output.on('resize', onResize);
  process.on('exit', close);
  // before Node tells the error: on the other screen it would be gone at once
  process.on('uncaughtExceptionMonitor', close);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  take();
  input.resume();
  return {
    size: () => ({ columns: output.columns || 80, rows: output.rows || 24 }),
    draw(lines) {
      if (!open) return;
      let frame = '';
      lines.forEach((line, i) => {
        // erased first: behind a line that is as wide as the screen its last character would be erased
        if (shown[i] !== line) frame += `\u001B[${i + 1};1H\u001B[K${line}\u001B[0m`;
      });
      shown = [...lines];
      if (frame !== '') output.write(`${BEGIN}${frame}${END}`);
    },
    close,
  };
}

const SIGNALS: NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGINT'];
