/** The terminal, or what stands in for it: text out with back pressure, colours, width. */
import { type Style, style, wantsColour } from '../terminal/style.ts';

/** One output: text is written in order; `flush` waits until it was taken. */
export interface Output {
  write(text: string): void;
  /** Resolves when the reader can take more: call it in loops that write much. */
  flush(): Promise<void>;
}

export interface Terminal {
  out: Output;
  err: Output;
  /** Columns of the terminal; undefined when the output is not one. */
  width: number | undefined;
  /** Lines of the terminal; undefined when the output is not one. */
  height: number | undefined;
  /** Columns of standard error; undefined when it is not a terminal. */
  errWidth: number | undefined;
  style: Style;
  /** For messages on standard error. */
  errStyle: Style;
}

/** The terminal of this process. A reader that goes away (`segue list | head`) ends the process silently. */
export function processTerminal(colour?: boolean): Terminal {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    process.stderr.write(`segue: the output cannot be written (${error.code ?? error.message})\n`);
    process.exit(1);
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  return {
    out: streamOutput(process.stdout),
    err: streamOutput(process.stderr),
    width: process.stdout.isTTY ? process.stdout.columns : undefined,
    height: process.stdout.isTTY ? process.stdout.rows : undefined,
    errWidth: process.stderr.isTTY ? process.stderr.columns : undefined,
    style: style(colour ?? wantsColour(process.stdout.isTTY, process.env)),
    errStyle: style(colour ?? wantsColour(process.stderr.isTTY, process.env)),
  };
}

function streamOutput(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    flush: () =>
      stream.writableNeedDrain ? new Promise((resolve) => stream.once('drain', resolve)) : Promise.resolve(),
  };
}
