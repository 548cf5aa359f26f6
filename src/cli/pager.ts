/** Long output on a terminal goes through a pager, as soon as it does not fit the screen. */
import type { Env } from '../io/paths.ts';
import { findBinary, type Piped, pipeTo } from '../io/process.ts';
import { exitCodes } from '../model/errors.ts';
import { stripControls } from '../model/text.ts';
import { displayWidth } from '../terminal/width.ts';
import type { Output, Terminal } from './terminal.ts';

/** Runs the work with a terminal whose long output goes through the pager; as it is where there is neither. */
export async function withPager<T>(
  terminal: Terminal,
  env: Env,
  work: (terminal: Terminal) => Promise<T>,
): Promise<T> {
  const { out, err, width, height } = terminal;
  const command = pagerCommand(env);
  if (width === undefined || height === undefined || command === undefined) return await work(terminal);
  const paged = pagedOutput(command, { out, err, columns: width, rows: height }, env);
  try {
    return await work({ ...terminal, out: paged.out, err: paged.err });
  } finally {
    await paged.end();
  }
}

interface Paged {
  out: Output;
  /** Standard error, held back while the pager has the screen. */
  err: Output;
  /** Shows what fitted, or waits until the person leaves the pager. Nothing can be written afterwards. */
  end(): Promise<void>;
}

interface Screen {
  out: Output;
  err: Output;
  columns: number;
  rows: number;
}

/** The pager's command line: `SEGUE_PAGER`, `PAGER`, `less`. Undefined where there is none, or it is `cat` or empty. */
function pagerCommand(env: Env): string[] | undefined {
  const wanted = env.vars.SEGUE_PAGER ?? env.vars.PAGER ?? 'less';
  const [name = '', ...args] = wanted.trim().split(/\s+/);
  if (name === '' || name === 'cat') return undefined;
  const program = findBinary(name, env);
  return program === undefined ? undefined : [program, ...args];
}

/** Output that is kept until it is longer than the screen; then the pager is started. */
function pagedOutput(command: readonly string[], screen: Screen, env: Env): Paged {
  let kept = '';
  let lines = 0;
  let held = '';
  let pager: Piped | undefined;
  const start = (): void => {
    // colours, and no questions about a single screen, as git asks for it; what the person set stays
    pager = pipeTo(command, { ...env.vars, LESS: env.vars.LESS ?? 'FRX' });
    pager.write(kept);
    kept = '';
  };
  return {
    out: {
      write(text) {
        if (pager !== undefined) return pager.write(text);
        kept += text;
        lines += screenLines(text, screen.columns);
        // the shell's prompt takes a line as well
        if (lines >= screen.rows) start();
      },
      async flush() {
        await pager?.drained();
        // left before the end: nobody reads the rest
        if (pager?.hasEnded()) process.exit(exitCodes.done);
      },
    },
    err: {
      write(text) {
        if (kept === '' && pager === undefined) screen.err.write(text);
        else held += text;
      },
      flush: async () => {},
    },
    async end() {
      if (pager === undefined) screen.out.write(kept);
      else if (!(await pager.end()))
        screen.err.write(`segue: the pager could not be started: ${command[0]}\n`);
      if (held !== '') screen.err.write(held);
    },
  };
}

/** Lines that a text takes on the screen. */
function screenLines(text: string, columns: number): number {
  return text
    .split('\n')
    .slice(0, -1)
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(displayWidth(stripControls(line)) / columns)), 0);
}
