/** `segue show` */
import { resolveRef } from '../../index/resolve.ts';
import { exitCodes, SegueError } from '../../model/errors.ts';
import type { Entry, Session } from '../../model/session.ts';
import { oneLine } from '../../model/text.ts';
import { ago, counted, shortPath } from '../format.ts';
import type { Invocation } from '../invocation.ts';
import { entryLines } from '../render/entry.ts';
import { sessionJson } from '../session-json.ts';
import type { Terminal } from '../terminal.ts';
import { warn } from '../warn.ts';

export async function run({ args, options, terminal, env }: Invocation): Promise<number> {
  const { agent, ref } = await resolveRef(args, env);
  const session = agent.read(ref, { env }, { branch: options.text('branch') });
  const at = options.text('at');
  if (options.has('json')) {
    const entries = at === undefined ? started(session.entries()) : [entryAt(session, at).entry];
    for (const piece of sessionJson(session, entries)) {
      terminal.out.write(piece);
      await terminal.out.flush();
    }
  } else if (at !== undefined) {
    const { entry, number } = entryAt(session, at);
    print(entryLines(entry, number, { style: terminal.style, full: true }), terminal);
  } else {
    print(headLines(session, ref.path, { terminal, env }), terminal);
    let number = 0;
    for (const entry of session.entries()) {
      number++;
      print(entryLines(entry, number, { style: terminal.style, full: options.has('full') }), terminal);
      await terminal.out.flush();
    }
    print(tailLines(session), terminal);
    for (const { code, message } of session.diagnostics.slice(0, 20)) warn(terminal, `${code}: ${message}`);
    const more = session.diagnostics.length - 20;
    if (more > 0) warn(terminal, `and ${more} more of these (--json has all)`);
  }
  return exitCodes.done;
}

function print(lines: readonly string[], terminal: Terminal): void {
  if (lines.length > 0) terminal.out.write(`${lines.join('\n')}\n`);
}

/** An entry by its number (from 1) or its id. */
function entryAt(session: Session, at: string): { entry: Entry; number: number } {
  const wanted = /^#?(\d+)$/.exec(at)?.[1];
  let number = 0;
  for (const entry of session.entries()) {
    number++;
    if (entry.id === at || (wanted !== undefined && number === Number(wanted))) return { entry, number };
  }
  throw new SegueError('session-not-found', `the session has no entry ${oneLine(at, 80)}: it has ${number}`, {
    hint: 'segue show REF numbers them',
  });
}

/** The same entries, the first of them read now: a session that cannot be read fails before anything is printed. */
function started(entries: Iterable<Entry>): Iterable<Entry> {
  const iterator = entries[Symbol.iterator]();
  const first = iterator.next();
  return (function* () {
    for (let step = first; step.done !== true; step = iterator.next()) yield step.value;
  })();
}

function headLines(
  { info, branches }: Session,
  path: string,
  { terminal, env }: Pick<Invocation, 'terminal' | 'env'>,
): string[] {
  const { bold, dim } = terminal.style;
  const now = Date.now();
  const when = (time: string | undefined): string | undefined =>
    time === undefined ? undefined : `${time.slice(0, 19).replace('T', ' ')} (${ago(Date.parse(time), now)})`;
  const facts: [string, string | undefined][] = [
    ['directory', info.cwd === undefined ? undefined : shortPath(info.cwd, env)],
    ['branch', info.git?.branch],
    ['model', info.models.length > 0 ? info.models.join(', ') : undefined],
    ['started', when(info.createdAt)],
    ['changed', when(info.updatedAt)],
    ['agent', info.agentVersion === undefined ? info.agent : `${info.agent} ${info.agentVersion}`],
    [
      'from',
      info.lineage.length > 0
        ? info.lineage.map((from) => `${from.kind} of ${from.agent}:${from.id}`).join(', ')
        : undefined,
    ],
    [
      'branches',
      branches.length > 0
        ? branches.map((branch) => `${branch.id} (${counted(branch.entries, 'entry', 'entries')})`).join(', ')
        : undefined,
    ],
    ['file', shortPath(path, env)],
  ];
  return [
    `${bold(`${info.agent}:${oneLine(info.id, 80)}`)}  ${oneLine(info.title ?? '', 120)}`.trimEnd(),
    ...facts
      .filter((fact): fact is [string, string] => fact[1] !== undefined)
      .map(([name, value]) => `  ${dim(name.padEnd(9))}  ${oneLine(value, 400)}`),
    '',
  ];
}

function tailLines({ subagents }: Session): string[] {
  if (subagents.length === 0) return [];
  return [
    `${counted(subagents.length, 'subagent')}:`,
    ...subagents.map(({ info }) =>
      `  ${info.agent}:${oneLine(info.id, 80)}  ${oneLine(info.title ?? '', 100)}`.trimEnd(),
    ),
    '',
  ];
}
