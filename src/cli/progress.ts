/** A progress line on standard error for what takes longer than a moment; nothing when it is not a terminal. */
import type { Progress } from '../index/refresh.ts';
import { size } from './format.ts';
import type { Terminal } from './terminal.ts';

/** Work that is over sooner is not told about. */
const QUIET_MS = 1000;
const EVERY_MS = 100;

/** Runs the work with a progress function; the line is erased at the end. */
export async function withProgress<T>(
  terminal: Terminal,
  what: string,
  work: (progress: Progress) => Promise<T>,
): Promise<T> {
  const started = Date.now();
  let last = started;
  let shown = false;
  const progress: Progress = (done, total, bytes) => {
    const now = Date.now();
    if (terminal.errWidth === undefined || now - started < QUIET_MS || now - last < EVERY_MS) return;
    last = now;
    shown = true;
    const seconds = (now - started) / 1000;
    const left = done === 0 ? 0 : Math.ceil((seconds / done) * (total - done));
    const bar = '█'.repeat(Math.floor((20 * done) / total)).padEnd(20, '░');
    terminal.err.write(
      `\r\u001B[K${what} ${bar} ${done}/${total} · ${size(bytes / seconds)}/s · ${left} s left`.slice(
        0,
        terminal.errWidth + 4,
      ),
    );
  };
  try {
    return await work(progress);
  } finally {
    if (shown) terminal.err.write('\r\u001B[K');
  }
}
