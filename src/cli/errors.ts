/** How failures are told. */
import { type ErrorEnvelope, exitCodes, SegueError } from '../model/errors.ts';
import { stripControls } from '../model/text.ts';
import { jsonText } from './json.ts';
import type { Terminal } from './terminal.ts';

/** Tells an error and returns the exit code for it. */
export function report(
  error: unknown,
  json: boolean,
  terminal: Terminal,
  vars: Readonly<Record<string, string | undefined>>,
): number {
  const known = error instanceof SegueError;
  const envelope = describe(error);
  const { message, hint, candidates } = envelope.error;
  if (json) terminal.out.write(`${jsonText(envelope, 2)}\n`);
  else {
    const { red, dim } = terminal.errStyle;
    const lines = [`${red('segue:')} ${message}`];
    if (hint !== undefined) lines.push(`  ${hint}`);
    // often the hint names them already
    for (const candidate of candidates ?? []) if (!hint?.includes(candidate)) lines.push(`    ${candidate}`);
    terminal.err.write(
      `${lines
        .map(stripControls)
        .map((line, i) => (i === 0 ? line : dim(line)))
        .join('\n')}\n`,
    );
  }
  if (vars.SEGUE_DEBUG && error instanceof Error) terminal.err.write(`${stripControls(stackOf(error))}\n`);
  return known ? error.exitCode : exitCodes.failed;
}

/** An error in its published form. */
export function describe(error: unknown): ErrorEnvelope {
  if (error instanceof SegueError) {
    const { code, message, hint, candidates } = error;
    return { schema: 'segue.error/1', error: { code, message, hint, candidates } };
  }
  const what = error instanceof Error ? error.message : String(error);
  const message = `this is a bug in segue: ${what}`;
  const hint = `please report it with the output of SEGUE_DEBUG=1`;
  return { schema: 'segue.error/1', error: { code: 'internal', message, hint } };
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  return `${error.stack ?? error.message}${cause}`;
}
