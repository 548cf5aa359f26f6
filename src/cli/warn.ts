/** Lines on standard error that are not failures. */
import { stripControls } from '../model/text.ts';
import type { Terminal } from './terminal.ts';

export function warn(terminal: Terminal, message: string): void {
  terminal.err.write(`${terminal.errStyle.yellow('segue:')} ${stripControls(message)}\n`);
}

/** What segue did on the way, for people; nothing in it is needed by scripts. */
export function tell(terminal: Terminal, message: string): void {
  terminal.err.write(`${terminal.errStyle.dim(stripControls(message))}\n`);
}
