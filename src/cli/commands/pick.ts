/** `segue` alone: the picker, or a numbered list where there is no terminal for it. */
import { createInterface } from 'node:readline/promises';
import type { Agent, SessionRef, SessionSummary } from '../../agents/contract.ts';
import { proofs } from '../../agents/proven.ts';
import { findAgentId, loadAgents } from '../../agents/registry.ts';
import { extractWorkState, handoffReading } from '../../handoff/index.ts';
import { agentIds, discoverRefs } from '../../index/catalog.ts';
import { type ListedSession, listed } from '../../index/list.ts';
import { countPending } from '../../index/pending.ts';
import { findProject } from '../../index/project.ts';
import { parseQuery, typedSoFar } from '../../index/query.ts';
import { refresh } from '../../index/refresh.ts';
import { search } from '../../index/search.ts';
import { indexedSessions, loadSession } from '../../index/sessions.ts';
import { openIndex } from '../../index/store.ts';
import { type Env, pathKind } from '../../io/paths.ts';
import { runBeside } from '../../io/process.ts';
import type { WriteDatabase } from '../../io/sqlite.ts';
import { findAgentBinary } from '../../launch/installed.ts';
import { exitCodes } from '../../model/errors.ts';
import { oneLine } from '../../model/text.ts';
import { type Style, style } from '../../terminal/style.ts';
import { cut } from '../../terminal/width.ts';
import { dryRun, planTransfer } from '../../transfer/index.ts';
import type { PickerServices } from '../../tui/picker.ts';
import { type Item, sessionKey, type Target } from '../../tui/state.ts';
import { ago, counted, shortPath } from '../format.ts';
import { handoffMaker } from '../handoff.ts';
import { type Invocation, OptionValues } from '../invocation.ts';
import { withProgress } from '../progress.ts';
import { fidelityLines } from '../render/transfer.ts';
import type { Terminal } from '../terminal.ts';

/** A preview reads the whole session: beyond this it would be felt. */
const MOST_PREVIEW_BYTES = 8 << 20;
const PLAIN_ROWS = 20;

export async function run(invocation: Invocation): Promise<number> {
  const { env, terminal, options } = invocation;
  const store = await withProgress(terminal, 'reading sessions', (progress) => openStore(env, progress));
  let choice: { session: ListedSession; target?: Target } | undefined;
  try {
    if (store.items.length === 0) {
      const agents = [...store.agents.values()].map((agent) => {
        const [first = '', second, ...more] = agent.roots(env).map((root) => shortPath(root, env));
        const others = more.length === 0 ? '' : ` and ${counted(more.length, 'place')} more`;
        return `  ${agent.name}: ${second === undefined ? first : `${first}, ${second}`}${others}`;
      });
      terminal.err.write(
        `no sessions found. Looked for:\n${agents.join('\n')}\nsegue demo shows what segue does, on sample sessions\n`,
      );
      return exitCodes.done;
    }
    const canDraw =
      process.stdin.isTTY && process.stdout.isTTY && env.vars.TERM !== 'dumb' && !options.has('no-tui');
    if (!canDraw && !options.has('no-tui'))
      terminal.err.write('segue: no terminal to draw on; a plain list instead\n');
    choice = canDraw ? await drawn(store, env, terminal.style) : await plain(store, terminal, env);
  } finally {
    store.index.close();
  }
  if (choice === undefined) return exitCodes.done;
  const cwd = await directory(choice.session.cwd, terminal, env);
  if (cwd === 'none') return exitCodes.done;
  const { run: resume } = await import('./resume.ts');
  return await resume({
    ...invocation,
    args: [`${choice.session.agent}:${choice.session.id}`],
    options: resumeOptions(choice.target, cwd),
  });
}

/** A preview needs a directory that is there. */
function usableDirectory(recorded: string | null): string {
  return recorded !== null && pathKind(recorded) === 'folder' ? recorded : process.cwd();
}

/** A directory that is gone: asks whether to go on in this one. `none`: no. Undefined: the session's own. */
async function directory(
  recorded: string | null,
  { errStyle }: Terminal,
  env: Env,
): Promise<string | undefined | 'none'> {
  if (recorded === null || pathKind(recorded) === 'folder') return undefined;
  const here = process.cwd();
  const answer = await ask(
    `${errStyle.yellow('segue:')} ${shortPath(recorded, env)} is gone. Go on in ${shortPath(here, env)}? [y/N] `,
  );
  return /^y(?:es)?$/i.test(answer) ? here : 'none';
}

