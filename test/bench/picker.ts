/** How long a key takes in the picker over 10,000 sessions: `node test/bench/picker.ts`. */

import { style } from '../../src/terminal/style.ts';
import { parseKeys } from '../../src/tui/keys.ts';
import { type Item, initialState, press } from '../../src/tui/state.ts';
import { view } from '../../src/tui/view.ts';

const SESSIONS = 10_000;
const BUDGET_MS = 16;
const words = 'fix the login form so that tests pass again after upgrade of database driver in module'.split(
  ' ',
);
const agents = ['claude', 'codex', 'gemini', 'opencode'];

const items = Array.from({ length: SESSIONS }, (_, i): Item => {
  const agent = agents[i % agents.length] ?? '';
  const title = Array.from({ length: 8 }, (_, k) => words[(i * 7 + k * 13 + (i >> k)) % words.length]).join(
    ' ',
  );
  const cwd = `/home/dev/projects/service-${i % 211}`;
  const updatedAt = new Date(1.78e12 - i * 6e5).toISOString();
  const id = `${i}`.padStart(8, '0');
  const session = { agent, id, title, cwd, createdAt: updatedAt, updatedAt, bytes: 1e5, path: `/x/${id}` };
  return { session, own: i % 50 === 0, haystack: `${title} ${cwd} ${agent} ${id}`.toLowerCase() };
});

let state = initialState(items, [], 160, 50);
const times: { key: string; ms: number }[] = [];
for (const input of [
  'l',
  'o',
  'g',
  'i',
  'n',
  ' ',
  't',
  'e',
  's',
  't',
  '\u007f',
  '\u007f',
  '\u001b',
  'e',
  '\u007f',
  '\u001b[B',
  '\u001b[6~',
  '\u001b[F',
  's',
  'r',
  'v',
  ' ',
  '1',
  '0',
]) {
  for (const key of parseKeys(input, true).keys) {
    const before = performance.now();
    state = press(state, key).state;
    view(state, style(true), new Date());
    times.push({ key: JSON.stringify(input), ms: performance.now() - before });
  }
}
times.sort((a, b) => b.ms - a.ms);
const [worst] = times;
const median = times[Math.floor(times.length / 2)]?.ms ?? 0;
console.log(
  `picker, a key over ${SESSIONS} sessions: median ${median.toFixed(1)} ms, worst ${worst?.ms.toFixed(1)} ms (${worst?.key}), budget ${BUDGET_MS} ms`,
);
