/** What `?` shows. */
import { pad, wrap } from '../terminal/width.ts';

const ROWS: readonly (readonly [keys: string, what: string])[] = [
  ['', ''],
  ['type', 'filter by title, directory, branch, agent, first and last prompt'],
  ['↑ ↓ PgUp PgDn', 'move; so do Ctrl-P, Ctrl-N, Home, End and the mouse wheel'],
  ['Enter', 'resume in its own agent'],
  ['Tab or →', 'choose the agent to go on in; there, Enter goes on'],
  ['Alt-h', 'the handoff document (in the list of agents: h)'],
  ['Alt-f', 'what a transfer would carry, nothing written (in the list of agents: f)'],
  ['/', 'search inside all sessions'],
  ['Esc', 'clear the filter, go back, quit'],
  ['', ''],
  ['native', "the session itself is moved: the agent's own resume opens it"],
  ['handoff', 'the agent starts with a document about the session'],
  ['proven', 'the real program was seen to go on from such a session'],
  ['missing', 'not installed: Enter says how to install it'],
  ['!  ×', 'stopped by a usage limit, damaged'],
];
const KEYS = 16;

export function helpLines(columns: number): string[] {
  return ROWS.flatMap(([keys, what]) => {
    const [first = '', ...more] = wrap(what, Math.max(columns - KEYS, 10));
    return [`${pad(keys, KEYS)}${first}`.trimEnd(), ...more.map((line) => ' '.repeat(KEYS) + line)];
  });
}
