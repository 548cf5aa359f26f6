/**
 * Measures the handoff document: how many known facts it holds under a budget, and whether what it says is so.
 *   node test/eval/main.ts [--seed N] [--runs N] [--misses] [--document NAME BUDGET]
 * `--misses` lists what is missed in the tuning half only: the other half is held out.
 */
import { parseArgs } from 'node:util';
import { loadTokenCounter, makeHandoff, type Preset, presets } from '../../src/handoff/index.ts';
import { redactText } from '../../src/handoff/redact/redact.ts';
import { type Annotated, type Fact, type Group, kinds } from './annotated.ts';
import { baseline } from './baseline.ts';
import { overBudget } from './budget.ts';
import { checkPrecision } from './precision.ts';
import { realSessions } from './real.ts';
import { recalled } from './recall.ts';
import { generatedSessions } from './sessions.ts';

const budgets: [Preset, number][] = [
  ['minimal', 1500],
  ['standard', 6000],
  ['verbose', 16_000],
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '10000' },
    misses: { type: 'boolean', default: false },
    document: { type: 'boolean', default: false },
  },
});
const count = await loadTokenCounter();
const sessions = [...generatedSessions(Number(values.seed)), ...(await realSessions())];

interface Score {
  found: number;
  facts: number;
  quoted: number;
  wrong: number;
  stale: number;
}
const scores = new Map<string, Score>();
const misses: string[] = [];
const faults: string[] = [];
let over = 0;

function tally(key: string): Score {
  const known = scores.get(key) ?? { found: 0, facts: 0, quoted: 0, wrong: 0, stale: 0 };
  scores.set(key, known);
  return known;
}

function score(annotated: Annotated, preset: Preset, budget: number): void {
  const handoff = makeHandoff(annotated.session, { ...presets[preset], budget }, count, redactText);
  if (values.document && annotated.name === positionals[0] && String(budget) === positionals[1])
    console.log(handoff.text);
  if (handoff.tokens > budget || count(handoff.text) > budget) over++;
  const naive = baseline(annotated.session, budget, count);
  const own = recalled(annotated.facts, handoff.text);
  const theirs = recalled(annotated.facts, naive);
  const { quoted, wrong, stale } = checkPrecision(annotated, handoff.text);
  for (const fact of annotated.facts) {
    const group: Group = annotated.group;
    for (const key of [`${group} ${budget}`, `${group} ${budget} ${fact.kind}`]) {
      add(tally(`segue ${key}`), own.has(fact));
      add(tally(`naive ${key}`), theirs.has(fact));
    }
    if (!own.has(fact) && group !== 'held out') misses.push(`${budget} ${annotated.name} ${show(fact)}`);
  }
  const total = tally(`segue ${annotated.group} ${budget}`);
  total.quoted += quoted;
  total.wrong += wrong.length;
  total.stale += stale.length;
  if (annotated.group !== 'held out')
    faults.push(
      ...[...wrong, ...stale.map((s) => `STALE ${s}`)].map((line) => `${budget} ${annotated.name} ${line}`),
    );
}

function add(to: Score, found: boolean): void {
  to.facts++;
  if (found) to.found++;
}

function show(fact: Fact): string {
  return `${fact.kind}: ${fact.words.join(' | ')}`;
}

for (const annotated of sessions) for (const [preset, budget] of budgets) score(annotated, preset, budget);

if (values.misses) console.log(`${misses.join('\n')}\n\n${faults.join('\n')}\n`);
const percent = ({ found, facts }: Score): string => `${((100 * found) / facts).toFixed(1)} %`.padStart(8);
const columns = budgets.map(([, budget]) => `segue ${budget}`.padStart(13)).join('');
const naive = budgets.map(([, budget]) => `naive ${budget}`.padStart(13)).join('');
for (const group of ['tuning', 'held out', 'real'] satisfies Group[]) {
  const row = (label: string, suffix: string): void => {
    const cells = (who: string): string =>
      budgets.map(([, budget]) => percent(tally(`${who} ${group} ${budget}${suffix}`)).padStart(13)).join('');
    const { facts } = tally(`segue ${group} 1500${suffix}`);
    if (facts > 0)
      console.log(`${label.padEnd(18)} ${String(facts).padStart(5)}${cells('segue')}${cells('naive')}`);
  };
  console.log(`\n${group.toUpperCase().padEnd(18)} facts${columns}${naive}`);
  row('all', '');
  for (const kind of kinds) row(kind, ` ${kind}`);
  const lines = budgets.map(([, budget]) => {
    const { quoted, wrong, stale } = tally(`segue ${group} ${budget}`);
    return `${budget}: ${quoted} quoted lines, ${wrong} not in the session, ${stale} out of date`;
  });
  console.log(lines.join('\n'));
}
const runs = Number(values.runs);
console.log(
  `\n${sessions.length} sessions; over budget: ${over} of ${sessions.length * budgets.length} documents, ${overBudget(runs, count)} of ${runs} hostile ones; CPU ${(process.cpuUsage().user / 1e6).toFixed(0)} s`,
);
