/** The terminal, or what stands in for it: text out with back pressure, colours, width. */

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
  /** Columns of standard error; undefined when it is not a terminal. */
  errWidth: number | undefined;
  style: Style;
  /** For messages on standard error. */
  errStyle: Style;
}

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/** The terminal of this process. A reader that goes away (`segue list | head`) ends the process silently. */
export function processTerminal(): Terminal {
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
    errWidth: process.stderr.isTTY ? process.stderr.columns : undefined,
    style: style(wantsColour(process.stdout.isTTY, process.env)),
    errStyle: style(wantsColour(process.stderr.isTTY, process.env)),
  };
}

function streamOutput(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    flush: () =>
      stream.writableNeedDrain ? new Promise((resolve) => stream.once('drain', resolve)) : Promise.resolve(),
  };
}

/** FORCE_COLOR decides, then NO_COLOR, then whether the output is a terminal that knows colours. */
export function wantsColour(isTty: boolean, vars: Readonly<Record<string, string | undefined>>): boolean {
  const forced = vars.FORCE_COLOR;
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (vars.NO_COLOR) return false;
  return isTty === true && vars.TERM !== 'dumb';
}

/** Colours, or plain text. */
export function style(colours: boolean): Style {
  const paint = (open: number, close: number) => (text: string) =>
    colours && text !== '' ? `\u001B[${open}m${text}\u001B[${close}m` : text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    cyan: paint(36, 39),
  };
}