/** A line from the terminal; empty when there is none. */
async function ask(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    // the end of the input is an answer as well
    const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
    return (await Promise.race([lines.question(question), closed])).trim();
  } finally {
    lines.close();
  }
}

interface Store {
  index: WriteDatabase;
  items: Item[];
  refs: Map<string, SessionRef>;
  agents: Map<string, Agent>;
  diagnostics: number;
}

async function openStore(
  env: Env,
  progress: (done: number, total: number, bytes: number) => void,
): Promise<Store> {
  const ids = agentIds();
  const catalog = await discoverRefs(env, ids);
  const index = openIndex(env);
  await refresh(index, catalog, ids, env, progress);
  const project = findProject(process.cwd());
  const none = new Map<string, number>();
  const refs = new Map<string, SessionRef>();
  const items = indexedSessions(index, {}, { project }).map((row): Item => {
    const session = loadSession(index, row.sid);
    const shown = listed(session, none);
    refs.set(sessionKey(shown), session.ref);
    const haystack = [
      shown.title,
      shown.cwd,
      shown.branch,
      shown.agent,
      shown.id.slice(0, 13),
      ...promptsBeside(shown.title, session.summary.prompts),
    ]
      .filter((text) => text)
      .join(' ')
      .toLowerCase();
    return { session: shown, own: row.own, haystack };
  });
  const agents = new Map((await loadAgents()).map((agent) => [agent.id, agent]));
  return { index, items, refs, agents, diagnostics: catalog.diagnostics.length };
}

/** First and last prompt, less what is in the title or twice: every character costs time at every key. */
function promptsBeside(title: string | null, prompts: SessionSummary['prompts']): string[] {
  if (prompts === undefined) return [];
  const { first, last } = prompts;
  return [...new Set([first, last])].filter((text) => !title?.startsWith(text.slice(0, 40)));
}

async function drawn(
  store: Store,
  env: Env,
  colours: Style,
): Promise<{ session: ListedSession; target?: Target } | undefined> {
  const { pick } = await import('../../tui/picker.ts');
  const background = indexInBackground(store.index, env);
  try {
    return await pick({
      items: store.items,
      targets: targets(store.agents, env),
      services: services(store, env, background.note),
      style: colours,
      input: process.stdin,
      output: process.stdout,
    });
  } finally {
    background.stop();
  }
}

/** `segue index` beside the picker: reading a long session would hold up the keys. */
function indexInBackground(index: WriteDatabase, env: Env): { stop(): void; note(): string } {
  const [, program] = process.argv;
  if (program === undefined || countPending(index) === 0) return { stop: () => {}, note: () => '' };
  const running = runBeside([process.execPath, ...process.execArgv, program, 'index'], env.vars);
  return {
    stop: () => running.stop(),
    note() {
      const left = running.ended() ? 0 : countPending(index);
      return left === 0 ? '' : `${counted(left, 'session')} not searchable yet`;
    },
  };
}

/** Agents to go on in: installed ones first. */
function targets(agents: Map<string, Agent>, env: Env): Target[] {
  return [...agents.values()]
    .map(
      (agent): Target => ({
        id: agent.id,
        name: agent.name,
        installed: findAgentBinary(agent, env) !== undefined,
        install: agent.launch.install,
        how: agent.writer === undefined ? 'handoff' : 'native',
        proven: proofs(agent.id).length > 0,
      }),
    )
    .sort((a, b) => Number(b.installed) - Number(a.installed) || (a.name < b.name ? -1 : 1));
}

