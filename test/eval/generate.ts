/** Makes a long coding session out of a scenario, with everything annotated that the next agent needs. */
import type { PlanItem } from '../../src/model/session.ts';
import type { Annotated, Fact, Group, Kind, Stale } from './annotated.ts';
import { type Log, newLog } from './log.ts';
import { type Noise, noiseFor } from './noise.ts';
import { type Bank, heldOut, sayAttempt, sayChoice, tuning } from './phrasings.ts';
import { pick, type Random, seeded, shuffled } from './random.ts';
import { type Check, marked, type Scenario, type ScenarioFile } from './scenario.ts';

/** Something that happens in a turn: words of the person before it, or steps of the agent in it. */
type Beat = { said: string } | { act: () => void };

interface Work {
  scenario: Scenario;
  bank: Bank;
  random: Random;
  log: Log;
  noise: Noise;
  facts: Fact[];
  stale: Stale[];
}

/** How much of a scenario a session of some length holds. */
function share(size: number): number {
  return size <= 60 ? 0.35 : size <= 150 ? 0.5 : size <= 400 ? 0.75 : 1;
}

/** One session of about `size` entries. */
export function generate(scenario: Scenario, group: Group, size: number, seed: number): Annotated {
  const random = seeded(seed);
  const bank = group === 'held out' ? heldOut : tuning;
  const log = newLog(random);
  const work: Work = {
    scenario,
    bank,
    random,
    log,
    noise: noiseFor(scenario, bank, random),
    facts: [],
    stale: [],
  };
  const turnLength = Math.min(8 + size / 150, 42);
  const turns = Math.max(Math.round(size / turnLength), 4);
  const beats = schedule(work, turns, share(size));
  const plan = newPlan(work, turns);

  for (let turn = 0; turn < turns; turn++) {
    const own = beats[turn] ?? [];
    log.human(prompt(work, turn, own));
    if (random() < 0.1)
      log.harness('<system-reminder>The file was changed on disk. Never mention this.</system-reminder>');
    const acts = own.flatMap((beat) => ('act' in beat ? [beat.act] : []));
    const end = log.entries.length + turnLength * (0.6 + 0.8 * random()) - acts.length * 3;
    plan(turn);
    do {
      work.noise.step(log);
      if (random() < 0.3) acts.shift()?.();
    } while (log.entries.length < end);
    for (const act of acts) act();
    if (turn < turns - 1) log.say(work.noise.closing());
    if (size >= 1500 && turn === Math.floor(turns / 3)) log.compaction(summaryOf(scenario));
  }
  finish(work, seed);
  return {
    name: `${scenario.name} ${size}`,
    group,
    session: log.session(scenario.agent, `${scenario.name}-${size}`, scenario.cwd, scenario.branch),
    facts: work.facts,
    stale: work.stale,
  };
}

function note(work: Work, kind: Kind, words: string[]): void {
  work.facts.push({ kind, words });
}

/** Lays the scenario's events into turns. The first turn holds the goal, the last one the end. */
function schedule(work: Work, turns: number, part: number): Beat[][] {
  const { scenario, random, log, noise, bank } = work;
  const beats: Beat[][] = Array.from({ length: turns }, () => []);
  const some = <T>(list: readonly T[], least = 1): T[] =>
    shuffled(random, list).slice(0, Math.max(Math.round(list.length * part), least));
  const put = (beat: Beat, from = 0): void => {
    beats[from + Math.floor(random() * (turns - from))]?.push(beat);
  };
  const says = (kind: Kind, text: string, from: number): void => {
    const { text: said, keys } = marked(text);
    put({ said }, from);
    note(work, kind, keys);
  };
  const states = (
    kind: Kind,
    text: string,
    keys: string[],
    before: () => void = () => undefined,
    after: () => void = () => noise.step(log),
  ): void => {
    note(work, kind, keys);
    put({
      act() {
        before();
        const list = /^[-*]/.test(text);
        const lines = list ? [noise.narration(), '', text] : [text];
        if (!list && random() < 0.5) lines.unshift(noise.around());
        if (!list && random() < 0.4) lines.push(noise.narration());
        log.say(lines.join(list || random() < 0.3 ? '\n' : ' '), random() < 0.1 ? 'reasoning' : 'text');
        after();
      },
    });
  };

  // each change follows the one before it, as people do
  scenario.changes.slice(0, Math.max(1, Math.round(4 * part))).forEach((text, i, all) => {
    const { text: said, keys } = marked(text);
    beats[Math.min(1 + Math.floor(((i + random()) * (turns - 1)) / all.length), turns - 1)]?.push({ said });
    note(work, 'change of goal', keys);
  });
  for (const text of some(scenario.constraints, 2)) says('constraint', text, 0);
  const phrasings = shuffled(random, [...bank.decisions]);
  some(scenario.decisions, 2).forEach((choice, i) => {
    const { text, keys } = sayChoice(phrasings[i % phrasings.length] ?? '', choice);
    states('decision', text, keys);
  });
  const attempts = shuffled(random, [...bank.failures]);
  some(scenario.failures).forEach((attempt, i) => {
    const { text, keys } = sayAttempt(attempts[i % attempts.length] ?? '', attempt);
    const { before, after } = tryInVain(work, i);
    states('failed approach', text, keys, before, after);
  });
  for (const free of some(scenario.free)) {
    const { text, keys } = marked(free.text);
    states(free.kind === 'decision' ? 'decision' : 'failed approach', text, keys);
  }
  for (const file of some(scenario.files, 3)) for (const act of fileSteps(work, file)) put({ act });
  for (const { command, output } of some(scenario.actions)) {
    put({ act: () => log.run(command, output) });
    note(work, 'command', [command, 'exit 0']);
  }
  for (const subagent of part < 0.5 ? [] : some(scenario.subagents)) {
    const { text: report, keys } = marked(subagent.report);
    put({
      act: () =>
        log.call(
          { tool: 'task', input: { description: subagent.task, prompt: subagent.prompt } },
          { output: report },
        ),
    });
    note(work, 'subagent result', [subagent.task, ...keys]);
  }
  checkRuns(work, beats);
  leftovers(work, put);
  questionAndAnswer(work, beats);
  return beats;
}

