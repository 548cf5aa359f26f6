/** Command lines as text that can be pasted into a shell. */
import type { Env } from '../io/paths.ts';

/** A command line with its directory, quoted for the platform's usual shell (POSIX sh, PowerShell on Windows). */
export function shellLine(
  argv: readonly string[],
  cwd: string | undefined,
  platform: Env['platform'],
): string {
  const quote = platform === 'win32' ? quotePowerShell : quotePosix;
  const command = argv.map(quote).join(' ');
  if (cwd === undefined) return command;
  return platform === 'win32' ? `cd ${quote(cwd)}; ${command}` : `cd ${quote(cwd)} && ${command}`;
}

function quotePosix(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  if (!/[\u0000-\u001F\u007F-\u009F]/.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  // control characters must not reach the terminal: bash, zsh and ksh read $'…'
  const escaped = word.replace(/[\\'\u0000-\u001F\u007F-\u009F]/g, (character) =>
    [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
  );
  return `$'${escaped}'`;
}

function quotePowerShell(word: string): string {
  if (/^[\w+=:./\\-]+$/.test(word)) return word;
  return `'${word.replace(/[\u0000-\u001F\u007F-\u009F]/g, '').replaceAll("'", "''")}'`;
}