function services(store: Store, env: Env, indexNote: () => string): PickerServices {
  const open = (session: ListedSession): { agent: Agent; ref: SessionRef } => {
    const agent = store.agents.get(session.agent);
    const ref = store.refs.get(sessionKey(session));
    if (agent === undefined || ref === undefined) throw new Error('the session is gone');
    return { agent, ref };
  };
  return {
    async preview(session) {
      if (session.bytes > MOST_PREVIEW_BYTES) return ['a large session: Alt-h shows a handoff of it'];
      const { agent, ref } = open(session);
      return previewLines(extractWorkState(agent.read(ref, { env }, handoffReading)));
    },
    async handoff(session, target) {
      const { agent, ref } = open(session);
      const make = await handoffMaker(new OptionValues(new Map()), env, target?.id);
      return make(agent.read(ref, { env }, handoffReading)).text.split('\n');
    },
    async fidelity(session, target) {
      const { agent: source, ref } = open(session);
      const agent = target === undefined ? source : store.agents.get(target.id);
      if (agent === undefined) throw new Error('unknown agent');
      if (agent.writer === undefined)
        return [`${agent.name} cannot be written: ${agent.noWriter ?? ''}`, 'It gets a handoff document.'];
      const result = await dryRun(
        planTransfer({ env, source, ref, target: agent, cwd: usableDirectory(session.cwd) }),
      );
      return [
        `Nothing is written yet. ${agent.name} would hold:`,
        '',
        ...fidelityLines(result.fidelity, style(false)),
      ];
    },
    async search(query) {
      if (query.trim().length < 2) return { hits: [], note: '', partial: false };
      const found = search(store.index, parseQuery(typedSoFar(query), new Date()), 100);
      const byKey = new Map(store.items.map((item) => [sessionKey(item.session), item.session]));
      const hits = found.flatMap((hit) => {
        const session = byKey.get(`${hit.agent}:${hit.id}:${hit.path}`);
        return session === undefined ? [] : [{ session, at: hit.at, snippet: hit.snippet }];
      });
      const left = indexNote();
      const note = [hits.length === 0 ? 'nothing found' : '', left].filter((text) => text !== '').join('; ');
      return { hits, note, partial: left !== '' };
    },
  };
}

/** Lines of any length: the picker breaks them. */
function previewLines(state: ReturnType<typeof extractWorkState>): string[] {
  const lines: string[] = [];
  for (const item of state.tail.slice(-6)) {
    const mark = item.who === 'person' ? '»' : item.who === 'assistant' ? '«' : ' ';
    lines.push(`${mark} ${oneLine(item.text, 300)}`);
  }
  if (state.plan !== undefined) {
    const marks = { pending: '☐', in_progress: '◐', completed: '☑', cancelled: '☒' } as const;
    lines.push(
      '',
      'Plan',
      ...state.plan.items.slice(0, 8).map((item) => `  ${marks[item.status]} ${oneLine(item.text, 80)}`),
    );
  }
  if (state.files.length > 0) {
    lines.push('', 'Changed files', ...state.files.slice(-8).map((file) => `  ${oneLine(file.path, 100)}`));
  }
  return lines;
}

/** The numbered list: a number goes on in the session's own agent, `3 codex` in another. */
async function plain(
  { items, agents }: Store,
  { out, err, width }: Terminal,
  env: Env,
): Promise<{ session: ListedSession; target?: Target } | undefined> {
  const shown = items.slice(0, PLAIN_ROWS);
  const now = Date.now();
  shown.forEach(({ session }, i) => {
    const line = `${String(i + 1).padStart(2)}  ${session.agent.padEnd(9)} ${ago(Date.parse(session.updatedAt), now).padStart(10)}  ${oneLine(session.title ?? session.id, 200)}`;
    out.write(`${cut(line, width ?? 100)}\n`);
  });
  if (!process.stdin.isTTY) return undefined;
  const [number, name] = (await ask('number [agent], or nothing to leave: ')).split(/\s+/);
  if (number === undefined || number === '') return undefined;
  const item = shown[Number(number) - 1];
  if (item === undefined) {
    err.write(`there is no number ${oneLine(number, 40)} in this list\n`);
    return undefined;
  }
  if (name === undefined) return { session: item.session };
  const id = findAgentId(name);
  const target = targets(agents, env).find((each) => each.id === id);
  if (target === undefined) err.write(`no agent ${oneLine(name, 40)}\n`);
  return target === undefined ? undefined : { session: item.session, target };
}

function resumeOptions(target: Target | undefined, cwd: string | undefined): OptionValues {
  const values = new Map<string, string | true>();
  if (cwd !== undefined) values.set('cwd', cwd);
  if (target !== undefined) {
    values.set('in', target.id);
    if (target.how === 'handoff') values.set('as', 'handoff');
  }
  return new OptionValues(values);
}