/** An edit and a check that fails for it; agents take it back before they say so, after, or never by a call of their own. */
function tryInVain(work: Work, index: number): { before: () => void; after: () => void } {
  const { scenario, log, noise } = work;
  const extension = /\.\w+$/.exec(scenario.files[0]?.path ?? '')?.[0] ?? '';
  const name = `src/attempt${index}${extension}`;
  const path = `${scenario.cwd}/${name}`;
  const edit = (oldText: string, newText: string): void =>
    log.call(
      { tool: 'edit', input: { path, edits: [{ oldText, newText }] } },
      { output: 'The file has been updated.' },
    );
  const check = scenario.checks[index % 2] as Check;
  const undo = (): void => {
    if (index % 2 === 0) log.run(`git checkout -- ${name}`, '');
    else edit(`attempted line ${index}`, `original line ${index}`);
  };
  const when = index % 3;
  if (when < 2) work.stale.push({ section: 'Files changed', words: [`attempt${index}`] });
  return {
    before() {
      log.say(noise.narration());
      if (when < 2) edit(`original line ${index}`, `attempted line ${index}`);
      log.run(check.narrow, check.failure, 1);
      if (when === 0) undo();
      else noise.step(log);
    },
    after() {
      if (when === 1) undo();
      else noise.step(log);
    },
  };
}

/** What happens to a file, in steps; the last step leads to what is annotated. */
function fileSteps(work: Work, file: ScenarioFile): (() => void)[] {
  const { scenario, log, noise, random } = work;
  const path = `${scenario.cwd}/${file.path}`;
  const ok = { output: `The file ${path} has been updated.` };
  const done: { step: number } = { step: 0 };
  if (file.how === 'deleted') {
    note(work, 'file', ['deleted', file.path]);
    return [() => log.run(pick(random, [`rm ${file.path}`, `git rm -q ${file.path}`]), '')];
  }
  if (file.how === 'moved') {
    note(work, 'file', [file.path, file.after]);
    return [() => log.run(`git mv ${file.path} ${file.after}`, '')];
  }
  const { before, after } = file;
  note(work, 'file', [file.how, file.path]);
  note(work, 'net change', [file.path, after.trim().slice(0, 60)]);
  const draft = `${after.slice(0, Math.ceil(after.length / 2))} /* draft */`;
  work.stale.push({ section: 'Files changed', words: [draft] });
  const edit = (oldText: string, newText: string): void =>
    scenario.agent === 'codex'
      ? log.call(
          {
            tool: 'patch',
            input: {
              changes: [{ change: 'update', path, hunks: [{ lines: [`-${oldText}`, `+${newText}`] }] }],
            },
          },
          ok,
        )
      : log.call({ tool: 'edit', input: { path, edits: [{ oldText, newText }] } }, ok);
  const first = (): void => {
    if (file.how === 'created') {
      const content = `${draft}\n${noise.bulk(3 + Math.floor(random() * 20))}\n`;
      if (scenario.agent === 'codex')
        log.call({ tool: 'patch', input: { changes: [{ change: 'add', path, content }] } }, ok);
      else
        log.call(
          { tool: 'write', input: { path, content } },
          { output: `File created successfully at: ${path}` },
        );
      return;
    }
    log.call({ tool: 'read', input: { path } }, { output: noise.listing([before]) });
    edit(before, draft);
  };
  // whichever comes first in the session starts, the other one ends
  const step = (): void => {
    log.say(noise.narration());
    if (done.step++ === 0) first();
    else edit(draft, after);
  };
  return [step, step];
}

