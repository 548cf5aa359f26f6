import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { style } from '../terminal/style.ts';
import { withProgress } from './progress.ts';
import type { Output, Terminal } from './terminal.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

/** A terminal of so many columns that keeps what is written on standard error. */
function terminal(errWidth: number | undefined): { terminal: Terminal; written: string[] } {
  const written: string[] = [];
  const output = (write: (text: string) => void): Output => ({ write, flush: async () => {} });
  const none = style(false);
  return {
    written,
    terminal: {
      out: output(() => expect.fail('progress on standard output')),
      err: output((text) => void written.push(text)),
      width: 80,
      height: 24,
      errWidth,
      style: none,
      errStyle: none,
    },
  };
}

/** Work of ten parts of 1 MB, each of which takes so long. */
async function work(terminal: Terminal, partMs: number): Promise<string> {
  return await withProgress(terminal, 'indexing', async (progress) => {
    for (let done = 1; done <= 10; done++) {
      vi.advanceTimersByTime(partMs);
      progress(done, 10, done * 1e6);
    }
    return 'result';
  });
}

test('a line with rate and time left after a second, erased at the end', async () => {
  const { terminal: wide, written } = terminal(80);
  expect(await work(wide, 250)).toBe('result');
  expect(written).toEqual([
    '\r\u001B[Kindexing ████████░░░░░░░░░░░░ 4/10 · 4.0 MB/s · 2 s left',
    '\r\u001B[Kindexing ██████████░░░░░░░░░░ 5/10 · 4.0 MB/s · 2 s left',
    '\r\u001B[Kindexing ████████████░░░░░░░░ 6/10 · 4.0 MB/s · 1 s left',
    '\r\u001B[Kindexing ██████████████░░░░░░ 7/10 · 4.0 MB/s · 1 s left',
    '\r\u001B[Kindexing ████████████████░░░░ 8/10 · 4.0 MB/s · 1 s left',
    '\r\u001B[Kindexing ██████████████████░░ 9/10 · 4.0 MB/s · 1 s left',
    '\r\u001B[Kindexing ████████████████████ 10/10 · 4.0 MB/s · 0 s left',
    '\r\u001B[K',
  ]);
});

test('not more often than can be read, and never wider than the terminal', async () => {
  const { terminal: narrow, written } = terminal(32);
  await withProgress(narrow, 'indexing', async (progress) => {
    for (let done = 1; done <= 200; done++) {
      vi.advanceTimersByTime(10);
      progress(done, 200, done * 1e4);
    }
  });
  // from 1 s to 2 s, every 100 ms, and the end
  expect(written).toHaveLength(12);
  expect(written[0]).toBe('\r\u001B[Kindexing ██████████░░░░░░░░░░ 10');
});

test('the line is erased when the work fails', async () => {
  const { terminal: wide, written } = terminal(80);
  const failing = withProgress(wide, 'indexing', async (progress) => {
    vi.advanceTimersByTime(2000);
    progress(1, 2, 3e6);
    throw new Error('no');
  });
  await expect(failing).rejects.toThrow('no');
  expect(written).toEqual([
    '\r\u001B[Kindexing ██████████░░░░░░░░░░ 1/2 · 1.5 MB/s · 2 s left',
    '\r\u001B[K',
  ]);
});

test.each([
  { what: 'work that is over soon', errWidth: 80, partMs: 90 },
  { what: 'what is no terminal', errWidth: undefined, partMs: 900 },
])('nothing for $what', async ({ errWidth, partMs }) => {
  const { terminal: each, written } = terminal(errWidth);
  await work(each, partMs);
  expect(written).toEqual([]);
});
