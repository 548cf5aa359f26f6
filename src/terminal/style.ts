/** Colours of a terminal, or plain text. */

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
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