/** Checks fail and pass all along; the last outcome of each is annotated by `finish`. */
function checkRuns(work: Work, beats: Beat[][]): void {
  const { scenario, log, random, noise } = work;
  beats.forEach((own, turn) => {
    if (turn === 0 || random() < 0.35) return;
    const check = pick(random, scenario.checks);
    own.push({
      act() {
        const form = pick(random, [
          check.command,
          `cd ${scenario.cwd} && ${check.command} 2>&1 | tail -40`,
          check.narrow,
        ]);
        if (random() < 0.5) {
          log.run(
            form,
            `${noise.bulk(random() < 0.2 ? 300 : 10)}\n${check.failure}`,
            form.includes('| tail') ? 1 : 1,
          );
          log.say(noise.narration());
          noise.step(log);
        }
        log.run(form, `${noise.bulk(5)}\n${check.success}`);
      },
    });
  });
}

/** Things without net effect: a scratch file, an edit that is taken back. */
function leftovers(work: Work, put: (beat: Beat) => void): void {
  const { scenario, log } = work;
  const scratch = `${scenario.cwd}/scratch_debug.txt`;
  put({
    act() {
      log.call({ tool: 'write', input: { path: scratch, content: 'x' } }, { output: 'File created' });
      log.run('rm scratch_debug.txt', '');
    },
  });
  work.stale.push({ section: 'Files changed', words: ['scratch_debug'] });
}

/** The agent ends a turn with a question; the person's next words answer it. */
function questionAndAnswer(work: Work, beats: Beat[][]): void {
  const { asked } = work.scenario;
  const turn = 1 + Math.floor(work.random() * Math.max(beats.length - 2, 1));
  const { text, keys } = marked(asked.answer);
  beats[turn - 1]?.push({ act: () => work.log.say(asked.question) });
  beats[turn]?.unshift({ said: text });
  note(work, 'answer', keys);
  work.stale.push({ section: 'Open questions to the person', words: [asked.question] });
  work.stale.push({ section: 'Where it stopped', words: [asked.question] });
}

function prompt(work: Work, turn: number, own: Beat[]): string {
  const said = own.flatMap((beat) => ('said' in beat ? [beat.said] : []));
  if (turn === 0) {
    const { text, keys } = marked(work.scenario.goal);
    note(work, 'goal', keys);
    return [text, ...said].join(pick(work.random, ['\n\n', ' ']));
  }
  if (said.length === 0) return work.random() < 0.5 ? work.noise.chat() : work.noise.routine();
  const extra = work.random() < 0.4 ? [work.noise.routine()] : [];
  return shuffled(work.random, [...said, ...extra]).join(pick(work.random, ['\n', '\n\n', '. ']));
}

/** Sets the plan at the start and moves it on; returns what to do in each turn. */
function newPlan(work: Work, turns: number): (turn: number) => void {
  const { plan } = work.scenario;
  const done = Math.max(plan.length - 2, 1);
  const state = (completed: number): PlanItem[] =>
    plan.map((text, i) => ({
      text,
      status: i < completed ? 'completed' : i === completed ? 'in_progress' : 'pending',
    }));
  const marks = { completed: '[x]', in_progress: '[~]', pending: '[ ]', cancelled: '[-]' };
  for (const item of state(done)) note(work, 'plan step', [item.text, marks[item.status]]);
  work.stale.push({ section: 'Plan', words: ['[ ]', plan[0] ?? ''] });
  let told = -1;
  return (turn) => {
    const completed = Math.floor((turn * (done + 0.999)) / Math.max(turns - 1, 1));
    if (completed === told) return;
    told = completed;
    work.log.plan(state(Math.min(completed, done)));
  };
}

/** The last steps: the last outcome of every check, the agent's last words, and an interrupted call or a question. */
function finish(work: Work, seed: number): void {
  const { scenario, log, facts, stale, noise } = work;
  const open = scenario.checks[seed % scenario.checks.length] as Check;
  for (const check of scenario.checks) {
    if (check === open) continue;
    log.run(`cd ${scenario.cwd} && ${check.command} 2>&1`, check.success);
    note(work, 'command', [check.command, 'exit 0']);
    stale.push({ section: 'Unresolved errors', words: [check.message] });
    stale.push({ section: 'Commands and their last outcome', words: [`\`${check.command}\``, 'exit 1'] });
  }
  noise.step(log);
  log.run(open.command, `${noise.bulk(40)}\n${open.failure}`, 1);
  note(work, 'command', [open.command, 'exit 1']);
  facts.push({ kind: 'error', words: [open.message] });
  const { text, keys } = marked(scenario.end);
  note(work, 'end', keys);
  if (seed % 2 === 0) {
    log.say(text);
    log.call({ tool: 'execute', input: { command: `${open.narrow} --verbose` } }, undefined);
    note(work, 'interrupted call', [`${open.narrow} --verbose`]);
    return;
  }
  const question = marked(scenario.openQuestion);
  log.say(`${text}\n\n${question.text}`);
  note(work, 'open question', question.keys);
}

function summaryOf(scenario: Scenario): string {
  return `This session is being continued from a previous conversation.\n\n1. Primary request: ${marked(scenario.goal).text}\n2. Files: ${scenario.files.map((file) => file.path).join(', ')}\n3. Pending: ${scenario.plan.slice(2).join('; ')}`;
}
